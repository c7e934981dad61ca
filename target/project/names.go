package project

import (
	"go/ast"
	"path"
	"strings"
)

// FuncName is the name of a function within its package: "main", "Server.Routes". That of a method of no nameable type begins with
// a dot.
func FuncName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	return TypeName(d.Recv.List[0].Type) + "." + d.Name.Name
}

// TypeName is the name of a type of the same package as it is written in a receiver or an embedded field, without pointer and type
// parameters: "Server" of *Server[T]; "" for one of another package, and for one that has no name.
func TypeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return TypeName(t.X)
	case *ast.ParenExpr:
		return TypeName(t.X)
	case *ast.IndexExpr:
		return TypeName(t.X)
	case *ast.IndexListExpr:
		return TypeName(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// GuessedName is the name that a package most likely has, going by its import path: the last element that is no major version, without
// one behind it (gopkg.in/ini.v1).
func GuessedName(importPath string) string {
	dir, name := path.Split(importPath)
	if version, ok := strings.CutPrefix(name, "v"); ok && dir != "" && isNumber(version) {
		name = path.Base(dir)
	}
	if base, version, ok := strings.Cut(name, ".v"); ok && isNumber(version) {
		return base
	}
	return name
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Imported is the import path of the package that an expression names, "" where it names none.
func (f *GoFile) Imported(x ast.Expr) string {
	id, ok := x.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, i := range f.Imports {
		if i.Name == id.Name || i.Name == "" && GuessedName(i.Path) == id.Name {
			return i.Path
		}
	}
	return ""
}
