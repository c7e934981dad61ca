package stage

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target/host"
)

// upTime is how long a program is given until it answers. Tests shorten it.
var upTime = 30 * time.Second

// The times between two looks at what a program listens on, for no event tells of that: a short one at the table of sockets, and one
// at who holds them, which costs more.
const (
	pace = 10 * time.Millisecond
	look = 250 * time.Millisecond
)

// Server is a program that runs and answers.
type Server struct {
	*Process
	Program *Program
	Addr    netip.AddrPort // on this machine, where it answers
	TLS     bool           // it speaks HTTPS there
	// Listening and Answering are when its port was open and when it gave its first answer, since it was started.
	Listening, Answering account.Millis
}

// URL is the address of a path of the server.
func (v *Server) URL(path string) string {
	scheme := "http"
	if v.TLS {
		scheme = "https"
	}
	return fmt.Sprintf("%s://%s%s", scheme, v.Addr, path)
}

// Client is a client that takes the server's certificate as it is, since it speaks to this machine alone, follows nothing and keeps no
// connection.
func (v *Server) Client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, DisableCompression: true,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Serve starts a program as the project does, with more variables perhaps, and waits until it listens and answers HTTP. *Failure
// tells how far it came; what was started has ended then. A port that somebody takes between its choice and its use is replaced.
func (s *Stage) Serve(ctx context.Context, p *Program, environ ...string) (*Server, error) {
	for range tries {
		if err := s.RenewPort(ctx); err != nil {
			return nil, err
		}
		v, err := s.serve(ctx, p, environ)
		if err == nil || !s.outrun(ctx, err) {
			return v, err
		}
	}
	return nil, &Failure{Stage: checks.Bind, Said: checks.Msg("each port that was chosen for the program was taken before it could listen there")}
}

// outrun tells whether a program ended because its port, which was ours to choose, was taken right before it opened it.
func (s *Stage) outrun(ctx context.Context, err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.Stage == checks.Bind && slices.Contains(s.given, s.Port) && s.host.Bind(ctx, fmt.Sprintf(":%d", s.Port)) != nil
}

func (s *Stage) serve(ctx context.Context, p *Program, environ []string) (*Server, error) {
	s.Tell("starting %s on port %d", p.Package.ImportPath, s.Port)
	return s.serveBy(ctx, p, s.command(p, environ))
}

// command is how the project starts a program, on its port.
func (s *Stage) command(p *Program, environ []string) Command {
	return Command{Args: slices.Concat([]string{p.Binary}, without(p.Arguments, s.Flags), s.Flags), Dir: p.Dir, Environ: slices.Concat(s.Environ, s.unported(p.Environ), environ)}
}

// without are arguments less those flags that are given anew: not every program takes one twice.
func without(arguments, flags []string) []string {
	var out []string
	for i := 0; i < len(arguments); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(arguments[i], "-"), "=")
		again := strings.HasPrefix(arguments[i], "-") && slices.ContainsFunc(flags, func(f string) bool { return strings.HasPrefix(f, "--"+name+"=") })
		switch {
		case !again:
			out = append(out, arguments[i])
		case !joined:
			i++ // its value; a flag that gives a port has one
		}
	}
	return out
}

// serveBy starts a program by a command and waits until it listens and answers.
func (s *Stage) serveBy(ctx context.Context, p *Program, c Command) (*Server, error) {
	run, err := s.Start(ctx, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &Failure{Stage: checks.Start, Said: checks.Msg("the program could not be started: %s", err)}
	}
	v := &Server{Process: run, Program: p}
	bounded, cancel := context.WithTimeout(ctx, upTime)
	defer cancel()
	if err := s.up(bounded, v); err != nil {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		_ = run.End(ending) // Close tells what is left
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return v, nil
}

// unported are variables without those by which the stage gives a port: a watcher's own would take it away again.
func (s *Stage) unported(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(s.variables, name)
	})
}

// up waits until a server listens and answers.
func (s *Stage) up(ctx context.Context, v *Server) error {
	at, err := s.listening(ctx, v)
	if err != nil {
		return err
	}
	v.Listening = account.Millis(at.Sub(v.Started))
	if err := v.answering(ctx); err != nil {
		return err
	}
	v.Answering = account.Millis(time.Since(v.Started))
	return nil
}

// listening waits until the program, or what it has started, listens on its port, and tells since when.
func (s *Stage) listening(ctx context.Context, v *Server) (time.Time, error) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	var own []host.Listener
	for last := (time.Time{}); ; {
		open, known := s.portOpen(ctx, v)
		now := time.Now()
		if open || now.Sub(last) >= look {
			last = now
			found, err := v.Listeners(ctx)
			if err != nil && ctx.Err() == nil {
				return now, err
			}
			if ctx.Err() == nil {
				own = found
			}
			if done, err := s.take(v, own, now.Sub(v.Started)); done || err != nil {
				return now, err
			}
		}
		select {
		case <-v.Exited():
			return now, s.ended(ctx, v, "listened")
		case <-ctx.Done():
			return now, &Failure{Stage: checks.Bind, Said: checks.Msg("the program did not open port %d within %s%s", s.Port, upTime, instead(own)), Tail: tail(v.Process)}
		case <-tick.C:
		}
		if !known { // no table of sockets here: only the dear look is left
			last = time.Time{}
		}
	}
}

