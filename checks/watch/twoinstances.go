package watch

import (
	"context"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// TwoInstances finds two watchers that do the same work: each save is built twice, and the two servers fight for the port.
var TwoInstances = checks.Check{
	ID:       "watch/two-instances",
	Title:    "two watchers run on the same project",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Processes,
	Explains: []string{"port/taken", "run/two-servers", "run/stale-binary"},
	Run:      twoInstances,
}

func twoInstances(ctx context.Context, t *target.Target, report checks.Reporter) error {
	own, err := t.OwnWatchers(ctx)
	if err != nil {
		return err
	}
	if len(own) == 0 {
		return checks.Skip("no watcher is running here")
	}
	table, err := t.Processes(ctx)
	if err != nil {
		return err
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return err
	}
	servers, err := t.OwnServers(ctx)
	if err != nil {
		return err
	}
	reported := map[int]bool{} // of three, two findings and not three
	for i, a := range own {
		for _, b := range own[i+1:] {
			if reported[b.Process.PID] || !a.SameWork(b) || related(table, a.Process, b.Process) {
				continue
			}
			reported[b.Process.PID] = true
			rel, _ := scope.Rel(a.Dir)
			if rel == "." {
				rel = "this project"
			}
			extra, kept := choose(a, b, servers)
			report(twoFinding(rel, extra, kept))
		}
	}
	return nil
}

// related tells whether one process started the other: a tool that starts itself anew is one watcher.
func related(table *host.Processes, a, b host.Process) bool {
	descends := func(p, from host.Process) bool {
		return slices.ContainsFunc(table.Ancestors(p), func(q host.Process) bool { return q.PID == from.PID })
	}
	return descends(a, b) || descends(b, a)
}

// choose says which of two watchers is to end: the one in no terminal, else the one that has no server listening, else the
// older one.
func choose(a, b watcher.Running, servers []server.Holder) (extra, kept watcher.Running) {
	idle := func(w watcher.Running) bool {
		return !slices.ContainsFunc(servers, func(h server.Holder) bool { return h.Under(w) })
	}
	unseen := func(w watcher.Running) bool { return w.Process.TTY == "" }
	for _, chosen := range []func(watcher.Running) bool{unseen, idle} {
		switch {
		case chosen(a) && !chosen(b):
			return a, b
		case chosen(b) && !chosen(a):
			return b, a
		}
	}
	if b.Process.Started.Before(a.Process.Started) {
		return b, a
	}
	return a, b
}

func twoFinding(dir string, extra, kept watcher.Running) checks.Finding {
	now := time.Now()
	return checks.Finding{
		Message: checks.Msg("%s runs twice in %s: pid %d and pid %d", extra.Tool.Name, dir, extra.Process.PID, kept.Process.PID),
		Why:     checks.Msg("Each save is built twice into the same file, and the two servers fight for the port."),
		Help:    checks.Msg("kill %d", extra.Process.PID),
		Evidence: []checks.Message{
			checks.Msg("%s", running(extra, now)),
			checks.Msg("%s", running(kept, now)),
		},
		Subject: &checks.Subject{Kind: checks.ProcessSubject, Name: extra.Tool.Name, PID: extra.Process.PID},
		Key:     extra.Tool.Name + " " + dir,
	}
}

func running(w watcher.Running, now time.Time) string {
	text := describe.Command(w.Process) + ", since " + describe.Since(w.Process, now) + ", user " + describe.User(w.Process)
	if w.Process.TTY != "" {
		return text + ", in the terminal " + w.Process.TTY
	}
	return text + ", in no terminal"
}
