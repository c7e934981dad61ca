package watch

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
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
	reported := map[int]bool{} // of three, two findings and not three
	for i, a := range own {
		for _, b := range own[i+1:] {
			if reported[b.Process.PID] || !sameWork(a, b) || related(table, a.Process, b.Process) {
				continue
			}
			reported[b.Process.PID] = true
			rel, _ := scope.Rel(a.Dir)
			report(twoFinding(rel, a, b))
		}
	}
	return nil
}

// sameWork tells whether two watchers of one tool work on one folder by the same rules: two services of one module each have
// a watcher with a configuration, or with arguments, of its own.
func sameWork(a, b watcher.Running) bool {
	return a.Tool == b.Tool && a.Dir == b.Dir && config(a) == config(b) && slices.Equal(arguments(a), arguments(b))
}

// config is the configuration file in use: the one that is named, or the tool's first own name for it.
func config(w watcher.Running) string {
	if w.Config != "" || len(w.Tool.Configs) == 0 {
		return w.Config
	}
	return filepath.Join(w.Dir, filepath.FromSlash(w.Tool.Configs[0]))
}

// arguments are what a watcher was started with, without the name of its configuration file, which is compared as a file.
func arguments(w watcher.Running) []string {
	var out []string
	args := w.Process.Args[min(1, len(w.Process.Args)):]
	for i := 0; i < len(args); i++ {
		if w.Config != "" && slices.Contains([]string{"-c", "--c", "-f", "--config", "--file"}, args[i]) {
			i++
			continue
		}
		if w.Config != "" && (args[i] == "-c="+filepath.Base(w.Config) || args[i] == "--c="+filepath.Base(w.Config)) {
			continue
		}
		out = append(out, args[i])
	}
	return out
}

// related tells whether one process started the other: a tool that starts itself anew is one watcher.
func related(table *host.Processes, a, b host.Process) bool {
	descends := func(p, from host.Process) bool {
		return slices.ContainsFunc(table.Ancestors(p), func(q host.Process) bool { return q.PID == from.PID })
	}
	return descends(a, b) || descends(b, a)
}

func twoFinding(dir string, a, b watcher.Running) checks.Finding {
	extra, kept := a, b // the one that nobody looks at is the one to end, else the older one
	if (extra.Process.TTY != "" && kept.Process.TTY == "") || extra.Process.TTY == kept.Process.TTY && kept.Process.Started.Before(extra.Process.Started) {
		extra, kept = kept, extra
	}
	now := time.Now()
	return checks.Finding{
		Message: checks.Msg("%s runs twice in %s: pid %d and pid %d", a.Tool.Name, dir, extra.Process.PID, kept.Process.PID),
		Why:     checks.Msg("Each save is built twice into the same file, and the two servers fight for the port."),
		Help:    checks.Msg("kill %d", extra.Process.PID),
		Evidence: []checks.Message{
			checks.Msg("%s", running(extra, now)),
			checks.Msg("%s", running(kept, now)),
		},
		Subject: &checks.Subject{Kind: checks.ProcessSubject, Name: a.Tool.Name, PID: extra.Process.PID},
		Key:     a.Tool.Name + " " + dir,
	}
}

func running(w watcher.Running, now time.Time) string {
	text := describe.Command(w.Process) + ", since " + describe.Since(w.Process, now) + ", user " + describe.User(w.Process)
	if w.Process.TTY != "" {
		return text + ", in the terminal " + w.Process.TTY
	}
	return text + ", in no terminal"
}
