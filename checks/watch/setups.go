package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// setup is one watcher, of any tool, with what findings about it need.
type setup struct {
	*target.Watch
	t       *target.Target
	service string
	air     *airFile // for air, nil for every other
	report  checks.Reporter
}

// eachSetup asks about every watcher whose configuration could be read, air's included.
func eachSetup(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*setup) error) error {
	watches, err := t.Watches(ctx)
	if err != nil {
		return err
	}
	if len(watches) == 0 {
		return checks.Skip("no watcher is used here")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	told := map[string]bool{} // one file may be that of several starts
	for _, w := range watches {
		s := &setup{Watch: w, t: t, service: describe.ServiceAt(modules, w.Dir(t))}
		if w.Air != nil {
			s.air = newAirFile(t, w.Air, modules, report, told)
			s.report = s.air.report
		} else {
			s.report = once(s.service, told, report)
		}
		if err := ask(s); err != nil {
			return err
		}
	}
	return nil
}

// eachOther asks about every watcher but air, for what is asked of air in another way. It tells whether there was one.
func eachOther(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*setup) error) (any bool, err error) {
	watches, err := t.Watches(ctx)
	if err != nil || !slices.ContainsFunc(watches, func(w *target.Watch) bool { return w.Air == nil }) {
		return false, err
	}
	return true, eachSetup(ctx, t, report, func(s *setup) error {
		if s.air != nil {
			return nil
		}
		return ask(s)
	})
}

// alike asks about air in its own terms and about every other watcher in theirs.
func alike(ctx context.Context, t *target.Target, report checks.Reporter, air func() error, other func(*setup) error) error {
	airErr := air()
	used, err := eachOther(ctx, t, report, other)
	switch {
	case err != nil:
		return err
	case !used && isSkip(airErr):
		return checks.Skip("no watcher is used here")
	case isSkip(airErr):
		return nil
	}
	return airErr
}

func isSkip(err error) bool { _, ok := err.(*checks.NotAsked); return ok }

// once passes each finding of one service on, but not a second time.
func once(service string, told map[string]bool, report checks.Reporter) checks.Reporter {
	return func(f checks.Finding) {
		if f.Service == "" {
			f.Service = service
		}
		if key := f.Fingerprint(); !told[key] {
			told[key] = true
			report(f)
		}
	}
}

// at is a place as a location; nil for the zero Place.
func at(p watcher.Place) *checks.Location {
	if p.File == "" {
		return nil
	}
	if p.Editable() {
		return checks.Span(p.File, p.Line, p.Column, p.End-p.Start)
	}
	return checks.At(p.File, p.Line, max(p.Column, 1))
}

// near is the place of the first of some places that is one, else of the command that starts the watcher, else of its file.
func (s *setup) near(places ...watcher.Place) *checks.Location {
	for _, p := range append(places, s.Start.Place) {
		if l := at(p); l != nil {
			return l
		}
	}
	if s.File != nil {
		return checks.At(s.File.Path, 1, 1)
	}
	return nil
}

// word is the place of a word of a line: where the tool's configuration has it as a word, or where it stands once in the text of the line.
func (s *setup) word(line watcher.Line, text string) (watcher.Place, bool) {
	if i := slices.IndexFunc(line.Words, func(w watcher.Word) bool { return w.Text == text && s.stands(w.Place, text) }); i >= 0 {
		return line.Words[i].Place, true
	}
	p := line.Place
	data, err := s.t.ReadConfig(p.File)
	if err != nil || !p.Editable() || p.End > len(data) {
		return p, false
	}
	found := -1
	for i := p.Start; i+len(text) <= p.End; i++ {
		if string(data[i:i+len(text)]) != text || i > p.Start && !partsWords(data[i-1]) || i+len(text) < p.End && !partsWords(data[i+len(text)]) {
			continue
		}
		if found >= 0 {
			return p, false
		}
		found = i
	}
	if found < 0 || strings.Contains(string(data[p.Start:found]), "\n") {
		return p, false
	}
	p.Column, p.Start, p.End = p.Column+found-p.Start, found, found+len(text)
	return p, true
}

// stands tells whether a word is all that stands at a place, but for quotes.
func (s *setup) stands(p watcher.Place, text string) bool {
	data, err := s.t.ReadConfig(p.File)
	return err == nil && p.Editable() && p.End <= len(data) && strings.Trim(string(data[p.Start:p.End]), `'"`) == text
}

func partsWords(c byte) bool { return strings.IndexByte(" \t\r\n'\";&|()", c) >= 0 }

// isPlain tells of a word that may stand anywhere as it is, in quotes or without.
func isPlain(word string) bool {
	return strings.IndexFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("./_-", r))
	}) < 0
}

// restart ends the help of a fix.
func (s *setup) restart() string { return "restart " + s.Tool.Name }

// plan makes changes of a configuration, or of a command, one plan; nil where they cannot be made, or stand in each other's way.
func (s *setup) plan(title string, safety plan.Safety, changes []watcher.Change) *plan.Plan {
	steps := s.steps(changes)
	if len(steps) == 0 {
		return nil
	}
	return &plan.Plan{Title: title, Safety: safety, Steps: steps, After: []string{plan.RestartWatcher(s.Tool.Name)}}
}

// steps are changes as edits: the same one once, and of two that overlap the first. None where one cannot be made.
func (s *setup) steps(changes []watcher.Change) []plan.Step {
	return plan.OfChanges(s.t.ReadConfig, combined(changes))
}

// combined leaves out changes that are there already, and those that overlap one that is there.
func combined(changes []watcher.Change) []watcher.Change {
	var out []watcher.Change
	for _, c := range changes {
		taken := slices.ContainsFunc(out, func(o watcher.Change) bool {
			if o.Place.File != c.Place.File {
				return false
			}
			if o.Place.Start == c.Place.Start && o.Place.End == c.Place.End {
				return o.Text == c.Text || c.Place.End > c.Place.Start
			}
			return o.Place.Start < c.Place.End && c.Place.Start < o.Place.End
		})
		if !taken {
			out = append(out, c)
		}
	}
	return out
}

// said puts changes into one sentence.
func said(changes []watcher.Change) string {
	text := ""
	for i, c := range changes {
		if c.Says == "" {
			continue
		}
		if i > 0 && text != "" {
			text += ", "
		}
		text += c.Says
	}
	return text
}
