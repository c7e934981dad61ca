package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"
)

// contextFlow works out what each function does to the *gin.Context that it gets, as far as that is the same whenever it is
// called, so that helpers such as response.Fail(c, err) count as what they do.
var contextFlow = &analysis.Analyzer{
	Name:             "gincontextflow",
	Doc:              "find out what functions do to the gin context that they get",
	Requires:         []*analysis.Analyzer{inspect.Analyzer, callsAnalyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(contextFact)},
	ResultType:       reflect.TypeFor[*flows](),
	Run:              runContextFlow,
}

// deed is what is done to a context, a set of the constants below.
type deed int

const (
	answers   deed = 1 << iota // writes a whole answer: status, header and body
	header                     // sends status and header, without a body: what comes later can not change them
	aborts                     // keeps the handlers that follow from running
	mayAbort                   // perhaps
	mayAnswer                  // perhaps, or writes a part
	passesOn                   // runs the handlers that follow
	reads                      // reads the body of the request to its end
	mayReset                   // perhaps gives the request a new body
	unclear   = mayAbort | mayAnswer | mayReset
)

// contextFact is what a function does, always or perhaps, to the contexts that it gets.
type contextFact struct {
	NoReturn bool
	Contexts []contextDeed
}

func (*contextFact) AFact() {}

// contextDeed is what is done to one context: the Param-th parameter (-1 the receiver), or what lies at Path below it.
type contextDeed struct {
	Param int
	Path  string
	Does  deed
}

// contextKey is one context in a function: a variable, or a field at a path below one.
type contextKey struct {
	root types.Object
	path string
}

// event is one call that does something to a context.
type event struct {
	ctx    contextKey
	does   deed
	node   ast.Node // the call, or the assignment that replaces the request or its body
	call   *ast.CallExpr
	recv   ast.Expr // the context as written
	method string   // of *gin.Context; empty for a helper
	status int64    // constant status code; 0 where it is not known
}

func (e *event) pos() token.Pos { return e.node.Pos() }

// flows gives the control flow of functions, by what they do to contexts.
type flows struct {
	info  *types.Info
	pass  *analysis.Pass
	calls *callIndex
	facts map[*types.Func]*contextFact
	// asked are the functions of this package whose fact the summary in the making depends on; nil while none is made.
	asked map[*types.Func]bool
	// drawn are graphs of whole functions, made for their summaries, that hold by the facts as they are.
	drawn map[*ast.BlockStmt]*graph
	// closures are the function literals that local variables hold, as far as somebody has asked; nil for none.
	closures map[*types.Var]*ast.FuncLit
	within   []*ast.FuncLit // whose events are being looked for
}

func runContextFlow(pass *analysis.Pass) (any, error) {
	f := &flows{closures: map[*types.Var]*ast.FuncLit{}, info: pass.TypesInfo, pass: pass, calls: pass.ResultOf[callsAnalyzer].(*callIndex), facts: map[*types.Func]*contextFact{},
		drawn: map[*ast.BlockStmt]*graph{}}
	var decls []*ast.FuncDecl
	for c := range pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Preorder((*ast.FuncDecl)(nil)) {
		if d := c.Node().(*ast.FuncDecl); d.Body != nil && f.info.Defs[d.Name] != nil {
			decls = append(decls, d)
		}
	}
	f.summarize(decls)
	for fn, fact := range f.facts {
		pass.ExportObjectFact(fn, fact)
	}
	return f, nil
}

// summarize gathers what each function does. A function is looked at again when a fact has changed that it was judged by: for
// helpers that call helpers that call helpers, a few rounds.
func (f *flows) summarize(decls []*ast.FuncDecl) {
	looked, changed, judgedBy := map[*types.Func]int{}, map[*types.Func]int{}, map[*types.Func]map[*types.Func]bool{}
	current := func(fn *types.Func) bool {
		for by := range judgedBy[fn] {
			if changed[by] >= looked[fn] { // by itself too, where it calls itself
				return false
			}
		}
		return true
	}
	now := 0
	for round := range 4 {
		settled := true
		for _, d := range decls {
			fn, ok := f.info.Defs[d.Name].(*types.Func)
			if !ok || round > 0 && current(fn) {
				continue
			}
			now++
			f.asked = map[*types.Func]bool{}
			fact := f.summary(fn, d)
			looked[fn], judgedBy[fn] = now, f.asked
			if !reflect.DeepEqual(fact, f.facts[fn]) {
				f.facts[fn], changed[fn], settled = fact, now, false
			}
		}
		if settled {
			break
		}
	}
	f.asked = nil
	for _, d := range decls {
		if fn, ok := f.info.Defs[d.Name].(*types.Func); ok && !current(fn) {
			delete(f.drawn, d.Body)
		}
	}
}