// portOpen tells whether anybody listens on the port of the copy; known is false where that cannot be seen at a small price.
func (s *Stage) portOpen(ctx context.Context, v *Server) (open, known bool) {
	all, err := s.host.Connections(ctx, v.guard.Process.Pid)
	if err != nil {
		return false, false
	}
	return slices.ContainsFunc(all, func(c host.Connection) bool { return c.State == host.Listen && int(c.Local.Port()) == s.Port }), true
}

// patience is how long the port that is most likely the program's is waited for before another of its ports is taken for it.
const patience = time.Second

// take looks for the listener of the program's port among its own. Where nobody knows the port beforehand, it is the lowest one.
func (s *Stage) take(v *Server, own []host.Listener, since time.Duration) (bool, error) {
	var foreign *host.Listener
	for _, l := range own {
		if l.Port != s.Port && !s.unsure && (since < patience || !slices.Contains(s.others, l.Port)) {
			continue
		}
		if addr, ok := Reached(l); ok {
			v.Addr = addr
			s.learn(l.Port)
			return true, nil
		}
		foreign = &l
	}
	if foreign == nil {
		return false, nil
	}
	return false, &Refused{fmt.Sprintf("the program listens on %s alone, which others reach: a drill sends requests to loopback addresses only. Give it 127.0.0.1 or every address",
		netip.AddrPortFrom(foreign.Addr, uint16(foreign.Port)))}
}

// learn keeps the port that a server has opened of which the code does not say it.
func (s *Stage) learn(port int) {
	if port != s.Port {
		s.Note("the server listens on port %d", port)
		s.Port = port
	}
}

// ended is the failure of a program that has ended before it did something.
func (s *Stage) ended(ctx context.Context, v *Server, what string) error {
	last := tail(v.Process)
	if slices.ContainsFunc(last, func(line string) bool { return strings.Contains(line, "address already in use") }) {
		return &Failure{Stage: checks.Bind, Said: checks.Msg("the program ended, %s: an address that it wants is in use", v.Exit()), Tail: last}
	}
	if v.Exit().Code == 0 && len(v.Program.Arguments) == 0 {
		return &Failure{Stage: checks.Start, Tail: last,
			Said: checks.Msg("the program ended before it %s: %s. It may want arguments to serve, and nothing in the project says which", what, v.Exit())}
	}
	return &Failure{Stage: checks.Start, Said: checks.Msg("the program ended before it %s: %s", what, v.Exit()), Tail: last}
}

// instead tells what a program listens on in the place of its port.
func instead(own []host.Listener) string {
	var all []string
	for _, l := range own {
		all = append(all, netip.AddrPortFrom(l.Addr, uint16(l.Port)).String())
	}
	if len(all) == 0 {
		return ""
	}
	return "; it listens on " + strings.Join(all, ", ")
}

// Reached is the loopback address at which a listener is reached.
func Reached(l host.Listener) (netip.AddrPort, bool) {
	switch {
	case l.OtherNS:
		return netip.AddrPort{}, false
	case l.Addr.Unmap().IsLoopback():
		return netip.AddrPortFrom(l.Addr.Unmap(), uint16(l.Port)), true
	case l.Wildcard() && l.V6Only:
		return netip.AddrPortFrom(netip.IPv6Loopback(), uint16(l.Port)), true
	case l.Wildcard():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(l.Port)), true
	}
	return netip.AddrPort{}, false
}

// answering waits for an answer to GET /, whatever its status.
func (v *Server) answering(ctx context.Context) error {
	client := v.Client()
	for {
		err := v.ask(ctx, client)
		if err == nil {
			return nil
		}
		select {
		case <-v.Exited():
			return &Failure{Stage: checks.Start, Said: checks.Msg("the program ended before it answered: %s", v.Exit()), Tail: tail(v.Process)}
		case <-ctx.Done():
			return &Failure{Stage: checks.Serve, Said: checks.Msg("the program listens on %s and gave no answer to GET / within %s", v.Addr, upTime), Tail: tail(v.Process)}
		case <-time.After(pace):
		}
	}
}

// overHTTPS is how net/http answers plain HTTP on a port of HTTPS.
const overHTTPS = "Client sent an HTTP request to an HTTPS server."

// ask sends one GET / and finds out whether the server speaks TLS.
func (v *Server) ask(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.URL("/"), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "gindoctor")
	resp, err := client.Do(req)
	if err != nil {
		if _, dialled := errors.AsType[*net.OpError](err); !dialled && ctx.Err() == nil { // it speaks, and not this
			v.TLS = !v.TLS
		}
		return err
	}
	defer resp.Body.Close()
	if !v.TLS && resp.StatusCode == http.StatusBadRequest {
		if text, _ := io.ReadAll(io.LimitReader(resp.Body, int64(len(overHTTPS)))); string(text) == overHTTPS {
			v.TLS = true
			return errors.New("it speaks TLS")
		}
	}
	return nil
}
