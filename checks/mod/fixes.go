package mod

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// requireIt adds the module that an import lacks. A version that the module cache has is written into go.mod as the user
// would; else the go command has to look for one, which takes the network.
func requireIt(im *project.Imports, m module.Version, items []*project.Imported) *plan.Plan {
	var packages []string
	for _, i := range items {
		packages = append(packages, i.Path)
	}
	slices.Sort(packages)
	title := "require " + m.Path + " in " + im.Module.File("go.mod")
	if m.Version == "" || im.Module.Requirement(m.Path) != nil {
		get := plan.Command{Args: []string{"get", versioned(m)}}
		if m.Version == "" {
			get.Args = append([]string{"get"}, packages...)
		}
		return planned(title, plan.Safe, inModule(im, get, completed())...)
	}
	title = "require " + m.Path + " " + m.Version + " in " + im.Module.File("go.mod")
	complete := gets(packages...) // fails where one of them is not to be had
	complete.Instead = "go get " + versioned(m)
	return planned(title, plan.Safe, inModule(im, goModOf(im.Module).require(m), complete, completed())...)
}

// dropRequirement takes a requirement out that nothing needs.
func dropRequirement(im *project.Imports, r *modfile.Require) *plan.Plan {
	return planned("take "+r.Mod.Path+" out of "+im.Module.File("go.mod"), plan.Safe,
		inModule(im, goModOf(im.Module).drop(r.Syntax))...)
}

// correctComment sets the "// indirect" comment of a requirement right.
func correctComment(im *project.Imports, r *modfile.Require) *plan.Plan {
	g := goModOf(im.Module)
	if !r.Indirect {
		return planned("mark "+r.Mod.Path+" // indirect", plan.Safe, g.markIndirect(r.Syntax))
	}
	edit, ok := g.unmarkIndirect(r.Syntax)
	if !ok {
		return nil
	}
	return planned("take // indirect away from "+r.Mod.Path, plan.Safe, edit)
}

// completeSums has the go command add what go.sum lacks. One command does so for all findings.
func completeSums(im *project.Imports) *plan.Plan {
	c := gets()
	c.Instead = "go mod tidy"
	return planned("add the missing hashes to "+im.Module.File("go.sum"), plan.Safe, inModule(im, c)[0])
}

// rewriteImports writes another beginning into import paths. What stands behind it, and the kind of quotes, stay.
func rewriteImports(old, name string, items []*project.Imported) *plan.Plan {
	return planned("write "+name+" instead of "+old+" in the imports", plan.Safe, importEdits(old, name, items)...)
}

func importEdits(old, name string, items []*project.Imported) []plan.Step {
	var steps []plan.Step
	for _, i := range items {
		for _, s := range i.Sites {
			if s.Import.End.Column-s.Import.Pos.Column != len(s.Import.Path)+2 || !within(s.Import.Path, old) {
				continue // written with escapes
			}
			steps = append(steps, plan.ReplaceAt(s.File.Path, s.Import.Pos.Line, s.Import.Pos.Column+1, old, name))
		}
	}
	return steps
}

// correctCase writes the right spelling of a module, and takes the wrong one out of go.mod.
func correctCase(im *project.Imports, tw twin) *plan.Plan {
	steps := importEdits(tw.wrong, tw.right, tw.items)
	if r := im.Module.Requirement(tw.wrong); r != nil {
		steps = append(steps, goModOf(im.Module).drop(r.Syntax))
		steps = inModule(im, steps...)
	}
	return planned("write "+tw.right+" in every import", plan.Safe, steps...)
}

// absoluteImports writes the full path of a package into the sites of a relative import that mean it: the same relative path
// means different packages in different folders.
func absoluteImports(im *project.Imports, i *project.Imported) *plan.Plan {
	var steps []plan.Step
	for _, s := range i.Sites {
		full, ok := absoluteImport(im, s)
		if !ok || s.Import.End.Column-s.Import.Pos.Column != len(s.Import.Path)+2 {
			return nil
		}
		steps = append(steps, plan.ReplaceAt(s.File.Path, s.Import.Pos.Line, s.Import.Pos.Column+1, s.Import.Path, full))
	}
	return planned("write the full path instead of "+i.Path, plan.Safe, steps...)
}

// makeModule writes the go.mod that is missing: its name, its Go, and what its files import of other modules, in the versions
// that go.sum knows or the module cache has.
func makeModule(ctx context.Context, t *target.Target, m *project.Module, name string) *plan.Plan {
	env, err := t.GoEnv(ctx)
	if err != nil || env.Version() == "" {
		return nil
	}
	cache, err := t.ModCache(ctx)
	if err != nil {
		return nil
	}
	var b strings.Builder
	b.WriteString("module " + modfile.AutoQuote(name) + "\n\ngo " + release(env.Version()) + "\n")
	requires := map[string]string{}
	for _, f := range m.Files {
		for _, i := range f.Imports {
			if v, ok := provided(cache, m.Sum, i.Path); ok && !within(i.Path, name) {
				requires[v.Path] = v.Version
			}
		}
	}
	if len(requires) > 0 {
		b.WriteString("\nrequire (\n")
		for _, p := range slices.Sorted(maps.Keys(requires)) {
			b.WriteString("\t" + p + " " + requires[p] + "\n")
		}
		b.WriteString(")\n")
	}
	complete := gets()
	complete.Args = []string{"list", "-mod=mod", "-deps", "./..."} // all imports have to be found, or it is no go.mod yet
	complete.Dir, complete.Instead = m.Dir, "go mod init "+name+" && go mod tidy"
	return planned("make "+m.File("go.mod")+" for the module "+name, plan.Safe,
		plan.CreateFile{File: m.File("go.mod"), Content: b.String()}, complete)
}

