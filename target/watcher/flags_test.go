package watcher

import (
	"fmt"
	"strings"
	"testing"
)

func TestFlagSet(t *testing.T) {
	flags := []*flagSpec{
		{names: []string{"all", "a"}, takes: takesNothing}, {names: []string{"sure", "s"}, takes: takesNothing}, {names: []string{"out", "o"}},
		{names: []string{"wait", "w"}, takes: takesDuration}, {names: []string{"count", "n"}, takes: takesInteger},
		{names: []string{"poll"}, takesNext: isTimeSpan}, {names: []string{"clear", "c"}, joined: true},
	}
	tests := []struct {
		dialect dialect
		among   bool
		line    string
		want    string
	}{
		{goFlag, false, "-all -o x rest -a", "all=true out=x | rest -a"},
		{goFlag, false, "--out=x -a=false -- -o", "out=x all=false | -o"},
		{goFlag, false, "- -a", "| - -a"},
		{goFlag, false, "-as", "flag provided but not defined: -as"},
		{goFlag, false, "-o", "flag needs an argument: -o"},
		{goFlag, false, "-a=maybe", `invalid boolean value "maybe" for -a: parse error`},
		{goFlag, false, "-wait 5", `invalid value "5" for flag -wait: parse error`},
		{goFlag, false, "-help", "help"},
		{pflag, true, "x --out y -as -oz -n=3 -- -q", "out=y all=true sure=true out=z count=3 | x -q"},
		{pflag, false, "-a x -s", "all=true | x -s"},
		{pflag, true, "--a", "unknown flag: --a"},
		{pflag, true, "-aq", "unknown shorthand flag: 'q' in -aq"},
		{ogier, true, "--out=x -o=y z", "out=x out==y | z"},
		{ogier, true, "--out x", "flag needs an argument: --out"},
		{clap, false, "--poll 2s --poll -c -ox run -a", "poll=2s poll=true clear=true out=x | run -a"},
		{clap, false, "--poll run", "poll=true | run"},
		{clap, false, "--nope", "unexpected argument '--nope' found"},
		{getopt, false, "-as -ox -o=y z -a", "all=true sure=true out=x out==y | z -a"},
		{getopt, false, "--all", "invalid option -- '-'"},
		{kingpin, true, "-n=3", `invalid value "=3" for -n`},
		{kingpin, true, "--no-all --out=x", "all=false out=x |"},
		{goFlag, false, "-o ? -a", "out=? all=true |"},
		{goFlag, false, "-a ? -s", "all=true | ? -s unsure"},
	}
	for _, test := range tests {
		var words []Word
		for _, w := range strings.Fields(test.line) {
			words = append(words, Word{Text: w, Known: w != "?"})
		}
		set := &flagSet{dialect: test.dialect, flags: flags, among: test.among}
		if got := parsedText(set.parse("tool", words)); got != test.want && got != "tool ends: "+test.want {
			t.Errorf("%d %s: %s, want %s", test.dialect, test.line, got, test.want)
		}
	}
}

func parsedText(a *arguments) string {
	switch {
	case a.help:
		return "help"
	case len(a.faults) > 0:
		return a.faults[0].Does
	}
	var parts []string
	for _, g := range a.given {
		parts = append(parts, fmt.Sprintf("%s=%s", g.names[0], g.value.Text))
	}
	parts = append(parts, "|")
	for _, w := range a.rest {
		parts = append(parts, w.Text)
	}
	if a.unsure != "" {
		parts = append(parts, "unsure")
	}
	return strings.Join(parts, " ")
}

// TestChangesInOtherNotations changes command lines that stand in lists and strings of other files.
func TestChangesInOtherNotations(t *testing.T) {
	tests := []struct{ text, included, excluded string }{
		{`{"args": ["wgo", "-xdir", "web", "run", "."]}`, `{"args": ["wgo", "run", "."]}`, `{"args": ["wgo", "-xdir", "web", "-xfile", "^x.go", "run", "."]}`},
		{"- wgo\n  - -xdir\n  - web\n  - run\n  - .\n", "- wgo\n  - run\n  - .\n", "- wgo\n  - -xdir\n  - web\n  - -xfile\n  - ^x.go\n  - run\n  - .\n"},
		{"command: [wgo, -xdir, web, run, .]\n", "command: [wgo, run, .]\n", "command: [wgo, -xdir, web, -xfile, ^x.go, run, .]\n"},
	}
	for _, test := range tests {
		r := wgo.Read(listed(test.text, "wgo", "-xdir", "web", "run", ".")).Reactions[0]
		if got := apply(test.text, r.Include(shelfRoot+"/web/x.go")); got != test.included {
			t.Errorf("%s, want %s", got, test.included)
		}
		if got := apply(test.text, r.Exclude(shelfRoot+"/x.go")); got != test.excluded {
			t.Errorf("%s, want %s", got, test.excluded)
		}
	}
}

// listed is a start whose words stand in a list of the file. In one of JSON the quotes are part of a word's place.
func listed(text string, words ...string) *Start {
	s := &Start{Tool: wgo, Cwd: shelfRoot, Files: shelf{"list": text}, Env: func(string) (string, bool) { return "", false }}
	at := 0
	var all []Word
	for _, w := range words {
		written := w
		if strings.HasPrefix(text, "{") {
			written = `"` + w + `"`
		}
		i := strings.Index(text[at:], written) + at
		at = i + len(written)
		all = append(all, Word{Text: w, Known: true, Place: Place{File: "list", Line: 1, Column: i + 1, Start: i, End: at}})
	}
	s.Called, s.Words = all[:1], all[1:]
	return s
}
