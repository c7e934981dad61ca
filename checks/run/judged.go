package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// judged are the running servers whose state is asked about: it needs no source, so what --pid names counts too, and in profile
// prod whoever serves on the port.
func judged(ctx context.Context, t *target.Target) ([]server.Holder, error) {
	all, err := t.JudgedServers(ctx)
	if err != nil || len(all) > 0 {
		return all, err
	}
	return nil, nobody(t)
}

// each asks about every server. One that has ended is passed over; one that could not be looked at is told at the end.
func each(servers []server.Holder, ask func(server.Holder) error) error {
	var open error
	for _, h := range servers {
		if err := ask(h); err != nil && !errors.Is(err, host.ErrGone) {
			open = unseen(h, err)
		}
	}
	return open
}

// unseen says why something of a process could not be looked at.
func unseen(h server.Holder, err error) error {
	switch {
	case errors.Is(err, host.ErrUnsupported):
		return checks.Skip("this system does not tell what a process has open")
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("pid %d is user %s's, and what it has open may not be seen by you: run gindoctor as that user, or as root", h.Process.PID, describe.User(h.Process))
	}
	return err
}

// service is the folder of the module that a server was built from, where it is one of this project.
func service(ctx context.Context, t *target.Target, h server.Holder) string {
	if h.Relation != server.Ours {
		return ""
	}
	return describe.Service(ctx, t, h)
}

// program names a server for fingerprints.
func program(h server.Holder) string {
	if h.Program == "" {
		return h.Process.Name
	}
	return h.Program
}
