// Package suppress hides findings that a team has decided to live with: by the configuration, by a comment in the source, or because
// a baseline holds them. It says which of these decisions hide nothing any more.
package suppress

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/gindoctor/gindoctor/checks"
	configcheck "github.com/gindoctor/gindoctor/checks/config"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/target/directive"
)

// CheckID is the check under whose name decisions are reported that are wrong or hide nothing.
const CheckID = "config/ignore"

// Rules are the decisions.
type Rules struct {
	Config     *config.Config // never nil
	Directives []directive.Directive
	Baseline   *Baseline       // nil without one
	Catalogue  []*checks.Check // all there are
	Today      time.Time
}

// Hidden is a finding that is not shown, and why.
type Hidden struct {
	Finding checks.Finding
	By      string // "comment", "configuration", "baseline"
	Reason  string // as its author gave it
	At      string // the file and line of the decision; empty for the baseline
}

// Apply gives findings the severity that the configuration wants, and takes out of the outcomes those that a decision hides. What is
// wrong with the decisions themselves becomes the outcome of config/ignore, where that check was asked.
func Apply(outcomes []checks.Outcome, r Rules) []Hidden {
	Regrade(outcomes, r.Config)
	decisions := r.decisions()
	var hidden []Hidden
	for i := range outcomes {
		if o := &outcomes[i]; o.Check.ID != CheckID {
			hidden = append(hidden, take(o, func(f checks.Finding) (Hidden, bool) { return hide(f, decisions) })...)
			hidden = append(hidden, take(o, r.Baseline.hide)...)
		}
	}
	if own := judge(outcomes, decisions); own != nil {
		Regrade([]checks.Outcome{*own}, r.Config)
		hidden = append(hidden, take(own, r.Baseline.hide)...)
	}
	return hidden
}

// take takes the findings out of an outcome that are to be hidden. Where none is left the question is answered.
func take(o *checks.Outcome, hide func(checks.Finding) (Hidden, bool)) (hidden []Hidden) {
	o.Findings = slices.DeleteFunc(o.Findings, func(f checks.Finding) bool {
		h, yes := hide(f)
		if yes {
			hidden = append(hidden, h)
		}
		return yes
	})
	if o.Status == checks.Found && len(o.Findings) == 0 && len(hidden) > 0 {
		o.Status = checks.Passed
		if !o.Reason.IsZero() { // part of the question is still open
			o.Status = checks.Unknown
		}
	}
	return hidden
}

// Regrade gives findings the severity that the configuration wants.
func Regrade(outcomes []checks.Outcome, c *config.Config) {
	for i := range outcomes {
		for j := range outcomes[i].Findings {
			f := &outcomes[i].Findings[j]
			for _, s := range c.Severity { // the last one that names the check wins
				if checks.MatchID(s.Check, f.Check) {
					f.Severity = s.Level
				}
			}
		}
	}
}

// decision is one ignore, wherever it stands.
type decision struct {
	check   string
	matches func(checks.Finding) bool
	wrong   checks.Message // why it hides nothing, whatever there is
	by      string
	reason  string
	at      string // file and line
	finding func(wrong checks.Message) checks.Finding
	used    bool
}

func (r Rules) decisions() []*decision {
	var out []*decision
	for _, i := range r.Config.Ignore {
		out = append(out, r.fromConfig(i))
	}
	for _, d := range r.Directives {
		out = append(out, r.fromComment(d))
	}
	return out
}

// Mentions tells whether a decision names a check.
func (r Rules) Mentions(id string) bool {
	return slices.ContainsFunc(r.Config.Ignore, func(i config.Ignore) bool { return checks.MatchID(i.Check, id) }) ||
		slices.ContainsFunc(r.Directives, func(d directive.Directive) bool { return checks.MatchID(d.Check, id) })
}

