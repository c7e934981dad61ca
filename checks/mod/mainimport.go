package mod

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// MainImport finds imports of a program (cmd/go/internal/load, "is a program, not an importable package").
var MainImport = checks.Check{
	ID:       "mod/main-import",
	Title:    "a package main is imported",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      mainImport,
}

func mainImport(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachGraph(ctx, t, func(im *project.Imports, g *project.PackageGraph) {
		finding := func(path string, needed bool) checks.Finding {
			f := checks.Finding{
				Message: checks.Msg("%s is a program (package main) and cannot be imported", path),
				Why:     checks.Msg("The build stops here, so the server that answers is the one built before."),
				Help:    checks.Msg("move what is shared into a package of its own, and import that one"),
				Service: im.Module.Dir,
				Key:     path,
			}
			if !needed {
				f.Severity, f.Why = checks.Warning, notNeeded
			}
			return f
		}
		for _, p := range g.Packages {
			for _, i := range p.Uses {
				if i.To != nil && i.To != p && i.To.Program() {
					f := finding(i.Import.Path, p.Needed)
					f.Location = importSite(i)
					f.Evidence = []checks.Message{checks.Msg("%s:%d is of package main", i.To.Files[0].Path, i.To.Files[0].PackagePos.Line)}
					report(f)
				}
			}
		}
		for _, c := range complaints(ctx, t, im, toolchain.MainImport) {
			if g.Package(c.about) == nil {
				f := finding(c.about, c.needed)
				f.Location = c.at
				report(f)
			}
		}
	})
}
