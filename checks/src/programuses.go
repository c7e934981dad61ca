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

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/engine"
)

// programUses gathers what the rules about whole programs ask of the code away from the engine: where templates are rendered, who
// asks for the client's address, which functions recover from panics.
var programUses = &analysis.Analyzer{
	Name:             "ginprogramuses",
	Doc:              "gather what handlers use that has to be set up on the engine",
	Requires:         []*analysis.Analyzer{inspect.Analyzer, callsAnalyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(Uses)},
	ResultType:       reflect.TypeFor[*Uses](),
	Run:              runProgramUses,
}

// Uses is what a package uses; as a result, what the packages that it imports use too, as far as they are the project's own.
type Uses struct {
	HTML     []Use    // c.HTML
	ClientIP []Use    // c.ClientIP
	Loads    []Use    // LoadHTMLGlob and its kin, assignments to HTMLRender
	Pprof    []Use    // imports of net/http/pprof
	Recovers []string // functions, by full name, that recover from a panic
	CORS     []string // functions that set Access-Control-Allow-Origin themselves
	Guards   []string // functions that can stop a chain of handlers
	Handlers []string // functions that are or make handlers
	Passes   []pass   // calls that pass the context of a request on
	News     []made   // calls of gin.New
	Outer    bool     // some http.Handler around others recovers from a panic, or may do so
}

// AFact makes Uses a fact about a package.
func (*Uses) AFact() {}

// Use is one place.
type Use struct {
	At   token.Position
	Pos  token.Pos // in the package under analysis, else 0
	Func string    // the full name of the declared function that holds it
	// Logged says that what it gives is only written to a log.
	Logged bool
	// Branch says that it is under a condition.
	Branch bool
}

// pass is a call by which a function passes the context of a request on to another; both by full name.
type pass struct{ From, To string }

// made is where an engine is made, and the edits that give it a Recovery.
type made struct {
	At    token.Position
	Edits []plan.Edit
}

func runProgramUses(pass *analysis.Pass) (any, error) {
	p := &Pass{Pass: pass}
	own := &Uses{}
	for c := range p.Nodes((*ast.CallExpr)(nil), (*ast.AssignStmt)(nil), (*ast.ImportSpec)(nil), (*ast.FuncDecl)(nil)) {
		switch n := c.Node().(type) {
		case *ast.FuncDecl:
			if fn, ok := p.TypesInfo.Defs[n.Name].(*types.Func); ok && handles(fn.Signature()) {
				addName(&own.Handlers, fn.FullName())
			}
		case *ast.CallExpr:
			own.call(p, c, n)
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && sel.Sel.Name == "HTMLRender" {
					own.Loads = append(own.Loads, p.use(c))
				}
			}
		case *ast.ImportSpec:
			if n.Path.Value == `"net/http/pprof"` {
				own.Pprof = append(own.Pprof, p.use(c))
			}
		}
	}
	own.deferred(p)
	if pass.Module == nil || pass.Module.Version == "" {
		pass.ExportPackageFact(exported(own))
	} else {
		pass.ExportPackageFact(&Uses{Recovers: own.Recovers})
	}
	all := *own
	for _, f := range pass.AllPackageFacts() {
		if u, ok := f.Fact.(*Uses); ok && f.Package != pass.Pkg {
			all.HTML = append(all.HTML, u.HTML...)
			all.ClientIP = append(all.ClientIP, u.ClientIP...)
			all.Loads = append(all.Loads, u.Loads...)
			all.Pprof = append(all.Pprof, u.Pprof...)
			all.Recovers = append(all.Recovers, u.Recovers...)
			all.CORS = append(all.CORS, u.CORS...)
			all.Guards = append(all.Guards, u.Guards...)
			all.Handlers = append(all.Handlers, u.Handlers...)
			all.Passes = append(all.Passes, u.Passes...)
			all.News = append(all.News, u.News...)
			all.Outer = all.Outer || u.Outer
		}
	}
	for _, list := range []*[]Use{&all.HTML, &all.ClientIP, &all.Loads, &all.Pprof} {
		slices.SortStableFunc(*list, func(a, b Use) int {
			if c := strings.Compare(a.At.Filename, b.At.Filename); c != 0 {
				return c
			}
			return a.At.Offset - b.At.Offset
		})
	}
	return &all, nil
}

