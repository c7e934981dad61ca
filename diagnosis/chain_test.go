package diagnosis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
)

func TestChain(t *testing.T) {
	stage := func(s checks.Stage) *checks.Check { return &checks.Check{Stage: s} }
	ended := func(s checks.Stage, status checks.Status, found ...checks.Finding) checks.Outcome {
		return checks.Outcome{Check: stage(s), Status: status, Findings: found}
	}
	finding := func(s checks.Stage, severity checks.Severity) checks.Finding {
		return checks.Finding{Stage: s, Severity: severity}
	}
	got := diagnosis.Chain([]checks.Outcome{
		ended(checks.Save, checks.Passed), ended(checks.Save, checks.Skipped),
		ended(checks.Notice, checks.Skipped),
		ended(checks.Build, checks.Passed), ended(checks.Build, checks.Unknown),
		ended(checks.Stop, checks.Found, finding(checks.Stop, checks.Warning)), ended(checks.Stop, checks.Unknown),
		// a finding may be about another link than its check
		ended(checks.Start, checks.Found, finding(checks.Bind, checks.Error), finding(checks.Bind, checks.Warning)),
		ended(checks.Serve, checks.Found, finding(checks.Serve, checks.Info)),
	})
	want := map[checks.Stage]diagnosis.State{
		checks.Save: diagnosis.OK, checks.Notice: diagnosis.Skipped, checks.Build: diagnosis.Unknown, checks.Package: diagnosis.Skipped,
		checks.Stop: diagnosis.Warned, checks.Start: diagnosis.Skipped, checks.Bind: diagnosis.Broken, checks.Route: diagnosis.Skipped,
		checks.Serve: diagnosis.OK,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScore(t *testing.T) {
	for _, c := range []struct{ errors, warnings, want int }{{0, 0, 100}, {1, 2, 64}, {3, 3, 1}, {3, 4, 0}, {9, 0, 0}} {
		if got := diagnosis.Score(c.errors, c.warnings); got != c.want {
			t.Errorf("%d errors and %d warnings score %d, want %d", c.errors, c.warnings, got, c.want)
		}
	}
}
