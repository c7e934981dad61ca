package src

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// overBefore tells whether a context is over whenever a place is reached: the code that leads there has waited for its end, or for
// that of one it comes from. It names the one that was waited for.
func (p *Pass) overBefore(c inspector.Cursor, ctx ast.Expr) (name string, over bool) {
	for _, v := range p.contextsAbove(ctx) {
		if p.waitedFor(c, v) {
			return v.Name(), true
		}
	}
	return "", false
}

// contextsAbove are the variables that hold a context and those that it is derived from, as far as each has one value only.
func (p *Pass) contextsAbove(ctx ast.Expr) []*types.Var {
	var out []*types.Var
	for range 6 { // a chain of names is short
		v := p.Var(ctx)
		if v == nil || v.IsField() || v.Pkg() != p.Pkg || p.assigned(v) > 1 {
			break
		}
		made := p.contextMaker(v)
		if v.Kind() == types.LocalVar && made == nil || v.Kind() != types.LocalVar && p.assigned(v) > 0 {
			break
		}
		out = append(out, v)
		if made == nil || len(made.Args) == 0 || !derivesContext(p.Callee(made)) {
			break
		}
		ctx = made.Args[0]
	}
	return out
}

// contextMaker is the call that gives a local variable its value, alone or beside others: ctx, cancel := context.WithCancel(...), and
// g, ctx := errgroup.WithContext(...).
func (p *Pass) contextMaker(v *types.Var) *ast.CallExpr {
	for c := range p.Nodes((*ast.AssignStmt)(nil)) {
		a := c.Node().(*ast.AssignStmt)
		for _, lhs := range a.Lhs {
			if p.Var(lhs) == v && len(a.Rhs) == 1 {
				made, _ := ast.Unparen(a.Rhs[0]).(*ast.CallExpr)
				return made
			}
		}
	}
	return nil
}

// derivesContext tells whether a function makes a context that is over when its first argument is.
func derivesContext(fn *types.Func) bool {
	return isFunc(fn, "context", "WithCancel", "WithCancelCause", "WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause", "WithValue") ||
		isFunc(fn, "golang.org/x/sync/errgroup", "WithContext") || isFunc(fn, "os/signal", "NotifyContext")
}

// assigned is how often a variable is given a value, its declaration without one apart.
func (p *Pass) assigned(v *types.Var) int {
	n := 0
	for c := range p.Nodes((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil), (*ast.UnaryExpr)(nil)) {
		switch x := c.Node().(type) {
		case *ast.AssignStmt:
			for _, lhs := range x.Lhs {
				if p.Var(lhs) == v {
					n++
				}
			}
		case *ast.ValueSpec:
			for _, name := range x.Names {
				if len(x.Values) > 0 && p.TypesInfo.Defs[name] == v {
					n++
				}
			}
		case *ast.RangeStmt:
			if x.Key != nil && p.Var(x.Key) == v || x.Value != nil && p.Var(x.Value) == v {
				n++
			}
		case *ast.UnaryExpr:
			if x.Op == token.AND && p.Var(x.X) == v {
				n += 2 // whoever has its address may set it
			}
		}
	}
	return n
}

// waitedFor tells whether every way to a place, in the functions around it, waits for the end of a context.
func (p *Pass) waitedFor(c inspector.Cursor, ctx *types.Var) bool {
	for at := c; at.Valid() && at.Node() != nil; at = at.Parent() {
		switch n := at.Node().(type) {
		case *ast.FuncDecl:
			return false
		case *ast.FuncLit:
			if at.ParentEdgeKind() == edge.CallExpr_Args {
				call := at.Parent().Node().(*ast.CallExpr)
				if isFunc(p.Callee(call), "context", "AfterFunc") && p.Var(call.Args[0]) == ctx {
					return true
				}
			}
		case *ast.CommClause:
			if p.isEndOf(n.Comm, ctx) {
				return true
			}
		}
		s, ok := at.Node().(ast.Stmt)
		if !ok || s == nil || !listed(at.ParentEdgeKind()) {
			continue
		}
		for prev, ok := at.PrevSibling(); ok; prev, ok = prev.PrevSibling() {
			if before, ok := prev.Node().(ast.Stmt); ok && p.awaits(before, ctx) {
				return true
			}
		}
	}
	return false
}

// awaits tells whether a statement goes on only when a context is over: <-ctx.Done(), or a select of which all other cases leave.
func (p *Pass) awaits(s ast.Stmt, ctx *types.Var) bool {
	choice, ok := s.(*ast.SelectStmt)
	if !ok {
		return p.isEndOf(s, ctx)
	}
	ends := false
	for _, clause := range choice.Body.List {
		clause := clause.(*ast.CommClause)
		switch {
		case p.isEndOf(clause.Comm, ctx):
			ends = true
		case !leavesAtEnd(&ast.BlockStmt{List: clause.Body}):
			return false
		}
	}
	return ends
}

// isEndOf tells whether a statement receives from the Done channel of a context.
func (p *Pass) isEndOf(s ast.Stmt, ctx *types.Var) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	u := receive(e.X)
	if u == nil {
		return false
	}
	done, ok := ast.Unparen(u.X).(*ast.CallExpr)
	if !ok || calledName(done) != "Done" {
		return false
	}
	sel, ok := ast.Unparen(done.Fun).(*ast.SelectorExpr)
	return ok && p.Var(sel.X) == ctx
}
