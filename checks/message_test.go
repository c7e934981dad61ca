package checks_test

import (
	"encoding/json"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
)

// A percent sign is written twice in every format, be there arguments or not; a saved report says the same again.
func TestMessagePercent(t *testing.T) {
	for _, m := range []struct {
		message checks.Message
		want    string
	}{
		{checks.Msg("write %%%% for each percent sign"), "write %% for each percent sign"},
		{checks.Msg("write %%(ENV_%s)s", "HOME"), "write %(ENV_HOME)s"},
		{checks.Msg("maxUnavailable: %s", "100%"), "maxUnavailable: 100%"},
		{checks.Message{Format: "a text of 5% that is no format"}, "a text of 5% that is no format"},
	} {
		if got := m.message.String(); got != m.want {
			t.Errorf("%q, want %q", got, m.want)
		}
		saved, err := json.Marshal(m.message)
		if err != nil {
			t.Fatal(err)
		}
		var again checks.Message
		if err := json.Unmarshal(saved, &again); err != nil || again.String() != m.want {
			t.Errorf("read again: %q (%v), want %q", again, err, m.want)
		}
	}
}
