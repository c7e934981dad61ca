package src

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// ServeError finds servers whose failure nobody gets to know, and those for whom a clean stop is a failure.
var ServeError = &Rule{
	Check: checks.Check{
		ID:       "src/serve-error",
		Title:    "a server whose error goes nowhere",
		Stage:    checks.Bind,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{lifecycleAnalyzer, namesAnalyzer},
	Look:     serveError,
}

func serveError(p *Pass) error {
	if p.example() {
		return nil
	}
	for _, s := range p.lifecycle().Serve {
		stmt, apart := p.goroutineOf(s)
		use := p.errorUse(s)
		switch {
		case s.Bound && (use == errDropped || use == errLogged):
			p.servedListener(s, apart)
		case apart && use.lost():
			p.serveLost(s, stmt, use)
		case !apart && !s.Bound && (use == errLogged || use == errMisread) && p.inGroup(s.At):
			p.Report(Finding{Pos: s.Call.Pos(), End: s.Call.End(), Finding: checks.Finding{
				Confidence: checks.Likely,
				Message:    checks.Msg("the group never gets the error of %s: its function returns nil", s.Name),
				Why:        checks.Msg("when the port is taken the group takes that for a clean end: what else is in it goes on, without this server"),
				Help:       checks.Msg("return the error, and nil for http.ErrServerClosed"),
				Key:        s.Name + within(s.At),
			}})
		case !apart && !s.Engine && use == errDropped && !p.beside(s):
			p.Report(Finding{Pos: s.Call.Pos(), End: s.Call.End(), Finding: checks.Finding{
				Message: checks.Msg("the error of %s is dropped", s.Name),
				Why:     checks.Msg("when the port is taken the program goes on as if all were well and says nothing: whoever started it sees a clean exit"),
				Help:    checks.Msg("look at the error, and end the program with a status other than 0"),
				Key:     s.Name + within(s.At),
			}})
		case use == errFatal:
			p.cleanStop(s)
		}
	}
	return nil
}

// goroutineOf is the statement that starts the goroutine of a server: its own, or that of the function around it, where that runs in
// no other way.
func (p *Pass) goroutineOf(s *serving) (stmt inspector.Cursor, ok bool) {
	if stmt, ok = s.Goroutine(); ok {
		return stmt, true
	}
	call, ok := p.onlyCall(s.At)
	if !ok || call.ParentEdgeKind() != edge.GoStmt_Call {
		return stmt, false
	}
	return call.Parent(), true
}

// onlyCall is the one call of the declared function around a place, where all of its uses are to be seen.
func (p *Pass) onlyCall(c inspector.Cursor) (call inspector.Cursor, ok bool) {
	fn, ok := funcOf(c)
	if !ok || p.Pkg.Name() != "main" {
		return call, false
	}
	d, ok := fn.Node().(*ast.FuncDecl)
	if !ok {
		return call, false
	}
	obj, _ := p.TypesInfo.Defs[d.Name].(*types.Func)
	if obj == nil || obj.Signature().Recv() != nil && p.mayImplement(obj) {
		return call, false
	}
	calls, all := p.Names().Calls(obj)
	if !all || len(calls) != 1 {
		return call, false
	}
	return calls[0], true
}

// mayImplement tells whether a method may be called by way of an interface of this package.
func (p *Pass) mayImplement(fn *types.Func) bool {
	for c := range p.Nodes((*ast.InterfaceType)(nil)) {
		iface, ok := p.TypesInfo.TypeOf(c.Node().(*ast.InterfaceType)).(*types.Interface)
		if !ok {
			continue
		}
		for m := range iface.Methods() {
			if m.Name() == fn.Name() {
				return true
			}
		}
	}
	return false
}

// waitBehind is what holds up the program after a goroutine was started: in the same block, or behind the only call of the function
// that starts it.
func (p *Pass) waitBehind(stmt inspector.Cursor) *holdUp {
	for range 3 {
		if wait := p.waitAfter(stmt); wait != nil {
			return wait
		}
		call, ok := p.onlyCall(stmt)
		if !ok || call.ParentEdgeKind() != edge.ExprStmt_X {
			return nil
		}
		stmt = call.Parent()
	}
	return nil
}

// inGroup tells whether a place is in a function that an errgroup runs.
func (p *Pass) inGroup(c inspector.Cursor) bool {
	fn, ok := funcOf(c)
	if !ok || fn.ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	return isMethod(p.Callee(fn.Parent().Node().(*ast.CallExpr)), "golang.org/x/sync/errgroup", "Group", "Go", "TryGo")
}

// beside tells whether a call serves a listener on the side: http.DefaultServeMux, where debugging tools are, beside another server
// or in a package that is not the program.
func (p *Pass) beside(s *serving) bool {
	return s.Default && (len(p.lifecycle().all.Serves) > 1 || p.Pkg.Name() != "main")
}

// serveLost reports a server in a goroutine of its own, stmt, whose error is lost.
func (p *Pass) serveLost(s *serving, stmt inspector.Cursor, use errorUse) {
	wait := p.waitBehind(stmt)
	switch {
	case p.beside(s), use == errDropped && !p.silentLiteral(s):
		return // somebody is told
	case use == errLogged && wait == nil:
		return // who waits for it, and for what, is not to be seen
	}
	f := Finding{Pos: s.Call.Pos(), End: s.Call.End(), Finding: checks.Finding{
		Message: checks.Msg("the error of %s is dropped in a goroutine", s.Name),
		Why:     checks.Msg("when the port is taken the process lives on and serves nothing: nothing says why, and nothing restarts it"),
		Help:    checks.Msg("send the error to main and end the program with it: failed <- %s", cutLine(types.ExprString(s.Call))),
		Key:     s.Name + within(s.At),
	}}
	switch use {
	case errLogged:
		f.Message = checks.Msg("the error of %s is only logged", s.Name)
		f.Why = checks.Msg("when the port is taken the process lives on and serves nothing: one line in the log says so, and nothing restarts it")
	case errMisread:
		f.Message = checks.Msg("of the errors of %s only the harmless one, ErrServerClosed, is looked at", s.Name)
		f.Help = checks.Msg("write: if err != nil && !errors.Is(err, http.ErrServerClosed)")
	}
	if len(p.lifecycle().all.Serves) > 1 {
		f.Why = checks.Msg("when the port is taken the process lives on without this server, and nothing restarts it")
	}
	if wait != nil {
		f.Also = append(f.Also, Also{p.Position(wait.stmt.Pos()), checks.Msg("the program waits here meanwhile")})
		// A second server would still serve.
		if wait.signal && use != errLogged && p.Pkg.Name() == "main" && len(p.lifecycle().all.Serves) == 1 {
			f.Severity = checks.Error
		}
	}
	p.Report(f)
}

// silentLiteral tells whether the goroutine of a dropped error tells nobody that it ends: it holds the call and logging, or is the
// call itself.
func (p *Pass) silentLiteral(s *serving) bool {
	return s.At.ParentEdgeKind() == edge.GoStmt_Call || p.alone(s.At.Parent())
}

// servedListener reports the dropped error of a server that gets its listener: the port is its already, and so it seldom fails.
func (p *Pass) servedListener(s *serving, apart bool) {
	if s.At.ParentEdgeKind() == edge.CallExpr_Args || apart && !p.silentLiteral(s) || s.Engine && !apart || p.beside(s) {
		return
	}
	p.Report(Finding{Pos: s.Call.Pos(), End: s.Call.End(), Finding: checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("the error of %s is dropped", s.Name),
		Why:      checks.Msg("when the listener fails, the server ends and nothing says so"),
		Help:     checks.Msg("look at the error, and end the program with it"),
		Key:      s.Name + within(s.At),
	}})
}

