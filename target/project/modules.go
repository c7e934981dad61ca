package project

import (
	"context"
	"path"
	"slices"
	"strings"
)

// Modules splits the tree into its modules, parses every Go file of them as far as its imports, and reads their go.mod,
// go.sum and vendor/modules.txt.
//
// With a go.mod at the root that module is the only one: modules nested below it are other projects to the go command.
// Without one, each topmost go.mod below makes a module of its own. Without any, the root itself is a module without go.mod,
// if it has Go files.
func Modules(ctx context.Context, t *Tree) ([]*Module, error) {
	dirs := moduleDirs(t)
	byDir := make(map[string]*Module, len(dirs)) // nil for a module that is none of those examined
	for _, d := range dirs {
		byDir[d] = nil
	}
	var modules []*Module
	for _, d := range topmost(dirs) {
		m := &Module{Root: t.Root, Dir: d, Packages: map[string]*Package{}}
		m.readGoMod()
		m.readSum()
		m.readVendor()
		byDir[d] = m
		modules = append(modules, m)
	}
	var files []File
	var owners []*Module
	for _, f := range t.Files {
		if owner := owner(f.Path, byDir); owner != nil && isSource(owner.Dir, f) {
			files, owners = append(files, f), append(owners, owner)
		}
	}
	if len(modules) == 0 {
		return nil, nil
	}
	parsed, err := parseAll(ctx, t.Root, files)
	if err != nil {
		return nil, err
	}
	for i, f := range parsed {
		if f != nil {
			owners[i].add(f)
		}
	}
	return modules, nil
}

// moduleDirs lists the folders that hold a go.mod; the root stands in for all where there is none.
func moduleDirs(t *Tree) []string {
	var dirs []string
	for _, name := range t.Named("go.mod") {
		if !outsideBuild(path.Dir(name)) {
			dirs = append(dirs, path.Dir(name))
		}
	}
	if len(dirs) == 0 && slices.ContainsFunc(t.Files, func(f File) bool { return isSource(".", f) }) {
		dirs = []string{"."}
	}
	return dirs
}

// topmost drops the folders that lie below another one of the list.
func topmost(dirs []string) []string {
	return slices.DeleteFunc(slices.Clone(dirs), func(d string) bool {
		return slices.ContainsFunc(dirs, func(other string) bool { return other != d && Within(d, other) })
	})
}

// owner finds the module that a file belongs to: the nearest go.mod above it decides, also when that nested module is none
// of those examined (then nil).
func owner(file string, byDir map[string]*Module) *Module {
	for d := path.Dir(file); ; d = path.Dir(d) {
		if m, ok := byDir[d]; ok {
			return m
		}
		if d == "." {
			return nil
		}
	}
}

// isSource tells whether the go command would look at the file as part of a package of the module in dir.
func isSource(moduleDir string, f File) bool {
	base := path.Base(f.Path)
	if !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
		return false
	}
	return !outsideBuild(relativeTo(path.Dir(f.Path), moduleDir))
}

// outsideBuild tells whether the go command's wildcards leave a folder out: testdata, and names that begin with . or _.
func outsideBuild(rel string) bool {
	for part := range strings.SplitSeq(rel, "/") {
		if part == "testdata" || strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".") && part != "." {
			return true
		}
	}
	return false
}

// Within tells whether the slash-separated relative path name is dir or lies below it.
func Within(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}

func (m *Module) add(f *GoFile) {
	m.Files = append(m.Files, f)
	rel := relativeTo(f.Dir(), m.Dir)
	p := m.Packages[rel]
	if p == nil {
		p = &Package{Dir: f.Dir()}
		if m.Path() != "" {
			p.ImportPath = path.Join(m.Path(), rel)
		}
		m.Packages[rel] = p
	}
	p.Files = append(p.Files, f)
}

// relativeTo gives name relative to dir, both relative to one root and name within dir.
func relativeTo(name, dir string) string {
	if dir == "." {
		return name
	}
	if name == dir {
		return "."
	}
	return strings.TrimPrefix(name, dir+"/")
}
