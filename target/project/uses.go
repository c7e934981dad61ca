package project

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
)

// Declared are the names that a file adds to its package. The package's other files cannot call main and init, and methods are known
// by their type.
func Declared(file *ast.File) []string {
	var names []string
	add := func(id *ast.Ident) {
		if id.Name != "_" {
			names = append(names, id.Name)
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" && d.Name.Name != "main" {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				for _, id := range specified(spec) {
					add(id)
				}
			}
		}
	}
	return names
}

// specified are the names that a declaration of types, constants or variables gives.
func specified(spec ast.Spec) []*ast.Ident {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{spec.Name}
	case *ast.ValueSpec:
		return spec.Names
	}
	return nil
}

// Declared are the names that the file adds to its package.
func (f *GoFile) Declared() []string {
	s, _ := f.Syntax()
	if s == nil || s.File == nil {
		return nil
	}
	return Declared(s.File)
}

// maxResolved bounds the files that Lacks parses, in bytes.
const maxResolved = 1 << 20

// Lacks lists the names that the file uses and does not declare, those of the language left out: one that is no import's has to come
// from another file of the package. Nothing is certain of a file that imports with a dot.
func (f *GoFile) Lacks() map[string]bool {
	src, err := f.Source(maxResolved)
	if err != nil || slices.ContainsFunc(f.Imports, func(i Import) bool { return i.Name == "." }) {
		return nil
	}
	file, _ := parser.ParseFile(token.NewFileSet(), f.Path, src, 0)
	if file == nil {
		return nil
	}
	names := map[string]bool{}
	for _, id := range file.Unresolved {
		if types.Universe.Lookup(id.Name) == nil {
			names[id.Name] = true
		}
	}
	return names
}

// selected are the names of the imported package that the importing file uses.
func (i PackageImport) selected() map[string]bool {
	s, _ := i.File.Syntax()
	if s == nil || s.File == nil || i.To == nil {
		return nil
	}
	local := cmp.Or(i.Import.Name, i.To.Name)
	names := map[string]bool{}
	ast.Inspect(s.File, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == local {
				names[sel.Sel.Name] = true
			}
		}
		return true
	})
	return names
}

// LeftOut is a name that a build of some files of a package finds undefined.
type LeftOut struct {
	Name string
	User *GoFile // is built
	In   *GoFile // declares the name, and is not built
}

// LeavesOut finds a name that a build lacks which takes only the files with certain base names of the package.
func (p *BuildPackage) LeavesOut(bases []string) (LeftOut, bool) {
	var built, rest []*GoFile
	for _, f := range p.Files {
		if slices.Contains(bases, path.Base(f.Path)) {
			built = append(built, f)
		} else {
			rest = append(rest, f)
		}
	}
	lacks := make([]map[string]bool, len(built))
	for i, f := range built {
		lacks[i] = f.Lacks()
	}
	for _, f := range rest {
		for _, name := range f.Declared() {
			if i := slices.IndexFunc(lacks, func(names map[string]bool) bool { return names[name] }); i >= 0 {
				return LeftOut{name, built[i], f}, true
			}
		}
	}
	return LeftOut{}, false
}

// Given is a name that one file alone declares, with the files that do not compile without it.
type Given struct {
	Name  string
	Users []*GoFile // of the package, then of those that import it
}

// GivenBy lists what a file of a package, in the build or left out of it, alone declares and others use, in the order of the file.
func (g *PackageGraph) GivenBy(p *BuildPackage, f *GoFile) []Given {
	names := f.Declared()
	users := map[string][]*GoFile{}
	for _, other := range p.Files {
		if other == f {
			continue
		}
		theirs := other.Declared()
		names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(theirs, name) })
		for name := range other.Lacks() {
			users[name] = append(users[name], other)
		}
	}
	for _, q := range g.Packages {
		for _, use := range q.Uses {
			if use.To != p {
				continue
			}
			for name := range use.selected() {
				users[name] = append(users[name], use.File)
			}
		}
	}
	var given []Given
	for _, name := range names {
		if len(users[name]) > 0 {
			given = append(given, Given{name, users[name]})
		}
	}
	return given
}
