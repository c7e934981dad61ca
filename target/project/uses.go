package project

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// maxResolved bounds the files that Unresolved parses, in bytes.
const maxResolved = 1 << 20

// Unresolved tells whether the file uses a name that it does not declare itself: one of its package, of a package that it imports, or
// of the language.
func (f *GoFile) Unresolved(name string) bool {
	src, err := f.Source(maxResolved)
	if err != nil {
		return false
	}
	file, _ := parser.ParseFile(token.NewFileSet(), f.Path, src, 0)
	return file != nil && slices.ContainsFunc(file.Unresolved, func(id *ast.Ident) bool { return id.Name == name })
}

// Selects tells whether the importing file uses a name of the package that it imports.
func (i PackageImport) Selects(name string) bool {
	s, _ := i.File.Syntax()
	if s == nil || s.File == nil || i.To == nil {
		return false
	}
	local := cmp.Or(i.Import.Name, i.To.Name)
	found := false
	ast.Inspect(s.File, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			id, ok := sel.X.(*ast.Ident)
			found = found || ok && id.Name == local
		}
		return !found
	})
	return found
}

// Users are the files of the graph that use a name of a package: its own, and those that import it.
func (g *PackageGraph) Users(p *BuildPackage, name string) []*GoFile {
	users := slices.DeleteFunc(slices.Clone(p.Files), func(f *GoFile) bool { return !f.Unresolved(name) })
	for _, q := range g.Packages {
		for _, use := range q.Uses {
			if use.To == p && use.Selects(name) {
				users = append(users, use.File)
			}
		}
	}
	return users
}