// summary is what a declared function does: nothing to be told for most.
func (f *flows) summary(fn *types.Func, d *ast.FuncDecl) *contextFact {
	sig := fn.Signature()
	takes := sig.Recv() != nil && holdsContext(sig.Recv().Type())
	for v := range sig.Params().Variables() {
		takes = takes || holdsContext(v.Type())
	}
	if !takes && sig.Results().Len() > 0 {
		return &contextFact{}
	}
	if !takes {
		return &contextFact{NoReturn: cfg.New(d.Body, f.mayReturn).NoReturn()}
	}
	g := f.draw(d.Body)
	f.drawn[d.Body] = g
	fact := &contextFact{NoReturn: g.cfg.NoReturn()}
	seen := map[contextKey]bool{}
	for _, b := range g.cfg.Blocks {
		for _, e := range g.events[b] {
			i := paramIndex(sig, e.ctx.root)
			if i < -1 || seen[e.ctx] || !b.Live {
				continue
			}
			seen[e.ctx] = true
			if does := g.overall(e.ctx); does != 0 {
				fact.Contexts = append(fact.Contexts, contextDeed{Param: i, Path: e.ctx.path, Does: does})
			}
		}
	}
	slices.SortFunc(fact.Contexts, func(a, b contextDeed) int {
		return 1000*(a.Param-b.Param) + strings.Compare(a.Path, b.Path)
	})
	return fact
}

// holdsContext tells whether t is a *gin.Context or a struct with one in it.
func holdsContext(t types.Type) bool {
	if isGinContext(t) {
		return true
	}
	n := named(t)
	if n == nil {
		return false
	}
	s, ok := n.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for v := range s.Fields() {
		if isGinContext(v.Type()) {
			return true
		}
	}
	return false
}

// paramIndex is the place of a variable among the parameters, -1 for the receiver, -2 for neither.
func paramIndex(sig *types.Signature, v types.Object) int {
	if sig.Recv() != nil && v == sig.Recv() {
		return -1
	}
	for i := range sig.Params().Len() {
		if v == sig.Params().At(i) {
			return i
		}
	}
	return -2
}

// fact is what is known about a function of this package or another; nil where nothing is.
func (f *flows) fact(fn *types.Func) *contextFact {
	if fn.Pkg() == f.pass.Pkg {
		if f.asked != nil {
			f.asked[fn] = true
		}
		return f.facts[fn]
	}
	var fact contextFact
	if f.pass.ImportObjectFact != nil && f.pass.ImportObjectFact(fn, &fact) {
		return &fact
	}
	return nil
}

func (f *flows) callee(call *ast.CallExpr) *types.Func { return f.calls.callees[call] }

// key is the context, or the thing that holds one, that an expression names.
func (f *flows) key(e ast.Expr) (contextKey, bool) {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := f.info.ObjectOf(x).(*types.Var); ok {
			return contextKey{root: v}, true
		}
	case *ast.SelectorExpr:
		if v, ok := f.info.ObjectOf(x.Sel).(*types.Var); ok && v.IsField() {
			if k, ok := f.key(x.X); ok {
				return contextKey{k.root, k.path + "." + x.Sel.Name}, true
			}
		}
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return f.key(x.X)
		}
	}
	return contextKey{}, false
}

// wholeAnswers are the methods of *gin.Context that write a whole answer.
var wholeAnswers = []string{
	"JSON", "IndentedJSON", "SecureJSON", "JSONP", "AsciiJSON", "PureJSON", "XML", "YAML", "TOML", "ProtoBuf", "BSON", "String", "HTML", "Data",
	"DataFromReader", "File", "FileFromFS", "FileAttachment", "Redirect", "Render", "Negotiate",
}

