package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// ClientPerRequest finds pools of connections that are made anew for each request: database, Redis and Mongo clients, and HTTP
// transports.
var ClientPerRequest = &Rule{
	Check: checks.Check{
		ID:       "src/client-per-request",
		Title:    "a client with its own connections is made for each request",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
		Explains: []string{"leak/db-connections", "leak/fd-growth"},
	},
	Imports:  append(poolPackages(), "net/http"),
	Requires: []*analysis.Analyzer{namesAnalyzer},
	Look: func(p *Pass) error {
		if p.example() {
			return nil
		}
		k := &clientPerRequest{Pass: p, names: p.Names()}
		for c := range p.Nodes((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
			if made, ok := k.makes(c); ok {
				k.judge(c, made)
			}
		}
		return nil
	},
}

// poolMakers are functions that make a pool of connections.
var poolMakers = []struct {
	pkg   string
	names []string
	what  string
}{
	{"database/sql", []string{"Open", "OpenDB"}, "a database pool"},
	{"github.com/jmoiron/sqlx", []string{"Open", "MustOpen", "Connect", "MustConnect", "ConnectContext", "MustConnectContext"}, "a database pool"},
	{"gorm.io/gorm", []string{"Open"}, "a database pool"},
	{"github.com/jinzhu/gorm", []string{"Open"}, "a database pool"},
	{"xorm.io/xorm", []string{"NewEngine", "NewEngineWithParams"}, "a database pool"},
	{"github.com/go-xorm/xorm", []string{"NewEngine", "NewEngineWithParams"}, "a database pool"},
	{"github.com/jackc/pgx/v5/pgxpool", []string{"New", "NewWithConfig"}, "a database pool"},
	{"github.com/jackc/pgx/v4/pgxpool", []string{"Connect", "ConnectConfig"}, "a database pool"},
	{"github.com/redis/go-redis/v9", redisMakers, "a Redis client"},
	{"github.com/go-redis/redis/v9", redisMakers, "a Redis client"},
	{"github.com/go-redis/redis/v8", redisMakers, "a Redis client"},
	{"github.com/go-redis/redis/v7", redisMakers, "a Redis client"},
	{"github.com/go-redis/redis", redisMakers, "a Redis client"},
	{"go.mongodb.org/mongo-driver/mongo", []string{"Connect", "NewClient"}, "a MongoDB client"},
	{"go.mongodb.org/mongo-driver/v2/mongo", []string{"Connect"}, "a MongoDB client"},
}

var redisMakers = []string{"NewClient", "NewClusterClient", "NewFailoverClient", "NewFailoverClusterClient", "NewUniversalClient", "NewRing"}

func poolPackages() []string {
	var out []string
	for _, m := range poolMakers {
		out = append(out, m.pkg)
	}
	return out
}

type clientPerRequest struct {
	*Pass
	names *names
}

// pooled is a client that is made at a place.
type pooled struct {
	what string // "a Redis client"
	call string // how it is written: "redis.NewClient"
}

// makes tells whether an expression makes a client with connections of its own.
func (k *clientPerRequest) makes(c inspector.Cursor) (pooled, bool) {
	switch n := c.Node().(type) {
	case *ast.CallExpr:
		fn := k.Callee(n)
		for _, m := range poolMakers {
			if isFunc(fn, m.pkg, m.names...) && !k.overExisting(fn, n) {
				return pooled{m.what, types.ExprString(n.Fun)}, true
			}
		}
		if isMethod(fn, "net/http", "Transport", "Clone") {
			return pooled{"an HTTP transport", types.ExprString(n.Fun)}, true
		}
	case *ast.CompositeLit:
		if isType(k.TypesInfo.TypeOf(n), "net/http", "Transport") && !k.keepsNothing(n) {
			return pooled{"an HTTP transport", "http.Transport"}, true
		}
	}
	return pooled{}, false
}

// overExisting tells whether gorm.Open is given connections that are there already: gorm.Open(postgres.New(postgres.Config{Conn: db})).
func (k *clientPerRequest) overExisting(fn *types.Func, call *ast.CallExpr) bool {
	if fn.Pkg().Path() != "gorm.io/gorm" {
		return false
	}
	over := false
	ast.Inspect(call, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && (id.Name == "Conn" || id.Name == "ConnPool" || id.Name == "DryRun") {
				over = true
			}
		}
		return !over
	})
	return over
}

