package port

import (
	"context"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
	"github.com/gindoctor/gindoctor/target/watcher"
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
	Explains: []string{"port/reserved", "port/split-address"},
	Run:      taken,
}

func taken(ctx context.Context, t *target.Target, report checks.Reporter) error {
	ports, err := allWanted(ctx, t)
	if err != nil {
		return err
	}
	busy, err := outgoing(ctx, t, ports)
	if err != nil {
		return err
	}
	if busy != nil {
		report(*busy)
	}
	if err := nobodyOnAsked(ctx, t, ports); err != nil && busy == nil {
		return err
	}
	if modules, err := t.Modules(ctx); err != nil || len(modules) == 0 {
		if err != nil {
			return err
		}
		return checks.Skip("without the source, nothing tells whether the program on the port is the app")
	}
	idle, err := t.IdleWatchers(ctx)
	if err != nil {
		return err
	}
	watchers, err := t.OwnWatchers(ctx)
	if err != nil {
		return err
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return err
	}
	table, err := t.Processes(ctx)
	if err != nil {
		return err
	}
	for _, w := range ports {
		for _, h := range w.inTheWay() {
			switch {
			case h.Leftover || onlyInherited(w, h) || ofWatcher(h, watchers) || named(table, t.AskedPID(), h):
			case h.Relation == server.Foreign && !h.Inherited && !w.served():
				f := foreign(w, h, scope)
				elsewhere, err := contained(ctx, t, w)
				if err != nil {
					return err
				}
				if !elsewhere.IsZero() {
					f.Severity, f.Confidence = checks.Warning, checks.Likely
					f.Why = checks.Msg("Started here, the app cannot listen there: address already in use.")
					f.Evidence = append(f.Evidence, elsewhere)
				}
				report(f)
			case h.Relation == server.Ours && h.Manager.Kind != server.Watcher && len(idle) > 0:
				report(besideWatcher(ctx, t, w, h, idle[0]))
			}
		}
	}
	return nil
}

// ofWatcher tells whether a holder is a live watcher of this project (the proxy that some have), or what it runs: in order,
// also where a packed or garbled binary no longer tells what it was built from.
func ofWatcher(h server.Holder, watchers []watcher.Running) bool {
	return slices.ContainsFunc(watchers, func(w watcher.Running) bool { return h.Under(w) || h.Process.PID == w.Process.PID })
}

// named tells whether --pid says of a holder that it is the server; of one that may not be looked at, whether it can be that.
func named(table *host.Processes, pid int, h server.Holder) bool {
	if h.Known || pid == 0 {
		return h.Known && h.Process.PID == pid
	}
	p, ok := table.ByPID[pid]
	return ok && p.Exe == "" && p.UID == h.Process.UID
}

func foreign(w wantedPort, h server.Holder, scope server.Scope) checks.Finding {
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
		Fix:      plan.FreePort(w.Number, plan.Unsafe),
	}
	if !h.Known {
		f.Message = checks.Msg("port %d is held by a program of user %s that you may not look at", w.Number, describe.User(h.Process))
		f.Help = checks.Msg("sudo gindoctor fix --port %d", w.Number)
		f.Fix = nil
	}
	if p := h.Perhaps; p != nil {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("port %d is held by a program of user %s that you may not look at, perhaps by the app itself", w.Number, describe.User(h.Process))
		f.Why = checks.Msg("If it is another program the app cannot listen there: address already in use.")
		f.Help = checks.Msg("sudo gindoctor check")
		f.Evidence = append(f.Evidence, checks.Msg("user %s runs this from within the project: %s (pid %d)", describe.User(h.Process), describe.Command(*p), p.PID))
	}
	if scope.Inside(h.Process.Exe) { // perhaps the app, of which the build information was stripped
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	managed(&f, h)
	return f
}

// managed changes a finding for a holder that is to be stopped where it is managed: killed, it would come back.
func managed(f *checks.Finding, h server.Holder) {
	switch h.Manager.Kind {
	case server.Container: // which may well run this very app
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("port %d is held by a container (%s, pid %d)", f.Subject.Port, h.Manager.Name, h.Process.PID)
		f.Why = checks.Msg("Started here, the app cannot listen there. If that container is the app, look at it from inside: docker compose exec SERVICE gindoctor check.")
	case server.Systemd:
		if h.Process.PID == 1 { // a socket unit, perhaps the app's own
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
	case server.Supervisor, server.PM2, server.Foreman:
	default:
		return
	}
	f.Help, f.Fix = checks.Msg("%s", h.Manager.StopCommand), nil
}

// besideWatcher is about a server of this project that somebody else than the watcher runs, while the watcher has none.
func besideWatcher(ctx context.Context, t *target.Target, w wantedPort, h server.Holder, idle watcher.Running) checks.Finding {
	f := checks.Finding{
		Severity: checks.Warning, // which of several services the watcher builds is not known here
		Message: checks.Msg("port %d is held by a server of this project that %s (pid %d) did not start: %s (pid %d)",
			w.Number, idle.Tool.Name, idle.Process.PID, describe.Name(t, h), h.Process.PID),
		Why:      checks.Msg("What %s starts cannot listen there, and the other one does not reload.", idle.Tool.Name),
		Help:     checks.Msg("stop pid %d, then save a file", h.Process.PID),
		Evidence: append(describe.Evidence(h, time.Now()), w.origin()),
		Subject:  subject(w.Number, h),
		Service:  describe.Service(ctx, t, h),
		Key:      "beside",
		Fix:      plan.FreePort(w.Number, plan.Unsafe),
	}
	if h.Terminal != "" {
		f.Message = checks.Msg("port %d is held by a server of this project in the terminal %s, not by the one of %s (pid %d): %s (pid %d)",
			w.Number, h.Terminal, idle.Tool.Name, idle.Process.PID, describe.Name(t, h), h.Process.PID)
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