// bodyReaders are those that read the body to its end, whatever the kind of request.
var bodyReaders = []string{
	"GetRawData", "BindJSON", "BindXML", "BindYAML", "BindTOML", "BindPlain", "ShouldBindJSON", "ShouldBindXML", "ShouldBindYAML", "ShouldBindTOML",
	"ShouldBindPlain", "ShouldBindBodyWith", "ShouldBindBodyWithJSON", "ShouldBindBodyWithXML", "ShouldBindBodyWithYAML", "ShouldBindBodyWithTOML",
	"ShouldBindBodyWithPlain",
}

// bodyBindings are the bindings of gin's package binding that do the same.
var bodyBindings = []string{"JSON", "XML", "YAML", "TOML", "ProtoBuf", "MsgPack", "Plain"}

// methodEvent is a call of a method of *gin.Context.
func (f *flows) methodEvent(call *ast.CallExpr, name string) *event {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	key, ok := f.key(sel.X)
	if !ok {
		return nil
	}
	e := &event{ctx: key, node: call, call: call, recv: sel.X, method: name}
	switch {
	case name == "AbortWithStatusJSON", name == "AbortWithStatusPureJSON":
		e.does = answers | aborts
	case name == "AbortWithStatus", name == "AbortWithError":
		e.does = header | aborts
	case name == "Abort":
		e.does = aborts
	case name == "Next":
		e.does = passesOn
	case name == "SSEvent", name == "Stream", name == "Status":
		e.does = mayAnswer
	case slices.Contains(wholeAnswers, name):
		e.does = answers
	case slices.Contains(bodyReaders, name):
		e.does = reads
	case name == "ShouldBindWith", name == "MustBindWith", name == "BindWith":
		if len(call.Args) == 2 && f.isBodyBinding(call.Args[1]) {
			e.does = reads
		}
	}
	if strings.HasPrefix(name, "Bind") || name == "MustBindWith" {
		e.does |= mayAbort | mayAnswer
	}
	if len(call.Args) > 0 && e.does&(answers|header) != 0 || name == "Status" && len(call.Args) > 0 {
		e.status, _ = constInt(f.info, call.Args[0])
	}
	if e.does == 0 {
		return nil
	}
	return e
}

