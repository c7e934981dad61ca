package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
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
	Imports:  append(poolPackages(), "net/http", ginPath),
	Requires: []*analysis.Analyzer{namesAnalyzer, makersElsewhere},
	Look: func(p *Pass) error {
		if p.example() {
			return nil
		}
		k := &clientPerRequest{Pass: p, names: p.Names()}
		others := p.ResultOf[makersElsewhere].(*clientPerRequest)
		for c := range p.Nodes((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
			if made, ok := k.makes(c); ok {
				k.judge(c, made)
			} else if fact, ok := others.elsewhere(c); ok {
				k.judgeElsewhere(c, fact)
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
	{"github.com/go-resty/resty/v2", []string{"New"}, "an HTTP transport"},
	{"gopkg.in/resty.v1", []string{"New"}, "an HTTP transport"},
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
	if !ok || k.notAlways(c) || k.fateInAll(c, 0) != dropped { // one that is closed costs time, and leaks nothing
		return
	}
	f := k.found(c, made.call, made.what)
	f.Also = k.path(r)
	k.Report(f)
}

// judgeElsewhere judges a call of a function of another package that makes a client.
func (k *clientPerRequest) judgeElsewhere(c inspector.Cursor, fact *clientFact) {
	r, ok := k.names.PerRequest(c)
	if !ok || k.notAlways(c) || fact.Back && k.fateInAll(c, 0) != dropped {
		return
	}
	f := k.found(c, fact.Call, fact.What)
	f.Elsewhere = fact.At
	call := c.Node().(*ast.CallExpr)
	f.Also = append(k.path(r), Also{Pos: k.Position(call.Pos()), Is: checks.Msg("called for a request: %s", types.ExprString(call.Fun)+"(…)")})
	k.Report(f)
}

// found is the finding about a client that is made at a place, or by a call.
func (k *clientPerRequest) found(c inspector.Cursor, maker, what string) Finding {
	f := Finding{Pos: c.Node().Pos(), End: c.Node().End()}
	if call, ok := c.Node().(*ast.CallExpr); ok {
		f.End = call.Lparen
	} else if lit, ok := c.Node().(*ast.CompositeLit); ok {
		f.End = lit.Lbrace
	}
	f.Confidence = checks.Likely
	f.Message = checks.Msg("%s makes %s for each request", maker, what)
	f.Why = checks.Msg("Each has connections of its own, and they stay open when the request is over: the number of open files climbs until the server, or what it connects to, refuses more.")
	f.Help = checks.Msg("Make it once, in main, and hand it to the handlers: a client is safe for all of them at the same time.")
	f.Key = k.key(c) + " " + maker
	return f
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

// notAlways tells whether what happens at a place happens once for all requests, or only while something is not there yet.
func (k *clientPerRequest) notAlways(c inspector.Cursor) bool {
	return k.names.guarded(c) || k.guardedByNil(c)
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
