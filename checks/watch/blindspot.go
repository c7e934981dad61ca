package watch

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
)

// BlindSpot finds packages the program is built from whose changes the watcher does not react to.
var BlindSpot = checks.Check{
	ID:       "watch/blind-spot",
	Title:    "the watcher does not see a package the server is built from",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary"},
	Run:      blindSpot,
}

func blindSpot(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachWatched(ctx, t, report, func(w *watched) error {
		s := w.ways()
		for _, b := range w.blind() {
			s.hold(blindFinding(w, s, b))
		}
		s.tell()
		return nil
	})
}

func blindFinding(w *watched, s ways, b *blind) checks.Finding {
	f := checks.Finding{
		Message: checks.Msg("%s does not watch %s: %s", w.Tool.Name, describe.Some(b.names(), 3), s.because(b)),
		Why: checks.Msg("The server is built from %s in %s there. Saving one of them changes nothing: no rebuild, no message.",
			describe.Count(len(b.files), "file"), describe.Count(len(b.packages), "package")),
		Location: s.blame(b.Decision),
		Key:      b.Reason.Word() + " " + strings.Join(b.dirs(), " "),
	}
	f.Evidence = append(f.Evidence, checks.Msg("reason: %s", b.Reason.Word()))
	for _, p := range b.packages[:min(len(b.packages), 5)] {
		if p.By.File != nil {
			f.Evidence = append(f.Evidence, checks.Msg("%s is imported at %s:%d", p.Dir, p.By.File.Path, p.By.Import.Pos.Line))
		}
	}
	if w.needs.Guessed {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if f.Location == nil {
		f.Location = checks.At(b.files[0], 1, 1)
	}
	f.Fix, f.Help = s.see(b)
	return f
}
