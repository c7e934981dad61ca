package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"

	"github.com/gindoctor/gindoctor/checks"
)

// waiting is how far a function waits for what it starts.
type waiting int

const (
	notJoined waiting = iota
	perhapsJoined
	joined
)

// waits tells whether the function around a start waits for it before it returns: by a WaitGroup or a channel that both know. Who
// gets them from outside may wait out there.
func (e *contextEscape) waits(s start) waiting {
	fn, ok := funcOf(s.at)
	if !ok {
		return joined
	}
	if s.at.ParentEdgeKind() == edge.UnaryExpr_X {
		return joined // it is received from at once
	}
	out := notJoined
	for _, v := range e.signals(s) {
		out = max(out, e.waitsOn(v, s, fn))
	}
	if out == notJoined && e.lingers(s, fn) {
		return perhapsJoined
	}
	return out
}

// signals are the variables by which what is started could tell that it is done.
func (e *contextEscape) signals(s start) []*types.Var {
	var out []*types.Var
	if assign, ok := s.at.Parent().Node().(*ast.AssignStmt); ok && len(assign.Rhs) == 1 { // what is started tells by its result
		if v := e.local(assign.Lhs[0]); v != nil && waitable(v.Type()) {
			out = append(out, v)
		}
	}
	for _, part := range e.parts(s) {
		for c := range part.Preorder((*ast.Ident)(nil)) {
			v, _ := e.TypesInfo.Uses[c.Node().(*ast.Ident)].(*types.Var)
			if v == nil || v.Origin() == s.queue || slices.Contains(out, v) || s.lit.Valid() && inside(v.Pos(), s.lit.Node()) || !waitable(v.Type()) {
				continue
			}
			out = append(out, v)
		}
	}
	return out
}

// waitable tells whether a variable of this type can be waited on: a channel, a WaitGroup or what looks like one.
func waitable(t types.Type) bool {
	if t == nil {
		return false
	}
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	if _, ok := t.Underlying().(*types.Chan); ok {
		return true
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Wait")
	_, method := obj.(*types.Func)
	return method && !isType(t, "os/exec", "Cmd") && !isType(t, "sync", "Cond")
}

func (e *contextEscape) waitsOn(v *types.Var, s start, fn inspector.Cursor) waiting {
	if !v.IsField() && v.Kind() != types.PackageVar && (v.Kind() != types.LocalVar || !inside(v.Pos(), body(fn.Node()))) {
		return joined // it comes from outside
	}
	out := notJoined
	var waits []inspector.Cursor
	for _, use := range e.names.Uses(v) {
		if !fn.Contains(use) || slices.ContainsFunc(e.parts(s), func(part inspector.Cursor) bool { return part.Contains(use) }) {
			continue
		}
		if use.ParentEdgeKind() == edge.SelectorExpr_Sel {
			use = use.Parent() // s.done
		}
		switch use.ParentEdgeKind() {
		case edge.SendStmt_Chan:
			out = max(out, perhapsJoined) // it may be told to end
			continue
		case edge.SelectorExpr_X:
			if name := use.Parent().Node().(*ast.SelectorExpr).Sel.Name; name == "Add" || name == "Go" || name == "Done" || name == "SetLimit" {
				continue
			}
		case edge.CallExpr_Args:
			call := use.Parent().Node().(*ast.CallExpr)
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "close" {
				out = max(out, perhapsJoined)
				continue
			}
		case edge.AssignStmt_Lhs:
			continue
		}
		if v.IsField() && e.startedBeside(use, fn) {
			continue
		}
		if e.mayGiveUp(use, s, fn) {
			out = max(out, perhapsJoined)
			continue
		}
		waits = append(waits, use)
	}
	switch {
	case len(waits) == 0:
		return out
	case e.leftBefore(waits, s, fn):
		return perhapsJoined
	}
	return joined
}

// leftBefore tells whether a return of the function stands between a start and all that waits for it, and can be reached from there.
func (e *contextEscape) leftBefore(waits []inspector.Cursor, s start, fn inspector.Cursor) bool {
	first := waits[0].Node().Pos()
	if first < s.at.Node().End() { // deferred, or in a loop around both
		return false
	}
	graph := cfg.New(body(fn.Node()), func(call *ast.CallExpr) bool { return !neverReturns(call) })
	seen := map[*cfg.Block]bool{}
	var leaves func(b *cfg.Block, from int) bool
	leaves = func(b *cfg.Block, from int) bool {
		for _, n := range b.Nodes[from:] {
			if slices.ContainsFunc(waits, func(w inspector.Cursor) bool { return holds(n, w.Node()) }) {
				return false
			}
			if ret, ok := n.(*ast.ReturnStmt); ok {
				return s.at.Node().End() <= ret.Pos() && ret.End() <= first
			}
		}
		for _, next := range b.Succs {
			if !seen[next] {
				seen[next] = true
				if leaves(next, 0) {
					return true
				}
			}
		}
		return false
	}
	for _, b := range graph.Blocks {
		for i, n := range b.Nodes {
			if b.Live && holds(n, s.at.Node()) {
				return leaves(b, i+1)
			}
		}
	}
	return false
}

// mayGiveUp tells whether a wait is one case of a select, and another case ends it: a timer, a context that is over, a default. In a
// loop it may come back to wait.
func (e *contextEscape) mayGiveUp(use inspector.Cursor, s start, fn inspector.Cursor) bool {
	for c := range use.Enclosing((*ast.CommClause)(nil), (*ast.BlockStmt)(nil)) {
		clause, ok := c.Node().(*ast.CommClause)
		if !ok || clause.Comm == nil || !inside(use.Node().Pos(), clause.Comm) || fn.Contains(e.loopAround(c)) {
			return false
		}
		signals := e.signals(s)
		for other := range c.Parent().Children() {
			if other != c && !e.hearsOf(other, signals) {
				return true
			}
		}
		return false
	}
	return false
}

// loopAround is the loop that a place lies in; without one the file.
func (e *contextEscape) loopAround(c inspector.Cursor) inspector.Cursor {
	for loop := range c.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.File)(nil)) {
		return loop
	}
	return c
}

