package fs

import (
	"context"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Clock finds files from the future, and a mount that has another time than this machine.
var Clock = checks.Check{
	ID:       "fs/clock",
	Title:    "files are dated in the future, or their filesystem has another clock",
	Stage:    checks.Save,
	Severity: checks.Warning,
	Profiles: checks.Dev,
	Run:      clock,
}

const (
	// ahead is how far a file may lie in the future: clocks of machines that share files differ by seconds.
	ahead = time.Minute
	// apart is how far the clock of a mount may lie from ours: some filesystems count in steps of two seconds.
	apart = 5 * time.Second
)

func clock(ctx context.Context, t *target.Target, report checks.Reporter) error {
	files, err := t.Future(ctx, ahead)
	if err != nil {
		return err
	}
	watches, err := t.Watches(ctx)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		report(futureFinding(watches, files))
	}
	f, ok, err := t.Filesystem(ctx, t.Root())
	if err != nil || !ok || !t.Probing() {
		return err
	}
	if p, err := t.Probe(ctx, f); err == nil && p.Clock.Abs() > apart {
		report(skewFinding(f, p))
	}
	return nil
}

func futureFinding(watches []*target.Watch, files []target.Source) checks.Finding {
	farthest := files[0]
	f := checks.Finding{
		Message:  checks.Msg("%s is dated %s ahead of the clock", farthest.File, describe.Age(time.Until(farthest.Modified))),
		Why:      checks.Msg("What goes by dates (make, a watcher that polls, an incremental build) takes such a file for new each time, or for newer than what is built from it now."),
		Help:     checks.Msg("give it the time of now: touch %s", shellword.Path(farthest.File)),
		Location: whole(farthest.File),
		Key:      "future",
	}
	if len(files) > 1 {
		f.Message = checks.Msg("%s and %d more are dated ahead of the clock, by up to %s", farthest.File, len(files)-1, describe.Age(time.Until(farthest.Modified)))
		f.Help = checks.Msg("give them the time of now: find . -newermt now -exec touch {} +")
	}
	for _, w := range watches {
		if w.Tool.Name == "gin" && w.Events.Kind == watcher.Polling {
			f.Why = checks.Msg("gin compares dates with the clock: it builds again at every look, for ever.")
			break
		}
	}
	for _, s := range files[:min(len(files), 4)] {
		f.Evidence = append(f.Evidence, checks.Msg("%s: %s", s.File, s.Modified.Format(time.RFC3339)))
	}
	return f
}

func skewFinding(f host.Filesystem, p *host.Probe) checks.Finding {
	direction := "ahead of"
	if p.Clock < 0 {
		direction = "behind"
	}
	return checks.Finding{
		Message: checks.Msg("the clock of %s is %s %s this machine's", f.Point, describe.Age(p.Clock.Abs()), direction),
		Why:     checks.Msg("A file that is saved there gets a time that is wrong here: what compares dates builds too often, or not at all."),
		Help:    checks.Msg("set both clocks by the same server; for WSL: sudo hwclock -s; for Docker Desktop: restart it"),
		Subject: &checks.Subject{Kind: checks.MountSubject, Name: f.Point},
		Key:     "clock",
	}
}
