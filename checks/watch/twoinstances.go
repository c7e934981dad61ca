package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/listen"
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
	serves := serving(ctx, t, servers)
	for _, same := range together(table, own) {
		rel, _ := scope.Rel(same[0].Dir)
		if rel == "." {
			rel = "this project"
		}
		report(twoFinding(rel, ordered(same, serves)))
	}
	return nil
}

// together groups the watchers that do the same work, of groups of two and more.
func together(table *host.Processes, own []watcher.Running) [][]watcher.Running {
	var groups [][]watcher.Running
	for _, w := range own {
		i := slices.IndexFunc(groups, func(g []watcher.Running) bool { return g[0].SameWork(w) })
		switch {
		case i < 0:
			groups = append(groups, []watcher.Running{w})
		case !slices.ContainsFunc(groups[i], func(v watcher.Running) bool { return related(table, v.Process, w.Process) }):
			groups[i] = append(groups[i], w)
		}
	}
	return slices.DeleteFunc(groups, func(g []watcher.Running) bool { return len(g) < 2 })
}

// related tells whether one process started the other: a tool that starts itself anew is one watcher.
func related(table *host.Processes, a, b host.Process) bool {
	descends := func(p, from host.Process) bool {
		return slices.ContainsFunc(table.Ancestors(p), func(q host.Process) bool { return q.PID == from.PID })
	}
	return descends(a, b) || descends(b, a)
}

// serving tells of which watchers a server listens: on a port of the app's own, where these are known.
func serving(ctx context.Context, t *target.Target, servers []server.Holder) func(watcher.Running) bool {
	wanted, err := t.Listens(ctx)
	if err != nil {
		wanted = nil // any port will do then
	}
	ours := func(l host.Listener) bool {
		return len(wanted) == 0 || slices.ContainsFunc(wanted, func(a listen.Address) bool { return a.Port == l.Port || a.Port == 0 })
	}
	return func(w watcher.Running) bool {
		return slices.ContainsFunc(servers, func(h server.Holder) bool { return h.Under(w) && slices.ContainsFunc(h.Listeners, ours) })
	}
}

// ordered puts the one to keep last: the one whose server listens, else the one in a terminal, else the youngest.
func ordered(same []watcher.Running, serves func(watcher.Running) bool) []watcher.Running {
	rank := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(same, func(a, b watcher.Running) int {
		return cmp.Or(rank(serves(a))-rank(serves(b)), rank(a.Process.TTY != "")-rank(b.Process.TTY != ""),
			a.Process.Started.Compare(b.Process.Started), a.Process.PID-b.Process.PID)
	})
	return same
}

// twoFinding is about watchers of which the last one is to be kept.
func twoFinding(dir string, same []watcher.Running) checks.Finding {
	now, tool := time.Now(), same[0].Tool.Name
	kept, extra := same[len(same)-1], same[:len(same)-1]
	times := "twice"
	if len(same) > 2 {
		times = strconv.Itoa(len(same)) + " times"
	}
	kill := []string{"kill"}
	for _, w := range extra {
		kill = append(kill, strconv.Itoa(w.Process.PID))
	}
	f := checks.Finding{
		Message: checks.Msg("%s runs %s in %s: %s", tool, times, dir, pids(same, "pid ")),
		Why:     checks.Msg("Each save is built by each of them into the same file, and their servers fight for the port."),
		Help:    checks.Msg("%s", strings.Join(kill, " ")),
		Subject: &checks.Subject{Kind: checks.ProcessSubject, Name: tool, PID: extra[0].Process.PID},
		Key:     tool + " " + dir,
		Fix:     &plan.Plan{Title: fmt.Sprintf("stop %s (pid %s), keep pid %d", tool, pids(extra, ""), kept.Process.PID), Safety: plan.Unsafe},
	}
	for _, w := range same {
		f.Evidence = append(f.Evidence, checks.Msg("%s", running(w, now)))
	}
	for _, w := range extra {
		p := w.Process
		f.Fix.Stop = append(f.Fix.Stop, plan.Process{PID: p.PID, StartTicks: p.StartTicks, Exe: p.Exe, Name: tool})
	}
	return f
}

// pids lists them as in a sentence, each behind a word: "pid 301, pid 501 and pid 401".
func pids(watchers []watcher.Running, word string) string {
	text := ""
	for i, w := range watchers {
		switch {
		case i > 0 && i == len(watchers)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += word + strconv.Itoa(w.Process.PID)
	}
	return text
}

func running(w watcher.Running, now time.Time) string {
	text := describe.Command(w.Process) + ", since " + describe.Since(w.Process, now) + ", user " + describe.User(w.Process)
	if w.Process.TTY != "" {
		return text + ", in the terminal " + w.Process.TTY
	}
	return text + ", in no terminal"
}
