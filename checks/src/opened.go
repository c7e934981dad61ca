package src

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/opens"
)

// opening is a call by which a program opens files by relative names, and where the program may stand then.
type opening struct {
	opens.Open
	program target.Program
	stands  []target.Stand
}

// eachOpening asks about every call by which a program of the target opens files by relative names: once for each call, though
// several programs may come to it. Programs that change their folder themselves are passed over.
func eachOpening(ctx context.Context, t *target.Target, ask func(opening) error) error {
	programs, err := t.Programs(ctx)
	if err != nil {
		return err
	}
	asked, moves := map[opens.Name]bool{}, false
	for _, p := range programs {
		all, err := t.Opens(ctx, p.Package)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(slices.Clone(all), func(o opens.Open) bool { return o.When == opens.Unknown || !o.Relative() })
		if len(all) == 0 {
			continue
		}
		if opens.ChangesFolder(p.Package) {
			moves = true
			continue
		}
		stands, err := t.Stands(ctx, p)
		if err != nil {
			return err
		}
		for _, o := range all {
			key := opens.Name{Text: o.File, At: o.At}
			if asked[key] {
				continue
			}
			asked[key] = true
			if err := ask(opening{o, p, stands}); err != nil {
				return err
			}
		}
	}
	switch {
	case len(asked) > 0:
		return nil
	case moves:
		return checks.Skip("the program changes its working folder itself (os.Chdir)")
	}
	return checks.Skip("no program here opens files by relative names that stand in its code")
}

// relative are the relative names that the code says for certain.
func (o opening) relative() []opens.Name {
	return slices.DeleteFunc(slices.Clone(o.Names), func(n opens.Name) bool { return !n.Relative() || n.Default })
}

// at is the place of a name: the argument.
func (o opening) at(n opens.Name) *checks.Location {
	return &checks.Location{File: o.File, Line: n.At.Line, Column: n.At.Column, EndLine: n.End.Line, EndColumn: n.End.Column}
}

// said are the stands that something in the project names.
func (o opening) said() []target.Stand {
	return slices.DeleteFunc(slices.Clone(o.stands), func(s target.Stand) bool { return !s.Said })
}

// standing names a stand: where it is, and who says so.
func standing(t *target.Target, s target.Stand) checks.Message {
	dir := folder(t, s.Dir)
	switch {
	case !s.Said:
		return checks.Msg("looked for from %s", dir)
	case s.Line > 0:
		return checks.Msg("looked for from %s, where %s:%d starts it with %s", dir, s.File, s.Line, s.By)
	case s.File != "":
		return checks.Msg("looked for from %s, where %s starts it (%s)", dir, s.By, s.File)
	}
	return checks.Msg("looked for from %s, where %s starts it", dir, s.By)
}

// folder names a folder (absolute) for messages.
func folder(t *target.Target, abs string) string {
	rel := t.Rel(abs)
	if rel == "." {
		return "the project's folder"
	}
	return rel
}

// missingFrom are those of some stands from which a name means nothing.
func missingFrom(t *target.Target, stands []target.Stand, o opening, n opens.Name) []target.Stand {
	return slices.DeleteFunc(slices.Clone(stands), func(s target.Stand) bool {
		return len(t.Match(s.Dir, n.Text, o.Pattern)) > 0
	})
}

// shown is a name as it stands in the code.
func shown(n opens.Name) string { return strings.TrimSpace(n.Text) }
