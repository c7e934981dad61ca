package suppress_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/suppress"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/directive"
)

var (
	timeouts = &checks.Check{ID: "src/timeouts", Severity: checks.Warning, Stage: checks.Serve}
	kill     = &checks.Check{ID: "watch/hard-kill", Severity: checks.Warning, Stage: checks.Stop}
	own      = &checks.Check{ID: suppress.CheckID, Severity: checks.Warning, Stage: checks.Serve}
	all      = []*checks.Check{timeouts, kill, own}
	today    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func found(c *checks.Check, places ...string) checks.Outcome {
	o := checks.Outcome{Check: c, Status: checks.Passed}
	for _, p := range places {
		file, line, _ := strings.Cut(p, ":")
		o.Status = checks.Found
		o.Findings = append(o.Findings, checks.Finding{Check: c.ID, Severity: c.Severity, Stage: c.Stage, Key: "k",
			Message: checks.Msg("found in %s", p), Location: checks.At(file, int(line[0]-'0'), 1)})
	}
	return o
}

// told is what an outcome says, a line each.
func told(outcomes []checks.Outcome) (lines []string) {
	for _, o := range outcomes {
		line := o.Check.ID + " " + string(o.Status)
		for _, f := range o.Findings {
			line += "; " + f.Severity.String() + " " + f.Message.String()
		}
		lines = append(lines, line)
	}
	return lines
}

func TestApply(t *testing.T) {
	day := func(text string) time.Time { d, _ := time.Parse(time.DateOnly, text); return d }
	comment := func(check, until, reason string, of int) directive.Directive {
		return directive.Directive{File: "main.go", Line: of, Column: 20, EndColumn: 50, Of: of, Check: check, Until: until, Reason: reason, Text: "//gindoctor:ignore"}
	}
	for _, c := range []struct {
		name     string
		config   config.Config
		comments []directive.Directive
		outcomes []checks.Outcome
		want     []string
		hidden   int
	}{
		{name: "nothing is ignored", outcomes: []checks.Outcome{found(timeouts, "main.go:3"), found(own)},
			want: []string{"src/timeouts found; warning found in main.go:3", "config/ignore skipped"}},
		{name: "a comment hides its line only", comments: []directive.Directive{comment("src/timeouts", "", "a demo", 3)},
			outcomes: []checks.Outcome{found(timeouts, "main.go:3", "main.go:4", "other.go:3"), found(own)}, hidden: 1,
			want: []string{"src/timeouts found; warning found in main.go:4; warning found in other.go:3", "config/ignore passed"}},
		{name: "all is hidden", comments: []directive.Directive{comment("src/*", "2026-11-21", "until tonight", 3)},
			outcomes: []checks.Outcome{found(timeouts, "main.go:3"), found(own)}, hidden: 1,
			want: []string{"src/timeouts passed", "config/ignore passed"}},
		{name: "no reason", comments: []directive.Directive{comment("src/timeouts", "", "", 3)},
			outcomes: []checks.Outcome{found(timeouts, "main.go:3"), found(own)},
			want:     []string{"src/timeouts found; warning found in main.go:3", "config/ignore found; warning this ignore of src/timeouts gives no reason, so it hides nothing"}},
		{name: "ended", comments: []directive.Directive{comment("src/timeouts", "2026-11-20", "x", 3)},
			outcomes: []checks.Outcome{found(timeouts, "main.go:3"), found(own)},
			want:     []string{"src/timeouts found; warning found in main.go:3", "config/ignore found; warning this ignore of src/timeouts ended on 2026-11-20"}},
		{name: "no date", comments: []directive.Directive{comment("src/timeouts", "soon", "x", 3)},
			outcomes: []checks.Outcome{found(timeouts, "main.go:3"), found(own)},
			want:     []string{"src/timeouts found; warning found in main.go:3", "config/ignore found; warning until=soon is no date such as 2027-01-31, so the comment hides nothing"}},
		{name: "no such check", comments: []directive.Directive{comment("src/timeout", "", "x", 3)},
			outcomes: []checks.Outcome{found(timeouts), found(own)},
			want:     []string{"src/timeouts passed", `config/ignore found; warning no check is named "src/timeout"; did you mean src/timeouts?`}},
		{name: "hides nothing", comments: []directive.Directive{comment("src/timeouts", "", "x", 3)},
			outcomes: []checks.Outcome{found(timeouts), found(own)},
			want:     []string{"src/timeouts passed", "config/ignore found; warning this ignore of src/timeouts hides nothing: there is no such finding"}},
		{name: "not asked, so who knows", comments: []directive.Directive{comment("watch/hard-kill", "", "x", 3)},
			outcomes: []checks.Outcome{found(timeouts), found(own)}, want: []string{"src/timeouts passed", "config/ignore passed"}},
		{name: "not answered, so who knows", comments: []directive.Directive{comment("src/timeouts", "", "x", 3)},
			outcomes: []checks.Outcome{{Check: timeouts, Status: checks.Unknown}, found(own)}, want: []string{"src/timeouts unknown", "config/ignore passed"}},
		{name: "left out by --fast, so who knows", comments: []directive.Directive{comment("src/timeouts", "", "x", 3)},
			outcomes: []checks.Outcome{{Check: timeouts, Status: checks.Skipped, Reason: checks.Msg("%s", target.ErrFast)}, found(own)},
			want:     []string{"src/timeouts skipped", "config/ignore passed"}},
		{name: "config/ignore was not asked", comments: []directive.Directive{comment("src/timeouts", "", "", 3)},
			outcomes: []checks.Outcome{found(timeouts)}, want: []string{"src/timeouts passed"}},
		{name: "configuration", config: config.Config{File: ".gindoctor.yaml", Ignore: []config.Ignore{
			{Check: "src/*", Path: "tools", Reason: "ours", Line: 2}, {Check: "watch/hard-kill", Path: "**/*.toml", Reason: "ours", Until: day("2027-01-01"), Line: 3}}},
			outcomes: []checks.Outcome{found(timeouts, "tools/a/x.go:1", "toolset/x.go:1"), found(kill, "a/.air.toml:1", ".air.toml:1", "air.go:1"), found(own)}, hidden: 3,
			want: []string{"src/timeouts found; warning found in toolset/x.go:1", "watch/hard-kill found; warning found in air.go:1", "config/ignore passed"}},
		{name: "configuration, wrong", config: config.Config{File: ".gindoctor.yaml", Ignore: []config.Ignore{
			{Check: "src/timeouts", Line: 2}, {Check: "watch/hard-kill", Reason: "x", Until: day("2026-01-01"), Line: 3}}},
			outcomes: []checks.Outcome{found(timeouts), found(kill), found(own)},
			want: []string{"src/timeouts passed", "watch/hard-kill passed",
				"config/ignore found; warning this ignore of src/timeouts gives no reason, so it hides nothing; warning this ignore of watch/hard-kill ended on 2026-01-01"}},
		{name: "severities", config: config.Config{Severity: []config.Severity{{Check: "src/*", Level: checks.Error}, {Check: "src/timeouts", Level: checks.Info}}},
			outcomes: []checks.Outcome{found(timeouts, "a.go:1"), found(kill, "a:1")},
			want:     []string{"src/timeouts found; info found in a.go:1", "watch/hard-kill found; warning found in a:1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			hidden := suppress.Apply(c.outcomes, suppress.Rules{Config: &c.config, Directives: c.comments, Catalogue: all, Today: today})
			if diff := cmp.Diff(c.want, told(c.outcomes)); diff != "" || len(hidden) != c.hidden {
				t.Errorf("%d hidden, want %d (-want +got):\n%s", len(hidden), c.hidden, diff)
			}
		})
	}
}

// entry is a finding as a baseline holds it.
func entry(f checks.Finding) suppress.BaselineFinding {
	return suppress.BaselineFinding{Check: f.Check, File: f.Location.File, Message: f.Message.String(), Fingerprint: f.Fingerprint(), Count: 1}
}

func TestBaseline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	before := found(timeouts, "main.go:3", "main.go:5", "other.go:1").Findings
	var entries []suppress.BaselineFinding
	for _, f := range before {
		entries = append(entries, entry(f))
	}
	if err := suppress.NewBaseline(entries).Write(file); err != nil {
		t.Fatal(err)
	}
	read := func() *suppress.Baseline {
		b, err := suppress.ReadBaseline(file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name          string
		now           checks.Outcome
		hidden, shown int
		gone          int
	}{
		{"the same", found(timeouts, "main.go:3", "main.go:5", "other.go:1"), 3, 0, 0},
		{"moved lines", found(timeouts, "main.go:7", "main.go:9", "other.go:4"), 3, 0, 0},
		{"one more of a kind", found(timeouts, "main.go:3", "main.go:5", "main.go:6", "other.go:1"), 3, 1, 0},
		{"another file", found(timeouts, "main.go:3", "main.go:5", "third.go:1"), 2, 1, 1},
		{"mended", found(timeouts, "main.go:5"), 1, 0, 2},
	} {
		b, outcomes := read(), []checks.Outcome{c.now}
		hidden := suppress.Apply(outcomes, suppress.Rules{Config: &config.Config{}, Baseline: b, Catalogue: all, Today: today})
		if len(hidden) != c.hidden || len(outcomes[0].Findings) != c.shown || b.Gone(outcomes) != c.gone {
			t.Errorf("%s: %d hidden, %d shown, %d gone; want %d, %d, %d", c.name, len(hidden), len(outcomes[0].Findings), b.Gone(outcomes), c.hidden, c.shown, c.gone)
		}
	}
}

// TestPruned: what is gone is taken out, what nobody asked about stays.
func TestPruned(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	var entries []suppress.BaselineFinding
	for _, f := range append(found(timeouts, "main.go:3", "main.go:5", "other.go:1").Findings, found(kill, ".air.toml:1").Findings...) {
		entries = append(entries, entry(f))
	}
	if err := suppress.NewBaseline(entries).Write(file); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		now  []checks.Outcome
		gone int
		want []string
	}{
		{"only one check was asked", []checks.Outcome{found(timeouts, "main.go:4")}, 2, []string{"src/timeouts main.go 1", "watch/hard-kill .air.toml 1"}},
		{"no answer", []checks.Outcome{found(timeouts, "main.go:4", "main.go:7", "other.go:1"), {Check: kill, Status: checks.Unknown}}, 0,
			[]string{"src/timeouts main.go 2", "src/timeouts other.go 1", "watch/hard-kill .air.toml 1"}},
		{"all is gone", []checks.Outcome{found(timeouts), found(kill)}, 4, nil},
	} {
		b, err := suppress.ReadBaseline(file)
		if err != nil {
			t.Fatal(err)
		}
		suppress.Apply(c.now, suppress.Rules{Config: &config.Config{}, Baseline: b, Catalogue: all, Today: today})
		var got []string
		for _, f := range b.Pruned(c.now).Findings {
			got = append(got, fmt.Sprintf("%s %s %d", f.Check, f.File, f.Count))
		}
		if diff := cmp.Diff(c.want, got); diff != "" || b.Gone(c.now) != c.gone {
			t.Errorf("%s: %d gone, want %d (-want +got):\n%s", c.name, b.Gone(c.now), c.gone, diff)
		}
	}
}

