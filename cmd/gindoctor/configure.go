package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/external"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/suppress"
	"github.com/gindoctor/gindoctor/target"
)

// Flags decide before the configuration, and that before the defaults.

// configure reads the configuration of a root and completes the settings by it.
func (o *checkOptions) configure(set *settings, root string) error {
	all := catalogue.All()
	c, err := config.Load(root, o.config, all)
	if err != nil {
		return err
	}
	set.config = c
	if c.Profile != "" && !o.given("profile") {
		set.profile, _ = checks.ParseProfile(c.Profile) // the reader has looked at it
		set.target.Profile = c.Profile
	}
	if c.FailOn != "" && !o.given("fail-on") {
		set.gate.FailOn, _ = checks.ParseSeverity(c.FailOn) // "never" is none: 0
	}
	if len(c.Ports) == 1 && !o.given("port") && !o.given("pid") {
		set.target.Port = c.Ports[0]
	} else if !o.given("port") && !o.given("pid") {
		set.target.Ports = c.Ports
	}
	if set.timeout == 0 {
		set.timeout = c.Timeout
	}
	if set.timeout == 0 {
		set.timeout = defaultTimeout(set.profile)
	}
	set.target.Types = o.typeCheck(set.profile)
	for _, e := range c.External {
		all = append(all, external.Check(e))
	}
	set.skip = slices.Concat(o.skip, c.Skip)
	set.checks, err = checks.Select(all, set.profile, o.only, set.skip)
	return err
}

func defaultTimeout(p checks.Profile) time.Duration {
	if p == checks.CI {
		return 10 * time.Minute
	}
	return time.Minute
}

// namesOwn tells whether globs may name a check that only the configuration brings along.
func namesOwn(globs ...[]string) bool {
	return slices.ContainsFunc(slices.Concat(globs...), func(g string) bool { return strings.HasPrefix(g, "config/") })
}

// ask runs the selected checks and takes out of their outcomes what the project has decided to live with.
func (set *settings) ask(ctx context.Context, t *target.Target, selected []*checks.Check, opts checks.RunOptions) ([]checks.Outcome, []suppress.Hidden, error) {
	directives, err := t.Directives(ctx)
	if err != nil {
		return nil, nil, err
	}
	rules := suppress.Rules{Config: set.config, Directives: directives, Baseline: set.known, Catalogue: catalogue.All(), Today: time.Now()}
	outcomes := checks.Run(ctx, t, slices.Concat(selected, set.witnesses(selected, rules)), opts)
	hidden := suppress.Apply(outcomes, rules)
	other := func(id string) bool { return !names(selected, id) }
	outcomes = slices.DeleteFunc(outcomes, func(o checks.Outcome) bool { return other(o.Check.ID) })
	hidden = slices.DeleteFunc(hidden, func(h suppress.Hidden) bool { return other(h.Finding.Check) })
	return outcomes, hidden, nil
}

// witnesses are the checks to run besides the selected ones so that config/ignore has an answer: only the check that an ignore names
// knows whether it hides something. What the user wants left out is not asked for that.
func (set *settings) witnesses(selected []*checks.Check, rules suppress.Rules) []*checks.Check {
	if !names(selected, suppress.CheckID) {
		return nil
	}
	var out []*checks.Check
	for _, c := range catalogue.All() {
		if c.Profiles&set.profile != 0 && !names(selected, c.ID) && !checks.MatchAny(set.skip, c.ID) && rules.Mentions(c.ID) {
			out = append(out, c)
		}
	}
	return out
}

// names tells whether a check is among some.
func names(all []*checks.Check, id string) bool {
	return slices.ContainsFunc(all, func(c *checks.Check) bool { return c.ID == id })
}

// keepBaseline writes the baseline that was asked for. With --baseline it holds what the old one held and is still there: so it only
// ever shrinks.
func (o *checkOptions) keepBaseline(r *report.Report, outcomes []checks.Outcome, set *settings) error {
	if gone := set.known.Gone(outcomes); gone > 0 && o.writeBaseline == "" {
		fmt.Fprintf(o.err, "gindoctor: %d of the findings in %s are gone; --write-baseline %s takes them out\n", gone, o.baseline, o.baseline)
	}
	if o.writeBaseline == "" {
		return nil
	}
	var keep *suppress.Baseline
	if set.known != nil {
		keep = set.known.Pruned(outcomes)
	} else {
		var all []suppress.BaselineFinding
		for _, f := range r.Findings {
			all = append(all, baselineFinding(f))
		}
		keep = suppress.NewBaseline(all)
	}
	if err := keep.Write(o.writeBaseline); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	return nil
}

func baselineFinding(f report.Finding) suppress.BaselineFinding {
	out := suppress.BaselineFinding{Check: f.Check, Message: f.Message.String(), Fingerprint: f.Fingerprint, Count: 1}
	if f.Location != nil {
		out.File = f.Location.File
	}
	return out
}