// cleanStop reports that a clean stop ends the program as a failure: Shutdown makes ListenAndServe return ErrServerClosed at once.
func (p *Pass) cleanStop(s *serving) {
	if !s.OnHTTP || s.Server == nil {
		return
	}
	fn := declOf(s.At)
	if fn == nil || p.mentionsClosed(fn) {
		return
	}
	l := p.lifecycle()
	for _, c := range append(slices.Clip(l.Shuts), l.Stops...) {
		call := c.Node().(*ast.CallExpr)
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || p.Var(sel.X) != s.Server || deferred(c) {
			continue
		}
		p.Report(Finding{Pos: s.Call.Pos(), End: s.Call.End(), Also: []Also{{p.Position(call.Pos()), checks.Msg("the stop that is taken for a failure")}}, Finding: checks.Finding{
			Message: checks.Msg("a clean stop of %s is taken for a failure", types.ExprString(sel.X)),
			Why:     checks.Msg("%s makes %s return http.ErrServerClosed at once, and that ends the program here, with a status other than 0 and before the requests in flight are answered", types.ExprString(call.Fun), s.Name),
			Help:    checks.Msg("end the program only if !errors.Is(err, http.ErrServerClosed)"),
			Key:     "clean stop " + s.Name,
		}})
		return
	}
}

// deferred tells whether a call is made by a defer statement: it comes when the function has ended.
func deferred(c inspector.Cursor) bool {
	for range c.Enclosing((*ast.DeferStmt)(nil)) {
		return true
	}
	return false
}