// keepsNothing tells whether a transport closes each connection after its answer.
func (k *clientPerRequest) keepsNothing(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, _ := kv.Key.(*ast.Ident)
		value := k.TypesInfo.Types[kv.Value].Value
		return key != nil && key.Name == "DisableKeepAlives" && value != nil && value.String() == "true"
	})
}

func (k *clientPerRequest) judge(c inspector.Cursor, made pooled) {
	r, ok := k.names.PerRequest(c)
	if !ok || k.names.guarded(c) || k.guardedByNil(c) {
		return
	}
	switch k.fate(c, 0) {
	case kept, unknownFate:
		return
	case closed:
		return // it costs time, and leaks nothing
	}
	f := Finding{Pos: c.Node().Pos(), End: c.Node().End()}
	if call, ok := c.Node().(*ast.CallExpr); ok {
		f.End = call.Lparen
	} else if lit, ok := c.Node().(*ast.CompositeLit); ok {
		f.End = lit.Lbrace
	}
	f.Confidence = checks.Likely
	f.Message = checks.Msg("%s makes %s for each request", made.call, made.what)
	f.Why = checks.Msg("Each has connections of its own, and they stay open when the request is over: the number of open files climbs until the server, or what it connects to, refuses more.")
	f.Help = checks.Msg("Make it once, in main, and hand it to the handlers: a client is safe for all of them at the same time.")
	f.Key = k.key(c) + " " + made.call
	f.Also = k.path(r)
	k.Report(f)
}

// path is how a request gets there, where that is not seen at once.
func (k *clientPerRequest) path(r request) []Also { return k.names.path(r) }

// path is the calls by which a request gets to a function, the handler's first.
func (n *names) path(r request) []Also {
	var out []Also
	for range 5 {
		if !r.By.Valid() {
			break
		}
		call := r.By.Node().(*ast.CallExpr)
		out = append(out, Also{Pos: n.p.Position(call.Pos()), Is: checks.Msg("called for a request: %s", types.ExprString(call.Fun)+"(…)")})
		fn, ok := funcOf(r.By)
		if !ok {
			break
		}
		r, _ = n.Request(fn.Node())
	}
	slices.Reverse(out)
	return out
}

// guardedByNil tells whether what happens at a place depends on whether something that is kept is nil: it is not there yet, or a hook
// is set.
func (k *clientPerRequest) guardedByNil(c inspector.Cursor) bool {
	for f := range c.Enclosing((*ast.IfStmt)(nil)) {
		if b, ok := f.Node().(*ast.IfStmt).Cond.(*ast.BinaryExpr); ok && (b.Op == token.EQL || b.Op == token.NEQ) && k.isNil(b.Y) {
			if v := k.Var(b.X); v != nil && (v.IsField() || v.Kind() == types.PackageVar) {
				return true
			}
		}
	}
	return false
}

// fate is what becomes of a client.
type fate int

const (
	dropped     fate = iota // it stays in the function that makes it
	closed                  // it is closed there
	kept                    // it is put where it outlives the request, or may be
	unknownFate             // it is handed to code that we do not see
)

// fate follows a client from where it is made.
func (k *clientPerRequest) fate(c inspector.Cursor, depth int) fate {
	if depth > 6 {
		return unknownFate
	}
	for c.ParentEdgeKind() == edge.ParenExpr_X || c.ParentEdgeKind() == edge.UnaryExpr_X || c.ParentEdgeKind() == edge.TypeAssertExpr_X {
		c = c.Parent()
	}
	switch c.ParentEdgeKind() {
	case edge.AssignStmt_Rhs:
		assign := c.Parent().Node().(*ast.AssignStmt)
		i := 0
		if len(assign.Lhs) == len(assign.Rhs) {
			i = c.ParentEdgeIndex()
		}
		return k.fateIn(assign.Lhs[i], c, depth)
	case edge.ValueSpec_Values:
		return k.fateIn(c.Parent().Node().(*ast.ValueSpec).Names[0], c, depth)
	case edge.KeyValueExpr_Value: // a field of a literal, such as http.Client{Transport: ...}
		return k.fate(c.Parent().Parent(), depth+1)
	case edge.CompositeLit_Elts:
		return k.fate(c.Parent(), depth+1)
	case edge.ReturnStmt_Results:
		return k.returned(c, depth)
	case edge.SelectorExpr_X: // http.Client{...}.Do, redis.NewClient(...).Get
		return dropped
	case edge.CallExpr_Args:
		return k.handedOn(c, depth)
	case edge.ExprStmt_X:
		return dropped
	}
	return unknownFate
}

