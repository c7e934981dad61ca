package mod

import (
	"context"
	"path"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// RelativeImport finds imports of "./x" and "../x", which exist without modules only.
var RelativeImport = checks.Check{
	ID:       "mod/relative-import",
	Title:    "a package is imported by a relative path",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      relativeImport,
}

func relativeImport(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachModule(ctx, t, func(im *project.Imports) {
		for _, i := range im.Paths {
			if i.Kind != project.Relative {
				continue
			}
			severity, why := breaking([]*project.Imported{i})
			site := i.First()
			f := checks.Finding{
				Severity: severity,
				Message:  checks.Msg("import %q is relative: with a go.mod every import starts with a module path", i.Path),
				Why:      why,
				Location: at(site),
				Evidence: sites([]*project.Imported{i}, site),
				Service:  im.Module.Dir,
				Key:      i.Path,
			}
			if full, ok := absoluteImport(im, site); ok {
				f.Help = checks.Msg("write: import %q", full)
				f.Fix = absoluteImports(im, i)
			} else {
				f.Help = checks.Msg("write the module path of go.mod (%s) and the folder: import \"%s/...\"", im.Module.Path(), im.Module.Path())
			}
			report(f)
		}
	})
}

// absoluteImport gives the import path that a relative one means, where it leads to a package of the module.
func absoluteImport(im *project.Imports, s project.Site) (string, bool) {
	for rel, p := range im.Module.Packages {
		if p.Dir == path.Join(s.File.Dir(), s.Import.Path) {
			return path.Join(im.Module.Path(), rel), true
		}
	}
	return "", false
}
