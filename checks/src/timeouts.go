package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// Timeouts finds servers that wait for slow clients without end, and clients that wait for slow servers without end. It speaks once
// for each server, and once for each kind of client in a package.
var Timeouts = &Rule{
	Check: checks.Check{
		ID:       "src/timeouts",
		Title:    "a server or client without timeouts",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	// No Imports: main may run an engine that it has from another package, and name neither gin nor net/http.
	Requires: []*analysis.Analyzer{namesAnalyzer},
	Look: func(p *Pass) error {
		if p.example() || p.Pkg.Path() == ginPath || strings.HasPrefix(p.Pkg.Path(), ginPath+"/") {
			return nil // what gin serves without is said of those who run it
		}
		t := &timeouts{Pass: p, names: p.Names(), runs: map[ast.Node]*Finding{}}
		for c := range p.Nodes((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
			switch n := c.Node().(type) {
			case *ast.CallExpr:
				t.call(c, n)
			case *ast.CompositeLit:
				t.literal(c, n)
			}
		}
		for _, fn := range t.order {
			p.Report(*t.runs[fn])
		}
		t.clients()
		return nil
	},
}

type timeouts struct {
	*Pass
	names *names
	// runs are the servers that are run by one call, one for each function: its branches run one of them.
	runs  map[ast.Node]*Finding
	order []ast.Node
	gets  []inspector.Cursor // http.Get and the like
	lits  []inspector.Cursor // clients without a Timeout
}

func (t *timeouts) call(c inspector.Cursor, call *ast.CallExpr) {
	fn := t.Callee(call)
	switch {
	case isMethod(fn, ginPath, "Engine", "Run", "RunTLS", "RunListener", "RunFd"):
		var addr ast.Expr
		if len(call.Args) > 0 {
			addr = call.Args[0]
		}
		if t.local(addr) {
			return
		}
		t.run(c, call, checks.Msg("%s serves without any timeout", types.ExprString(call.Fun)),
			checks.Msg("Use &http.Server{Addr: …, Handler: %s, ReadHeaderTimeout: 5 * time.Second} and its ListenAndServe.", t.receiver(call)))
	case isFunc(fn, "net/http", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS") && len(call.Args) > 1:
		handler := call.Args[len(call.Args)-1]
		if fn.Name() == "Serve" || fn.Name() == "ServeTLS" {
			handler = call.Args[1]
		}
		if t.local(call.Args[0]) || t.isNil(handler) || t.aside(map[string]ast.Expr{"Handler": handler}) {
			return // nil: the default mux, which serves pprof and metrics
		}
		t.run(c, call, checks.Msg("%s serves without any timeout", types.ExprString(call.Fun)),
			checks.Msg("Use an http.Server with ReadHeaderTimeout: 5 * time.Second, and its %s.", fn.Name()))
	case isFunc(fn, "net/http", "Get", "Post", "PostForm", "Head"):
		t.gets = append(t.gets, c)
	}
}

func (t *timeouts) receiver(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		return types.ExprString(sel.X)
	}
	return "r"
}

func (t *timeouts) run(c inspector.Cursor, call *ast.CallExpr, message, help checks.Message) {
	var fn ast.Node
	if f, ok := funcOf(c); ok {
		fn = f.Node()
	}
	if f := t.runs[fn]; f != nil {
		f.Also = append(f.Also, Also{Pos: t.Position(call.Pos()), Is: checks.Msg("%s too", types.ExprString(call.Fun))})
		return
	}
	f := t.server(c, message, help)
	f.Pos, f.End = call.Pos(), call.Lparen
	t.runs[fn] = &f
	t.order = append(t.order, fn)
}

func (t *timeouts) server(c inspector.Cursor, message, help checks.Message) Finding {
	f := Finding{Pos: c.Node().Pos()}
	f.Message, f.Help = message, help
	f.Why = checks.Msg("A client that sends its request a byte at a time, or never, keeps its connection for ever: a few hundred of them use up the open files.")
	f.Key = t.key(c) + " server"
	return f
}

// local tells whether an address is one that only this machine reaches.
func (t *timeouts) local(addr ast.Expr) bool {
	if addr == nil {
		return false
	}
	s, ok := t.beginning(addr)
	return ok && (strings.HasPrefix(s, "127.") || strings.HasPrefix(s, "localhost:") || strings.HasPrefix(s, "[::1]") || strings.HasPrefix(s, "unix:") || strings.HasPrefix(s, "/"))
}

// beginning is the constant that an address begins with: of "127.0.0.1:"+port, and of fmt.Sprintf("127.0.0.1:%d", port).
func (t *timeouts) beginning(e ast.Expr) (string, bool) {
	e = t.Follow(e)
	switch x := e.(type) {
	case *ast.BinaryExpr:
		if s, ok := t.ConstString(x); ok {
			return s, true
		}
		return t.beginning(x.X)
	case *ast.CallExpr:
		if fn := t.Callee(x); len(x.Args) > 0 && (isFunc(fn, "fmt", "Sprintf") || isFunc(fn, "net", "JoinHostPort")) {
			s, ok := t.ConstString(t.Follow(x.Args[0]))
			return s + ":", ok
		}
	}
	return t.ConstString(e)
}

// nearListener tells whether the function listens where only this machine reaches it: what it serves is served there.
func (t *timeouts) nearListener(c inspector.Cursor) bool {
	fn, ok := funcOf(c)
	if !ok {
		return false
	}
	for at := range fn.Preorder((*ast.CallExpr)(nil)) {
		if call := at.Node().(*ast.CallExpr); isFunc(t.Callee(call), "net", "Listen") && len(call.Args) == 2 {
			network, _ := t.ConstString(call.Args[0])
			return network == "unix" || t.local(call.Args[1])
		}
	}
	return false
}

func (t *timeouts) literal(c inspector.Cursor, lit *ast.CompositeLit) {
	typ := t.TypesInfo.TypeOf(lit)
	if _, ptr := typ.(*types.Pointer); ptr || typ == nil {
		return
	}
	switch {
	case isType(typ, "net/http", "Server"):
		t.serverLiteral(c, lit)
	case isType(typ, "net/http", "Client"):
		fields := t.fields(lit)
		if fields["Timeout"] == nil && !t.setLater(c, "Timeout") && !t.deadlines(fields["Transport"]) {
			t.lits = append(t.lits, c)
		}
	}
}

func (t *timeouts) serverLiteral(c inspector.Cursor, lit *ast.CompositeLit) {
	fields := t.fields(lit)
	if fields["ReadHeaderTimeout"] != nil || fields["ReadTimeout"] != nil || t.local(fields["Addr"]) || t.aside(fields) ||
		t.setLater(c, "ReadHeaderTimeout", "ReadTimeout") || t.handedOut(c) || t.nearListener(c) {
		return
	}
	f := t.server(c, checks.Msg("the http.Server has no ReadHeaderTimeout and no ReadTimeout"), checks.Msg("Add ReadHeaderTimeout: 5 * time.Second: it leaves uploads and streams alone."))
	f.End = lit.Lbrace
	t.Report(f)
}

// fields are the fields of a literal, by their names.
func (t *timeouts) fields(lit *ast.CompositeLit) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				out[id.Name] = kv.Value
			}
		}
	}
	return out
}

