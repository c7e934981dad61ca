package watch

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// RestartNeeded finds a running watcher that was started before its configuration was changed: it never reads it again.
var RestartNeeded = checks.Check{
	ID:       "watch/restart-needed",
	Title:    "the running watcher still works by an older configuration",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Processes,
	Run:      restartNeeded,
}

// sameMoment is how close a change may lie to the start and still have been read: clocks of processes are coarse.
const sameMoment = 2 * time.Second

func restartNeeded(ctx context.Context, t *target.Target, report checks.Reporter) error {
	running := false
	err := eachSetup(ctx, t, report, func(s *setup) error {
		if s.Running == nil {
			return nil
		}
		running = true
		p := s.Running.Process
		if s.File != nil && slices.Contains(readOnce, s.Tool.Name) {
			if changed := t.Modified(filepath.Join(t.Root(), filepath.FromSlash(s.File.Path))); changed.After(p.Started.Add(sameMoment)) {
				s.report(restartFinding(s, s.File.Path, changed))
				return nil
			}
		}
		if changed := t.Modified(p.Exe); changed.After(p.Started.Add(sameMoment)) {
			f := restartFinding(s, p.Exe, changed)
			f.Severity = checks.Warning
			f.Message = checks.Msg("%s (pid %d) was started before its program was replaced", s.Tool.Name, p.PID)
			f.Why = checks.Msg("The old version goes on working; what the new one mends or knows takes effect after a restart.")
			f.Location = nil
			s.report(f)
		}
		return nil
	})
	if err == nil && !running {
		return checks.Skip("no watcher runs here")
	}
	return err
}

// readOnce are the tools of which it is known that they read their configuration when they start and never again. modd reads it anew
// when it changes.
var readOnce = []string{"air", freshTool, "reflex"}

func restartFinding(s *setup, file string, changed time.Time) checks.Finding {
	p, tool := s.Running.Process, s.Tool.Name
	return checks.Finding{
		Message:  checks.Msg("%s (pid %d) was started before %s was changed", tool, p.PID, file),
		Why:      checks.Msg("%s reads its configuration once, when it starts: what was changed since has no effect.", tool),
		Help:     checks.Msg("stop %s (Ctrl-C where it runs) and start it again", tool),
		Evidence: []checks.Message{checks.Msg("%s started %s, the file was changed %s", tool, p.Started.Local().Format(time.DateTime), changed.Local().Format(time.DateTime))},
		Location: checks.At(file, 1, 1),
		Subject:  &checks.Subject{Kind: checks.ProcessSubject, Name: tool, PID: p.PID},
		Key:      "restart",
	}
}