// hearsOf tells whether a case of a select, or what is done there, has to do with one of the variables.
func (e *contextEscape) hearsOf(clause inspector.Cursor, signals []*types.Var) bool {
	for c := range clause.Preorder((*ast.Ident)(nil)) {
		if v, ok := e.TypesInfo.Uses[c.Node().(*ast.Ident)].(*types.Var); ok && slices.Contains(signals, v) {
			return true
		}
	}
	return false
}

// startedBeside tells whether a place lies in another thing that the function starts.
func (e *contextEscape) startedBeside(c, fn inspector.Cursor) bool {
	for g := range c.Enclosing((*ast.GoStmt)(nil)) {
		return fn.Contains(g)
	}
	return false
}

// lingers tells whether the function waits for something after the start, or stays in a loop: what is started may be done by then.
func (e *contextEscape) lingers(s start, fn inspector.Cursor) bool {
	after := s.at.Node().End()
	for c := range fn.Preorder((*ast.UnaryExpr)(nil), (*ast.SelectStmt)(nil), (*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.CallExpr)(nil)) {
		if c.Node().Pos() < after || e.startedBeside(c, fn) {
			continue
		}
		switch n := c.Node().(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				return true
			}
		case *ast.SelectStmt:
			return true
		case *ast.ForStmt:
			if n.Cond == nil {
				return true
			}
		case *ast.RangeStmt:
			if t := e.TypesInfo.TypeOf(n.X); t != nil {
				if _, channel := t.Underlying().(*types.Chan); channel {
					return true
				}
			}
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Stream" || strings.HasPrefix(sel.Sel.Name, "Wait")) {
				return true
			}
		}
	}
	return false
}

// kept reports contexts that are put where they outlive the request.
func (e *contextEscape) kept() {
	for c := range e.Nodes((*ast.AssignStmt)(nil), (*ast.SendStmt)(nil), (*ast.CallExpr)(nil)) {
		switch n := c.Node().(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if len(n.Lhs) == len(n.Rhs) && n.Tok == token.ASSIGN {
					e.keptIn(c, lhs, n.Rhs[i])
				}
			}
		case *ast.SendStmt:
			if fn, ok := funcOf(c); ok && !e.lingers(start{at: c}, fn) {
				e.keptIn(c, n.Chan, n.Value)
			}
		case *ast.CallExpr:
			fn := e.Callee(n)
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if ok && len(n.Args) > 0 && (isMethod(fn, "sync", "Map", "Store", "LoadOrStore", "Swap") || isMethod(fn, "sync/atomic", "Value", "Store", "Swap") ||
				isMethod(fn, "sync/atomic", "Pointer", "Store", "Swap")) {
				e.keptIn(c, sel.X, n.Args[len(n.Args)-1])
			}
		}
	}
}

// keptIn reports a value that is a request's context, where its place outlives the request.
func (e *contextEscape) keptIn(at inspector.Cursor, place, value ast.Expr) {
	v := e.context(value)
	if v == nil || e.raw(v, 0) != rawSurely {
		return
	}
	where := e.outlives(at, place)
	if where == nil || e.takenOut(at, where) {
		return
	}
	e.Report(Finding{
		Finding: checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message: checks.Msg("the gin context %s is kept in %s, beyond its request", v.Name(), types.ExprString(place)),
			Why:     checks.Msg("gin gives the context to the next request as soon as this handler returns: whoever reads it there finds the data of another visitor, or a nil pointer."),
			Help:    checks.Msg("Keep the values that are needed, or %s.Copy().", v.Name()),
			Key:     e.key(at) + " keeps " + v.Name(),
		},
		Pos: at.Node().Pos(), End: at.Node().End(),
	})
}

