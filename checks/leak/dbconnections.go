package leak

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
)

// DBConnections finds more connections to a database or cache than a pool should hold.
var DBConnections = checks.Check{
	ID:       verdict.DBConnections,
	Title:    "more connections to a database or cache than a pool should hold",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run: func(ctx context.Context, t *target.Target, report checks.Reporter) error {
		return judgeProfiled(ctx, t, verdict.DBConnections, report)
	},
}