func FuzzBaseline(f *testing.F) {
	for _, seed := range []string{`{"schema":"gindoctor/baseline/v1","findings":[{"check":"a/b","fingerprint":"x","count":2},{"fingerprint":"x","count":1}]}`, `{"schema":null}`, "[]", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := suppress.ParseBaseline("baseline.json", data)
		if (b == nil) != (err != nil) {
			t.Fatal(b, err)
		}
		if err == nil && b.Gone(nil) != 0 {
			t.Fatal("nothing was asked, and something is gone")
		}
	})
}

func TestBadBaseline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	if _, err := suppress.ReadBaseline(file); err == nil || !strings.Contains(err.Error(), "--write-baseline") {
		t.Error("no file:", err)
	}
	for _, text := range []string{
		"", "{", `{"schema":"gindoctor/report/v1","findings":[]}`, `{"findings":[]}`, `{"schema":"gindoctor/baseline/v1"}`,
		`{"schema":"gindoctor/baseline/v1","findings":[{"check":"a/b"}]}`, `{"schema":"gindoctor/baseline/v1","findings":[{"fingerprint":"x","count":0}]}`,
		`{"schema":"gindoctor/baseline/v1","findings":[],"more":1}`, `{"schema":"gindoctor/baseline/v1","findings":[{"fingerpr`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if b, err := suppress.ReadBaseline(file); err == nil {
			t.Errorf("%q was taken: %+v", text, b)
		}
	}
}
