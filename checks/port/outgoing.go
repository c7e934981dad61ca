package port

import (
	"context"
	"errors"
	"slices"
	"syscall"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// outgoing finds a port of those that the system hands out, on which nobody listens and which cannot be had all the same: somebody's
// connection has the number. That it cannot be had shows when it is tried; it is not tried where no connection has it, as the app may be
// about to start.
func outgoing(ctx context.Context, t *target.Target, ports []wantedPort) (*checks.Finding, error) {
	low, high, err := t.Host().EphemeralPorts(ctx)
	free := slices.DeleteFunc(slices.Clone(ports), func(w wantedPort) bool { return len(w.Holders) > 0 || w.Number < low || w.Number > high })
	if err != nil || len(free) == 0 {
		return nil, supported(err)
	}
	all, err := t.Host().Connections(ctx, t.Host().Self())
	if err != nil {
		return nil, supported(err)
	}
	for _, w := range free {
		i := slices.IndexFunc(all, func(c host.Connection) bool {
			return int(c.Local.Port()) == w.Number && c.State != host.Listen && c.State != host.TimeWait
		})
		if i >= 0 && keeps(ctx, t, w) {
			return outgoingFinding(ctx, t, w, all[i], low, high), nil
		}
	}
	return nil, nil
}

// supported leaves out that a system does not tell.
func supported(err error) error {
	if errors.Is(err, host.ErrUnsupported) {
		return nil
	}
	return err
}

// keeps tells whether a port cannot be had, and that is no listener's doing that has come meanwhile.
func keeps(ctx context.Context, t *target.Target, w wantedPort) bool {
	if !errors.Is(t.Host().Bind(ctx, bindable(w.Addresses[0])), syscall.EADDRINUSE) {
		return false
	}
	now, err := t.Host().Listeners(ctx, w.Number)
	return err == nil && !slices.ContainsFunc(now.Listeners, func(l host.Listener) bool { return l.Port == w.Number && !l.OtherNS })
}

func outgoingFinding(ctx context.Context, t *target.Target, w wantedPort, c host.Connection, low, high int) *checks.Finding {
	f := &checks.Finding{
		Severity: w.severity(),
		Message:  checks.Msg("port %d is the number of an outgoing connection, to %s", w.Number, c.Remote),
		Why:      checks.Msg("Nobody listens there, and the app cannot either while that connection lasts: address already in use."),
		Help:     checks.Msg("end what has the connection, or take a port below %d: those from there to %d the system hands out to connections", low, high),
		Evidence: []checks.Message{w.origin()},
		Location: w.place(),
		Subject:  &checks.Subject{Kind: checks.PortSubject, Port: w.Number},
		Service:  w.service(),
		Key:      "outgoing",
	}
	if p, ok := ownerOf(ctx, t, c.Inode); ok {
		f.Subject.Name, f.Subject.PID = p.Name, p.PID
		f.Message = checks.Msg("port %d is the number of an outgoing connection of %s (pid %d, user %s), to %s", w.Number, p.Name, p.PID, describe.User(p), c.Remote)
	}
	return f
}

// ownerOf is the process that has a socket open, as far as this user may see.
func ownerOf(ctx context.Context, t *target.Target, inode uint64) (host.Process, bool) {
	table, err := t.Processes(ctx)
	if err != nil || inode == 0 {
		return host.Process{}, false
	}
	for _, p := range table.ByPID {
		if open, err := t.Host().Descriptors(ctx, p.PID); err == nil && slices.Contains(open.Sockets, inode) {
			return p, true
		}
	}
	return host.Process{}, false
}
