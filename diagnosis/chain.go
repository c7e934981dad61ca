package diagnosis

import "github.com/gindoctor/gindoctor/checks"

// State is the mark of a stage in the chain.
type State string

// The states of design.md section 6.
const (
	OK      State = "ok"
	Warned  State = "warning"
	Broken  State = "broken"
	Unknown State = "unknown"
	Skipped State = "skipped"
)

// Chain gives every stage its state: broken by an error, warning by a warning, unknown when it has no finding and a check
// that could not look, ok when something was looked at and found in order, else skipped.
func Chain(outcomes []checks.Outcome) map[checks.Stage]State {
	chain := map[checks.Stage]State{}
	for _, s := range checks.Stages {
		chain[s] = stageState(s, outcomes)
	}
	return chain
}

func stageState(s checks.Stage, outcomes []checks.Outcome) State {
	worst := checks.Severity(0)
	passed, unknown := false, false
	for _, o := range outcomes {
		for _, f := range o.Findings {
			if f.Stage == s {
				worst = max(worst, f.Severity)
			}
		}
		if o.Check.Stage == s {
			passed = passed || o.Status == checks.Passed
			unknown = unknown || o.Status == checks.Unknown
		}
	}
	switch {
	case worst == checks.Error:
		return Broken
	case worst == checks.Warning:
		return Warned
	case worst == checks.Info:
		return OK // worth knowing, and nothing is broken
	case unknown:
		return Unknown
	case passed:
		return OK
	}
	return Skipped
}

// Score is 100 for a target without errors and warnings, less 30 for each error and 3 for each warning, never below 0.
func Score(errors, warnings int) int { return max(0, 100-30*errors-3*warnings) }
