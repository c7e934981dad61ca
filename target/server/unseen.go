package server

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"

	"github.com/gindoctor/gindoctor/target/host"
)

// unseen is the holder of a socket of which no process may be looked at: the socket table still names its user, and everybody may
// read command lines. That of a docker-proxy says which port it holds.
func (s *Snapshot) unseen(ctx context.Context, scope Scope, l host.Listener) Holder {
	hidden := s.hiddenOf(l.UID)
	if i := slices.IndexFunc(hidden, func(p host.Process) bool { return publishes(p, l) }); i >= 0 {
		return s.holder(ctx, scope, hidden[i], []host.Listener{l})
	}
	h := Holder{
		Listeners: []host.Listener{l},
		Process:   host.Process{UID: l.UID, User: l.User},
		Relation:  Foreign,
	}
	if i := slices.IndexFunc(hidden, func(p host.Process) bool { return s.startedInside(scope, p) }); i >= 0 {
		h.Perhaps = &hidden[i]
	}
	return h
}

// hiddenOf are the programs of a user that may not be looked at, by pid. The kernel's own threads have no command line.
func (s *Snapshot) hiddenOf(uid int) []host.Process {
	var out []host.Process
	for _, p := range s.Processes.ByPID {
		if p.UID == uid && p.Exe == "" && p.Cwd == "" && len(p.Args) > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b host.Process) int { return cmp.Compare(a.PID, b.PID) })
	return out
}

// publishes tells whether a process is the docker-proxy that holds this socket.
func publishes(p host.Process, l host.Listener) bool {
	if program(p) != "docker-proxy" || argument(p, "-host-port") != strconv.Itoa(l.Port) {
		return false
	}
	at, err := netip.ParseAddr(argument(p, "-host-ip"))
	return err != nil || at == l.Addr
}

// argument is what stands behind an option of a command line, "" where it is not there.
func argument(p host.Process, option string) string {
	if i := slices.Index(p.Args, option); i >= 0 && i+1 < len(p.Args) {
		return p.Args[i+1]
	}
	return ""
}

// startedInside tells whether a program that may not be looked at was started from within the project, as by sudo, or by its path there.
func (s *Snapshot) startedInside(scope Scope, p host.Process) bool {
	return scope.Inside(p.Args[0]) || slices.ContainsFunc(s.Processes.Ancestors(p), func(q host.Process) bool { return scope.Inside(q.Cwd) })
}
