package src

import (
	"go/ast"
	"go/types"
	"reflect"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// namesAnalyzer gives the *names of a package, which several rules share. Nothing is worked out before somebody asks.
var namesAnalyzer = &analysis.Analyzer{
	Name:             "ginnames",
	Doc:              "index where each name of a package is used, and what runs for a request",
	Requires:         []*analysis.Analyzer{inspect.Analyzer, callsAnalyzer},
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[*names](),
	Run: func(pass *analysis.Pass) (any, error) {
		p := &Pass{Pass: pass}
		n := &names{p: p}
		n.index = sync.OnceValue(n.readUses)
		n.requests = sync.OnceValue(n.readRequests)
		return n, nil
	},
}

// Names is the index of the package's names. The rule has to require namesAnalyzer.
func (p *Pass) Names() *names { return p.ResultOf[namesAnalyzer].(*names) }

// names is where the names of a package are used.
type names struct {
	p        *Pass
	index    func() map[types.Object][]inspector.Cursor
	requests func() map[ast.Node]request
}

// Uses are the places where an object is named, its declaration apart, in the order of the code.
func (n *names) Uses(obj types.Object) []inspector.Cursor { return n.index()[obj] }

func (n *names) readUses() map[types.Object][]inspector.Cursor {
	out := map[types.Object][]inspector.Cursor{}
	for c := range n.p.Nodes((*ast.Ident)(nil)) {
		obj := n.p.TypesInfo.Uses[c.Node().(*ast.Ident)]
		switch o := obj.(type) {
		case *types.Var:
			out[o.Origin()] = append(out[o.Origin()], c)
		case *types.Func:
			out[o.Origin()] = append(out[o.Origin()], c)
		}
	}
	return out
}

// Calls are the calls of a function in this package; all says that it is used in no other way, such as a method value.
func (n *names) Calls(fn *types.Func) (calls []inspector.Cursor, all bool) {
	all = true
	for _, use := range n.Uses(fn) {
		if call, ok := calledBy(use); ok {
			calls = append(calls, call)
		} else {
			all = false
		}
	}
	return calls, all
}

// calledBy is the call that calls what an identifier names: f in f(x), and s.f in s.f(x).
func calledBy(ident inspector.Cursor) (inspector.Cursor, bool) {
	c := ident
	if c.ParentEdgeKind() == edge.SelectorExpr_Sel {
		c = c.Parent()
	}
	for c.ParentEdgeKind() == edge.ParenExpr_X {
		c = c.Parent()
	}
	if c.ParentEdgeKind() == edge.CallExpr_Fun {
		return c.Parent(), true
	}
	return inspector.Cursor{}, false
}

// request is how a function comes to run for each request.
type request struct {
	// Handler is the function that gin or net/http calls: a *ast.FuncDecl or *ast.FuncLit.
	Handler ast.Node
	// By is the call, in a function that runs for each request, that leads here; not valid for the handler itself.
	By inspector.Cursor
}

// Request tells whether a function (a *ast.FuncDecl or *ast.FuncLit) runs for each request.
func (n *names) Request(fn ast.Node) (request, bool) {
	r, ok := n.requests()[fn]
	return r, ok
}

// PerRequest tells whether a place is run through for each request.
func (n *names) PerRequest(c inspector.Cursor) (request, bool) {
	if fn, ok := funcOf(c); ok {
		return n.Request(fn.Node())
	}
	return request{}, false
}

// readRequests begins with the handlers and follows the calls that they make in this package.
func (n *names) readRequests() map[ast.Node]request {
	out := map[ast.Node]request{}
	decls := map[*types.Func]inspector.Cursor{}
	var queue []inspector.Cursor
	add := func(c inspector.Cursor, r request) {
		if _, known := out[c.Node()]; !known {
			out[c.Node()] = r
			queue = append(queue, c)
		}
	}
	for c := range n.p.Nodes((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		var t types.Type
		switch fn := c.Node().(type) {
		case *ast.FuncDecl:
			obj, _ := n.p.TypesInfo.Defs[fn.Name].(*types.Func)
			if obj == nil {
				continue
			}
			decls[obj] = c
			t = obj.Type()
		case *ast.FuncLit:
			t = n.p.TypesInfo.TypeOf(fn)
		}
		if takesRequest(t) && !n.once(c) {
			add(c, request{Handler: c.Node()})
		}
	}
	for len(queue) > 0 {
		fn := queue[0]
		queue = queue[1:]
		r := out[fn.Node()]
		for c := range fn.Preorder((*ast.CallExpr)(nil), (*ast.FuncLit)(nil)) {
			if inner, ok := funcOf(c); !ok || inner.Node() != fn.Node() {
				continue
			}
			if c.Node() != fn.Node() {
				if _, lit := c.Node().(*ast.FuncLit); lit {
					if !n.once(c) && runsHere(c) {
						add(c, r)
					}
					continue
				}
			}
			call, ok := c.Node().(*ast.CallExpr)
			if !ok {
				continue
			}
			if callee := n.p.Callee(call); callee != nil {
				if decl, own := decls[callee]; own && !n.guarded(c) {
					add(decl, request{Handler: r.Handler, By: c})
				}
			}
		}
	}
	return out
}

// takesRequest tells whether a function is one that answers a request: it is given a *gin.Context, or is a handler of net/http.
func takesRequest(t types.Type) bool {
	sig, ok := t.(*types.Signature)
	if !ok {
		return false
	}
	for v := range sig.Params().Variables() {
		if isGinContext(v.Type()) {
			return true
		}
	}
	return sig.Params().Len() == 2 && sig.Results().Len() == 0 &&
		isType(sig.Params().At(0).Type(), "net/http", "ResponseWriter") && isType(sig.Params().At(1).Type(), "net/http", "Request")
}

// runsHere tells whether a function literal runs when the function around it does: it is called there, deferred or started.
func runsHere(lit inspector.Cursor) bool { return lit.ParentEdgeKind() == edge.CallExpr_Fun }

// once tells whether a function literal is given to sync.Once and the like, and so runs once for all requests.
func (n *names) once(lit inspector.Cursor) bool {
	if lit.ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	callee := n.p.Callee(lit.Parent().Node().(*ast.CallExpr))
	return isMethod(callee, "sync", "Once", "Do") || isFunc(callee, "sync", "OnceFunc", "OnceValue", "OnceValues") ||
		isMethod(callee, "golang.org/x/sync/singleflight", "Group", "Do", "DoChan")
}

// guarded tells whether a call stands in a literal that runs once, however deep.
func (n *names) guarded(c inspector.Cursor) bool {
	for lit := range c.Enclosing((*ast.FuncLit)(nil)) {
		if n.once(lit) {
			return true
		}
	}
	return false
}
