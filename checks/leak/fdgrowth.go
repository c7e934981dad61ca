package leak

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
)

// FDGrowth finds descriptors that grow and do not come back.
var FDGrowth = checks.Check{
	ID:       verdict.FDGrowth,
	Title:    "open files or connections grow and do not come back",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run: func(ctx context.Context, t *target.Target, report checks.Reporter) error {
		return judge(ctx, t, verdict.FDGrowth, report)
	},
}
