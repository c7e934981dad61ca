package artefact_test

import (
	"errors"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// What supervisor 4.2.5 makes of these values, as it was run.
func TestSupervisorPairs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value  string
		pairs  int
		passed int
		err    error
	}{
		{`A=1,B="x y",C='z'`, 3, 0, nil},
		{`A=1, B=2`, 2, 0, nil},
		{"A=1,\nB=2", 2, 0, nil},
		{`DSN=postgres://u:p@h/db`, 0, 0, artefact.ErrOddPairs},
		{`URL=http://x?a=b`, 2, 1, nil},
		{`A=1;B=2`, 2, 1, nil},
		{`A=a b,B=2`, 0, 0, artefact.ErrOddPairs},
		{`A="x`, 0, 0, artefact.ErrOpenQuote},
		{`A=`, 0, 0, artefact.ErrOddPairs},
		{``, 0, 0, nil},
	} {
		pairs, passed, err := artefact.SupervisorPairs(tt.value)
		if len(pairs) != tt.pairs || len(passed) != tt.passed || !errors.Is(err, tt.err) {
			t.Errorf("%q: %q, passed over %q, %v", tt.value, pairs, passed, err)
		}
	}
}

func FuzzSupervisorPairs(f *testing.F) {
	for _, seed := range []string{`A=1,B="x y"`, `A=1;B=2`, `A="x`, "A=1#b\n,B=2", `"`, "=", "a'b c'=d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if pairs, _, err := artefact.SupervisorPairs(value); err != nil && pairs != nil {
			t.Errorf("%q is refused and read", value)
		}
	})
}
