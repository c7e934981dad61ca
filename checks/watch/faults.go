package watch

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// faulty asks about air in its own terms, and tells of the faults of some kinds that the readers of the other tools found.
func faulty(ctx context.Context, t *target.Target, report checks.Reporter, air func() error, of func(*setup, watcher.Fault) bool) error {
	return alike(ctx, t, report, air, func(s *setup) error {
		for _, f := range s.Faults {
			if of(s, f) {
				s.report(s.faultFinding(f))
			}
		}
		return nil
	})
}

// kinds takes faults of some kinds, wherever they stand.
func kinds(of ...watcher.FaultKind) func(*setup, watcher.Fault) bool {
	return func(_ *setup, f watcher.Fault) bool { return slices.Contains(of, f.Kind) }
}

// strangeKey tells of a name that is passed over, in a configuration or on a command line.
func strangeKey(s *setup, f watcher.Fault) bool {
	return f.Kind == watcher.UnknownName && !strangeFlag(s, f) || f.Kind == watcher.Misplaced && s.Tool.Name != ginCLI || f.Kind == watcher.Lacking
}

// strangeFlag tells of a flag that the tool refuses: watch/old-path is about commands that cannot work.
func strangeFlag(s *setup, f watcher.Fault) bool {
	return f.Kind == watcher.UnknownName && !s.inConfig(f.Place)
}

func (s *setup) inConfig(p watcher.Place) bool { return s.File != nil && p.File == s.File.Path }

func (s *setup) faultFinding(f watcher.Fault) checks.Finding {
	tool := s.Tool.Name
	out := checks.Finding{
		Severity: checks.Warning,
		Why:      checks.Msg("%s.", orElse(f.Does, tool+" says nothing and goes on without it")),
		Location: s.near(f.Place),
		Key:      tool + " " + f.Name + " " + f.Value,
	}
	if f.Fatal {
		out.Severity = checks.Error
	}
	near := nearestName(f.Name, f.Known)
	switch f.Kind {
	case watcher.Syntax:
		out.Message = checks.Msg("%s cannot read %s", tool, orElse(f.Name, "its configuration"))
		out.Help = checks.Msg("mend it there, and %s", s.restart())
	case watcher.UnknownName:
		out.Message = checks.Msg("%s does not know %s", tool, f.Name)
		out.Help = checks.Msg("take it out, and %s", s.restart())
		if near != "" {
			out.Message = checks.Msg("%s does not know %s; most likely %s is meant", tool, f.Name, near)
			out.Help = checks.Msg("write %s, and %s", near, s.restart())
		}
	case watcher.WrongType:
		out.Message = checks.Msg("%s: %q is no value that %s takes", f.Name, f.Value, tool)
		out.Help = checks.Msg("give it another value, and %s", s.restart())
	case watcher.BadPattern:
		out.Message = checks.Msg("%s: %q is no pattern that %s can read", f.Name, f.Value, tool)
		out.Help = checks.Msg("mend the pattern, and %s", s.restart())
	case watcher.MissingFolder:
		out.Message = checks.Msg("%s: there is no folder %s", f.Name, f.Value)
		out.Help = checks.Msg("write the name of the folder that is meant, and %s", s.restart())
	case watcher.OldName:
		out.Severity = checks.Info
		out.Message = checks.Msg("%s has renamed %s", tool, f.Name)
		out.Help = checks.Msg("write it by its new name, and %s", s.restart())
	case watcher.Misplaced:
		out.Message = checks.Msg("%s never sees %s: it stands where it goes to the program", tool, f.Name)
		out.Help = checks.Msg("write it where %s reads it, and %s", tool, s.restart())
	case watcher.Lacking:
		out.Message = checks.Msg("%s does nothing with %s: it is not given %s", tool, f.Name, f.Value)
		out.Help = checks.Msg("give it %s, and %s", f.Value, s.restart())
	}
	if text := said(f.Mend); text != "" {
		out.Help = checks.Msg("%s, and %s", text, s.restart())
		out.Fix = s.plan(text, plan.Safe, f.Mend)
	}
	return out
}
