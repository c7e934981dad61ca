package drill_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/drill"
	"github.com/gindoctor/gindoctor/drill/account"
)

func outcome(t *testing.T, id string, status checks.Status, findings ...checks.Finding) checks.Outcome {
	t.Helper()
	for _, c := range catalogue.All() {
		if c.ID == id {
			return checks.Outcome{Check: c, Status: status, Findings: findings}
		}
	}
	t.Fatalf("no check is named %s", id)
	return checks.Outcome{}
}

// What was foretold and is seen stays one finding, surer and as grave as what was seen.
func TestJoinForetold(t *testing.T) {
	foretold := checks.Finding{Check: "watch/blind-asset", Severity: checks.Warning, Confidence: checks.Likely,
		Message: checks.Msg("air does not watch web"), Location: checks.At(".air.toml", 7, 1)}
	seen := checks.Finding{Check: "watch/blind-asset", Severity: checks.Warning, Message: checks.Msg("a save went unnoticed"), Location: checks.At(".air.toml", 7, 4)}
	a := &account.Account{Trials: []account.Trial{{Proves: []checks.Finding{seen}}, {Proves: []checks.Finding{seen}}}}
	out := drill.Join([]checks.Outcome{outcome(t, "watch/blind-asset", checks.Found, foretold)}, catalogue.All(), a)
	if len(out) != 1 || len(out[0].Findings) != 1 {
		t.Fatalf("got %+v, want the one finding", out)
	}
	f := out[0].Findings[0]
	if f.Confidence != checks.Certain || len(f.Evidence) != 1 || f.Message.String() != foretold.Message.String() {
		t.Errorf("got %+v: it is to be certain, with what was seen as evidence, once", f)
	}
	for _, trial := range a.Trials {
		if trial.Proves[0].Fingerprint() != f.Fingerprint() {
			t.Error("a trial does not prove the finding that stands in the outcomes")
		}
	}
}

// What no check foretold is a finding of its own, also of a check that passed or was not asked.
func TestJoinNew(t *testing.T) {
	seen := checks.Finding{Check: "watch/blind-spot", Message: checks.Msg("a save went unnoticed"), Location: checks.At(".air.toml", 7, 4)}
	for name, outcomes := range map[string][]checks.Outcome{
		"passed": {outcome(t, "watch/blind-spot", checks.Passed)},
		"elsewhere": {outcome(t, "watch/blind-spot", checks.Found, checks.Finding{Check: "watch/blind-spot", Location: checks.At(".air.toml", 9, 1),
			Message: checks.Msg("another")})},
		"not asked": nil,
	} {
		a := &account.Account{Trials: []account.Trial{{Proves: []checks.Finding{seen}}}}
		out := drill.Join(outcomes, catalogue.All(), a)
		if len(out) != 1 || out[0].Status != checks.Found {
			t.Fatalf("%s: got %+v", name, out)
		}
		f := out[0].Findings[len(out[0].Findings)-1]
		if f.Severity != checks.Error || f.Stage != checks.Notice || f.Message.String() != seen.Message.String() {
			t.Errorf("%s: got %+v, want the finding with what its check declares", name, f)
		}
		if len(outcomes) > 0 && outcomes[0].Status == checks.Found && len(outcomes[0].Findings) != 1 {
			t.Errorf("%s: the outcomes that were given have changed", name)
		}
	}
}

// Each glob names a check: a misspelt one would ask nothing.
func TestChecks(t *testing.T) {
	for kind, globs := range drill.Checks {
		for _, glob := range globs {
			if err := checks.Known(catalogue.All(), glob); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}
