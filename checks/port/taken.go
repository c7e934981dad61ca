package port

import (
	"context"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/server"
)

// Taken finds a port of the app in the hands of another program, or of a server of this project that stands in the way of
// the watcher's own. The server that the project's own live watcher runs is none.
var Taken = checks.Check{
	ID:       "port/taken",
	Title:    "the app's port is held by another program",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Explains: []string{"port/split-address"},
	Run:      taken,
}

func taken(ctx context.Context, t *target.Target, report checks.Reporter) error {
	ports, err := wantedPorts(ctx, t)
	if err != nil {
		return err
	}
	if modules, err := t.Modules(ctx); err != nil || len(modules) == 0 {
		if err != nil {
			return err
		}
		return checks.Skip("without the source, nothing tells whether the program on the port is the app")
	}
	hungry, err := idleWatchers(ctx, t)
	if err != nil {
		return err
	}
	for _, w := range ports {
		for _, h := range w.inTheWay() {
			switch {
			case h.Leftover || onlyInherited(w, h):
			case h.Relation == server.Foreign && !h.Inherited:
				report(foreign(w, h))
			case h.Relation == server.Ours && h.Manager.Kind != server.Watcher && len(hungry) > 0:
				report(besideWatcher(ctx, t, w, h, hungry[0]))
			}
		}
	}
	return nil
}

func foreign(w wantedPort, h server.Holder) checks.Finding {
	f := checks.Finding{
		Severity: w.severity(),
		Message:  checks.Msg("port %d is held by another program: %s (pid %d, user %s)", w.Number, describe.Command(h.Process), h.Process.PID, describe.User(h.Process)),
		Why:      checks.Msg("The app cannot listen there: address already in use."),
		Help:     checks.Msg("gindoctor fix --port %d", w.Number),
		Evidence: append(describe.Evidence(h, time.Now()), w.origin()),
		Location: w.place(),
		Subject:  subject(w.Number, h),
		Service:  w.service(),
		Key:      "taken",
		Fix:      free(w.Number, plan.Unsafe),
	}
	if !h.Known {
		f.Message = checks.Msg("port %d is held by a program of user %s that you may not look at", w.Number, describe.User(h.Process))
		f.Help = checks.Msg("sudo gindoctor fix --port %d", w.Number)
	}
	switch h.Manager.Kind {
	case server.Container: // which may well run this very app
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("port %d is held by a container (%s, pid %d)", w.Number, h.Manager.Name, h.Process.PID)
		f.Why = checks.Msg("Started here, the app cannot listen there. If that container is the app, look at it from inside: docker compose exec SERVICE gindoctor check.")
		f.Help = checks.Msg("%s", h.Manager.StopCommand)
	case server.Systemd:
		if h.Process.PID == 1 { // a socket unit, perhaps the app's own
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
		f.Help = checks.Msg("%s", h.Manager.StopCommand)
	case server.Supervisor, server.PM2, server.PortForward, server.Foreman, server.Debugger, server.Watcher, server.ShellLoop:
		f.Help = checks.Msg("%s", h.Manager.StopCommand)
	}
	return f
}

// idle is a watcher of this project of which no server listens.
type idle struct {
	pid  int
	name string
}

// idleWatchers are those that start a server and have none listening now: what they start cannot have the port.
func idleWatchers(ctx context.Context, t *target.Target) ([]idle, error) {
	watchers, err := t.OwnWatchers(ctx)
	if err != nil {
		return nil, err
	}
	own, err := t.OwnServers(ctx)
	if err != nil {
		return nil, err
	}
	var out []idle
	for _, w := range watchers {
		if !w.Serves {
			continue
		}
		busy := slices.ContainsFunc(own, func(h server.Holder) bool {
			return h.Manager.Watcher != nil && h.Manager.Watcher.Process.PID == w.Process.PID
		})
		if !busy {
			out = append(out, idle{w.Process.PID, w.Tool.Name})
		}
	}
	return out, nil
}

// besideWatcher is about a server of this project that somebody else than the watcher runs, while the watcher has none.
func besideWatcher(ctx context.Context, t *target.Target, w wantedPort, h server.Holder, watcher idle) checks.Finding {
	f := checks.Finding{
		Severity: checks.Warning, // which of several services the watcher builds is not known here
		Message:  checks.Msg("port %d is held by a server of this project that %s (pid %d) did not start: pid %d, %s", w.Number, watcher.name, watcher.pid, h.Process.PID, describe.Command(h.Process)),
		Why:      checks.Msg("What %s starts cannot listen there, and the other one does not reload.", watcher.name),
		Help:     checks.Msg("stop pid %d, then save a file", h.Process.PID),
		Evidence: append(describe.Evidence(h, time.Now()), w.origin()),
		Subject:  subject(w.Number, h),
		Service:  describe.Service(ctx, t, h),
		Key:      "beside",
		Fix:      free(w.Number, plan.Unsafe),
	}
	if h.Terminal != "" {
		f.Message = checks.Msg("port %d is held by a server of this project in the terminal %s, not by the one of %s (pid %d): pid %d, %s",
			w.Number, h.Terminal, watcher.name, watcher.pid, h.Process.PID, describe.Command(h.Process))
		f.Help = checks.Msg("press Ctrl-C in the terminal %s, then save a file", h.Terminal)
	}
	if w.certain() && len(w.Addresses) == 1 && oneProgram(ctx, t) {
		f.Severity = checks.Error
	} else {
		f.Confidence = checks.Likely
	}
	return f
}

// oneProgram tells whether all addresses of the project belong to one main package.
func oneProgram(ctx context.Context, t *target.Target) bool {
	addresses, err := t.Wanted(ctx)
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if a.Main != addresses[0].Main || a.Module != addresses[0].Module {
			return false
		}
	}
	return true
}
