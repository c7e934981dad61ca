package watch

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
)

// StaleOnError finds a watcher that starts the old server again after a build that failed.
var StaleOnError = checks.Check{
	ID:       "watch/stale-on-error",
	Title:    "after a failed build the watcher starts the old server again",
	Stage:    checks.Build,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI,
	Run:      staleOnError,
}

func staleOnError(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return airStaleOnError(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			for _, line := range r.Build {
				if swallows(line.Text) && line.Shell {
					s.report(checks.Finding{
						Message:  checks.Msg("the build command hides its own failure (|| true): %s starts the old binary again", s.Tool.Name),
						Why:      checks.Msg("The server answers, with the old code; the build error has scrolled away above its log."),
						Help:     checks.Msg("take || true out, and %s", s.restart()),
						Location: s.near(line.Place, r.Place),
						Key:      "cmd",
					})
				}
			}
		}
		return nil
	})
}

// swallows tells whether a shell line always ends well.
func swallows(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasSuffix(line, "|| true") || strings.HasSuffix(line, "|| :")
}

func airStaleOnError(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if a.Doc == nil {
			return nil
		}
		swallowed := swallows(a.Build.Cmd)
		if a.Build.StopOnError && !swallowed {
			return nil
		}
		f := checks.Finding{
			Message:  checks.Msg("stop_on_error is false: after a failed build air starts the old binary again"),
			Why:      checks.Msg("The server answers, with the old code; the build error has scrolled away above its log."),
			Help:     checks.Msg("write stop_on_error = true under [build]"),
			Location: a.near("stop_on_error"),
			Key:      "stop_on_error",
		}
		switch {
		case swallowed:
			f.Message = checks.Msg("the build command hides its own failure (|| true): air starts the old binary again")
			f.Help = checks.Msg("take || true out of cmd")
			f.Location = a.near("cmd")
			f.Key = "cmd"
		case a.Log.Silent || a.Log.MainOnly:
			f.Evidence = append(f.Evidence, checks.Msg("[log] hides air's own lines, \"failed to build\" among them"))
			fallthrough
		default:
			f.Fix = mend("write stop_on_error = true", plan.Safe, a.put("build", "stop_on_error", "true"))
		}
		a.report(f)
		return nil
	})
}
