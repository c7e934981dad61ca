package port

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/server"
)

// Leftover finds a server of this project that outlived the watcher, go command or shell that started it, and holds the
// port that the next one needs.
var Leftover = checks.Check{
	ID:       "port/leftover",
	Title:    "a leftover of this project holds the app's port",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Explains: []string{"port/split-address", "run/stale-binary", "run/two-servers", "watch/not-running", "watch/two-instances"},
	Run:      leftover,
}

func leftover(ctx context.Context, t *target.Target, report checks.Reporter) error {
	ports, err := wantedPorts(ctx, t)
	if notAsked := (*checks.NotAsked)(nil); err != nil && (!errors.As(err, &notAsked) || t.AskedPort() != 0) {
		return err
	}
	for _, w := range ports {
		for _, h := range w.Holders {
			if h.Leftover {
				report(leftoverFinding(ctx, t, w.Number, h, severityOf(t, w)))
			}
		}
	}
	guessed, guessErr := unresolvedLeftovers(ctx, t, ports)
	if guessErr != nil {
		return guessErr
	}
	for _, h := range guessed {
		report(leftoverFinding(ctx, t, h.Listeners[0].Port, h, checks.Warning))
	}
	return err
}

// severityOf is milder in profile prod, where a server without a manager and a terminal may be how it is run there. A default
// is as good as a constant here: the app takes it when it is started in this environment, and did so before.
func severityOf(t *target.Target, w wantedPort) checks.Severity {
	main := slices.ContainsFunc(w.Addresses, func(a listen.Address) bool { return !a.Conditional && !a.Secondary })
	if t.Profile() == "prod" || !main {
		return checks.Warning
	}
	return checks.Error
}

// unresolvedLeftovers are the leftovers on other ports than the known ones, if the code computes some port of its own: the
// leftover listens where the app most likely will.
func unresolvedLeftovers(ctx context.Context, t *target.Target, known []wantedPort) ([]server.Holder, error) {
	addresses, err := t.Wanted(ctx)
	if err != nil || t.AskedPort() != 0 {
		return nil, err
	}
	open := len(addresses) == 0 || slices.ContainsFunc(addresses, func(a listen.Address) bool { return a.Certainty >= listen.Default })
	if !open {
		return nil, nil
	}
	own, err := t.OwnServers(ctx)
	return slices.DeleteFunc(slices.Clone(own), func(h server.Holder) bool {
		return !h.Leftover || slices.ContainsFunc(known, func(w wantedPort) bool { return holds(h, w.Number) })
	}), err
}

func holds(h server.Holder, number int) bool {
	for _, l := range h.Listeners {
		if l.Port == number {
			return true
		}
	}
	return false
}

func leftoverFinding(ctx context.Context, t *target.Target, number int, h server.Holder, severity checks.Severity) checks.Finding {
	f := checks.Finding{
		Severity: severity,
		Message:  checks.Msg("port %d is held by a leftover of this project: %s (pid %d)", number, describe.Name(t, h), h.Process.PID),
		Why:      checks.Msg("The next server cannot listen there (address already in use), and the old code goes on answering."),
		Help:     checks.Msg("gindoctor fix --port %d", number),
		Evidence: describe.Evidence(h, time.Now()),
		Subject:  subject(number, h),
		Service:  describe.Service(ctx, t, h),
		Key:      "leftover",
		Fix:      plan.FreePort(number, plan.Safe),
	}
	if severity != checks.Error {
		f.Confidence = checks.Likely
	}
	return f
}
