package watch

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
)

// Debounce finds an old air that waits for nothing between a change and its build.
var Debounce = checks.Check{
	ID:       "watch/debounce",
	Title:    "one save starts two builds, which fight for the port",
	Stage:    checks.Bind,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"run/two-servers"},
	Run:      debounce,
}

// debounce: air 1.41 to 1.46 had a default delay of 0 and no lock around its builds (air-verse/air#473). A delay = 0 of the
// file counts as not given, there as in every other release.
func debounce(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if a.Build.Delay > 0 || a.Version.AtLeast("v1.47.0") {
			return nil
		}
		f := checks.Finding{
			Message:  checks.Msg("air %s builds without waiting: no delay is set", a.Version),
			Why:      checks.Msg("An editor makes several events of one save. Each starts a build and a server of its own: address already in use."),
			Help:     checks.Msg("write delay = 1000 under [build], or update air: go install github.com/air-verse/air@latest"),
			Location: a.near("delay"),
			Key:      "delay",
		}
		if a.Doc != nil && len(a.Overridden) == 0 {
			f.Fix = mend("write delay = 1000", plan.Safe, a.put("build", "delay", "1000"))
		}
		a.report(f)
		return nil
	})
}
