package watch

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ShellWrapper finds a shell between the watcher and the server that lets the server live on.
var ShellWrapper = checks.Check{
	ID:       "watch/shell-wrapper",
	Title:    "the server outlives a reload: a shell keeps the signal from it, or it takes no notice",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"port/leftover", "port/taken", "run/two-servers", "run/stale-binary"},
	Run:      shellWrapper,
}

func shellWrapper(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return airWrapper(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			if r.Run == nil || !r.Restarts {
				continue
			}
			outlives(s, r)
			if isUserSignal(r.Stop.Signal) {
				fact, err := t.WatchShutdown(ctx, s.Watch, r)
				if err != nil {
					return err
				}
				if fact != nil && !fact.User {
					s.report(unheard(s, r))
				}
			}
		}
		return nil
	})
}

// isUserSignal tells of a signal of which a Go program takes no notice unless it asks for it (os/signal, "Default behavior of signals in
// Go programs").
func isUserSignal(name string) bool { return name == "SIGUSR1" || name == "SIGUSR2" }

// unheard tells of a server that goes on when it is told to end.
func unheard(s *setup, r *watcher.Reaction) checks.Finding {
	tool := s.Tool.Name
	f := checks.Finding{
		Message:  checks.Msg("%s ends the server by %s, of which a Go program takes no notice", tool, r.Stop.Signal),
		Why:      checks.Msg("The old server stays and keeps the port; the new one cannot listen, and the old code keeps answering."),
		Help:     checks.Msg("let %s send SIGTERM, and %s", tool, s.restart()),
		Location: s.near(r.Stop.Wish, r.Place, r.Run.Place),
		Key:      "signal",
	}
	if r.Stop.Gently != nil {
		changes := r.Stop.Gently(longest)
		if text := said(changes); text != "" {
			f.Help = checks.Msg("%s, and %s", text, s.restart())
			f.Fix = s.plan("let "+tool+" end the server", plan.Safe, changes)
		}
	}
	return f
}

// outlives finds a server that another tool than air cannot end: one in a group of its own, one whose shell has ended, and one below
// a `go run` that alone gets the signal.
func outlives(s *setup, r *watcher.Reaction) {
	tool := s.Tool.Name
	f := checks.Finding{
		Why:      checks.Msg("The old server survives each reload and keeps the port; its old code keeps answering."),
		Location: s.near(r.Run.Place, r.Place),
	}
	commands := project.ParseShell(r.Run.Text, project.Position{Line: 1, Column: 1})
	detached := project.FindDetached(r.Run.Text)
	switch last := len(commands) - 1; {
	case len(detached) > 0 && detached[0].Setsid:
		f.Key, f.Message = "setsid", checks.Msg("setsid puts the server into a group of its own, which %s does not signal", tool)
		f.Help = checks.Msg("take setsid out, and %s", s.restart())
	case len(detached) > 0 && r.Run.Shell:
		f.Key, f.Message = "background", checks.Msg("%s is left in the background (&): for %s the server has ended", detached[0].Name, tool)
		f.Help = checks.Msg("take the & out, or write exec in front of the command, and %s", s.restart())
	case last >= 0 && !r.Stop.Group && !r.Stop.Rest && len(commands[last].Words) > 1 && commands[last].Name() == "go" && commands[last].Words[1] == "run":
		f.Key, f.Message = "go run", checks.Msg("%s ends `go run` alone, not the server that it has started", tool)
		f.Help = checks.Msg("build the server and run the binary, and %s", s.restart())
	default:
		return
	}
	s.report(f)
}

// airWrapper: up to 1.63.0 air signals the process group, so a server started by setsid survives; from 1.63.1 on also every
// descendant it finds. A server whose shell has ended is nobody's child any more: no release finds it.
func airWrapper(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if a.Build.FullBin != "" {
			for _, d := range project.FindDetached(a.Build.FullBin) {
				wrapped(a, d, nil)
			}
			if cs := project.ParseShell(a.Build.FullBin, project.Position{Line: 1, Column: 1}); len(cs) != 1 {
				return nil
			}
		}
		r := runOf(a)
		if text, ok := project.ReadScript(r.path); ok && r.path != "" {
			s := &script{file: t.Rel(r.path), text: text}
			for _, d := range project.FindDetached(text) {
				wrapped(a, d, s)
			}
		}
		return nil
	})
}

// script is the file that air starts in place of the server.
type script struct{ file, text string }

func wrapped(a *airFile, d project.Detached, s *script) {
	if d.Setsid && a.Version.AtLeast("v1.63.1") {
		return
	}
	f := checks.Finding{Key: "setsid"}
	if d.Setsid {
		f.Message = checks.Msg("setsid puts the server into a group of its own, which air %s does not signal", a.Version)
		f.Why = checks.Msg("The old server survives each reload and keeps the port; its old code keeps answering.")
		f.Help = checks.Msg("take setsid out, or update air to 1.63.1 or later")
	} else {
		f.Key = "background"
		f.Message = checks.Msg("%s is left in the background (&): for air the server has ended", d.Name)
		f.Why = checks.Msg("air stops nothing at the next save: the old server keeps the port, and its old code keeps answering.")
		f.Help = checks.Msg("take the & out, or write exec in front of the command")
	}
	var edit plan.Edit
	ok := true
	if s != nil {
		f.Location = checks.At(s.file, d.Pos.Line, d.Pos.Column)
		start := d.Start
		for d.Left && start > 0 && s.text[start-1] == ' ' {
			start--
		}
		edit = plan.Replace(s.file, []byte(s.text), start, d.End, "")
	} else {
		f.Location = a.near("full_bin")
		edit, ok = cutShell(a, d)
	}
	if ok {
		f.Fix = mend("let air stop the server", plan.Safe, edit)
	}
	a.report(f)
}

// cutShell takes the words out of full_bin, where it stands in the file as it is.
func cutShell(a *airFile, d project.Detached) (plan.Edit, bool) {
	e, ok := a.entry("full_bin")
	if !ok || a.Raw(e.Value.Span) != quoted(a.Build.FullBin) || quoted(a.Build.FullBin) != `"`+a.Build.FullBin+`"` {
		return plan.Edit{}, false
	}
	base := e.Value.Span.Start + 1
	start := d.Start
	for d.Left && start > 0 && a.Build.FullBin[start-1] == ' ' {
		start--
	}
	return a.replace(tomldoc.Span{Start: base + start, End: base + d.End}, ""), true
}
