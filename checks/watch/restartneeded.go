package watch

import (
	"context"
	"path/filepath"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// RestartNeeded finds a running air that was started before its configuration was changed: it never reads it again.
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
	err := eachAir(ctx, t, report, func(a *airFile) error {
		if a.Running == nil {
			return nil
		}
		running = true
		p := a.Running.Process
		if a.File != "" {
			if changed := t.Modified(filepath.Join(t.Root(), filepath.FromSlash(a.File))); changed.After(p.Started.Add(sameMoment)) {
				a.report(restartFinding(a, a.File, changed))
				return nil
			}
		}
		if changed := t.Modified(p.Exe); changed.After(p.Started.Add(sameMoment)) {
			f := restartFinding(a, p.Exe, changed)
			f.Severity = checks.Warning
			f.Message = checks.Msg("air (pid %d) was started before its program was replaced", p.PID)
			f.Why = checks.Msg("The old version goes on working; what the new one mends or knows takes effect after a restart.")
			f.Location = nil
			a.report(f)
		}
		return nil
	})
	if err == nil && !running {
		return checks.Skip("air does not run here")
	}
	return err
}

func restartFinding(a *airFile, file string, changed time.Time) checks.Finding {
	p := a.Running.Process
	return checks.Finding{
		Message:  checks.Msg("air (pid %d) was started before %s was changed", p.PID, file),
		Why:      checks.Msg("air reads its configuration once, when it starts: what was changed since has no effect."),
		Help:     checks.Msg("stop air (Ctrl-C where it runs) and start it again"),
		Evidence: []checks.Message{checks.Msg("air started %s, the file was changed %s", p.Started.Local().Format(time.DateTime), changed.Local().Format(time.DateTime))},
		Location: checks.At(file, 1, 1),
		Subject:  &checks.Subject{Kind: checks.ProcessSubject, Name: "air", PID: p.PID},
		Key:      "restart",
	}
}
