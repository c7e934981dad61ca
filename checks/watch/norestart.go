package watch

import (
	"context"
	"slices"

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
		if err := startsNothing(ctx, s); err != nil {
			return err
		}
		whole := &watcher.Reaction{} // what one block of a configuration builds another may run
		for _, r := range s.Reactions {
			whole.Build = append(whole.Build, r.Lines()...)
		}
		for _, r := range s.Reactions {
			if r.Restarts {
				continue
			}
			for _, line := range r.Lines() {
				program, err := t.ServerRun(ctx, s.Watch, whole, line)
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

// startsNothing tells of a CompileDaemon that builds a program with a server in it and is given nothing to run, where no other watcher
// runs anything either.
func startsNothing(ctx context.Context, s *setup) error {
	if s.Tool.Name != "CompileDaemon" || len(s.Reactions) == 0 {
		return nil
	}
	watches, err := s.t.Watches(ctx)
	if err != nil {
		return err
	}
	runs := func(r *watcher.Reaction) bool { return r.Run != nil }
	if slices.ContainsFunc(watches, func(w *target.Watch) bool { return w.Unsure != "" || slices.ContainsFunc(w.Reactions, runs) }) {
		return nil
	}
	program, err := s.t.WatchProgram(ctx, s.Watch, s.Reactions[0])
	if err != nil || program == nil {
		return err
	}
	s.report(checks.Finding{
		Severity:   checks.Warning,
		Confidence: checks.Likely,
		Message:    checks.Msg("CompileDaemon builds the server and starts nothing: it is given no -command"),
		Why:        checks.Msg("After a save the new program lies on the disk, and whatever runs goes on with the old code."),
		Help:       checks.Msg("add -command=./NAME, the file that the build writes, and %s", s.restart()),
		Location:   s.near(),
		Key:        "command",
	})
	return nil
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
	if r.StaysBecause != "" {
		f.Why = checks.Msg("In the configuration of %s, %s. The old code answers for ever.", tool, r.StaysBecause)
	}
	if text := said(r.RestartBy); text != "" {
		f.Help = checks.Msg("%s, and %s", text, s.restart())
		f.Fix = s.plan(text, plan.Safe, r.RestartBy)
	}
	return f
}
