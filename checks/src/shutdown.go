package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// Shutdown finds shutdowns that never end, end before they have begun, or are not waited for.
var Shutdown = &Rule{
	Check: checks.Check{
		ID:       "src/shutdown",
		Title:    "Shutdown without a deadline, or not waited for",
		Stage:    checks.Stop,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{lifecycleAnalyzer, namesAnalyzer},
	Look:     shutdown,
}

func shutdown(p *Pass) error {
	if p.example() {
		return nil
	}
	for _, c := range p.lifecycle().Shuts {
		call := c.Node().(*ast.CallExpr)
		name := types.ExprString(call.Fun)
		if len(call.Args) == 1 {
			p.deadline(c, call, name)
		}
		if deferred(c) {
			p.skipped(c, name)
			continue
		}
		if p.notWaitedFor(c, call, name) {
			continue
		}
		p.atOnce(c, call, name)
	}
	return nil
}

// deadline judges the context of a Shutdown.
func (p *Pass) deadline(c inspector.Cursor, call *ast.CallExpr, name string) {
	f := Finding{Pos: call.Pos(), End: call.End(), Finding: checks.Finding{
		Help: checks.Msg("ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second); defer cancel()"),
		Key:  "context " + name + within(c),
	}}
	none, given := p.endless(call.Args[0])
	done, over := p.overBefore(c, call.Args[0])
	switch {
	case none && !p.hasTimer(c):
		f.Message = checks.Msg("%s has no deadline", name)
		f.Why = checks.Msg("one request that does not end, or one open stream, holds the stop up until somebody kills the process")
		f.Also = given
	case over:
		f.Message = checks.Msg("%s gets a context that is already done", name)
		f.Why = checks.Msg("%s is over by then: Shutdown gives up at once, and requests in flight are cut", done)
		f.Key = "done " + name + within(c)
	default:
		return
	}
	p.Report(f)
}

// endless tells whether a context is Background or TODO, or a parameter of a function that is called with one of them: there.
func (p *Pass) endless(ctx ast.Expr) (endless bool, given []Also) {
	origin, ok := p.Follow(ctx).(*ast.CallExpr)
	if ok {
		return isFunc(p.Callee(origin), "context", "Background", "TODO"), nil
	}
	v := p.Var(ctx)
	if v == nil || v.Kind() != types.ParamVar {
		return false, nil
	}
	for call, arg := range p.given(v) {
		if made, ok := p.Follow(arg).(*ast.CallExpr); ok && isFunc(p.Callee(made), "context", "Background", "TODO") {
			given = append(given, Also{p.Position(arg.Pos()), checks.Msg("%s is given to %s here", types.ExprString(made), types.ExprString(call.Fun))})
		}
	}
	return len(given) > 0, given
}

// given are the calls in this package that give a parameter of a declared function its value, and the value; none where the
// function gives it another one itself.
func (p *Pass) given(param *types.Var) iter.Seq2[*ast.CallExpr, ast.Expr] {
	return func(yield func(*ast.CallExpr, ast.Expr) bool) {
		if values, _ := p.Values(param); len(values) > 0 || p.assigned(param) > 0 {
			return
		}
		for c := range p.Nodes((*ast.FuncDecl)(nil)) {
			fn, _ := p.TypesInfo.Defs[c.Node().(*ast.FuncDecl).Name].(*types.Func)
			if fn == nil || fn.Signature().Variadic() {
				continue
			}
			for i := range fn.Signature().Params().Len() {
				if fn.Signature().Params().At(i) != param {
					continue
				}
				calls, _ := p.Names().Calls(fn)
				for _, at := range calls {
					if call := at.Node().(*ast.CallExpr); i < len(call.Args) && !yield(call, call.Args[i]) {
						return
					}
				}
				return
			}
		}
	}
}

// hasTimer tells whether something in the function may bring the end in another way.
func (p *Pass) hasTimer(c inspector.Cursor) bool {
	decl := declOf(c)
	return decl == nil || p.mentions(decl, func(id *ast.Ident) bool {
		return isFunc(asFunc(p.TypesInfo.Uses[id]), "time", "AfterFunc", "After", "NewTimer", "Sleep")
	})
}

func asFunc(o types.Object) *types.Func {
	f, _ := o.(*types.Func)
	return f
}

// blockStmt is the statement of a block that holds a place.
func blockStmt(c inspector.Cursor) (inspector.Cursor, bool) {
	for at := c; at.Valid() && at.Node() != nil; at = at.Parent() {
		if _, ok := at.Node().(ast.Stmt); ok {
			switch at.Parent().Node().(type) {
			case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
				return at, true
			}
		}
	}
	return inspector.Cursor{}, false
}

// skipped finds the end of the program that leaves a deferred Shutdown out.
func (p *Pass) skipped(c inspector.Cursor, name string) {
	fn, ok := funcOf(c)
	if !ok {
		return
	}
	if lit, ok := fn.Node().(*ast.FuncLit); ok { // defer func() { ... srv.Shutdown(ctx) }()
		outer, ok := funcOf(fn)
		if !ok || lit == nil {
			return
		}
		fn = outer
	}
	for at := range fn.Preorder((*ast.CallExpr)(nil)) {
		call := at.Node().(*ast.CallExpr)
		if at.Node().Pos() < c.Node().Pos() || deferred(at) || !p.isFatal(call) || isBuiltin(p.TypesInfo, call.Fun, "panic") {
			continue
		}
		if !p.servesWithin(call) && !p.afterServing(at) {
			continue
		}
		p.Report(Finding{Pos: call.Pos(), End: call.End(), Also: []Also{{p.Position(c.Node().Pos()), checks.Msg("the deferred %s", name)}}, Finding: checks.Finding{
			Message: checks.Msg("%s ends the program before the deferred %s", types.ExprString(call.Fun), name),
			Why:     checks.Msg("deferred calls do not happen when the program exits: the server is never shut down in order"),
			Help:    checks.Msg("return the error to a function that defers nothing, and end the program there"),
			Key:     "skipped " + name + within(c),
		}})
		return
	}
}

func (p *Pass) servesWithin(call *ast.CallExpr) bool {
	return slices.ContainsFunc(p.lifecycle().Serve, func(s *serving) bool {
		return slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return ast.Unparen(a) == s.Call })
	})
}

