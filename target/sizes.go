package target

import (
	"go/ast"
	"go/constant"
	"go/token"

	"github.com/gindoctor/gindoctor/target/listen"
)

// Size is a number that the program gives to a pool or a cache in its code.
type Size struct {
	Call  string // as a reader knows it: "SetMaxOpenConns", "freecache.NewCache", "HardMaxCacheSize"
	Value int64  // connections, or bytes
	At    listen.Place
}

// Sizes are the sizes of pools and caches that stand in the program's own code as numbers.
func (t *Target) Sizes(p Program) []Size {
	var out []Size
	for _, f := range p.Files() {
		syntax, _ := f.Syntax()
		if syntax == nil || syntax.File == nil {
			continue
		}
		ast.Inspect(syntax.File, func(n ast.Node) bool {
			call, value, unit := sized(n)
			if value == nil {
				return true
			}
			if v, ok := number(value); ok {
				out = append(out, Size{call, v * unit, listen.Place{File: f.Path, Position: syntax.Position(n.Pos())}})
			}
			return true
		})
	}
	return out
}

// sized is the expression that gives something a size, and how many bytes one of it is.
func sized(n ast.Node) (call string, value ast.Expr, unit int64) {
	switch n := n.(type) {
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || len(n.Args) == 0 {
			return "", nil, 0
		}
		pkg, _ := sel.X.(*ast.Ident)
		switch {
		case sel.Sel.Name == "SetMaxOpenConns" && len(n.Args) == 1:
			return "SetMaxOpenConns", n.Args[0], 1
		case pkg != nil && pkg.Name == "freecache" && sel.Sel.Name == "NewCache" && len(n.Args) == 1:
			return "freecache.NewCache", n.Args[0], 1
		case pkg != nil && pkg.Name == "groupcache" && sel.Sel.Name == "NewGroup" && len(n.Args) == 3:
			return "groupcache.NewGroup", n.Args[1], 1
		}
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && id.Name == "HardMaxCacheSize" {
			return "HardMaxCacheSize", n.Value, 1 << 20
		}
	}
	return "", nil, 0
}

// number is the value of an expression of whole numbers.
func number(e ast.Expr) (int64, bool) {
	v := folded(e)
	if v == nil || v.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(v)
	return n, exact && n > 0 && n < 1<<50
}

func folded(e ast.Expr) constant.Value {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return folded(e.X)
	case *ast.BasicLit:
		if e.Kind == token.INT {
			return constant.MakeFromLiteral(e.Value, token.INT, 0)
		}
	case *ast.BinaryExpr:
		x, y := folded(e.X), folded(e.Y)
		if x == nil || y == nil || x.Kind() != constant.Int || y.Kind() != constant.Int {
			return nil
		}
		switch e.Op {
		case token.ADD, token.SUB, token.MUL:
			return constant.BinaryOp(x, e.Op, y)
		case token.SHL:
			if by, ok := constant.Uint64Val(y); ok && by < 64 {
				return constant.Shift(x, token.SHL, uint(by))
			}
		}
	}
	return nil
}