// fateIn is what becomes of a client that is put in a place.
func (k *clientPerRequest) fateIn(place ast.Expr, from inspector.Cursor, depth int) fate {
	v := k.Var(place)
	id, isIdent := ast.Unparen(place).(*ast.Ident)
	if isIdent && id.Name == "_" {
		return dropped
	}
	if v == nil || v.IsField() || v.Kind() != types.LocalVar {
		if v != nil && v.IsField() {
			if x := k.Var(ast.Unparen(place).(*ast.SelectorExpr).X); x != nil && x.Kind() == types.LocalVar {
				return k.uses(x, from, depth) // client.Transport = ...
			}
		}
		return kept
	}
	return k.uses(v, from, depth)
}

// uses is what becomes of a client by all that is done with the variable that holds it.
func (k *clientPerRequest) uses(v *types.Var, from inspector.Cursor, depth int) fate {
	out := dropped
	fn, _ := funcOf(from)
	for _, use := range k.names.Uses(v) {
		if !fn.Valid() || !fn.Contains(use) {
			return kept // a variable of the function around it
		}
		if use.Node().Pos() < from.Node().Pos() {
			continue
		}
		switch use.ParentEdgeKind() {
		case edge.SelectorExpr_X:
			if name := use.Parent().Node().(*ast.SelectorExpr).Sel.Name; strings.HasPrefix(name, "Close") || name == "Disconnect" || name == "DB" {
				out = max(out, closed)
			}
		case edge.BinaryExpr_X, edge.BinaryExpr_Y, edge.AssignStmt_Lhs:
		default:
			out = max(out, k.fate(use, depth+1))
		}
	}
	return out
}

// returned is what becomes of the result of a function, where it is called for a request.
func (k *clientPerRequest) returned(c inspector.Cursor, depth int) fate {
	fn, ok := funcOf(c)
	if !ok {
		return unknownFate
	}
	d, ok := fn.Node().(*ast.FuncDecl)
	if !ok {
		return unknownFate
	}
	obj, _ := k.TypesInfo.Defs[d.Name].(*types.Func)
	calls, _ := k.names.Calls(obj)
	out := unknownFate
	for _, call := range calls {
		if _, ok := k.names.PerRequest(call); !ok || k.names.guarded(call) || k.guardedByNil(call) {
			continue
		}
		out = min(out, k.fate(call, depth+1)) // one of them is enough
	}
	return out
}

// handedOn is what becomes of a client that is given to a function. To a function that only asks it something nothing becomes of it.
func (k *clientPerRequest) handedOn(c inspector.Cursor, depth int) fate {
	call := c.Parent().Node().(*ast.CallExpr)
	fn := k.Callee(call)
	if fn == nil || fn.Pkg() != k.Pkg || fn.Signature().Variadic() || c.ParentEdgeIndex() >= fn.Signature().Params().Len() {
		return unknownFate
	}
	v := fn.Signature().Params().At(c.ParentEdgeIndex())
	out := dropped
	for _, use := range k.names.Uses(v) {
		switch use.ParentEdgeKind() {
		case edge.SelectorExpr_X:
			if name := use.Parent().Node().(*ast.SelectorExpr).Sel.Name; strings.HasPrefix(name, "Close") || name == "Disconnect" {
				out = max(out, closed)
			}
		case edge.BinaryExpr_X, edge.BinaryExpr_Y:
		default:
			out = max(out, k.fate(use, depth+1))
		}
	}
	return out
}
