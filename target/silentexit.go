package target

import (
	"context"
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// SilentExit tells whether a program ends with status 0 when it cannot listen, and the call whose error it drops. It is said only
// where the code shows it: main itself waits in that call, nothing looks at its result, and nothing of consequence follows.
func (t *Target) SilentExit(ctx context.Context, p Program) (listen.Place, bool, error) {
	addresses, err := t.Listens(ctx)
	if err != nil {
		return listen.Place{}, false, err
	}
	for _, a := range addresses {
		if a.Main != p.Package.Dir || !a.Gin || a.Secondary || a.Conditional || !a.Waited() {
			continue
		}
		for _, f := range p.Files() {
			if f.Path == a.Call.File && drops(f, a.Call.Position) {
				return a.Call, true, nil
			}
		}
	}
	return listen.Place{}, false, nil
}

// drops tells whether the result of the call at a position is thrown away, and the function then goes to its end.
func drops(f *project.GoFile, at project.Position) bool {
	syntax, _ := f.Syntax()
	if syntax == nil || syntax.File == nil {
		return false
	}
	var call *ast.CallExpr
	ast.Inspect(syntax.File, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && call == nil && syntax.Position(c.Pos()) == at {
			call = c // the outermost one that begins there
		}
		return call == nil
	})
	if call == nil {
		return false
	}
	path, _ := astutil.PathEnclosingInterval(syntax.File, call.Pos(), call.End())
	for len(path) > 0 && path[0] != ast.Node(call) {
		path = path[1:]
	}
	if len(path) < 4 {
		return false
	}
	switch stmt := path[1].(type) {
	case *ast.ExprStmt:
	case *ast.AssignStmt:
		for _, left := range stmt.Lhs {
			if id, ok := left.(*ast.Ident); !ok || id.Name != "_" {
				return false
			}
		}
	default:
		return false
	}
	block, ok := path[2].(*ast.BlockStmt)
	if !ok {
		return false
	}
	if _, ok := path[3].(*ast.FuncDecl); !ok {
		return false
	}
	return harmlessAfter(block, call.End())
}

// harmlessAfter tells whether what follows in a block does nothing but print.
func harmlessAfter(block *ast.BlockStmt, end token.Pos) bool {
	for _, stmt := range block.List {
		if stmt.Pos() < end {
			continue
		}
		e, ok := stmt.(*ast.ExprStmt)
		if !ok {
			return false
		}
		call, ok := e.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		switch sel.Sel.Name {
		case "Print", "Println", "Printf", "Info", "Infof":
		default:
			return false
		}
	}
	return true
}