// provided finds the module version for an import: the one whose hash go.sum holds, if the cache has it, else the newest of
// the cache.
func provided(cache *project.ModCache, sum *project.Sum, importPath string) (module.Version, bool) {
	host, _, _ := strings.Cut(importPath, "/")
	if !strings.Contains(host, ".") || strings.HasPrefix(importPath, ".") {
		return module.Version{}, false
	}
	for prefix := importPath; prefix != "."; prefix = filepath.ToSlash(filepath.Dir(prefix)) {
		versions := cache.Versions(prefix)
		for _, v := range slices.Backward(versions) {
			m := module.Version{Path: prefix, Version: v}
			if has, _ := cache.Has(m, importPath); has == project.Present && sum.HasModule(m) {
				return m, true
			}
		}
	}
	return cache.Find(importPath)
}

// release is the go line for a Go: without the patch level, so that it binds nobody to this very one.
func release(version string) string {
	major, rest, _ := strings.Cut(version, ".")
	minor := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	return major + "." + minor
}

// dropReplace takes a replace line out that leads nowhere. It is unsafe: what is then built is another version of the module.
// A requirement that was made up for the replacement would lead nowhere either.
func dropReplace(im *project.Imports, r *modfile.Replace, users []*project.Imported) *plan.Plan {
	req := im.Module.Requirement(r.Old.Path)
	if req == nil || strings.HasPrefix(req.Mod.Version, "v0.0.0-0001") || strings.HasSuffix(req.Mod.Version, "-000000000000") || req.Mod.Version == "v0.0.0" {
		return nil
	}
	var packages []string
	for _, i := range users {
		packages = append(packages, i.Path)
	}
	complete := gets(packages...)
	complete.Instead = "go mod edit -dropreplace=" + r.Old.Path + " && go mod download " + r.Old.Path
	return planned("take the replace line out, so that "+versioned(req.Mod)+" is built", plan.Unsafe,
		inModule(im, goModOf(im.Module).drop(r.Syntax), complete, completed())...)
}

// relativeReplace writes an absolute path inside the repository relative to go.mod.
func relativeReplace(im *project.Imports, r *modfile.Replace) *plan.Plan {
	dir := filepath.FromSlash(r.New.Path)
	if outsideRepository(im.Module, dir) || project.FindRepository(im.Module.AbsDir()) == "" {
		return nil
	}
	rel, err := filepath.Rel(im.Module.AbsDir(), dir)
	if err != nil {
		return nil
	}
	edit, ok := goModOf(im.Module).last(r.Syntax, slashed(rel))
	if !ok {
		return nil
	}
	return planned("write "+slashed(rel)+" instead of the absolute path", plan.Unsafe, edit)
}

// dropUse takes a use line out of go.work.
func dropUse(w *project.Work, u project.Use) *plan.Plan {
	return planned("take "+u.Written+" out of "+w.Name, plan.Safe, goWorkOf(w).drop(u.Line))
}

// addUse lists a module in go.work.
func addUse(w *project.Work, dir string) *plan.Plan {
	return planned("list "+slashed(dir)+" in "+w.Name, plan.Safe, goWorkOf(w).use(slashed(dir)))
}

// raiseWork raises the go line of go.work to what its modules ask for.
func raiseWork(w *project.Work, version string) *plan.Plan {
	if w.File.Go == nil {
		return nil
	}
	edit, ok := goWorkOf(w).last(w.File.Go.Syntax, version)
	if !ok {
		return nil
	}
	return planned("raise the go line of "+w.Name+" to "+version, plan.Safe, edit)
}

// vendorAnew has the go command make the vendor folder anew, with the hashes that it asks for first. It is unsafe: whatever was changed
// in there by hand is lost.
func vendorAnew(im *project.Imports) *plan.Plan {
	steps := inModule(im, completed())
	last := len(steps) - 1
	if c, ok := steps[last].(plan.Command); ok {
		c.Instead = "go mod tidy && go mod vendor"
		steps[last] = c
	}
	return planned("make "+im.Module.File("vendor")+" anew from go.mod", plan.Unsafe, steps...)
}

// namePrivate adds a module's host to GOPRIVATE, as `go env -w` keeps it. There is no plan where the environment sets it:
// that would win.
func namePrivate(ctx context.Context, t *target.Target, patterns string) *plan.Plan {
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return nil
	}
	file, path := settings.File()
	if path == "" || settings.Lookup("GOPRIVATE").IsSet() && settings.Lookup("GOPRIVATE").File == "" {
		return nil
	}
	var src []byte
	if file != nil {
		src = file.Source
	}
	steps := plan.SetGoEnv(path, src, file != nil, "GOPRIVATE", patterns)
	if len(steps) == 0 {
		return nil
	}
	return planned("go env -w GOPRIVATE="+patterns, plan.Unsafe, steps...)
}
