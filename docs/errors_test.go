package docs

import (
	"regexp"
	"strings"
	"testing"
)

func TestErrorTextsAreWellFormed(t *testing.T) {
	id := regexp.MustCompile(`^(mod|env|watch|fs|port|limit|run|leak|src|deploy|dep|config)/[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, e := range errorTexts {
		if seen[e.Text] {
			t.Errorf("%q stands twice", e.Text)
		}
		seen[e.Text] = true
		if e.Text != strings.ToLower(e.Text) {
			t.Errorf("%q is not in lower case: it would never match", e.Text)
		}
		if strings.Contains(e.Text, "`") || normal(e.Text) != strings.TrimSpace(e.Text) {
			t.Errorf("%q is not as a line is compared: it would never match", e.Text)
		}
		if len(e.Checks) == 0 {
			t.Errorf("%q leads nowhere", e.Text)
		}
		for _, check := range e.Checks {
			if !id.MatchString(check) {
				t.Errorf("%q leads to %q, which is no id", e.Text, check)
			}
		}
	}
}
