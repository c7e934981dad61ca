package project

import "go/ast"

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
