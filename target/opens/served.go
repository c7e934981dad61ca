package opens

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/gindoctor/gindoctor/target/project"
)

// servers are the functions and methods that serve a file system, with the argument that is one: those of net/http, which other
// libraries name theirs after, and those of gin.
var servers = map[string]int{
	"FileServer": 0, "FileServerFS": 0, "ServeFileFS": 2,
	"StaticFS": 1, "StaticFileFS": 2, "FileFromFS": 1,
}

// fiberFilesPath is a middleware that serves the file system in its configuration.
const fiberFilesPath = "github.com/gofiber/fiber/v2/middleware/filesystem"

// fileSystem is the file system that a call serves; nil where it serves none.
func fileSystem(f *project.GoFile, call *ast.CallExpr) ast.Expr {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	at, ok := servers[sel.Sel.Name]
	switch f.Imported(sel.X) + "." + sel.Sel.Name {
	case ginStaticPath + ".Serve":
		at, ok = 1, true
	case fiberFilesPath + ".New":
		at, ok = 0, true
	}
	if !ok || at >= len(call.Args) {
		return nil
	}
	return call.Args[at]
}

// serves tells whether the file system that a call makes is served: in the same expression, or by a name that it gets. A generator
// may read one too, and nobody asks that one for a page.
func (v *visit) serves(made *ast.CallExpr) bool {
	around, _ := astutil.PathEnclosingInterval(v.syntax.File, made.Pos(), made.End())
	for i := 1; i < len(around); i++ {
		switch n := around[i].(type) {
		case *ast.CallExpr:
			if fileSystem(v.file, n) == around[i-1] || v.pkg.servesArgument(n, around[i-1]) {
				return true
			}
		case *ast.KeyValueExpr:
			if v.pkg.servesName(named(n.Key)) {
				return true
			}
		case *ast.AssignStmt:
			return v.servesAny(n.Lhs, n.Tok == token.DEFINE, around[i:])
		case *ast.ValueSpec:
			var names []ast.Expr
			for _, id := range n.Names {
				names = append(names, id)
			}
			return v.servesAny(names, true, around[i:])
		case *ast.ReturnStmt:
			fn := declaration(around[i:])
			return fn != nil && v.pkg.servesName(fn.Name.Name)
		case ast.Stmt:
			return false
		}
	}
	return false
}

// servesAny tells whether one of the names is served that a statement sets: in the function where it declares them, in the whole
// package else.
func (v *visit) servesAny(names []ast.Expr, declares bool, around []ast.Node) bool {
	fn := declaration(around)
	for _, x := range names {
		_, plain := x.(*ast.Ident)
		if declares && plain && fn != nil {
			if servedNames(v.file, fn)[named(x)] {
				return true
			}
		} else if v.pkg.servesName(named(x)) {
			return true
		}
	}
	return false
}

// declaration is the declared function among the nodes around a place; nil where there is none.
func declaration(around []ast.Node) *ast.FuncDecl {
	for _, n := range around {
		if fn, ok := n.(*ast.FuncDecl); ok {
			return fn
		}
	}
	return nil
}

// named is the name of a variable, a field or a function in an expression; empty where it is something else.
func named(x ast.Node) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// servesName tells whether something of that name is served anywhere in the package.
func (p *pkg) servesName(name string) bool {
	if name == "" || name == "_" {
		return false
	}
	if p.served == nil {
		p.served = map[string]bool{}
		for _, f := range p.files {
			if s, _ := f.Syntax(); s != nil && s.File != nil {
				for served := range servedNames(f, s.File) {
					p.served[served] = true
				}
			}
		}
	}
	return p.served[name]
}

// servesArgument tells whether a function of the package serves what a call gives it.
func (p *pkg) servesArgument(call *ast.CallExpr, given ast.Node) bool {
	serves := false
	name := named(call.Fun)
	for i, arg := range call.Args {
		if arg != given || name == "" {
			continue
		}
		for _, f := range p.files {
			s, _ := f.Syntax()
			if s == nil || s.File == nil {
				continue
			}
			for _, d := range s.File.Decls {
				fn, ok := d.(*ast.FuncDecl)
				serves = serves || ok && fn.Name.Name == name && servedNames(f, fn)[parameter(fn, i)]
			}
		}
	}
	return serves
}

// parameter is the name of parameter i of a function; empty where it has none.
func parameter(fn *ast.FuncDecl, i int) string {
	for _, field := range fn.Type.Params.List {
		if i < len(field.Names) {
			return field.Names[i].Name
		}
		i -= max(len(field.Names), 1)
	}
	return ""
}

// servedNames are the names in what some code serves, and in what those were made of.
func servedNames(f *project.GoFile, code ast.Node) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(code, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if served := fileSystem(f, call); served != nil {
				addNames(names, served)
			}
		}
		return true
	})
	for before := -1; len(names) > 0 && before != len(names); {
		before = len(names)
		ast.Inspect(code, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, x := range n.Lhs {
					if names[named(x)] {
						addNames(names, n.Rhs[min(i, len(n.Rhs)-1)])
					}
				}
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if names[id.Name] && len(n.Values) > 0 {
						addNames(names, n.Values[min(i, len(n.Values)-1)])
					}
				}
			}
			return true
		})
	}
	return names
}

func addNames(names map[string]bool, x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name != "_" {
			names[id.Name] = true
		}
		return true
	})
}