func (f *flows) isBodyBinding(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := f.info.Uses[sel.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == ginPath+"/binding" && slices.Contains(bodyBindings, v.Name())
}

// bodyOf is the context whose c.Request.Body an expression is.
func (f *flows) bodyOf(e ast.Expr) (contextKey, ast.Expr, bool) {
	body, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || body.Sel.Name != "Body" {
		return contextKey{}, nil, false
	}
	return f.requestOf(body.X)
}

// requestOf is the context whose c.Request an expression is.
func (f *flows) requestOf(e ast.Expr) (contextKey, ast.Expr, bool) {
	request, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || request.Sel.Name != "Request" {
		return contextKey{}, nil, false
	}
	key, ok := f.key(request.X)
	return key, request.X, ok
}

// callEvents are what a call does to contexts.
func (f *flows) callEvents(call *ast.CallExpr) []*event {
	fn := f.callee(call)
	if isMethod(fn, ginPath, "Context", nameOf(fn)) {
		if e := f.methodEvent(call, fn.Name()); e != nil {
			return []*event{e}
		}
		return nil
	}
	if isFunc(fn, "io", "ReadAll", "Copy") || isFunc(fn, "io/ioutil", "ReadAll") || isFunc(fn, "encoding/json", "NewDecoder") {
		if len(call.Args) > 0 {
			if key, c, ok := f.bodyOf(call.Args[len(call.Args)-1]); ok {
				return []*event{{ctx: key, does: reads, node: call, call: call, recv: c}}
			}
		}
	}
	var out []*event
	var fact *contextFact
	if fn != nil {
		fact = f.fact(fn)
	} else {
		out = f.closureEvents(call)
	}
	given := func(i int, e ast.Expr) {
		if fact != nil {
			if key, ok := f.key(e); ok {
				for _, d := range fact.Contexts {
					if d.Param == i {
						key := contextKey{key.root, key.path + d.Path}
						out = append(out, &event{ctx: key, does: d.Does, node: call, call: call, recv: e})
					}
				}
				if t := f.info.TypeOf(e); holdsContext(t) {
					return
				}
			}
		}
		for _, e := range f.handed(call, e, f.parameter(call, i)) {
			if looksUp(fn) {
				e.does &^= mayAbort | mayAnswer
			}
			out = append(out, e)
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && f.info.Selections[sel] != nil {
		given(-1, sel.X)
	}
	for i, arg := range call.Args {
		given(i, arg)
	}
	return out
}

// closureEvents are what the call of a function literal that a local variable holds does to the contexts around it: fail(err), where
// fail := func(err error) { c.JSON(500, ...) }.
func (f *flows) closureEvents(call *ast.CallExpr) []*event {
	lit := f.closure(call.Fun)
	if lit == nil || slices.Contains(f.within, lit) {
		return nil
	}
	f.within = append(f.within, lit)
	defer func() { f.within = f.within[:len(f.within)-1] }()
	g := f.draw(lit.Body)
	var out []*event
	seen := map[contextKey]bool{}
	for _, b := range g.cfg.Blocks {
		for _, e := range g.events[b] {
			if seen[e.ctx] || !b.Live || inside(e.ctx.root.Pos(), lit) {
				continue
			}
			seen[e.ctx] = true
			if does := g.overall(e.ctx); does != 0 {
				out = append(out, &event{ctx: e.ctx, does: does, node: call, call: call, recv: e.recv})
			}
		}
	}
	return out
}

// closure is the function literal that a local variable holds, where it never holds anything else.
func (f *flows) closure(fun ast.Expr) *ast.FuncLit {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := f.info.Uses[id].(*types.Var)
	if !ok || v.Kind() != types.LocalVar {
		return nil
	}
	lit, known := f.closures[v]
	if !known {
		p := Pass{Pass: f.pass}
		if values, complete := p.Values(v); complete && len(values) == 1 {
			lit, _ = ast.Unparen(values[0]).(*ast.FuncLit)
		}
		f.closures[v] = lit
	}
	return lit
}

// looksUp tells whether a function of which nothing is known gives something that it finds by a context (sessions.Default(c)), and
// so leaves it to others to go on or not.
func looksUp(fn *types.Func) bool {
	if fn == nil || fn.Signature().Results().Len() == 0 {
		return false
	}
	t := fn.Signature().Results().At(0).Type()
	b, basic := t.Underlying().(*types.Basic)
	return !types.Identical(t, types.Universe.Lookup("error").Type()) && (!basic || b.Kind() != types.Bool)
}

func nameOf(fn *types.Func) string {
	if fn == nil {
		return ""
	}
	return fn.Name()
}

// parameter is the type of the parameter that takes an argument; nil where it is not known.
func (f *flows) parameter(call *ast.CallExpr, i int) types.Type {
	sig, ok := f.info.TypeOf(call.Fun).(*types.Signature)
	if !ok || i < 0 || i >= sig.Params().Len() {
		return nil
	}
	return sig.Params().At(i).Type()
}

// handed is what may be done by code that is not known to a context, its request or its writer that it is handed.
func (f *flows) handed(call *ast.CallExpr, e ast.Expr, param types.Type) []*event {
	if n := named(param); n != nil && isType(n, "context", "Context") {
		return nil // there is no way back from a context.Context
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return nil
	case *ast.Ident:
		if !isGinContext(f.info.TypeOf(x)) {
			return nil
		}
	}
	var out []*event
	inside := token.NoPos // the end of a function literal: what is called in it does not speak for itself
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			inside = max(inside, x.End())
		case *ast.CallExpr:
			return x.Pos() < inside
		case *ast.SelectorExpr:
			if key, ok := f.key(x.X); ok && isGinContext(f.info.TypeOf(x.X)) {
				switch x.Sel.Name {
				case "Writer":
					out = append(out, &event{ctx: key, does: mayAnswer, node: call, call: call, recv: x.X})
				case "Request":
					out = append(out, &event{ctx: key, does: mayReset, node: call, call: call, recv: x.X})
				}
				return false
			}
		case *ast.Ident:
			if isGinContext(f.info.TypeOf(x)) {
				if key, ok := f.key(x); ok {
					out = append(out, &event{ctx: key, does: unclear, node: call, call: call, recv: x})
				}
			}
		}
		return true
	})
	return out
}

func constInt(info *types.Info, e ast.Expr) (int64, bool) {
	p := Pass{Pass: &analysis.Pass{TypesInfo: info}}
	return p.ConstInt(e)
}