// exported is what other packages are told: there, positions count, not their numbers here.
func exported(u *Uses) *Uses {
	out := *u
	for _, list := range []*[]Use{&out.HTML, &out.ClientIP, &out.Loads, &out.Pprof} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].Pos = token.NoPos
		}
	}
	return &out
}

func (u *Uses) call(p *Pass, c inspector.Cursor, call *ast.CallExpr) {
	if b, ok := p.TypesInfo.Uses[identOf(call.Fun)].(*types.Builtin); ok && b.Name() == "recover" {
		addName(&u.Recovers, p.use(c).Func)
		if d := declOf(c); d != nil {
			u.Outer = u.Outer || p.wrapsHandlers(p.TypesInfo.Defs[d.Name])
		}
		return
	}
	fn := p.Callee(call)
	if fn != nil && fn.Pkg() != nil && fn.Pkg().Path() != ginPath && strings.Contains(strings.ToLower(fn.Name()), "recover") {
		u.Outer = u.Outer || p.wrapsHandlers(fn)
	}
	switch {
	case isMethod(fn, ginPath, "Context", "HTML"):
		use := p.use(c)
		use.Branch = underCondition(c)
		u.HTML = append(u.HTML, use)
	case isMethod(fn, ginPath, "Context", "ClientIP"):
		use := p.use(c)
		use.Logged = p.logged(c)
		u.ClientIP = append(u.ClientIP, use)
	case isFunc(fn, ginPath, "New"):
		if edits := p.fileEdits(p.useRecovery(c, call)); edits != nil {
			u.News = append(u.News, made{p.Position(call.Pos()), edits})
		}
	case isMethod(fn, ginPath, "Context", "Abort", "AbortWithStatus", "AbortWithStatusJSON", "AbortWithStatusPureJSON", "AbortWithError"):
		addName(&u.Guards, p.use(c).Func)
	case isMethod(fn, ginPath, "Engine", "LoadHTMLGlob", "LoadHTMLFiles", "LoadHTMLFS", "SetHTMLTemplate"):
		u.Loads = append(u.Loads, p.use(c))
	}
	if fn != nil && fn.Pkg() != nil && fn.Pkg().Path() != ginPath && slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return isGinContext(p.TypesInfo.TypeOf(a)) }) {
		if step := (pass{p.use(c).Func, fn.Origin().FullName()}); !slices.Contains(u.Passes, step) {
			u.Passes = append(u.Passes, step)
		}
	}
	if key, _, ok := p.headerSet(call); ok && strings.EqualFold(key, "Access-Control-Allow-Origin") {
		addName(&u.CORS, p.use(c).Func)
	}
}

// deferred adds the functions that defer one of this package that recovers: defer handlePanic(c).
func (u *Uses) deferred(p *Pass) {
	for c := range p.Nodes((*ast.DeferStmt)(nil)) {
		if fn := p.Callee(c.Node().(*ast.DeferStmt).Call); fn != nil && slices.Contains(u.Recovers, fn.FullName()) {
			addName(&u.Recovers, p.use(c).Func)
		}
	}
}

// handles tells whether a function is a handler or gives one.
func handles(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		if isHandlerType(v.Type()) {
			return true
		}
	}
	return isHandlerType(sig)
}

// wrapsHandlers tells whether a function takes or gives something of net/http, or functions that do: func(http.Handler) http.Handler.
func (p *Pass) wrapsHandlers(obj types.Object) bool {
	fn, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	sig := fn.Signature()
	isHandler := func(v *types.Var) bool {
		return isType(v.Type(), "net/http", "Handler") || isType(v.Type(), "net/http", "HandlerFunc") || isType(v.Type(), "net/http", "ResponseWriter")
	}
	for v := range sig.Params().Variables() {
		if isHandler(v) {
			return true
		}
	}
	for v := range sig.Results().Variables() {
		if inner, ok := v.Type().Underlying().(*types.Signature); isHandler(v) || ok && inner.Params().Len() > 0 && isHandler(inner.Params().At(0)) {
			return true
		}
	}
	return false
}

