package src

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// logged tells whether a value only goes to a log: it is an argument of a call, or of one in a chain of calls, of a log library.
func (p *Pass) logged(c inspector.Cursor) bool {
	for up := range c.Parent().Enclosing((*ast.CallExpr)(nil), (*ast.BlockStmt)(nil)) {
		call, ok := up.Node().(*ast.CallExpr)
		if !ok {
			return false
		}
		if p.logs(call) {
			return true
		}
	}
	return false
}

// logs tells whether a call is one of a log library. Where the types of the library are not at hand, what the chain of calls begins
// with tells as much: log.Info().Str("a", "b").
func (p *Pass) logs(call *ast.CallExpr) bool {
	if fn := p.Callee(call); fn != nil {
		return fn.Pkg() != nil && (logLibrary(fn.Pkg().Path()) || fn.Pkg().Path() == "fmt" && strings.HasPrefix(fn.Name(), "Print"))
	}
	return logLibrary(p.chainFrom(call, 0))
}

func logLibrary(path string) bool {
	switch path {
	case "log", "log/slog":
		return true
	}
	return strings.HasPrefix(path, "go.uber.org/zap") || strings.HasPrefix(path, "github.com/rs/zerolog") || strings.HasPrefix(path, "github.com/sirupsen/logrus")
}

// chainFrom is the package that a chain of calls and selections begins with: by its name, by the variable's type as it is written, or
// by what the variable was made with. It is empty where none of them is known.
func (p *Pass) chainFrom(e ast.Expr, depth int) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return p.chainFrom(x.Fun, depth)
	case *ast.StarExpr:
		return p.chainFrom(x.X, depth)
	case *ast.UnaryExpr:
		return p.chainFrom(x.X, depth)
	case *ast.CompositeLit:
		if x.Type != nil {
			return p.chainFrom(x.Type, depth)
		}
	case *ast.SelectorExpr:
		if v := p.Var(x); v != nil && v.IsField() {
			return p.madeFrom(v, depth)
		}
		return p.chainFrom(x.X, depth)
	case *ast.Ident:
		switch o := p.TypesInfo.ObjectOf(x).(type) {
		case *types.PkgName:
			return o.Imported().Path()
		case *types.Var:
			return p.madeFrom(o, depth)
		}
	}
	return ""
}

// madeFrom is the package of a variable's type as it is written in this package, else that of its only value.
func (p *Pass) madeFrom(v *types.Var, depth int) string {
	if depth > 4 {
		return ""
	}
	for c := range p.Nodes((*ast.Field)(nil), (*ast.ValueSpec)(nil)) {
		var names []*ast.Ident
		var typ ast.Expr
		switch n := c.Node().(type) {
		case *ast.Field:
			names, typ = n.Names, n.Type
		case *ast.ValueSpec:
			names, typ = n.Names, n.Type
		}
		for _, id := range names {
			if typ != nil && p.TypesInfo.Defs[id] == v {
				return p.chainFrom(typ, depth+1)
			}
		}
	}
	if values, complete := p.Values(v); complete && len(values) == 1 {
		return p.chainFrom(values[0], depth+1)
	}
	return ""
}
