package watch

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// PollNeedless finds a watcher that asks again and again where the system would tell it.
var PollNeedless = checks.Check{
	ID:       "watch/poll-needless",
	Title:    "the watcher polls where events work",
	Stage:    checks.Notice,
	Severity: checks.Info,
	Profiles: checks.Dev,
	Run:      pollNeedless,
}

func pollNeedless(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return airPolls(ctx, t, report) }, func(s *setup) error {
		kind := t.LocalFilesystem(s.Cwd)
		if s.Events.Kind != watcher.Polling || s.Events.PollFlag == "" || kind == "" {
			return nil
		}
		if container, err := t.InContainer(ctx, s.Tool); err != nil || container != "" {
			return err
		}
		s.report(checks.Finding{
			Message:  checks.Msg("%s polls (%s), though the sources lie on a local disk (%s), where every save gives an event", s.Tool.Name, s.Events.PollFlag, kind),
			Why:      checks.Msg("%s looks at all files every %s: a save is noticed later, and some processor time is lost.", s.Tool.Name, s.Events.Interval),
			Help:     checks.Msg("take it out, and %s", s.restart()),
			Location: s.near(),
			Key:      s.Tool.Name + " poll",
		})
		return nil
	})
}

func airPolls(ctx context.Context, t *target.Target, report checks.Reporter) error {
	container, err := t.InContainer(ctx, watcher.Air)
	if err != nil {
		return err
	}
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		kind := t.LocalFilesystem(a.root)
		if !a.Build.Poll || !a.Version.AtLeast("v1.43.0") || kind == "" || container != "" {
			return nil // in a container the sources may come from elsewhere
		}
		f := checks.Finding{
			Message:  checks.Msg("poll = true, though the sources lie on a local disk (%s), where every save gives an event", kind),
			Why:      checks.Msg("air reads the times of all files every %d ms: a save is noticed later, and some processor time is lost.", max(a.Build.PollInterval, 500)),
			Help:     checks.Msg("write poll = false under [build]"),
			Location: a.near("poll"),
			Key:      "poll",
		}
		if e, ok := a.inBuild("poll"); ok && len(a.Overridden) == 0 {
			f.Fix = mend("write poll = false", plan.Safe, a.replace(e.Value.Span, "false"))
		}
		a.report(f)
		return nil
	})
}
