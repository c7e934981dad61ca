package port

import (
	"context"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/server"
)

// Inherited finds a port that stays busy although the server is gone: a program that the server had started was handed the
// listening socket, and keeps it open without ever serving it.
var Inherited = checks.Check{
	ID:       "port/inherited",
	Title:    "a child of the dead server keeps its listening socket open",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Explains: []string{"port/split-address"},
	Run:      inherited,
}

func inherited(ctx context.Context, t *target.Target, report checks.Reporter) error {
	ports, err := wantedPorts(ctx, t)
	if err != nil {
		return err
	}
	for _, w := range ports {
		for _, h := range w.inTheWay() {
			if !onlyInherited(w, h) {
				continue
			}
			report(checks.Finding{
				Severity: w.severity(),
				Message:  checks.Msg("port %d is kept busy by pid %d, %s: it inherited the listening socket from a server that is gone", w.Number, h.Process.PID, describe.Command(h.Process)),
				Why:      checks.Msg("Nobody answers there, and the next server cannot listen: address already in use."),
				Help:     checks.Msg("gindoctor fix --port %d --force", w.Number),
				Evidence: append(describe.Evidence(h, time.Now()), checks.Msg("%s never listens on a port by itself", h.Process.Name)),
				Subject:  subject(w.Number, h),
				Service:  w.service(),
				Key:      "inherited",
				Fix:      plan.FreePort(w.Number, plan.Unsafe),
			})
		}
	}
	return nil
}

// onlyInherited tells whether a holder merely inherited its sockets, and so did everybody else who still has them.
func onlyInherited(w wantedPort, h server.Holder) bool {
	if !h.Inherited {
		return false
	}
	return !slices.ContainsFunc(w.Holders, func(other server.Holder) bool { return !other.Inherited && h.SharesSocket(other) })
}