func (r Rules) fromConfig(i config.Ignore) *decision {
	d := &decision{
		check: i.Check, by: "configuration", reason: i.Reason, at: fmt.Sprintf("%s:%d", r.Config.File, i.Line),
		finding: func(wrong checks.Message) checks.Finding {
			return configcheck.Decision(i.Check+" "+i.Path, checks.At(r.Config.File, i.Line, i.Column), wrong)
		},
		matches: func(f checks.Finding) bool {
			return i.Path == "" || f.Location != nil && within(i.Path, f.Location.File)
		},
	}
	switch {
	case strings.TrimSpace(i.Reason) == "":
		d.wrong = checks.Msg("this ignore of %s gives no reason, so it hides nothing", i.Check)
	case configcheck.Past(i.Until, r.Today):
		d.wrong = checks.Msg("this ignore of %s ended on %s", i.Check, i.Until.Format(time.DateOnly))
	}
	return d
}

// within tells whether a path of the configuration means a file: the file itself, a folder above it, or a glob.
func within(pattern, file string) bool {
	pattern = strings.TrimSuffix(path.Clean(pattern), "/")
	if pattern == "." || file == pattern || strings.HasPrefix(file, pattern+"/") {
		return true
	}
	ok, err := doublestar.Match(pattern, file)
	return err == nil && ok
}

func (r Rules) fromComment(c directive.Directive) *decision {
	wrong := configcheck.Wrong(c, r.Today)
	if wrong.IsZero() && !strings.HasPrefix(c.Check, "config/") {
		if err := checks.Known(r.Catalogue, c.Check); err != nil {
			wrong = checks.Msg("%s", err.Error())
		}
	}
	return &decision{
		check: c.Check, by: "comment", reason: c.Reason, wrong: wrong, at: fmt.Sprintf("%s:%d", c.File, c.Line),
		finding: func(wrong checks.Message) checks.Finding { return configcheck.Comment(c, wrong) },
		matches: func(f checks.Finding) bool {
			return f.Location != nil && f.Location.File == c.File && (f.Location.Line == c.Of || f.Location.Line == c.Line)
		},
	}
}

// hide finds a decision that holds for a finding. Every one that does counts as used.
func hide(f checks.Finding, decisions []*decision) (h Hidden, hide bool) {
	for _, d := range decisions {
		if d.wrong.IsZero() && checks.MatchID(d.check, f.Check) && d.matches(f) {
			d.used = true
			if !hide {
				h, hide = Hidden{Finding: f, By: d.by, Reason: d.reason, At: d.at}, true
			}
		}
	}
	return h, hide
}

// judge makes the outcome of config/ignore and returns it: decisions that are wrong, and those that hid nothing although all that they
// speak of was looked at. It is nil where nobody asked.
func judge(outcomes []checks.Outcome, decisions []*decision) *checks.Outcome {
	i := slices.IndexFunc(outcomes, func(o checks.Outcome) bool { return o.Check.ID == CheckID })
	if i < 0 || outcomes[i].Broken {
		return nil
	}
	own := &outcomes[i]
	own.Findings, own.Status, own.Reason = nil, checks.Passed, checks.Message{}
	if len(decisions) == 0 {
		own.Status, own.Reason = checks.Skipped, checks.Msg("nothing is ignored here")
		return own
	}
	for _, d := range decisions {
		switch {
		case !d.wrong.IsZero():
			own.Findings = append(own.Findings, completed(own.Check, d.finding(d.wrong)))
		case !d.used && answered(outcomes, d.check):
			own.Findings = append(own.Findings, completed(own.Check, d.finding(checks.Msg("this ignore of %s hides nothing: there is no such finding", d.check))))
		}
	}
	if len(own.Findings) > 0 {
		own.Status = checks.Found
	}
	return own
}

// answered tells whether every check that a decision names was asked and has an answer.
func answered(outcomes []checks.Outcome, glob string) bool {
	asked := false
	for i := range outcomes {
		o := &outcomes[i]
		if !checks.MatchID(glob, o.Check.ID) {
			continue
		}
		asked = true
		if o.Status == checks.Unknown || o.Status == checks.Found && !o.Reason.IsZero() || o.LeftOut() {
			return false
		}
	}
	return asked
}

// completed fills in what the runner fills in for findings that checks report.
func completed(c *checks.Check, f checks.Finding) checks.Finding {
	f.Check, f.Stage, f.Severity = c.ID, c.Stage, c.Severity
	f.Fix = f.Fix.Of(c.ID)
	return f
}
