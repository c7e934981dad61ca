package mod

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// eachModule asks about the imports of every module whose go.mod can be read, and says so where one cannot be.
func eachModule(ctx context.Context, t *target.Target, ask func(*project.Imports)) error {
	all, err := t.Imports(ctx)
	if err != nil {
		return err
	}
	for _, im := range all {
		if im.Resolver.Settings.ModFile != "" {
			return fmt.Errorf("GOFLAGS names another go.mod (-modfile=%s)", im.Resolver.Settings.ModFile)
		}
		ask(im)
	}
	return eachReadable(ctx, t)
}

// eachReadable says why a question about go.mod cannot be answered for all modules, or does not arise.
func eachReadable(ctx context.Context, t *target.Target) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	none := true
	for _, m := range modules {
		switch {
		case m.Mod != nil:
			none = false
		case m.HasGoMod:
			return errors.New(m.File("go.mod") + " cannot be read: see mod/parse")
		}
	}
	if none {
		return checks.Skip("there is no go.mod here")
	}
	return nil
}

// at is the place of an import: the quoted path.
func at(s project.Site) *checks.Location {
	return &checks.Location{
		File: s.File.Path, Line: s.Import.Pos.Line, Column: s.Import.Pos.Column,
		EndLine: s.Import.End.Line, EndColumn: s.Import.End.Column,
	}
}

// inFile is the place of a line of go.mod or go.work.
func inFile(file string, p project.Position) *checks.Location {
	return checks.At(file, p.Line, p.Column)
}

// shownSites bounds how many places a finding lists.
const shownSites = 5

// sites lists where else imports stand, the first place left out.
func sites(items []*project.Imported, first project.Site) []checks.Message {
	var all []project.Site
	for _, i := range items {
		for _, s := range i.Sites {
			if s.File != first.File || s.Import.Pos != first.Import.Pos {
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b project.Site) int { return strings.Compare(a.File.Path, b.File.Path) })
	var out []checks.Message
	for n, s := range all {
		if n == shownSites {
			out = append(out, checks.Msg("and %d more", len(all)-n))
			break
		}
		out = append(out, checks.Msg("%s:%d imports %s", s.File.Path, s.Import.Pos.Line, s.Import.Path))
	}
	return out
}

// first picks the place to show for a group of imports: one that breaks a build here, else any.
func first(items []*project.Imported) project.Site {
	for _, i := range items {
		if i.Needed != nil {
			return *i.Needed
		}
	}
	return items[0].First()
}

// breaking grades imports that lead nowhere: an error when a program that is built here needs one of them.
func breaking(items []*project.Imported) (checks.Severity, checks.Message) {
	for _, i := range items {
		if i.Needed != nil {
			return checks.Error, checks.Msg("The build stops here, so the server that answers is the one built before.")
		}
	}
	for _, i := range items {
		for _, s := range i.Sites {
			if !s.File.Test() {
				return checks.Warning, checks.Msg("No program is built from this file here and now; `go build ./...`, another platform or another tag stops at it.")
			}
		}
	}
	return checks.Warning, checks.Msg("Only tests import it: the server builds, `go test` and `go vet` stop.")
}
