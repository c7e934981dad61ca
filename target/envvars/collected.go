package envvars

import (
	"go/ast"
	"go/token"
	"slices"
)

// What is wanting is often collected first, and told at once behind: missing = append(missing, name).

// collectedIn are the lists that a block adds something to.
func collectedIn(f *file, body *ast.BlockStmt) []string {
	var out []string
	for _, stmt := range body.List {
		a, ok := stmt.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 || a.Tok != token.ASSIGN {
			continue
		}
		c, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr)
		if !ok || len(c.Args) < 2 || written(c.Args[0]) != written(a.Lhs[0]) {
			continue
		}
		if written(c.Fun) == "append" || f.calls(c, "errors", "Join") {
			out = append(out, written(a.Lhs[0]))
		}
	}
	return out
}

// toldBehind is what comes of lists that are no longer empty: behind the statement that has added to them, or behind the loop that it
// stands in.
func (r *reader) toldBehind(s site, lists []string) fate {
	l := lack{full: lists}
	for {
		if f := r.scan(s, behind(s), l, false); f.what != open {
			return f
		}
		i := len(s.path) - 2
		for ; i >= 0; i-- {
			if _, lit := s.path[i].(*ast.FuncLit); lit {
				return fate{}
			}
			if isLoop(s.path[i]) {
				break
			}
		}
		if i < 0 {
			return fate{}
		}
		s = site{s.file, s.path[:i+1]}
	}
}

func isLoop(n ast.Node) bool {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

// compareFull tells whether a comparison with a list that is not empty, or with its length, holds: 1 yes, -1 no, 0 not known.
func compareFull(e *ast.BinaryExpr, l lack) int {
	x, y := ast.Unparen(e.X), written(e.Y)
	if c, ok := x.(*ast.CallExpr); ok && written(c.Fun) == "len" && len(c.Args) == 1 && slices.Contains(l.full, written(c.Args[0])) {
		switch written(e)[len(written(x))+1:] {
		case "> 0", "!= 0", ">= 1":
			return 1
		case "== 0", "< 1":
			return -1
		}
	}
	if slices.Contains(l.full, written(x)) && y == "nil" {
		switch e.Op {
		case token.NEQ:
			return 1
		case token.EQL:
			return -1
		}
	}
	return 0
}

// joinsFull tells whether an expression makes one error of a list that is not empty: errors.Join(errs...).
func joinsFull(f *file, e ast.Expr, l lack) bool {
	if slices.Contains(l.full, written(e)) {
		return true
	}
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && f.calls(c, "errors", "Join") && slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return slices.Contains(l.full, written(a)) })
}
