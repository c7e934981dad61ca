package watch

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
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
		s := &setup{Watch: w, t: t, service: serviceOf(modules, w.Dir(t))}
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
	var out []plan.Step
	for _, c := range combined(changes) {
		data, err := s.t.ReadConfig(c.Place.File)
		if err != nil || c.Place.Start < 0 || c.Place.End < c.Place.Start || c.Place.End > len(data) {
			return nil
		}
		edit := plan.Replace(c.Place.File, data, c.Place.Start, c.Place.End, c.Text)
		if c.Place.Start == c.Place.End {
			edit = plan.Insert(c.Place.File, data, c.Place.Start, c.Text)
			edit.Beside = true
		}
		out = append(out, edit)
	}
	return out
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
