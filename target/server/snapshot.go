package server

import (
	"cmp"
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Snapshot is the processes and listening sockets of a host at one moment, with the watchers among them.
type Snapshot struct {
	Host      host.Host
	Processes *host.Processes
	Sockets   *host.Sockets
	Watchers  []watcher.Running
}

// Look takes a snapshot; ports narrows the sockets (none means all).
func Look(ctx context.Context, h host.Host, ports ...int) (*Snapshot, error) {
	sockets, err := h.Listeners(ctx, ports...)
	if err != nil {
		return nil, err
	}
	table, err := h.Processes(ctx) // after the sockets: a holder that was seen there is then in the table, or has ended
	if err != nil {
		return nil, err
	}
	return &Snapshot{Host: h, Processes: table, Sockets: sockets, Watchers: watcher.Find(ctx, h, table)}, nil
}

// Holders judges who holds a port, as the function of that name does.
func (s *Snapshot) Holders(ctx context.Context, scope Scope, port int) []Holder {
	return s.judge(ctx, scope, s.Sockets.On(port))
}

// Own lists the processes that are servers of the project, with all the sockets of ours they listen on.
func (s *Snapshot) Own(ctx context.Context, scope Scope) []Holder {
	var listeners []host.Listener
	for _, l := range s.Sockets.Listeners {
		if !l.OtherNS {
			listeners = append(listeners, l)
		}
	}
	return slices.DeleteFunc(s.judge(ctx, scope, listeners), func(h Holder) bool { return h.Relation != Ours })
}

// judge makes one Holder per process of the listeners, by pid; those without a process come last.
func (s *Snapshot) judge(ctx context.Context, scope Scope, listeners []host.Listener) []Holder {
	byPID := map[int][]host.Listener{}
	var hidden []Holder
	for _, l := range listeners {
		seen := false
		for _, pid := range l.Holders {
			if _, ok := s.Processes.ByPID[pid]; ok {
				byPID[pid] = append(byPID[pid], l)
				seen = true
			}
		}
		if !seen && (len(l.Holders) == 0) {
			hidden = append(hidden, s.unseen(ctx, scope, l))
		}
	}
	var out []Holder
	for pid, held := range byPID {
		out = append(out, s.holder(ctx, scope, s.Processes.ByPID[pid], held))
	}
	slices.SortFunc(out, func(a, b Holder) int { return cmp.Compare(a.Process.PID, b.Process.PID) })
	return append(out, hidden...)
}

func (s *Snapshot) holder(ctx context.Context, scope Scope, p host.Process, held []host.Listener) Holder {
	h := Holder{Listeners: held, Process: p, Known: true}
	h.InContainer = s.inContainer(p)
	s.relate(ctx, scope, &h)
	line := s.Processes.Ancestors(p)
	h.Manager = s.manager(ctx, p, line)
	h.Terminal = terminal(p, line)
	h.Orphans = orphans(line)
	h.Inherited = h.Relation != Ours && s.inherited(scope, p, held)
	if m := h.Manager.Kind; h.Relation == Ours && (m == None || m == GoRun) && h.Terminal == "" && abandoned(line) {
		if by, ok := s.background(ctx, scope, p, line); ok {
			h.Manager = by
		}
	}
	h.Leftover = h.Relation == Ours && h.Manager.Kind == None && h.Terminal == "" && !h.InContainer && abandoned(line) && !s.startedFor(p, line)
	return h
}

// Of judges one process against the project, with the sockets of ours that it listens on; false where it is not there.
func (s *Snapshot) Of(ctx context.Context, scope Scope, pid int) (Holder, bool) {
	p, ok := s.Processes.ByPID[pid]
	if !ok {
		return Holder{}, false
	}
	var held []host.Listener
	for _, l := range s.Sockets.Listeners {
		if !l.OtherNS && slices.Contains(l.Holders, pid) {
			held = append(held, l)
		}
	}
	return s.holder(ctx, scope, p, held), true
}

// Process judges one process by itself, whatever it listens on: who runs it, and whether that one would start it again.
func (s *Snapshot) Process(ctx context.Context, p host.Process) Holder {
	return s.holder(ctx, Scope{}, p, nil)
}
