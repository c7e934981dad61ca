package mod

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// ImportCycle finds packages that import each other in a ring. Tests count with packages of their own and are left out.
var ImportCycle = checks.Check{
	ID:       "mod/import-cycle",
	Title:    "packages import each other in a ring",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      importCycle,
}

func importCycle(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachGraph(ctx, t, func(im *project.Imports, g *project.PackageGraph) {
		for _, ring := range g.Rings() {
			report(ringFinding(im, g, ring))
		}
	})
}

func ringFinding(im *project.Imports, g *project.PackageGraph, ring []project.PackageImport) checks.Finding {
	var names []string
	f := checks.Finding{
		Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
		Help:     checks.Msg("move what both sides need into a package that imports neither, or hand it over as an interface"),
		Location: importSite(ring[0]),
		Service:  im.Module.Dir,
	}
	for _, step := range ring {
		from := g.In(step.File.Dir())
		names = append(names, from.ImportPath)
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d imports %s", step.File.Path, step.Import.Pos.Line, step.Import.Path))
	}
	f.Key = strings.Join(names, " ")
	if len(ring) == 1 {
		f.Message = checks.Msg("%s imports itself", names[0])
		f.Help = checks.Msg("take the import out: what a package declares is in its scope already")
		f.Evidence = nil
	} else {
		f.Message = checks.Msg("%d packages import each other in a ring: %s", len(ring), strings.Join(append(names, names[0]), " → "))
	}
	if !g.In(ring[0].File.Dir()).Needed {
		f.Severity, f.Why = checks.Warning, notNeeded
	}
	return f
}

// notNeeded is the consequence of what breaks only packages that no program is built from.
var notNeeded = checks.Msg("No program here is built from it; `go build ./...` stops at it.")

// importSite is the place of an import: the quoted path.
func importSite(i project.PackageImport) *checks.Location {
	return at(project.Site{File: i.File, Import: i.Import})
}

// eachGraph asks about the packages of every module whose go.mod can be read, as a build here sees them.
func eachGraph(ctx context.Context, t *target.Target, ask func(*project.Imports, *project.PackageGraph)) error {
	var failed error
	err := eachModule(ctx, t, func(im *project.Imports) {
		g, err := t.PackageGraph(ctx, im)
		if err != nil {
			failed = err
			return
		}
		ask(im, g)
	})
	if failed != nil {
		return failed
	}
	return err
}
