package restart

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// The times that a replacement is bounded by.
const (
	endTime     = 15 * time.Second // for the old server to end, beside what its source says that it may take
	replaceTime = 20 * time.Second // for a new process in the place of the old
	overlap     = 300 * time.Millisecond
	pace        = 10 * time.Millisecond // between two looks at who listens
)

// series is one server after the other, on one port.
type series struct {
	stage  *stage.Stage
	method method
	server *stage.Server // that runs now
	socket *os.File      // that outlives them, of socket activation
	ends   []stage.Exit  // of those replaced, in their order
	// patience is how long the old server is given to end.
	patience time.Duration
}

// begin starts the first server.
func begin(ctx context.Context, s *stage.Stage, p *stage.Program, m method, fact shutdown.Fact) (*series, error) {
	r := &series{stage: s, method: m, patience: endTime + fact.Deadline + fact.Pause}
	if m.kind != activation {
		v, err := s.Serve(ctx, p)
		r.server = v
		if err == nil {
			r.ready()
		}
		return r, err
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
	if err != nil {
		return nil, err
	}
	defer l.Close() // the copy of its descriptor stays
	if r.socket, err = l.(*net.TCPListener).File(); err != nil {
		return nil, err
	}
	if r.server, err = s.ServeSocket(ctx, p, r.socket); err != nil {
		r.socket.Close()
	}
	return r, err
}

// end ends the server that runs.
func (r *series) end(ctx context.Context) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	_ = r.server.End(bounded) // closing the stage tells what is left
	if r.socket != nil {
		r.socket.Close()
	}
}

// replace puts a new server in the place of the one that runs.
func (r *series) replace(ctx context.Context) error {
	switch r.method.kind {
	case passing:
		return r.passOn(ctx)
	case reusePort:
		return r.beside(ctx)
	}
	if err := r.stop(ctx, r.server); err != nil {
		return err
	}
	return r.start(ctx)
}

// stop ends a server by SIGTERM, as units and compose do.
func (r *series) stop(ctx context.Context, v *stage.Server) error {
	v.Signal("SIGTERM")
	over := time.NewTimer(r.patience)
	defer over.Stop()
	select {
	case <-v.Exited():
		r.ends = append(r.ends, v.Exit())
		return nil
	case <-over.C:
		return &stage.Failure{Stage: checks.Stop, Said: checks.Msg("the old server had not ended %s after SIGTERM", r.patience)}
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *series) start(ctx context.Context) (err error) {
	old, p := r.server, r.server.Program
	var v *stage.Server
	if r.socket != nil {
		v, err = r.stage.ServeSocket(ctx, p, r.socket)
	} else {
		v, err = r.stage.ServeAgain(ctx, p)
	}
	if err != nil {
		return err
	}
	_ = old.End(ctx) // it has ended; its guard goes
	r.server = v
	r.ready()
	return nil
}

// ready makes ready for the next server, so that none of the time in which nobody listens is ours.
func (r *series) ready() {
	if r.socket == nil && r.method.kind != passing {
		_ = r.stage.PrepareAgain(r.server.Program) // without it the server is started all the same
	}
}

// beside starts the new server while the old one runs, gives it a moment, and stops the old one.
func (r *series) beside(ctx context.Context) error {
	v, err := r.stage.ServeAgain(ctx, r.server.Program)
	if err != nil {
		return err
	}
	sleep(ctx, overlap)
	old := r.server
	r.server = v
	if err := r.stop(ctx, old); err != nil {
		_ = old.End(ctx)
		return err
	}
	_ = old.End(ctx) // it has ended; its guard goes
	r.ready()
	return nil
}

// passOn asks the server for a new process of itself, and waits until that listens and one of the old ones no longer does.
func (r *series) passOn(ctx context.Context) error {
	before, err := r.holders(ctx)
	if err != nil {
		return err
	}
	if len(before) == 0 {
		return errors.New("nobody listens any more")
	}
	asked := slices.Max(before) // the youngest serves; where a master listens too, it is the one that was started
	if slices.Contains(before, r.server.PID) {
		asked = r.server.PID
	}
	if err := r.ask(ctx, asked); err != nil {
		return err
	}
	over := time.NewTimer(replaceTime)
	defer over.Stop()
	for seen := 0; seen < 2; { // a look while a process ends can miss its children
		select {
		case <-r.server.Gone():
			return &stage.Failure{Stage: checks.Start, Said: checks.Msg("%s ended it, and no new process took its place", r.method.signal), Tail: r.server.Output.Tail(1)}
		case <-over.C:
			return &stage.Failure{Stage: checks.Start, Said: checks.Msg("no new process took its place within %s after %s", replaceTime, r.method.signal), Tail: r.server.Output.Tail(1)}
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pace):
		}
		now, err := r.holders(ctx)
		if err != nil {
			return err
		}
		came := slices.ContainsFunc(now, func(pid int) bool { return !slices.Contains(before, pid) })
		went := slices.ContainsFunc(before, func(pid int) bool { return !slices.Contains(now, pid) })
		if seen++; !came || !went {
			seen = 0
		}
	}
	return nil
}

// ask sends the signal for a new process to a member of the server's family. It is taken hold of first and looked for among the family
// then, so that no other process that has got its pid can be meant.
func (r *series) ask(ctx context.Context, pid int) error {
	if pid == r.server.PID {
		r.server.Signal(r.method.signal)
		return nil
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer p.Release()
	family, err := r.server.Family(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(family, func(q host.Process) bool { return q.PID == pid }) {
		return fmt.Errorf("process %d has ended", pid)
	}
	return send(p, r.method.signal)
}

// holders are the pids of those of the server's family that listen on its port.
func (r *series) holders(ctx context.Context) ([]int, error) {
	own, err := r.server.Listeners(ctx)
	if err != nil {
		return nil, err
	}
	family, err := r.server.Family(ctx)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, l := range own {
		for _, p := range family {
			if l.Port == int(r.server.Addr.Port()) && slices.Contains(l.Holders, p.PID) && !slices.Contains(out, p.PID) {
				out = append(out, p.PID)
			}
		}
	}
	return out, nil
}

// sleep waits for a time, or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
	}
}

// watch looks who listens at an address, and keeps the longest time in which nobody did. It ends with ctx.
type watch struct {
	done chan struct{}
	down time.Duration
}

func watched(ctx context.Context, addr string) *watch {
	w := &watch{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		var since time.Time // of the first refusal in a row
		for ctx.Err() == nil {
			conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
			now := time.Now()
			switch {
			case err == nil:
				conn.Close()
				since = time.Time{}
			case ctx.Err() != nil:
			case since.IsZero():
				since = now
			}
			if !since.IsZero() {
				w.down = max(w.down, now.Sub(since)+pace/2)
			}
			sleep(ctx, pace/2)
		}
	}()
	return w
}

// longest is the longest time in which nobody listened, after the end of the watch.
func (w *watch) longest() account.Millis {
	<-w.done
	return account.Millis(w.down)
}
