package deploy

import (
	"slices"
	"strconv"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
)

// cascade tells of a liveness probe whose handler asks the database: where that is away, every pod is restarted
// (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/).
func cascade(l clusterLook) error {
	p := l.container.Liveness
	if p == nil || p.Kind != "httpGet" || !p.Path.Known() || p.Path.Value == "" {
		return nil
	}
	routing, err := l.t.Routing(l.ctx, l.match.Deployed)
	if err != nil {
		return err
	}
	for _, e := range routing.Engines {
		for _, op := range e.Ops {
			if op.Kind != engine.Route || op.Path != p.Path.Value || !op.PathKnown || !slices.Contains(op.Methods, "GET") || len(op.Handlers) == 0 {
				continue
			}
			at, ok := l.match.StorePing(op.Handlers[len(op.Handlers)-1])
			if !ok {
				continue
			}
			l.at(p.Path, checks.Finding{
				Confidence: checks.Likely,
				Message:    checks.Msg("the liveness probe of %s asks %s, which fails where the database does not answer", l.title(), p.Path.Value),
				Why:        checks.Msg("When the database is away for a moment, all pods are restarted at once, and come back without it: a fault that would have passed becomes an outage."),
				Help:       checks.Msg("let the liveness probe ask a route that only says that the program runs, and the readiness probe this one"),
				Evidence:   []checks.Message{checks.Msg("%s:%d  asks the database", at.File, at.Line)},
				Key:        "liveness asks database " + l.container.Name.Value,
			})
			return nil
		}
	}
	return nil
}

// migrates is code that changes the schema of a database, which takes as long as it takes.
var migrates = lazyregexp.New(`\.AutoMigrate\(|golang-migrate/migrate|pressly/goose|rubenv/sql-migrate`)

// enoughToStart is how long a start may take that nobody measured: what the defaults of a liveness probe give.
const enoughToStart = 30 * time.Second

// slowStart tells of a program that migrates its database when it starts, and of probes that give it little time for that. A startup
// probe counts in the place of the liveness probe's own patience.
func slowStart(l clusterLook) error {
	live, startup := l.container.Liveness, l.container.Startup
	if live == nil || l.Unsure || !l.t.CodeHas(l.match.Program, migrates) || l.match.Sourceless {
		return nil
	}
	counts, name := live, "liveness"
	if startup != nil {
		counts, name = startup, "startup"
	}
	patience, known := patienceOf(counts)
	if !known || patience > enoughToStart {
		return nil
	}
	at := l.container.Name
	for _, t := range []artefact.Text{counts.Failures, counts.Period, counts.Delay, counts.Path, counts.Port} {
		if !t.IsZero() {
			at = t
			break
		}
	}
	f := checks.Finding{
		Severity:   checks.Info,
		Confidence: checks.Possible,
		Message:    checks.Msg("the program may change the schema of its database when it starts, and the %s probe of %s gives it %s", name, l.title(), patience),
		Why:        checks.Msg("A start that takes longer is cut off in the middle of the change, and begins again: CrashLoopBackOff."),
		Help:       checks.Msg("add a startupProbe with the time that the longest change takes: failureThreshold times periodSeconds"),
		Key:        "slow start " + l.container.Name.Value,
	}
	if startup != nil {
		f.Help = checks.Msg("raise failureThreshold of the startup probe to the time that the longest change takes")
	}
	l.at(at, f)
	return nil
}

// patienceOf is how long a probe waits before it gives a container up (initialDelaySeconds 0, periodSeconds 10, failureThreshold 3
// where nothing is said).
func patienceOf(p *artefact.Probe) (time.Duration, bool) {
	number := func(t artefact.Text, otherwise int) (int, bool) {
		if t.IsZero() {
			return otherwise, true
		}
		n, err := strconv.Atoi(t.Value)
		return n, err == nil && t.Known()
	}
	delay, ok1 := number(p.Delay, 0)
	period, ok2 := number(p.Period, 10)
	failures, ok3 := number(p.Failures, 3)
	return time.Duration(delay+period*failures) * time.Second, ok1 && ok2 && ok3
}