// aside tells whether a server is one for operators: pprof, metrics.
func (t *timeouts) aside(fields map[string]ast.Expr) bool {
	handler := fields["Handler"]
	if handler == nil {
		return fields["Addr"] != nil // the default mux
	}
	call, ok := t.Follow(handler).(*ast.CallExpr)
	if !ok {
		return false
	}
	if t.TypesInfo.Types[call.Fun].IsType() && len(call.Args) == 1 { // http.HandlerFunc(pprof.Index)
		fn := t.Func(call.Args[0])
		return fn != nil && fn.Pkg() != nil && strings.HasSuffix(fn.Pkg().Path(), "pprof")
	}
	fn := t.Callee(call)
	if isFunc(fn, "net/http", "NewServeMux") || isFunc(fn, ginPath, "New", "Default") {
		return t.operators(t.Var(handler))
	}
	return fn != nil && fn.Pkg() != nil && strings.HasPrefix(fn.Pkg().Path(), "github.com/prometheus/client_golang/")
}

// operators tells whether a mux has only routes for operators.
func (t *timeouts) operators(mux *types.Var) bool {
	routes := 0
	for _, use := range t.names.Uses(mux) {
		switch n := use.Parent().Node().(type) {
		case *ast.SelectorExpr:
			call, ok := use.Parent().Parent().Node().(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || n.Sel.Name == "Use" {
				continue
			}
			path, _ := t.ConstString(call.Args[0])
			if !slices.ContainsFunc([]string{"/debug", "/metrics", "/health", "/ready", "/live"}, func(p string) bool { return strings.HasPrefix(path, p) }) {
				return false
			}
			routes++
		case *ast.CallExpr:
			if fn := t.Callee(n); fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "net/http" {
				return false // who knows what is added there
			}
		}
	}
	return routes > 0
}

// setLater tells whether one of some fields of what a literal makes is assigned somewhere in the package.
func (t *timeouts) setLater(c inspector.Cursor, fields ...string) bool {
	typ := named(t.TypesInfo.TypeOf(c.Node().(ast.Expr)))
	for a := range t.Nodes((*ast.AssignStmt)(nil)) {
		for _, lhs := range a.Node().(*ast.AssignStmt).Lhs {
			if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && slices.Contains(fields, sel.Sel.Name) && typ != nil && named(t.TypesInfo.TypeOf(sel.X)) == typ {
				return true
			}
		}
	}
	return false
}

// handedOut tells whether a server is given to a function that could set more of it, rather than run.
func (t *timeouts) handedOut(c inspector.Cursor) bool {
	at := c
	if u, ok := at.Parent().Node().(*ast.UnaryExpr); ok && u.Op == token.AND {
		at = at.Parent()
	}
	if _, field := at.Parent().Node().(*ast.KeyValueExpr); field && len(c.Node().(*ast.CompositeLit).Elts) == 0 {
		return true // whoever has the struct fills it in
	}
	if call, ok := at.Parent().Node().(*ast.CallExpr); ok && call.Fun != at.Node() {
		return true
	}
	assign, ok := at.Parent().Node().(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != len(assign.Rhs) {
		return false
	}
	v := t.Var(assign.Lhs[at.ParentEdgeIndex()])
	if v == nil {
		return false
	}
	for _, use := range t.names.Uses(v) {
		if call, ok := use.Parent().Node().(*ast.CallExpr); ok && call.Fun != use.Node() && t.configures(call) {
			return true
		}
	}
	return false
}

// configures tells whether a call may set fields of a server that it is given: http2.ConfigureServer does not set what we look for.
func (t *timeouts) configures(call *ast.CallExpr) bool {
	fn := t.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return true // option(server)
	}
	if fn.Pkg() != t.Pkg {
		return false
	}
	name := strings.ToLower(fn.Name())
	return strings.Contains(name, "timeout") || strings.Contains(name, "config") || strings.Contains(name, "option") || strings.Contains(name, "apply") || strings.Contains(name, "setup")
}

// deadlines tells whether a transport limits how long it waits by itself, or is not one that we know.
func (t *timeouts) deadlines(transport ast.Expr) bool {
	if transport == nil {
		return false
	}
	e := t.Follow(transport)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok || !isType(t.TypesInfo.TypeOf(lit), "net/http", "Transport") {
		return true
	}
	fields := t.fields(lit)
	return fields["ResponseHeaderTimeout"] != nil || fields["DialContext"] != nil || fields["Dial"] != nil
}

// clients reports the clients: what is asked for a request that waits meanwhile. Elsewhere, where nobody waits, it is worth knowing.
func (t *timeouts) clients() {
	if c, n := t.worst(t.gets); n > 0 {
		call := c.Node().(*ast.CallExpr)
		f := t.client(c, n)
		f.Pos, f.End = call.Pos(), call.Lparen
		f.Message = checks.Msg("%s has no timeout", types.ExprString(call.Fun))
		f.Help = checks.Msg("Use a client of your own, made once: &http.Client{Timeout: 10 * time.Second}")
		t.Report(f)
	}
	if t.withContext() {
		return // each request may bring its own end
	}
	if c, n := t.worst(t.lits); n > 0 {
		f := t.client(c, n)
		f.End = c.Node().(*ast.CompositeLit).Lbrace
		f.Message = checks.Msg("the http.Client has no Timeout")
		f.Help = checks.Msg("Add Timeout: 10 * time.Second, or give each request a context that ends: http.NewRequestWithContext.")
		t.Report(f)
	}
}

func (t *timeouts) client(c inspector.Cursor, n int) Finding {
	f := Finding{Pos: c.Node().Pos()}
	f.Key = t.key(c) + " client"
	f.Confidence = checks.Likely
	r, perRequest := t.names.PerRequest(c)
	if perRequest {
		f.Why = checks.Msg("Where the other side does not answer, the handler waits for ever: requests pile up, and a shutdown never ends.")
		f.Also = t.names.path(r)
	} else {
		f.Why = checks.Msg("Where the other side does not answer, whoever asks waits for ever.")
		f.Severity = checks.Info
	}
	if n > 1 {
		f.Evidence = []checks.Message{checks.Msg("there are %d of them in this package", n)}
	}
	return f
}

// worst is one place of several: the first that is run through for each request, else the first that is not part of the start of a
// program; n is how many there are of these.
func (t *timeouts) worst(places []inspector.Cursor) (out inspector.Cursor, n int) {
	perRequest := false
	for _, c := range places {
		_, is := t.names.PerRequest(c)
		if !is && t.Pkg.Name() == "main" {
			continue // a tool, or the start of the program
		}
		n++
		if n == 1 || is && !perRequest {
			out, perRequest = c, is
		}
	}
	return out, n
}

// withContext tells whether the package makes requests that end with a context.
func (t *timeouts) withContext() bool {
	for _, call := range t.Calls() {
		if fn := t.Callee(call); isFunc(fn, "net/http", "NewRequestWithContext") || isMethod(fn, "net/http", "Request", "WithContext") {
			return true
		}
	}
	return false
}
