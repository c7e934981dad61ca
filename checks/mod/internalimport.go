package mod

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// InternalImport finds imports of another tree's internal package (https://go.dev/ref/spec has no such rule; the go command
// has: https://pkg.go.dev/cmd/go#hdr-Internal_Directories).
var InternalImport = checks.Check{
	ID:       "mod/internal-import",
	Title:    "an internal package of another tree is imported",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      internalImport,
}

func internalImport(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachGraph(ctx, t, func(im *project.Imports, g *project.PackageGraph) {
		for _, p := range g.Packages {
			for _, i := range p.Uses {
				parent, ok := internalParent(i.Import.Path)
				if !ok || parent != "" && within(p.ImportPath, parent) || !exists(im, i.Import.Path) {
					continue
				}
				f := checks.Finding{
					Message:  checks.Msg("%s is internal: only packages below %s may import it", i.Import.Path, parent),
					Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
					Help:     checks.Msg("import a package of that tree that is not internal, or copy what you need"),
					Location: importSite(i),
					Service:  im.Module.Dir,
					Key:      p.ImportPath + " " + i.Import.Path,
				}
				switch {
				case parent == "":
					f.Message = checks.Msg("%s is internal to the standard library", i.Import.Path)
				case i.To != nil:
					f.Help = checks.Msg("move the package out of its internal folder, or the importing one below %s", parent)
				}
				if !p.Needed {
					f.Severity, f.Why = checks.Warning, notNeeded
				}
				report(f)
			}
		}
	})
}

// internalParent gives the path below which an internal package may be imported: what stands before the last element that is
// "internal" (cmd/go/internal/load, findInternal).
func internalParent(path string) (string, bool) {
	switch {
	case strings.HasSuffix(path, "/internal"):
		return strings.TrimSuffix(path, "/internal"), true
	case strings.Contains(path, "/internal/"):
		return path[:strings.LastIndex(path, "/internal/")], true
	case path == "internal" || strings.HasPrefix(path, "internal/"):
		return "", true
	}
	return "", false
}

// exists tells whether something provides the package; otherwise another check says that nothing does.
func exists(im *project.Imports, importPath string) bool {
	switch im.Resolver.Resolve(importPath).Kind {
	case project.Std, project.Own, project.Sibling, project.Required, project.Vendored:
		return true
	}
	return false
}
