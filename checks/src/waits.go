package src

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// holdUp is a statement that waits for something.
type holdUp struct {
	stmt   ast.Stmt
	signal bool // for a signal, and for nothing else
}

// waitAfter is the statement after stmt, in the same block, that holds up the function; nil where there is none.
func (p *Pass) waitAfter(stmt inspector.Cursor) *holdUp {
	for next, ok := stmt.NextSibling(); ok; next, ok = next.NextSibling() {
		s, ok := next.Node().(ast.Stmt)
		if !ok {
			return nil
		}
		if w := p.waits(s); w != nil {
			return w
		}
		switch s.(type) {
		case *ast.ReturnStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt:
			return nil // it may end before it waits
		}
	}
	return nil
}

func (p *Pass) waits(s ast.Stmt) *holdUp {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if u := receive(s.X); u != nil {
			return p.waitsFor(s, []ast.Expr{u.X})
		}
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			if u := receive(s.Rhs[0]); u != nil {
				return p.waitsFor(s, []ast.Expr{u.X})
			}
		}
	case *ast.SelectStmt:
		if len(s.Body.List) == 0 {
			return &holdUp{stmt: s}
		}
		var from []ast.Expr
		for _, clause := range s.Body.List {
			var u *ast.UnaryExpr
			switch comm := clause.(*ast.CommClause).Comm.(type) {
			case *ast.ExprStmt:
				u = receive(comm.X)
			case *ast.AssignStmt:
				u = receive(comm.Rhs[0])
			}
			if u == nil {
				return nil
			}
			from = append(from, u.X)
		}
		return p.waitsFor(s, from)
	}
	return nil
}

func receive(e ast.Expr) *ast.UnaryExpr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u
	}
	return nil
}

// waitsFor judges a wait for channels: only one that is for signals alone is known to last.
func (p *Pass) waitsFor(s ast.Stmt, from []ast.Expr) *holdUp {
	for _, ch := range from {
		if !p.isSignalChannel(ch) {
			return nil
		}
	}
	return &holdUp{stmt: s, signal: true}
}

// isSignalChannel tells whether a channel gets signals and nothing else: one given to signal.Notify, or Done of a context that
// signal.NotifyContext made.
func (p *Pass) isSignalChannel(ch ast.Expr) bool {
	if call, ok := ast.Unparen(ch).(*ast.CallExpr); ok {
		sel, ok := call.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Done" && p.isSignalContext(p.Var(sel.X))
	}
	v := p.Var(ch)
	return v != nil && v.Kind() == types.LocalVar && p.onlyNotified(v)
}

func (p *Pass) isSignalContext(v *types.Var) bool {
	if v == nil {
		return false
	}
	made := p.madeBy(v)
	return made != nil && isFunc(p.Callee(made), "os/signal", "NotifyContext")
}

// madeBy is the call whose first result a variable gets, where it gets no other value; nil where that is not so.
func (p *Pass) madeBy(v *types.Var) *ast.CallExpr {
	if v == nil || v.Kind() != types.LocalVar {
		return nil
	}
	var made *ast.CallExpr
	for c := range p.Nodes((*ast.AssignStmt)(nil)) {
		a := c.Node().(*ast.AssignStmt)
		for i, lhs := range a.Lhs {
			if p.Var(lhs) != v {
				continue
			}
			if made != nil || i > 0 || len(a.Rhs) != 1 {
				return nil
			}
			if made, _ = ast.Unparen(a.Rhs[0]).(*ast.CallExpr); made == nil {
				return nil
			}
		}
	}
	return made
}
