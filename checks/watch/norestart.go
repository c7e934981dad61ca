package watch

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// NoRestart finds a watcher that starts the server once and never again.
var NoRestart = checks.Check{
	ID:       "watch/no-restart",
	Title:    "the watcher starts the server once and never again",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary", "port/taken"},
	Run:      noRestart,
}

func noRestart(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachSetup(ctx, t, report, func(s *setup) error {
		for _, r := range s.Reactions {
			if r.Restarts {
				continue
			}
			for _, line := range r.Lines() {
				program, err := t.ServerRun(ctx, s.Watch, r, line)
				if err != nil {
					return err
				}
				if program != "" {
					s.report(noRestartFinding(s, r, line, program))
					break
				}
			}
		}
		return nil
	})
}

func noRestartFinding(s *setup, r *watcher.Reaction, line watcher.Line, program string) checks.Finding {
	tool := s.Tool.Name
	f := checks.Finding{
		Message:  checks.Msg("%s starts the server (%s) once and never again", tool, line.Text),
		Why:      checks.Msg("%s waits for it to end before it reacts to another change, and a server does not end: the old code answers for ever.", tool),
		Help:     checks.Msg("let %s restart what it runs, and start it again", tool),
		Location: s.near(r.Place, line.Place),
		Evidence: []checks.Message{checks.Msg("the program in %s listens on a port", folderName(program))},
		Key:      program,
	}
	if text := said(r.RestartBy); text != "" {
		f.Help = checks.Msg("%s, and %s", text, s.restart())
		f.Fix = s.plan(text, plan.Safe, r.RestartBy)
	}
	return f
}