// afterServing tells whether a place is the body of the if statement that looks at the error of serving.
func (p *Pass) afterServing(at inspector.Cursor) bool {
	for up := range at.Enclosing((*ast.IfStmt)(nil)) {
		check := up.Node().(*ast.IfStmt)
		for _, s := range p.lifecycle().Serve {
			assign, ok := s.At.Parent().Node().(*ast.AssignStmt)
			if !ok {
				continue
			}
			if next, ok := s.At.Parent().NextSibling(); assign == check.Init || ok && next.Node() == check {
				return true
			}
		}
		return false
	}
	return false
}

// atOnce finds a Shutdown that comes right after the start of the server: nothing in between waits for anything.
func (p *Pass) atOnce(c inspector.Cursor, call *ast.CallExpr, name string) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	stmt, inBlock := blockStmt(c)
	if !ok || !inBlock || p.Var(sel.X) == nil {
		return
	}
	for prev, ok := stmt.PrevSibling(); ok; prev, ok = prev.PrevSibling() {
		s, isStmt := prev.Node().(ast.Stmt)
		if !isStmt {
			return
		}
		if _, starts := s.(*ast.GoStmt); starts {
			for _, v := range p.lifecycle().Serve {
				if by, apart := v.Goroutine(); apart && by.Node() == s && v.Server == p.Var(sel.X) {
					p.Report(Finding{Pos: call.Pos(), End: call.End(), Also: []Also{{p.Position(s.Pos()), checks.Msg("the server starts here")}}, Finding: checks.Finding{
						Message: checks.Msg("%s comes right after the start", name),
						Why:     checks.Msg("nothing in between waits for a signal: the server stops as soon as it has started"),
						Help:    checks.Msg("receive from the channel of signal.Notify before %s", name),
						Key:     "at once " + name + within(c),
					}})
					return
				}
			}
			return
		}
		if !p.goesOn(s) {
			return
		}
	}
}

// goesOn tells whether a statement does nothing but calls that surely do not wait.
func (p *Pass) goesOn(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt:
	case *ast.DeferStmt:
		return true // it happens later
	default:
		return false
	}
	goesOn := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			goesOn = false
		case *ast.UnaryExpr:
			goesOn = goesOn && x.Op != token.ARROW
		case *ast.CallExpr:
			goesOn = goesOn && p.passes(x)
		}
		return goesOn
	})
	return goesOn
}
