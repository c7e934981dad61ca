package mod

import (
	"context"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// ModulePath finds imports of the module's own packages under another path than its go.mod gives.
var ModulePath = checks.Check{
	ID:       "mod/module-path",
	Title:    "own packages are imported under another module path",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-sum", "mod/private-module", "mod/build-tags", "run/stale-binary"},
	Run:      modulePath,
}

// rename is a module path that imports of own packages start with, and that is not the one of go.mod.
type rename struct {
	old   string
	items []*project.Imported
	rels  []string // the folders of the packages that are meant, relative to the module
}

func modulePath(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachModule(ctx, t, func(im *project.Imports) {
		name := im.Module.Path()
		for _, r := range renames(im) {
			site := first(r.items)
			severity, why := breaking(r.items)
			f := checks.Finding{
				Severity: severity, Why: why,
				Message:  checks.Msg("%s is imported, but go.mod calls this module %s", site.Import.Path, name),
				Help:     checks.Msg("write %s instead of %s in the imports, or take the old name back: go mod edit -module=%s", name, r.old, r.old),
				Location: at(site),
				Service:  im.Module.Dir,
				Key:      r.old,
			}
			if m := im.Module.Mod.Module; m.Syntax != nil {
				f.Evidence = append(f.Evidence, checks.Msg("%s:%d says: module %s", im.Module.File("go.mod"), project.LineOf(m.Syntax).Line, name))
			}
			f.Evidence = append(f.Evidence, sites(r.items, site)...)
			f.Fix = rewriteImports(r.old, name, r.items)
			report(f)
		}
	})
}

// renames finds the other names under which own packages are imported.
func renames(im *project.Imports) []rename {
	var out []rename
	for _, i := range im.Paths {
		if len(i.Candidates) > 0 {
			continue
		}
		old, rel, ok := "", "", false
		switch i.Kind {
		case project.Missing, project.NotStd:
			old, rel, ok = ownUnderOtherName(im, i.Path)
		case project.OwnMissing:
			old, rel, ok = underMajorVersion(im, i.Path)
		}
		if !ok {
			continue
		}
		at := slices.IndexFunc(out, func(r rename) bool { return r.old == old })
		if at < 0 {
			out = append(out, rename{old: old})
			at = len(out) - 1
		}
		out[at].items, out[at].rels = append(out[at].items, i), append(out[at].rels, rel)
	}
	out = slices.DeleteFunc(out, func(r rename) bool { return !convincing(im, r) })
	// Under a name that is known to be meant for this module, packages that do not exist (any more) are meant too.
	for n := range out {
		adopt(im, &out[n], out)
	}
	return out
}

func adopt(im *project.Imports, r *rename, all []rename) {
	for _, i := range im.Paths {
		if i.Kind != project.Missing && i.Kind != project.NotStd || len(i.Candidates) > 0 || !within(i.Path, r.old) {
			continue
		}
		if !slices.ContainsFunc(all, func(o rename) bool { return slices.Contains(o.items, i) }) {
			r.items = append(r.items, i)
		}
	}
}

func within(importPath, modulePath string) bool {
	return importPath == modulePath || strings.HasPrefix(importPath, modulePath+"/")
}

// ownUnderOtherName splits an import path into another module path and the folder of an own package, the longest there is.
func ownUnderOtherName(im *project.Imports, p string) (old, rel string, ok bool) {
	name := im.Module.Path()
	if within(p, name) {
		return "", "", false // a module nested in this one
	}
	if alike(p, name) {
		return p, ".", true
	}
	for prefix := path.Dir(p); ; prefix = path.Dir(prefix) {
		if prefix == "." || prefix == "/" {
			return old, rel, ok
		}
		tail := strings.TrimPrefix(p, prefix+"/")
		if alike(prefix, name) {
			return prefix, tail, true
		}
		if im.Module.Packages[tail] != nil {
			old, rel, ok = prefix, tail, true
		}
	}
}

// majorVersion is the element that the path of a module from v2 on ends in.
var majorVersion = lazyregexp.New(`^v([2-9]|[1-9][0-9]+)$`)

// underMajorVersion splits the import of an own package under the path that go.mod gives and a /vN that it does not give:
// the imports were moved to the next major version, or the module line lost it.
func underMajorVersion(im *project.Imports, p string) (old, rel string, ok bool) {
	name := im.Module.Path()
	major, rel, _ := strings.Cut(strings.TrimPrefix(p, name+"/"), "/")
	if !majorVersion.MatchString(major) {
		return "", "", false
	}
	if rel == "" {
		rel = "."
	}
	return name + "/" + major, rel, im.Module.Packages[rel] != nil
}

// alike tells whether two module paths differ by case or by the suffix of the major version only.
func alike(a, b string) bool {
	return strings.EqualFold(major0(a), major0(b))
}

func major0(p string) string {
	if prefix, _, ok := module.SplitPathVersion(p); ok {
		return prefix
	}
	return p
}

// importsItself tells whether any own package is imported under the name that go.mod gives.
func importsItself(im *project.Imports) bool {
	return slices.ContainsFunc(im.Paths, func(i *project.Imported) bool { return within(i.Path, im.Module.Path()) })
}

// convincing tells whether a name is an old one of this module rather than a module that go.mod lacks.
func convincing(im *project.Imports, r rename) bool {
	name := im.Module.Path()
	if alike(r.old, name) {
		return true
	}
	if _, cached := im.Resolver.Suggest(r.items[0].Path); cached {
		// A module of that name was downloaded once, and it has the package. It may be this very one, published: then several
		// packages lie here under the same folders, and none is imported under the name that go.mod gives.
		return len(r.rels) >= 3 && !importsItself(im)
	}
	host, _, _ := strings.Cut(r.old, "/")
	switch {
	case !strings.Contains(host, "."):
		return true // nothing can be downloaded under that name
	case path.Base(major0(r.old)) == path.Base(major0(name)):
		return true // moved to another owner or host
	case slices.ContainsFunc(r.rels, func(rel string) bool { return strings.Contains("/"+rel+"/", "/internal/") }):
		return true // no other module could let us import it
	}
	deep := 0
	for _, rel := range r.rels {
		deep += strings.Count(rel, "/") + 1
	}
	return deep >= 3 // too much agreement of folders for a chance
}