// nodeEvents are the events of a node of a control flow graph, in the order in which they happen.
func (f *flows) nodeEvents(node ast.Node) []*event {
	var out []*event
	switch node.(type) {
	case *ast.DeferStmt, *ast.GoStmt, *ast.BlockStmt:
		return nil
	}
	ast.Inspect(node, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			out = append(out, f.callEvents(x)...)
		case *ast.AssignStmt:
			for _, lhs := range x.Lhs {
				key, c, ok := f.bodyOf(lhs)
				if !ok {
					key, c, ok = f.requestOf(lhs)
				}
				if ok {
					out = append(out, &event{ctx: key, does: mayReset, node: x, recv: c})
				}
			}
		}
		return true
	})
	if len(out) > 1 {
		slices.SortStableFunc(out, func(a, b *event) int { return int(a.node.End() - b.node.End()) })
	}
	return out
}

// graph is the control flow of one function, with what happens to contexts on the way.
type graph struct {
	cfg    *cfg.CFG
	events map[*cfg.Block][]*event
}

// graph is that of a function's body or a part of it.
func (f *flows) graph(body *ast.BlockStmt) *graph {
	if g := f.drawn[body]; g != nil {
		return g
	}
	return f.draw(body)
}

func (f *flows) draw(body *ast.BlockStmt) *graph {
	g := &graph{cfg: cfg.New(body, f.mayReturn), events: map[*cfg.Block][]*event{}}
	for _, b := range g.cfg.Blocks {
		for _, n := range b.Nodes {
			if events := f.nodeEvents(n); len(events) > 0 {
				g.events[b] = append(g.events[b], events...)
			}
		}
	}
	return g
}

// mayReturn tells whether the statement after a call can be reached.
func (f *flows) mayReturn(call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := f.info.Uses[id].(*types.Builtin); ok {
			return b.Name() != "panic"
		}
	}
	fn := f.callee(call)
	if fn == nil {
		return true
	}
	switch {
	case isFunc(fn, "os", "Exit"), isFunc(fn, "runtime", "Goexit"), isFunc(fn, "syscall", "Exit"):
		return false
	case strings.HasPrefix(fn.Name(), "Fatal") || strings.HasPrefix(fn.Name(), "Panic"):
		return false // log, logrus, zap, klog, glog and their kin agree on that
	}
	fact := f.fact(fn)
	return fact == nil || !fact.NoReturn
}

// point is a place in a graph: before the i-th event of a block.
type point struct {
	block *cfg.Block
	i     int
}

// after is the place behind an event.
func (g *graph) after(e *event) point {
	for b, events := range g.events {
		if i := slices.Index(events, e); i >= 0 {
			return point{b, i + 1}
		}
	}
	return point{}
}

func (g *graph) entry() point { return point{g.cfg.Blocks[0], 0} }

// walk goes every way from a point on. It shows each event on the way to see, and goes no further on a way where see says false.
// It tells whether one of the ways comes to a return, and whether one comes to another end (a panic).
func (g *graph) walk(from point, see func(*event) bool) (returns, dies bool) {
	seen := map[*cfg.Block]bool{}
	var visit func(point)
	visit = func(at point) {
		if at.i == 0 {
			if seen[at.block] {
				return
			}
			seen[at.block] = true
		}
		for _, e := range g.events[at.block][at.i:] {
			if !see(e) {
				return
			}
		}
		if len(at.block.Succs) == 0 {
			if at.block.Return() != nil {
				returns = true
			} else {
				dies = true
			}
		}
		for _, s := range at.block.Succs {
			visit(point{s, 0})
		}
	}
	visit(from)
	return returns, dies
}

// overall is what happens to a context on every way through a function, and what perhaps happens on one.
func (g *graph) overall(key contextKey) deed {
	var all deed
	g.walk(g.entry(), func(e *event) bool {
		if e.ctx == key {
			all |= e.does
		}
		return true
	})
	always := func(d deed) bool {
		if all&d == 0 {
			return false
		}
		returns, _ := g.walk(g.entry(), func(e *event) bool { return e.ctx != key || e.does&d == 0 })
		return !returns
	}
	out := all & unclear
	for _, d := range []deed{answers, header, aborts} {
		switch {
		case always(d):
			out |= d
		case all&d == 0:
		case d == aborts:
			out |= mayAbort
		default:
			out |= mayAnswer
		}
	}
	if all&reads != 0 || all&mayReset != 0 {
		out |= mayReset
	}
	if all&passesOn != 0 {
		out |= passesOn
	}
	return out
}
