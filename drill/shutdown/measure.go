package shutdown

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/host"
)

// measured is what was seen of one end of a server.
type measured struct {
	account.Shutdown
	way    *way          // nil where no request could be held
	unheld string        // why
	limit  time.Duration // how long it was given to end
	early  string        // it was gone before the signal: how it ended
}

// The times that are waited for what nothing tells of.
const (
	pace      = 5 * time.Millisecond   // between two looks at the listener, and at the port
	settling  = 100 * time.Millisecond // for our own ends of connections to see that the server has ended
	aftermath = time.Second            // for children to end after the program, and for the port to be free
)

// signalled starts what is to be in flight, sends the signal and watches what becomes of it all. The server is gone afterwards.
func signalled(ctx context.Context, s *stage.Stage, v *stage.Server, p plan) measured {
	m := measured{Shutdown: account.Shutdown{Signal: p.signal, Silent: p.silent, ListenerClosed: never, IdleClosed: never, Exited: never,
		PortFree: never, Needs: never, InFlight: account.Request{At: never}}, way: p.way, unheld: p.unheld, limit: p.limit}
	defer finish(ctx, v)
	addresses := bound(ctx, v)
	kept, err := idle(ctx, v, "/")
	if err != nil {
		s.Tell("no connection could be kept: %s", err)
	}
	defer kept.close()
	if p.silent {
		if q, err := silent(ctx, v); err == nil {
			defer q.close()
		}
	}
	h := m.begin(ctx, v)
	if h != nil {
		defer h.conn.Close()
	}
	select {
	case <-v.Exited():
		m.early = v.Exit().String()
		return m
	default:
	}
	since := time.Now()
	v.Signal(p.signal)
	m.follow(ctx, v, h, since)
	if m.Exited != never {
		m.after(ctx, s, v, addresses, since)
	}
	if h != nil {
		wait(ctx, h.done, settling) // the end of the process has ended it
		m.InFlight = h.became(since)
	}
	m.IdleClosed = kept.when(since)
	return m
}

// finish ends what is left of a server. What could not be ended is told when the stage is closed.
func finish(ctx context.Context, v *stage.Server) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), leastTime)
	defer cancel()
	_ = v.End(bounded)
}

// begin sends the request that is to be in flight and waits until it is; nil where it is not.
func (m *measured) begin(ctx context.Context, v *stage.Server) *held {
	if m.way == nil {
		wait(ctx, v.Exited(), settles)
		return nil
	}
	h, err := hold(ctx, v, *m.way)
	if err != nil {
		m.way, m.unheld = nil, err.Error()
		return nil
	}
	lead := settles
	if m.way.slow && m.way.lasts > 0 {
		lead = min(lead, m.way.lasts/4)
	}
	if wait(ctx, h.done, lead) {
		m.way, m.unheld = nil, "it was answered before the signal was sent"
		h.conn.Close()
		return nil
	}
	return h
}

// follow waits until the server has ended, watches its listener meanwhile, and lets the request go on in its time.
func (m *measured) follow(ctx context.Context, v *stage.Server, h *held, since time.Time) {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	closed := make(chan time.Time, 1)
	go refused(watching, v.Addr.String(), closed)
	if h != nil && !m.way.slow {
		release := time.AfterFunc(m.way.lasts, h.release)
		defer release.Stop()
	}
	if wait(ctx, v.Exited(), m.limit) {
		e := v.Exit()
		m.Exited, m.ExitCode, m.KilledBy = account.Millis(e.At.Sub(since)), e.Code, e.Signal
	}
	over := time.NewTimer(settling)
	defer over.Stop()
	select {
	case at := <-closed:
		m.ListenerClosed = account.Millis(at.Sub(since))
		if m.Exited >= 0 {
			m.ListenerClosed = min(m.ListenerClosed, m.Exited) // the last one that held it has closed it by then
		}
	case <-over.C:
	}
}

// refused tells when an address no longer takes connections. Each look is a connection that is closed at once, which a server lets go
// as soon as it has seen it.
func refused(ctx context.Context, addr string, closed chan<- time.Time) {
	for ctx.Err() == nil {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
		if err != nil && ctx.Err() == nil {
			closed <- time.Now()
			return
		}
		if err == nil {
			conn.Close()
		}
		wait[struct{}](ctx, nil, pace)
	}
}

// after looks at what the server has left behind: its port, and processes.
func (m *measured) after(ctx context.Context, s *stage.Stage, v *stage.Server, addresses []string, since time.Time) {
	for over := time.Now().Add(aftermath); ctx.Err() == nil; {
		if free(ctx, s.Target.Host(), addresses) {
			m.PortFree = account.Millis(time.Since(since))
			break
		}
		if time.Now().After(over) {
			break
		}
		wait[struct{}](ctx, nil, pace)
	}
	if wait(ctx, v.Gone(), aftermath) {
		return
	}
	left, err := v.Family(ctx)
	if err != nil {
		s.Tell("%s", err)
	}
	for _, p := range left {
		m.Left = append(m.Left, account.Left{PID: p.PID, Command: strings.Join(p.Args, " ")})
	}
}

// bound are the addresses that the server listens on at its port.
func bound(ctx context.Context, v *stage.Server) []string {
	out := []string{v.Addr.String()}
	own, err := v.Listeners(ctx)
	if err != nil {
		return out
	}
	for _, l := range own {
		if a := net.JoinHostPort(l.Addr.String(), strconv.Itoa(l.Port)); l.Port == int(v.Addr.Port()) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

func free(ctx context.Context, h host.Host, addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(a string) bool { return h.Bind(ctx, a) != nil })
}
