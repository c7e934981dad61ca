package artefact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// TestUnitEnv reads env files as systemd does: the cases of its own test-env-file.c, and what people write.
func TestUnitEnv(t *testing.T) {
	for text, want := range map[string]string{
		"A=1\nB=2":                   "A=1|B=2",
		"# x\n; y\n\nA=1\n":          "A=1",
		"A = b c  \n":                "A=b c",
		"A=release # note\n":         "A=release # note",
		"A=\"b c\" \nB='d\"e'\n":     "A=b c|B=d\"e",
		"A=\"b\"'c' d\n":             "A=bcd",
		"A=b\\\nc\n":                 "A=bc",
		"A=\"b\nc\"\nB=1\n":          "A=b\nc|B=1",
		"A=\"b\\\"c\\d\"\n":          "A=b\"c\\d",
		"export A=1\nB=2\n":          "B=2",
		"nothing\nA=\n":              "A=",
		"A=x\"y\"\n":                 "A=x\"y\"",
		"# a comment \\\nA=1\nB=2\n": "B=2",
		"A=1\r\nB=2\r\n":             "A=1|B=2",
		"A=\"open\nB=2\n":            "A=open\nB=2\n",
	} {
		f := artefact.ReadUnitEnv("/etc/shop.env", []byte(text))
		var all []string
		for _, s := range f.Settings() {
			all = append(all, fmt.Sprint(s.Name.Value, "=", s.Value.Value))
		}
		if got := strings.Join(all, "|"); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func FuzzUnitEnv(f *testing.F) {
	f.Add("A=\"b\\\nc\" d \\\n# x\\\nB='1'")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range artefact.ReadUnitEnv("x.env", []byte(text)).Settings() {
			if s.Name.Line < 1 || s.Value.Line < 1 || !strings.Contains(text, s.Value.Raw) {
				t.Errorf("%q: %+v stands nowhere", text, s)
			}
		}
	})
}
