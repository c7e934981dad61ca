package mod

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// leftOutFor is the module of the project that has a package which nothing in a workspace provides, because go.work leaves that
// module out; nil where none has.
func leftOutFor(ctx context.Context, t *target.Target, im *project.Imports, i *project.Imported) *project.Module {
	w := im.Resolver.Workspace()
	modules, err := t.Modules(ctx)
	if err != nil || w == nil || i.Kind != project.Missing {
		return nil
	}
	for _, m := range modules {
		if m.Mod != nil && m.Path() != "" && !w.Lists(m.AbsDir()) && has(m, i.Path) {
			return m
		}
	}
	return nil
}

// nearby is a module of the project that go.mod does not require.
type nearby struct{ path, dir string } // dir is relative to the module that wants it

// nearbyFor is the module of the project that has all of some packages which nothing provides: one beside the module that imports
// them, or one nested in it, which is called by its folder.
func nearbyFor(ctx context.Context, t *target.Target, im *project.Imports, items []*project.Imported) (nearby, bool) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nearby{}, false
	}
	for _, m := range modules {
		rel, err := filepath.Rel(im.Module.AbsDir(), m.AbsDir())
		if err == nil && m != im.Module && m.Mod != nil && m.Path() != "" && !slices.ContainsFunc(items, func(i *project.Imported) bool { return !has(m, i.Path) }) {
			return nearby{m.Path(), slashed(rel)}, true
		}
	}
	below, inside := strings.CutPrefix(items[0].Path, im.Module.Path()+"/")
	for dir := below; inside && dir != "."; dir = path.Dir(dir) {
		if project.HasGoMod(filepath.Join(im.Module.AbsDir(), filepath.FromSlash(dir))) {
			n := nearby{path.Join(im.Module.Path(), dir), slashed(dir)}
			return n, !slices.ContainsFunc(items, func(i *project.Imported) bool { return !strings.HasPrefix(i.Path+"/", n.path+"/") })
		}
	}
	return nearby{}, false
}

// inProject says of a requirement that lacks that its module lies here: nothing has to be fetched, which no proxy could.
func (n nearby) inProject(f *checks.Finding, im *project.Imports, importPath string) {
	f.Message = checks.Msg("%s is a package of another module, the one in %s, and go.mod requires no such module", importPath, n.dir)
	f.Help = checks.Msg("go mod edit -require=%s@v0.0.0 -replace=%s=%s", n.path, n.path, n.dir)
	if w := im.Resolver.Workspace(); w != nil {
		f.Message = checks.Msg("%s is a package of another module, the one in %s, which %s leaves out", importPath, n.dir, w.Name)
		f.Help = checks.Msg("go work use %s", n.dir)
	}
	f.Fix = nil
}

// has tells whether a module has a package of that import path.
func has(m *project.Module, importPath string) bool {
	rest, inside := strings.CutPrefix(importPath+"/", m.Path()+"/")
	return inside && m.Packages[path.Clean(rest)] != nil
}

// wantedBy is an import in another module that needs one which go.work leaves out; ok is false where nothing does.
func wantedBy(ctx context.Context, t *target.Target, m *project.Module) (project.Site, bool) {
	all, err := t.Imports(ctx)
	if err != nil {
		return project.Site{}, false
	}
	for _, im := range all {
		for _, i := range im.Paths {
			if i.Needed != nil && leftOutFor(ctx, t, im, i) == m {
				return *i.Needed, true
			}
		}
	}
	return project.Site{}, false
}
