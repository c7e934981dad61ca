package run

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// servers are the running servers of this project that are asked about: those on the port given by --port, the one given by
// --pid, or all.
func servers(ctx context.Context, t *target.Target) ([]server.Holder, error) {
	own, err := t.OwnServers(ctx)
	if err != nil {
		return nil, err
	}
	asked := slices.DeleteFunc(slices.Clone(own), func(h server.Holder) bool { return !wanted(t, h) })
	if len(asked) == 0 {
		return nil, nobody(t)
	}
	return asked, nil
}

// nobody says why there is no server to ask about.
func nobody(t *target.Target) error {
	switch {
	case t.AskedPID() != 0:
		return checks.Skip("process %d is no server of this project that listens", t.AskedPID())
	case t.AskedPort() != 0:
		return checks.Skip("no server of this project listens on port %d", t.AskedPort())
	}
	return checks.Skip("no server of this project is running")
}

func wanted(t *target.Target, h server.Holder) bool {
	if pid := t.AskedPID(); pid != 0 && h.Process.PID != pid {
		return false
	}
	port := t.AskedPort()
	return port == 0 || slices.ContainsFunc(h.Listeners, func(l host.Listener) bool { return l.Port == port })
}

// subject is what every finding about a server is about.
func subject(h server.Holder) *checks.Subject {
	s := &checks.Subject{Kind: checks.ProcessSubject, Name: h.Process.Name, PID: h.Process.PID}
	if len(h.Listeners) > 0 {
		s.Port = h.Listeners[0].Port
	}
	return s
}

// restart says how the user starts a server anew.
func restart(h server.Holder) checks.Message {
	switch {
	case h.Leftover:
		return checks.Msg("gindoctor fix --port %d", h.Listeners[0].Port)
	case h.Manager.Kind == server.Watcher:
		return checks.Msg("stop %s (%s) and start it again", h.Manager.Name, h.Manager.StopCommand)
	case h.Terminal != "":
		return checks.Msg("press Ctrl-C in the terminal %s and start it again", h.Terminal)
	case h.Manager.Kind == server.Systemd:
		return checks.Msg("systemctl restart %s", h.Manager.Name)
	}
	return checks.Msg("stop pid %d and start it again: %s", h.Process.PID, describe.Command(h.Process))
}
