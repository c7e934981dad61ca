package mod

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// MissingRequire finds imports that no module of go.mod provides: one finding per module that lacks.
var MissingRequire = checks.Check{
	ID:       "mod/missing-require",
	Title:    "an imported package is in no module that go.mod requires",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-sum", "mod/build-tags", "run/stale-binary"},
	Run:      missingRequire,
}

func missingRequire(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var failed error
	err := eachModule(ctx, t, func(im *project.Imports) {
		otherwise := explained(im)
		groups := map[module.Version][]*project.Imported{}
		cached := map[module.Version]bool{}
		for _, i := range im.Paths {
			if otherwise[i] || i.Needed != nil && leftOutFor(ctx, t, im, i) != nil {
				continue // mod/module-path, mod/import-case or mod/workspace says so
			}
			switch i.Kind {
			case project.Implicit:
				groups[i.Module] = append(groups[i.Module], i)
			case project.Missing:
				m, found := im.Resolver.Suggest(i.Path)
				groups[m] = append(groups[m], i)
				cached[m] = found
			case project.NotStd:
				m := module.Version{Path: i.Path}
				groups[m] = append(groups[m], i)
			}
		}
		for _, m := range slices.SortedFunc(maps.Keys(groups), func(a, b module.Version) int { return strings.Compare(a.Path, b.Path) }) {
			f := missing(im, m, groups[m], cached[m])
			if near, ok := nearbyFor(ctx, t, im, groups[m]); ok {
				near.inProject(&f, im, groups[m][0].Path)
			}
			report(f)
		}
		if !outdated(ctx, t, im.Module) {
			return
		}
		lacking, err := notListed(ctx, im)
		if err != nil {
			failed = err
		}
		for _, f := range append(lacking, tooOld(im)...) {
			report(f)
		}
	})
	return errors.Join(err, failed)
}

// explained are the imports without provider that mod/module-path and mod/import-case speak about.
func explained(im *project.Imports) map[*project.Imported]bool {
	out := map[*project.Imported]bool{}
	for _, r := range renames(im) {
		for _, i := range r.items {
			out[i] = true
		}
	}
	for _, tw := range twins(im) {
		for _, i := range tw.items {
			out[i] = true
		}
	}
	return out
}

func missing(im *project.Imports, m module.Version, items []*project.Imported, cached bool) checks.Finding {
	site := first(items)
	severity, why := breaking(items)
	f := checks.Finding{
		Severity: severity, Why: why,
		Location: at(site),
		Service:  im.Module.Dir,
		Key:      m.Path,
	}
	if im.Resolver.Settings.Mod == "mod" && severity == checks.Error {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("GOFLAGS holds -mod=mod: the next build looks the module up on the network and writes it into go.mod.")
	}
	i := items[0]
	switch {
	case i.Kind == project.Implicit:
		f.Message = checks.Msg("%s comes from %s, which go.mod does not require", i.Path, m.Path)
		f.Help = checks.Msg("go get %s@%s", m.Path, m.Version)
		if by := im.Resolver.Graph().Wants[m.Path].By; by.Path != "" {
			f.Evidence = append(f.Evidence, checks.Msg("only %s %s asks for it; what one's own code imports has to stand in one's own go.mod", by.Path, by.Version))
		}
	case i.Kind == project.NotStd:
		f.Message = checks.Msg("%s is not in the standard library, and no module of that name is required", i.Path)
		f.Help = checks.Msg("%s", meant(im, i))
	case len(i.Candidates) > 0:
		c := i.Candidates[0]
		f.Message = checks.Msg("%s has no package %s", versioned(c), i.Path)
		f.Help = checks.Msg("look the package up in the version that is required (https://pkg.go.dev/%s), or take another one: go get %s", versioned(c), c.Path+"@latest")
		if cached && m != c {
			f.Help = checks.Msg("go get %s", versioned(m))
		}
	default:
		f.Message = checks.Msg("%s is imported, and go.mod requires no module that has it", i.Path)
		f.Help = checks.Msg("go get %s", i.Path)
		if cached {
			f.Help = checks.Msg("go get %s", versioned(m))
		}
	}
	if cached && m.Version != "" {
		f.Evidence = append(f.Evidence, checks.Msg("%s %s has it and is in the module cache already", m.Path, m.Version))
	}
	f.Evidence = append(f.Evidence, sites(items, site)...)
	if m.Path == oldGin || i.Path == oldGin {
		f.Help = checks.Msg("write: import \"github.com/gin-gonic/gin\"; %s is its path of before modules", oldGin)
		return f
	}
	if i.Kind == project.Implicit || i.Kind == project.Missing && (cached || len(i.Candidates) == 0) {
		f.Fix = requireIt(im, m, items)
	}
	return f
}

func versioned(m module.Version) string {
	if m.Version == "" {
		return m.Path
	}
	return m.Path + "@" + m.Version
}

// meant guesses what an import without a host was to be: a package of the standard library, one of the module's own, or the
// last element of a module that is required.
func meant(im *project.Imports, i *project.Imported) string {
	for _, r := range im.Module.Mod.Require {
		prefix, _, ok := module.SplitPathVersion(r.Mod.Path)
		if ok && (path.Base(prefix) == i.Path || path.Base(r.Mod.Path) == i.Path) {
			return "write: import \"" + r.Mod.Path + "\""
		}
	}
	for rel := range im.Module.Packages {
		if rel == i.Path || strings.HasSuffix(rel, "/"+i.Path) {
			return "write: import \"" + path.Join(im.Module.Path(), rel) + "\""
		}
	}
	if near := nearest(i.Path, maps.Keys(project.StdPackages())); near != "" {
		return "did you mean " + near + "?"
	}
	if project.StdPackages()[i.Path] {
		return "this package came with a newer Go than the one in use: install that, see https://pkg.go.dev/" + i.Path
	}
	return "write the import path in full, host first, as on https://pkg.go.dev"
}
