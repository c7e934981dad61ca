package drill

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
)

// Checks are the globs of those checks that foretell what a drill tries: they are asked first, and what the drill proves is joined
// with what they find.
var Checks = map[string][]string{
	"reload": {"mod/*", "env/*", "watch/*", "fs/*", "limit/inotify-*", "src/run-error", "src/address", "src/templates", "src/template-glob", "src/route-conflict"},
	"shutdown": {"src/no-graceful", "src/notify", "src/shutdown", "src/serve-error", "src/wait", "src/restart-library", "watch/hard-kill", "watch/delay-unit",
		"watch/shell-wrapper", "deploy/signal-path", "deploy/grace-period", "deploy/supervisor"},
	"restart": {"src/no-graceful", "src/notify", "src/shutdown", "src/serve-error", "src/restart-library", "src/run-error", "deploy/signal-path",
		"deploy/grace-period", "deploy/unit-settings"},
	"leak": {"leak/*", "src/unclosed", "src/client-per-request", "src/pool", "src/timeouts", "src/wait"},
}

// Join puts what the trials prove beside what the checks have found. What a check has found already gets the drill as evidence, and
// the severity of what was seen; the rest becomes a finding of its own. A trial then proves what stands in the outcomes.
func Join(outcomes []checks.Outcome, catalogue []*checks.Check, a *account.Account) []checks.Outcome {
	outcomes = slices.Clone(outcomes)
	for i := range a.Trials {
		t := &a.Trials[i]
		for j, f := range t.Proves {
			outcomes, t.Proves[j] = join(outcomes, catalogue, f)
		}
	}
	return outcomes
}

func join(outcomes []checks.Outcome, catalogue []*checks.Check, f checks.Finding) ([]checks.Outcome, checks.Finding) {
	c := catalogue[slices.IndexFunc(catalogue, func(c *checks.Check) bool { return c.ID == f.Check })]
	f = c.Complete(f)
	i := slices.IndexFunc(outcomes, func(o checks.Outcome) bool { return o.Check.ID == c.ID })
	if i < 0 {
		return append(outcomes, checks.Outcome{Check: c, Status: checks.Found, Findings: []checks.Finding{f}}), f
	}
	o := &outcomes[i]
	o.Status, o.Findings = checks.Found, slices.Clone(o.Findings)
	known := slices.IndexFunc(o.Findings, func(k checks.Finding) bool { return same(k, f) })
	if known < 0 {
		o.Findings = append(o.Findings, f)
		return outcomes, f
	}
	k := &o.Findings[known]
	k.Severity, k.Confidence = max(k.Severity, f.Severity), min(k.Confidence, f.Confidence)
	seen := checks.Msg("the drill has seen it")
	if f.Message.String() != k.Message.String() {
		seen = checks.Msg("the drill has seen it: %s", f.Message)
	}
	if !slices.ContainsFunc(k.Evidence, func(m checks.Message) bool { return m.String() == seen.String() }) {
		k.Evidence = append(slices.Clone(k.Evidence), seen)
	}
	return outcomes, *k
}

// same tells whether two findings of one check are about one thing: the same place, or one of them names none. Of the code a drill
// knows the program, and not always the line: the file decides.
func same(a, b checks.Finding) bool {
	if a.Location == nil || b.Location == nil {
		return a.Subject == nil && b.Subject == nil || a.Fingerprint() == b.Fingerprint()
	}
	line := a.Location.Line == b.Location.Line || b.Location.Line == 0 || strings.HasPrefix(a.Check, "src/")
	return a.Location.File == b.Location.File && line
}
