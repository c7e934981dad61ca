package watcher

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/project"
)

// typedIn writes a command line into a script of the tree and makes the start from it, with places.
func (p *planting) typedIn(t *testing.T, script, line string) *planting {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, script), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	if !startTyped(p.start, script, line) {
		t.Fatalf("no start of %s in %s", p.start.Tool.Name, line)
	}
	return p
}

// startTyped fills a start in from the first command of a script that calls its tool, as the target does.
func startTyped(s *Start, script, text string) bool {
	commands, _ := project.NewSource(text).Whole(0, len(text)).Commands(".", false)
	for _, c := range commands {
		tool, args := Called(c.Words)
		if tool != s.Tool {
			continue
		}
		words := placed(script, c)
		s.Called, s.Words, s.From = words[:len(words)-len(args)], words[len(words)-len(args):], nil
		s.Place = Place{File: script, Line: c.Pos.Line, Column: c.Pos.Column}
		for from := c.From; from != nil; from = from.From {
			s.From = append([][]Word{placed(script, *from)}, s.From...)
		}
		return true
	}
	return false
}

func placed(script string, c project.Command) []Word {
	var out []Word
	for i, text := range c.Words {
		w := Word{Text: text, Known: text != "", Glob: c.Globs[i], Place: Place{File: script, Line: c.Pos.Line, Column: c.Pos.Column}}
		if span := c.Spans[i]; !span.IsZero() {
			w.Place = Place{File: script, Line: span.Pos.Line, Column: span.Pos.Column, Start: span.Start, End: span.End}
		}
		out = append(out, w)
	}
	return out
}

// changed applies changes to the texts of the tree and gives the text of one file.
func (p *planting) changed(t *testing.T, changes []Change, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return apply(string(data), changes)
}

func apply(text string, changes []Change) string {
	changes = slices.Clone(changes)
	slices.SortFunc(changes, func(a, b Change) int { return b.Place.Start - a.Place.Start })
	for _, c := range changes {
		text = text[:c.Place.Start] + c.Text + text[c.Place.End:]
	}
	return text
}

// readCase is a command line and what is made of it.
type readCase struct {
	line   string // as it stands in the script
	files  map[string]string
	script string // run.sh where it is empty
	want   []string
	faults []string
	unsure string // a part of the reason
	build  []string
	run    string
	stop   string   // "SIGTERM group 5s"
	change []string // "include x.html => the line", "exclude", "restart", "gently 2s"
}

func (c readCase) check(t *testing.T, tool *Tool) {
	t.Helper()
	script := c.script
	if script == "" {
		script = "run.sh"
	}
	p := plant(t, tool, c.files).typedIn(t, script, c.line)
	s := p.read()
	if s == nil {
		t.Fatal("it is read as no start")
	}
	if got := faultsOf(s); !slices.EqualFunc(got, c.faults, strings.Contains) {
		t.Errorf("faults %q, want %q", got, c.faults)
	}
	if c.unsure == "" && s.Unsure != "" || !strings.Contains(s.Unsure, c.unsure) {
		t.Errorf("unsure %q, want %q", s.Unsure, c.unsure)
	}
	if len(s.Reactions) == 0 {
		if len(c.want)+len(c.build) > 0 || c.run != "" {
			t.Error("no reaction")
		}
		return
	}
	r := s.Reactions[0]
	p.decides(t, r, c.want...)
	c.checkLines(t, r)
	for _, change := range c.change {
		c.checkChange(t, p, r, script, change)
	}
}

func (c readCase) checkLines(t *testing.T, r *Reaction) {
	t.Helper()
	var build []string
	for _, line := range r.Build {
		build = append(build, line.Text)
	}
	if c.build != nil && !slices.Equal(build, c.build) {
		t.Errorf("builds %q, want %q", build, c.build)
	}
	if run := r.Run; c.run != "" && (run == nil || run.Text != c.run) {
		t.Errorf("runs %+v, want %q", run, c.run)
	}
	if got := stopText(r); c.stop != "" && got != c.stop {
		t.Errorf("stops by %s, want %s", got, c.stop)
	}
}

func stopText(r *Reaction) string {
	text := r.Stop.Signal
	if r.Stop.Group {
		text += " group"
	}
	if r.Stop.Kill >= 0 {
		text += " " + r.Stop.Kill.String()
	}
	if !r.Restarts {
		text += " never"
	}
	return text
}

func (c readCase) checkChange(t *testing.T, p *planting, r *Reaction, script, change string) {
	t.Helper()
	what, want, _ := strings.Cut(change, " => ")
	verb, object, _ := strings.Cut(what, " ")
	file := filepath.Join(p.dir, filepath.FromSlash(object))
	var changes []Change
	switch verb {
	case "include":
		changes = r.Include(file)
	case "exclude":
		changes = r.Exclude(file)
	case "restart":
		changes = r.RestartBy
	case "gently":
		changes = r.Stop.Gently(2e9)
	}
	if changes == nil {
		if want != "nothing" {
			t.Errorf("%s: no change, want %s", what, want)
		}
		return
	}
	got := p.changed(t, changes, script)
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
	again := *p.start
	if verb == "include" || verb == "exclude" {
		if !startTyped(&again, script, got) || again.reacts(0, file) != (verb == "include") {
			t.Errorf("%s: what it makes, %s, does not do it", what, got)
		}
	}
}
