package leak

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
)

// CloseWait finds connections that the client has closed and the server never does.
var CloseWait = checks.Check{
	ID:       verdict.CloseWait,
	Title:    "connections stay open although their clients are gone",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run: func(ctx context.Context, t *target.Target, report checks.Reporter) error {
		return judge(ctx, t, verdict.CloseWait, report)
	},
}
