package leak

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
)

// ResponseBody finds answers of other servers that are never read to their end or closed: by where goroutines stand where there
// are profiles, else by what lies unread on connections.
var ResponseBody = checks.Check{
	ID:       verdict.ResponseBody,
	Title:    "answers of other servers are not closed",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Run: func(ctx context.Context, t *target.Target, report checks.Reporter) error {
		return judgeProfiled(ctx, t, verdict.ResponseBody, report)
	},
}