// context is the context that a value is, that it is appended with, or that it holds in a field.
func (e *contextEscape) context(value ast.Expr) *types.Var {
	if call, ok := ast.Unparen(value).(*ast.CallExpr); ok {
		if id, isIdent := call.Fun.(*ast.Ident); !isIdent || id.Name != "append" || len(call.Args) < 2 {
			return nil
		}
		value = call.Args[len(call.Args)-1]
	}
	if v := e.local(value); v != nil && isGinContext(v.Type()) {
		return v
	}
	return e.heldContext(value)
}

// heldContext is the context in a field of a struct that a value makes, or that the local variable holds which it names.
func (e *contextEscape) heldContext(value ast.Expr) *types.Var {
	lit := structLiteral(e.held(value))
	if lit == nil {
		return nil
	}
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
		}
		if v := e.local(elt); v != nil && isGinContext(v.Type()) {
			return v
		}
	}
	return nil
}

// structLiteral is the composite literal that an expression is, or whose address it takes.
func structLiteral(x ast.Expr) *ast.CompositeLit {
	x = ast.Unparen(x)
	if ref, ok := x.(*ast.UnaryExpr); ok && ref.Op == token.AND {
		x = ast.Unparen(ref.X)
	}
	lit, _ := x.(*ast.CompositeLit)
	return lit
}

// outlives is the variable of the package, the field of a handler's own receiver, or what the function around a handler holds, that a
// place belongs to; nil for any other place.
func (e *contextEscape) outlives(at inspector.Cursor, place ast.Expr) *types.Var {
	var field *types.Var
	for {
		switch x := ast.Unparen(place).(type) {
		case *ast.IndexExpr:
			place = x.X
			continue
		case *ast.StarExpr:
			place = x.X
			continue
		case *ast.SelectorExpr:
			v := e.Var(x)
			if v != nil && !v.IsField() {
				return v // another package's
			}
			field, place = v, x.X
			continue
		case *ast.Ident:
			v := e.Var(x)
			switch {
			case v == nil:
				return nil
			case v.Kind() == types.PackageVar:
				return v
			case field != nil && e.sharedReceiver(at, v):
				return field
			case e.aroundHandler(at, v):
				if field != nil {
					return field
				}
				return v
			}
		}
		return nil
	}
}

// sharedReceiver tells whether v is the receiver, by pointer, of a method that is registered as a handler, or that returns one: then
// it lives as long as the program. (A handler may also make an object for each request, and call its methods.)
func (e *contextEscape) sharedReceiver(at inspector.Cursor, v *types.Var) bool {
	d := declOf(at)
	if v.Kind() != types.RecvVar || d == nil {
		return false
	}
	if _, ptr := v.Type().Underlying().(*types.Pointer); !ptr {
		return false
	}
	fn, _ := e.TypesInfo.Defs[d.Name].(*types.Func)
	if fn != nil && returnsHandler(fn) {
		return true
	}
	if fn == nil || !isHandlerType(fn.Type()) {
		return false
	}
	calls, all := e.names.Calls(fn)
	return len(calls) == 0 && (!all || fn.Exported()) // an exported one is registered in another package
}

// aroundHandler tells whether v belongs to the function that makes the handler in which a place lies: all its requests share it.
func (e *contextEscape) aroundHandler(at inspector.Cursor, v *types.Var) bool {
	d := declOf(at)
	if d == nil || !inside(v.Pos(), d) {
		return false
	}
	fn, _ := e.TypesInfo.Defs[d.Name].(*types.Func)
	for lit := range at.Enclosing((*ast.FuncLit)(nil)) {
		if isHandlerType(e.TypesInfo.TypeOf(lit.Node().(*ast.FuncLit))) && !inside(v.Pos(), lit.Node()) {
			return fn != nil && returnsHandler(fn) && lit.ParentEdgeKind() == edge.ReturnStmt_Results
		}
	}
	return false
}

// returnsHandler tells whether a function makes a handler: func (a *audit) Middleware() gin.HandlerFunc.
func returnsHandler(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() == 1 && isHandlerType(results.At(0).Type())
}

// takenOut tells whether the same function takes the context out again.
func (e *contextEscape) takenOut(at inspector.Cursor, where *types.Var) bool {
	fn, ok := funcOf(at)
	if !ok {
		return false
	}
	for _, use := range e.names.Uses(where) {
		if !fn.Contains(use) || at.Contains(use) {
			continue
		}
		for c := range use.Enclosing((*ast.CallExpr)(nil), (*ast.AssignStmt)(nil)) {
			switch n := c.Node().(type) {
			case *ast.CallExpr:
				if name := types.ExprString(n.Fun); name == "delete" || strings.HasSuffix(name, ".Delete") || strings.HasSuffix(name, ".LoadAndDelete") {
					return true
				}
			case *ast.AssignStmt:
				if len(n.Rhs) == 1 && e.isNil(n.Rhs[0]) {
					return true
				}
			}
		}
	}
	return false
}
