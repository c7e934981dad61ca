package leak

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
)

// Goroutines finds lines at which goroutines pile up.
var Goroutines = checks.Check{
	ID:       verdict.Goroutines,
	Title:    "goroutines pile up at one place",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Run: func(ctx context.Context, t *target.Target, report checks.Reporter) error {
		return judgeProfiled(ctx, t, verdict.Goroutines, report)
	},
}
