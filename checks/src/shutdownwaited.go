package src

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// notWaitedFor finds a Shutdown in a goroutine while the function around it serves, and ends when serving does: at the start of
// Shutdown, not at its end.
func (p *Pass) notWaitedFor(c inspector.Cursor, call *ast.CallExpr, name string) bool {
	start, ok := p.besideMain(c)
	if !ok {
		return false
	}
	fn, ok := funcOf(start)
	if ok && !p.waitsLater(fn, start.Node().End()) && p.endsProgramAfter(fn, 3) {
		p.Report(Finding{Pos: call.Pos(), End: call.End(), Finding: checks.Finding{
			Message: checks.Msg("nobody waits for %s", name),
			Why:     checks.Msg("it runs in a goroutine, and the program ends right after that has been started: requests in flight are cut"),
			Help:    checks.Msg("call %s where the program ends, not in a goroutine; or wait for the goroutine", name),
			Key:     "not waited for " + name + within(c),
		}})
		return true
	}
	lit, isLit := ast.Node(nil), false
	if inner, found := funcOf(c); found {
		lit, isLit = inner.Node(), true
	}
	if !ok || !isLit || lit == fn.Node() || p.tells(lit.(*ast.FuncLit)) {
		return false
	}
	sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !isSel {
		return false
	}
	server := p.Var(sel.X)
	for _, s := range p.lifecycle().Serve {
		inner, found := funcOf(s.At)
		if !found || inner.Node() != fn.Node() || !s.OnHTTP || server == nil || s.Server != server {
			continue
		}
		if _, apart := s.Goroutine(); apart || p.waitsLater(fn, s.Call.End()) || !p.endsProgramAfter(fn, 3) {
			continue
		}
		p.Report(Finding{Pos: call.Pos(), End: call.End(), Also: []Also{{p.Position(s.Call.Pos()), checks.Msg("returns as soon as Shutdown begins, and the program ends after it")}}, Finding: checks.Finding{
			Message: checks.Msg("nobody waits for %s", name),
			Why:     checks.Msg("%s returns when Shutdown begins: the program ends then, and requests in flight are cut", s.Name),
			Help:    checks.Msg("close a channel after %s, and have main receive from it before it returns", name),
			Key:     "not waited for " + name + within(c),
		}})
		return true
	}
	return false
}

// besideMain is the statement that starts what runs a place beside the function around it: a go statement, or context.AfterFunc.
func (p *Pass) besideMain(c inspector.Cursor) (stmt inspector.Cursor, ok bool) {
	if stmt, ok = goroutine(c); ok {
		return stmt, true
	}
	fn, ok := funcOf(c)
	if !ok || fn.ParentEdgeKind() != edge.CallExpr_Args || !isFunc(p.Callee(fn.Parent().Node().(*ast.CallExpr)), "context", "AfterFunc") {
		return stmt, false
	}
	return blockStmt(fn.Parent())
}

// tells tells whether a goroutine lets others know about its end, or ends the program itself: by a channel, a WaitGroup, or a
// function of which nothing is known.
func (p *Pass) tells(lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SendStmt:
			found = true
		case *ast.CallExpr:
			fn := p.Callee(x)
			switch {
			case isBuiltin(p.TypesInfo, x.Fun, "close"), isMethod(fn, "sync", "WaitGroup", "Done"):
				found = true
			case fn == nil && !p.isCancel(x) && !p.isConversionOrBuiltin(x):
				found = true
			}
		}
		return !found
	})
	return found
}

// isCancel tells whether a call is that of the cancel function of a context with a deadline: nobody waits for its end.
func (p *Pass) isCancel(call *ast.CallExpr) bool {
	return isFunc(p.cancelMaker(call), "context", "WithTimeout", "WithDeadline")
}

// cancelMaker is what made the function that a call calls, together with a context: context.WithTimeout, signal.NotifyContext.
func (p *Pass) cancelMaker(call *ast.CallExpr) *types.Func {
	v := p.Var(call.Fun)
	if v == nil {
		return nil
	}
	for c := range p.Nodes((*ast.AssignStmt)(nil)) {
		a := c.Node().(*ast.AssignStmt)
		if len(a.Lhs) == 2 && len(a.Rhs) == 1 && p.Var(a.Lhs[1]) == v {
			if made, ok := a.Rhs[0].(*ast.CallExpr); ok && derivesContext(p.Callee(made)) {
				return p.Callee(made)
			}
			return nil
		}
	}
	return nil
}

func (p *Pass) isConversionOrBuiltin(call *ast.CallExpr) bool {
	tv := p.TypesInfo.Types[call.Fun]
	return tv.IsType() || tv.IsBuiltin()
}

// waitsLater tells whether a function may be held up after a place.
func (p *Pass) waitsLater(fn inspector.Cursor, after token.Pos) bool {
	for c := range fn.Preorder((*ast.UnaryExpr)(nil), (*ast.SelectStmt)(nil), (*ast.RangeStmt)(nil), (*ast.ForStmt)(nil), (*ast.CallExpr)(nil)) {
		if c.Node().Pos() < after {
			continue
		}
		switch n := c.Node().(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				return true
			}
		case *ast.SelectStmt, *ast.RangeStmt, *ast.ForStmt:
			return true
		case *ast.CallExpr:
			if !p.passes(n) {
				return true
			}
		}
	}
	// what is deferred comes last
	for c := range fn.Preorder((*ast.DeferStmt)(nil)) {
		if d := c.Node().(*ast.DeferStmt).Call; !p.passes(d) {
			if inner, ok := funcOf(c); ok && inner.Node() == fn.Node() {
				return true
			}
		}
	}
	return false
}

// passes tells whether a call surely does not wait for anything: it logs, looks at errors, closes or ends.
func (p *Pass) passes(call *ast.CallExpr) bool {
	if p.isFatal(call) || isLogging(call) || p.isConversionOrBuiltin(call) || p.cancelMaker(call) != nil {
		return true
	}
	fn := p.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return fn != nil // err.Error
	}
	switch fn.Pkg().Path() {
	case "errors", "fmt", "log", "log/slog", "context", "strings", "os", "os/signal", "net":
		return true
	}
	return false
}

// endsProgramAfter tells whether the program ends when a function does: it is main, or main calls it and does not wait afterwards.
func (p *Pass) endsProgramAfter(fn inspector.Cursor, depth int) bool {
	decl, ok := fn.Node().(*ast.FuncDecl)
	if !ok || p.Pkg.Name() != "main" || depth == 0 {
		return false
	}
	if decl.Recv == nil && decl.Name.Name == "main" {
		return true
	}
	obj := p.TypesInfo.Defs[decl.Name]
	called := false
	for c := range p.Nodes((*ast.Ident)(nil)) {
		id := c.Node().(*ast.Ident)
		if p.TypesInfo.Uses[id] != obj {
			continue
		}
		caller, ok := funcOf(c)
		call, isCall := calledBy(c)
		if !ok || !isCall || p.waitsLater(caller, call.Node().End()) || !p.endsProgramAfter(caller, depth-1) {
			return false
		}
		if _, apart := goroutine(call); apart {
			return false
		}
		called = true
	}
	return called
}
