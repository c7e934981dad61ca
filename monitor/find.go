package monitor

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// Server is the process to watch.
type Server struct {
	Process host.Process
	Port    int            // that it was found by, or the lowest it listens on; 0 where none is known
	Name    string         // of the program, in a word
	Service string         // the folder of the module that it was built from, where it is this project's
	Holder  *server.Holder // what is known of it beside; nil where it listens on no port that may be seen
}

// Subject is what every finding about the server is about.
func (s *Server) Subject() *checks.Subject {
	return &checks.Subject{Kind: checks.ProcessSubject, Name: s.Name, PID: s.Process.PID, Port: s.Port}
}

// Find finds the one server that is meant: by --pid, by --port, or as the only running one of the project. The error says in
// words why there is none, or which of several to choose.
func Find(ctx context.Context, t *target.Target, scope server.Scope) (*Server, error) {
	if pid := t.AskedPID(); pid != 0 {
		return byPID(ctx, t, scope, pid)
	}
	if port := t.AskedPort(); port != 0 {
		holders, err := server.Holders(ctx, t.Host(), scope, port)
		if err != nil {
			return nil, fmt.Errorf("cannot find out who listens on port %d: %w", port, err)
		}
		if pid := elsewhere(ctx, t, port); len(holders) == 0 && pid != 0 {
			return nil, fmt.Errorf("nobody listens on port %d here; pid %d does in a network of its own: watch it with --pid %d", port, pid, pid)
		}
		return onPort(ctx, t, holders, port)
	}
	own, err := t.OwnServers(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot look for the server of this project: %w", err)
	}
	switch {
	case len(own) == 0:
		return nil, errors.New("no server of this project is running; start it, or name one with --port or --pid")
	case len(own) > 1:
		return nil, fmt.Errorf("%d servers of this project are running (%s); choose one with --pid", len(own), listed(own))
	}
	return found(ctx, t, own[0], 0), nil
}

func byPID(ctx context.Context, t *target.Target, scope server.Scope, pid int) (*Server, error) {
	p, err := t.Host().Process(ctx, pid)
	if errors.Is(err, host.ErrGone) {
		return nil, fmt.Errorf("there is no process %d", pid)
	}
	if err != nil {
		return nil, fmt.Errorf("process %d cannot be looked at: %w", pid, err)
	}
	if p.State == "Z" {
		return nil, fmt.Errorf("process %d has ended; its parent has not taken note of it yet", pid)
	}
	if s, err := server.Look(ctx, t.Host()); err == nil {
		for _, h := range s.Own(ctx, scope) {
			if h.Process.PID == pid {
				return found(ctx, t, h, 0), nil
			}
		}
		if h, ok := runBy(s.Own(ctx, scope), p); ok {
			return nil, fmt.Errorf("process %d (%s) is no server, it runs one: watch that with --pid %d", pid, word(p), h.Process.PID)
		}
	}
	return &Server{Process: p, Name: word(p)}, nil
}

// runBy is the server of this project that a watcher, a go command or a shell runs.
func runBy(own []server.Holder, p host.Process) (server.Holder, bool) {
	for _, h := range own {
		by := h.Manager.Process
		if by != nil && by.PID == p.PID || slices.ContainsFunc(h.Orphans, func(shell host.Process) bool { return shell.PID == p.PID }) {
			return h, true
		}
	}
	return server.Holder{}, false
}

// elsewhere is the process that listens on a port in another network, as that of a container is; 0 where none is seen.
func elsewhere(ctx context.Context, t *target.Target, port int) int {
	sockets, err := t.Host().Listeners(ctx, port)
	if err != nil {
		return 0
	}
	for _, l := range sockets.Listeners {
		if l.OtherNS && l.Port == port && len(l.Holders) > 0 {
			return l.Holders[0]
		}
	}
	return 0
}

func onPort(ctx context.Context, t *target.Target, holders []server.Holder, port int) (*Server, error) {
	if len(holders) == 0 {
		return nil, fmt.Errorf("nobody listens on port %d; start the server first, or name it with --pid", port)
	}
	seen := slices.DeleteFunc(slices.Clone(holders), func(h server.Holder) bool { return !h.Known || h.Inherited })
	if len(seen) == 0 {
		seen = slices.DeleteFunc(slices.Clone(holders), func(h server.Holder) bool { return !h.Known })
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("port %d is held by a process of user %s: %w; run gindoctor as that user, or as root",
			port, describe.User(holders[0].Process), ErrUnseen)
	}
	if ours := slices.DeleteFunc(slices.Clone(seen), func(h server.Holder) bool { return h.Relation != server.Ours }); len(ours) == 1 {
		seen = ours
	}
	if len(seen) > 1 {
		return nil, fmt.Errorf("%d processes listen on port %d (%s); choose one with --pid", len(seen), port, listed(seen))
	}
	h := seen[0]
	switch {
	case !h.PassesOn():
		return found(ctx, t, h, port), nil
	case h.Manager.Kind == server.Container:
		return nil, fmt.Errorf("port %d is passed on into a container by %s (pid %d); watch the server itself there: docker compose exec SERVICE gindoctor monitor --port %d",
			port, h.Manager.Name, h.Process.PID, port)
	case h.Manager.Kind == server.PortForward:
		return nil, fmt.Errorf("port %d is passed on by %s (pid %d); run gindoctor where the server is", port, h.Manager.Name, h.Process.PID)
	}
	return nil, fmt.Errorf("systemd holds port %d for a service that starts with the first request; send one, then watch again", port)
}

// found names a holder.
func found(ctx context.Context, t *target.Target, h server.Holder, port int) *Server {
	s := &Server{Process: h.Process, Port: port, Name: word(h.Process), Holder: &h}
	if h.Relation == server.Ours {
		s.Service = describe.Service(ctx, t, h)
		s.Name = path.Base(describe.Name(t, h))
	}
	for _, l := range h.Listeners {
		if port == 0 && (s.Port == 0 || l.Port < s.Port) {
			s.Port = l.Port
		}
	}
	return s
}

// word is a program's name without its folder.
func word(p host.Process) string {
	for _, name := range []string{p.Exe, p.Name} {
		if name != "" {
			return path.Base(strings.ReplaceAll(name, `\`, "/"))
		}
	}
	return fmt.Sprintf("process %d", p.PID)
}

// listed names processes to choose from.
func listed(holders []server.Holder) string {
	var names []string
	for _, h := range holders {
		name := fmt.Sprintf("%d: %s", h.Process.PID, word(h.Process))
		if len(h.Listeners) > 0 {
			name += fmt.Sprintf(" on %d", h.Listeners[0].Port)
		}
		names = append(names, "pid "+name)
	}
	return strings.Join(names, ", ")
}
