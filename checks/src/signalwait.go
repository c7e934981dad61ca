package src

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// orWarning is an error where the code waits for the signal in the function that asks for it, and so provably for ever.
func (p *Pass) orWarning(c inspector.Cursor) checks.Severity {
	fn, ok := funcOf(c)
	if !ok {
		return checks.Warning
	}
	call := c.Node().(*ast.CallExpr)
	v := p.Var(call.Args[0])
	if v == nil || v.Kind() != types.LocalVar || !p.onlyNotified(v) {
		return checks.Warning
	}
	for _, stmt := range body(fn.Node()).List {
		if p.receivesFrom(stmt, v) {
			return checks.Error
		}
	}
	return checks.Warning
}

// onlyNotified tells whether a channel gets values from one call of signal.Notify and from nowhere else.
func (p *Pass) onlyNotified(v *types.Var) bool {
	uses := 0
	for c := range p.Nodes((*ast.Ident)(nil)) {
		id := c.Node().(*ast.Ident)
		if p.TypesInfo.Uses[id] != v {
			continue
		}
		up := c.Parent().Node()
		if u, ok := up.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			continue
		}
		if call, ok := up.(*ast.CallExpr); ok && isFunc(p.Callee(call), "os/signal", "Notify") {
			uses++
			continue
		}
		return false
	}
	return uses == 1
}

// receivesFrom tells whether a statement is a receive from a channel, whatever becomes of the value.
func (p *Pass) receivesFrom(stmt ast.Stmt, v *types.Var) bool {
	var e ast.Expr
	switch s := stmt.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	}
	u, ok := ast.Unparen(e).(*ast.UnaryExpr)
	return e != nil && ok && u.Op == token.ARROW && p.Var(u.X) == v
}
