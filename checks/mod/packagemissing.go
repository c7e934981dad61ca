package mod

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// PackageMissing finds imports of own packages that are not there.
var PackageMissing = checks.Check{
	ID:       "mod/package-missing",
	Title:    "an imported package of this module does not exist",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/build-tags", "run/stale-binary"},
	Run:      packageMissing,
}

func packageMissing(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var failed error
	err := eachModule(ctx, t, func(im *project.Imports) {
		for _, i := range im.Paths {
			f, ok := lacking(im, i)
			if _, _, renamed := underMajorVersion(im, i.Path); !ok || renamed { // that is mod/module-path
				continue
			}
			made, err := t.MadeLater(ctx, im.Module, t.Rel(i.Dir))
			if err != nil {
				failed = err
			}
			if made != "" {
				f.Severity = checks.Warning
				f.Why = checks.Msg("The build stops until it is made: %s.", made)
				f.Help = checks.Msg("generate it first, then build")
			}
			report(f)
		}
	})
	if err != nil {
		return err
	}
	return failed
}

// lacking describes an import of an own package without a Go file that could be built.
func lacking(im *project.Imports, i *project.Imported) (checks.Finding, bool) {
	items := []*project.Imported{i}
	site := first(items)
	severity, why := breaking(items)
	f := checks.Finding{
		Severity: severity, Why: why,
		Location: at(site),
		Evidence: sites(items, site),
		Service:  im.Module.Dir,
		Key:      i.Path,
	}
	rel := strings.TrimPrefix(strings.TrimPrefix(i.Path, i.Module.Path), "/")
	if rel == "" {
		rel = "."
	}
	switch {
	case i.Kind == project.OwnMissing && im.HasFolder(rel):
		f.Message = checks.Msg("%s is imported, but the folder %s holds no Go file", i.Path, im.Module.File(rel))
	case i.Kind == project.OwnMissing:
		f.Message = checks.Msg("%s is imported, but there is no folder %s", i.Path, im.Module.File(rel))
	case i.Kind == project.Own && im.Packages[rel] != nil && onlyTests(im.Packages[rel]):
		f.Message = checks.Msg("%s is imported, but the folder %s holds test files only", i.Path, im.Module.File(rel))
		if slices.ContainsFunc(i.Sites, func(s project.Site) bool { return s.File.Dir() != im.Packages[rel].Dir }) {
			break
		}
		return f, false // its own external tests import it
	default:
		return f, false
	}
	f.Help = checks.Msg("put the package there, or mend the import")
	if near := nearest(i.Path, ownPaths(im)); near != "" {
		f.Help = checks.Msg("did you mean %s?", near)
	} else if moved, ok := sameName(im, rel); ok {
		f.Help = checks.Msg("there is a package %s: is that the one?", moved)
	}
	return f, true
}

func onlyTests(p *project.Package) bool {
	return !slices.ContainsFunc(p.Files, func(f *project.GoFile) bool { return !f.Test() })
}

// ownPaths are the import paths of the module's packages that can be imported.
func ownPaths(im *project.Imports) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, p := range im.Packages {
			if !onlyTests(p) && p.ImportPath != "" && !yield(p.ImportPath) {
				return
			}
		}
	}
}

// sameName finds the one package of the module whose folder has the same name, as after a move.
func sameName(im *project.Imports, rel string) (string, bool) {
	var found []string
	for other, p := range im.Packages {
		if path.Base(other) == path.Base(rel) && other != rel && !onlyTests(p) {
			found = append(found, p.ImportPath)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}