func identOf(e ast.Expr) *ast.Ident {
	id, _ := ast.Unparen(e).(*ast.Ident)
	return id
}

func addName(names *[]string, name string) {
	if name != "" && !slices.Contains(*names, name) {
		*names = append(*names, name)
	}
}

func (p *Pass) use(c inspector.Cursor) Use {
	u := Use{At: p.Position(c.Node().Pos()), Pos: c.Node().Pos()}
	if d := declOf(c); d != nil {
		if fn, ok := p.TypesInfo.Defs[d.Name].(*types.Func); ok {
			u.Func = fn.FullName()
		}
	}
	return u
}

// headerSet is the key and the value of a call that sets a header: c.Header(k, v), w.Header().Set(k, v).
func (p *Pass) headerSet(call *ast.CallExpr) (key string, value ast.Expr, ok bool) {
	fn := p.Callee(call)
	if len(call.Args) != 2 || !isMethod(fn, ginPath, "Context", "Header") && !isMethod(fn, "net/http", "Header", "Set", "Add") {
		return "", nil, false
	}
	key, ok = p.ConstString(call.Args[0])
	return key, call.Args[1], ok
}

// leadsTo are the functions that pass the context of a request on to one, directly or not, and that one itself.
func (u *Uses) leadsTo(fn string) []string {
	out := []string{fn}
	for i := 0; i < len(out); i++ {
		for _, step := range u.Passes {
			if step.To == out[i] {
				addName(&out, step.From)
			}
		}
	}
	return out
}

// handlerIn tells whether a handler is one of some functions, or made by one.
func handlerIn(h engine.Handler, names []string) bool {
	name, _, _ := strings.Cut(h.Name, ".func")
	return h.Name != "" && (slices.Contains(names, h.Name) || slices.Contains(names, name))
}

// registered tells whether a function, or what it makes, is among the handlers of an engine.
func registered(e *engine.Engine, fn string) bool {
	return fn != "" && slices.ContainsFunc(e.Ops, func(o engine.Op) bool {
		return slices.ContainsFunc(o.Handlers, func(h engine.Handler) bool { return handlerIn(h, []string{fn}) })
	})
}

// served tells whether an engine is seen to answer requests: then what was done to it before is all of it, unless it was lost.
func served(e *engine.Engine) bool {
	return slices.ContainsFunc(e.Ops, func(o engine.Op) bool { return o.Kind == engine.Run || o.Kind == engine.Serve })
}

// ops are the operations of a kind.
func ops(e *engine.Engine, kinds ...engine.Kind) []engine.Op {
	var out []engine.Op
	for _, o := range e.Ops {
		if slices.Contains(kinds, o.Kind) {
			out = append(out, o)
		}
	}
	return out
}

// option tells whether a field of an engine is set.
func option(e *engine.Engine, name string) bool {
	return slices.ContainsFunc(e.Ops, func(o engine.Op) bool { return o.Kind == engine.Option && o.Name == name })
}

// fileEdits are edits of this package as other packages can take them; nil where there are none.
func (p *Pass) fileEdits(edits []analysis.TextEdit) []plan.Edit {
	steps, err := p.steps(edits)
	if err != nil {
		return nil
	}
	var out []plan.Edit
	for _, s := range steps {
		out = append(out, s.(plan.Edit))
	}
	return out
}

// place points a finding at an operation or the making of an engine, in this package or another.
func (f *Finding) place(p *Pass, pos token.Pos, at token.Position) {
	f.Pos = pos
	if here := p.Position(pos); here.Filename != at.Filename || here.Line != at.Line || here.Column != at.Column {
		f.Elsewhere = at
	}
}
