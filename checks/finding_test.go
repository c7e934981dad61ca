package checks_test

import (
	"encoding/json"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
)

func TestFingerprintSurvivesMovedLines(t *testing.T) {
	t.Parallel()
	base := checks.Finding{Check: "mod/x", Message: checks.Msg("%d things", 3), Key: "example.org/a", Location: checks.At("go.mod", 3, 1)}
	moved := base
	moved.Location = checks.At("go.mod", 30, 2)
	moved.Message = checks.Msg("%d things", 4)
	if base.Fingerprint() != moved.Fingerprint() {
		t.Error("a moved line changed the fingerprint")
	}
	other := base
	other.Key = "example.org/b"
	elsewhere := base
	elsewhere.Location = checks.At("sub/go.mod", 3, 1)
	if base.Fingerprint() == other.Fingerprint() || base.Fingerprint() == elsewhere.Fingerprint() {
		t.Error("different findings share a fingerprint")
	}
}

func TestMessageRoundTrip(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(checks.Msg("%s is 100%% sure", "it"))
	if err != nil {
		t.Fatal(err)
	}
	var m checks.Message
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	if got := m.String(); got != "it is 100% sure" {
		t.Errorf("got %q", got)
	}
}
