package external

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks"
)

func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"findings": []}`, `{"findings": [{"message": "x", "severity": "error", "location": {"file": "a", "line": 3}}]}`, `{"findings": null}`, "[]", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		answer, err := read(data)
		if (answer == nil) != (err != nil) {
			t.Fatal(answer, err)
		}
		if err != nil {
			return
		}
		for _, said := range answer.Findings {
			found, err := said.finding()
			if err == nil && (found.Message.String() == "" || found.Severity == checks.Error && found.Confidence != checks.Certain) {
				t.Fatalf("%+v", found)
			}
		}
	})
}
