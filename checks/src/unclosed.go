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

// Unclosed finds response bodies, rows, transactions and files that a request opens and nobody closes.
//
// The question is asked of each variable that holds one: all its uses have to be understood, else nothing is said. What it finds of
// bodies and rows is an error only where the analyzers bodyclose or sqlclosecheck say the same.
var Unclosed = &Rule{
	Check: checks.Check{
		ID:       "src/unclosed",
		Title:    "opened for a request and not closed",
		Stage:    checks.Serve,
		Severity: checks.Error,
		Profiles: checks.Dev | checks.CI,
		Explains: []string{"leak/response-body", "leak/db-connections", "leak/fd-growth"},
	},
	Imports: []string{"net/http", "database/sql", "github.com/jmoiron/sqlx", "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgxpool", "gorm.io/gorm", "os", ginPath,
		"github.com/redis/go-redis/v9", "github.com/go-redis/redis/v8"},
	Requires: []*analysis.Analyzer{namesAnalyzer},
	Look: func(p *Pass) error {
		if p.example() {
			return nil
		}
		u := &unclosed{Pass: p, names: p.Names()}
		for c, call := range p.Calls() {
			if kind, ok := u.opens(call); ok {
				u.judge(c, kind)
			}
		}
		u.vet()
		return nil
	},
}

type unclosed struct {
	*Pass
	names  *names
	others *secondOpinion
}

// resource is a kind of thing that has to be closed.
type resource struct {
	what   string   // "the body of the response"
	close  []string // what closes it: "Body.Close", "Commit"
	defers string   // the statement that closes it in the end: "Body.Close()"
	why    checks.Message
	// holds says that nothing but closing gives it back. Of a forgotten os.File the garbage collector closes the descriptor.
	holds bool
	auto  string // a method that closes it when it gives false: Next
	fails string // a field that holds the error of opening it, where that comes with no error of its own: Error
	given bool   // what closes it wants an argument, which is not for us to choose
}

var (
	responseBody = resource{what: "the body of the response", close: []string{"Body.Close"}, defers: "Body.Close()", holds: true,
		why: checks.Msg("Each request leaves a connection and two goroutines behind: open files climb until nothing can be opened any more (too many open files).")}
	rows = resource{what: "the query result", close: []string{"Close"}, defers: "Close()", holds: true, auto: "Next",
		why: checks.Msg("Each request keeps a connection of the pool: when the pool has no more, every query waits.")}
	statement = resource{what: "the prepared statement", close: []string{"Close"}, defers: "Close()", holds: true,
		why: checks.Msg("Each request leaves a prepared statement in the database, until it takes no more.")}
	connection = resource{what: "the connection", close: []string{"Close"}, defers: "Close()", holds: true,
		why: checks.Msg("Each request keeps a connection of the pool: when the pool has no more, every query waits.")}
	acquired = resource{what: "the connection", close: []string{"Release", "Hijack"}, defers: "Release()", holds: true, why: connection.why}
	dialed   = resource{what: "the connection", close: []string{"Close"}, defers: "Close(context.Background())", holds: true, given: true,
		why: checks.Msg("Each request leaves a connection to the database open, until the database takes no more.")}
	subscription = resource{what: "the subscription", close: []string{"Close"}, defers: "Close()", holds: true,
		why: checks.Msg("Each request leaves a connection to Redis and its goroutines behind: the end of the context given to it does not close it.")}
	transaction = resource{what: "the transaction", close: []string{"Commit", "Rollback"}, defers: "Rollback()", holds: true,
		why: checks.Msg("Each such request keeps a connection of the pool, and its locks in the database: when the pool has no more, every query waits.")}
	file = resource{what: "the file", close: []string{"Close"}, defers: "Close()",
		why: checks.Msg("Open files pile up until the garbage collector gets to them: under load the limit comes first (too many open files).")}
)

// opens tells what a call opens, for its caller to close.
func (u *unclosed) opens(call *ast.CallExpr) (resource, bool) {
	fn := u.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return resource{}, false
	}
	results := fn.Signature().Results()
	if results.Len() == 0 {
		return resource{}, false
	}
	failing := results.Len() == 2 && types.Identical(results.At(1).Type(), types.Universe.Lookup("error").Type())
	first := results.At(0).Type()
	switch {
	case isMethod(fn, "gorm.io/gorm", "DB", "Begin"), isMethod(fn, "github.com/jinzhu/gorm", "DB", "Begin", "BeginTx"):
		tx := transaction
		tx.fails = "Error"
		return tx, true
	case isMethod(fn, "github.com/jmoiron/sqlx", "DB", "MustBegin", "MustBeginTx"):
		return transaction, true
	case (isType(first, "github.com/redis/go-redis/v9", "PubSub") || isType(first, "github.com/go-redis/redis/v8", "PubSub")) && results.Len() == 1:
		return subscription, fn.Pkg() != u.Pkg && slices.Contains([]string{"Subscribe", "PSubscribe", "SSubscribe"}, fn.Name())
	case isMethod(fn, "net/http", "Request", "FormFile"):
		return file, true
	case !failing:
		return resource{}, false
	case isType(first, "net/http", "Response"):
		// The answer to HEAD has no body that would have to be closed (net/http.Response.Body).
		return responseBody, fn.Name() != "Head" && u.handsOver(fn, 0)
	case isType(first, "database/sql", "Rows"), isType(first, "github.com/jmoiron/sqlx", "Rows"), isType(first, "github.com/jackc/pgx/v5", "Rows"):
		return rows, !ofTransaction(fn) // the end of a transaction closes its rows
	case isType(first, "database/sql", "Stmt"):
		return statement, isMethod(fn, "database/sql", "DB", "Prepare", "PrepareContext") // a transaction takes its own with it
	case isMethod(fn, "database/sql", "DB", "Begin", "BeginTx"), isMethod(fn, "database/sql", "Conn", "BeginTx"),
		isMethod(fn, "github.com/jmoiron/sqlx", "DB", "Beginx", "BeginTxx"), isMethod(fn, "github.com/jackc/pgx/v5/pgxpool", "Pool", "Begin", "BeginTx"):
		return transaction, true
	case isMethod(fn, "database/sql", "DB", "Conn"):
		return connection, true
	case isMethod(fn, "github.com/jackc/pgx/v5/pgxpool", "Pool", "Acquire"):
		return acquired, true
	case isFunc(fn, "github.com/jackc/pgx/v5", "Connect", "ConnectConfig"):
		return dialed, true
	case isFunc(fn, "os", "Open", "OpenFile", "Create", "CreateTemp"), isMethod(fn, "mime/multipart", "FileHeader", "Open"):
		return file, true
	}
	return resource{}, false
}

// handsOver tells whether a function gives out a response whose body is still open. Libraries of API clients often read it first.
func (u *unclosed) handsOver(fn *types.Func, depth int) bool {
	switch {
	case isFunc(fn, "net/http", "Get", "Post", "PostForm"), isMethod(fn, "net/http", "Client", "Do", "Get", "Post", "PostForm"), isMethod(fn, "net/http", "Transport", "RoundTrip"),
		fn.Pkg().Path() == "golang.org/x/net/context/ctxhttp":
		return true
	case fn.Pkg() != u.Pkg || depth > 2:
		return false
	}
	opens, closes := false, false
	for c := range u.Nodes((*ast.FuncDecl)(nil)) {
		if d := c.Node().(*ast.FuncDecl); u.TypesInfo.Defs[d.Name] != fn {
			continue
		}
		for at := range c.Preorder((*ast.CallExpr)(nil), (*ast.SelectorExpr)(nil)) {
			switch n := at.Node().(type) {
			case *ast.SelectorExpr:
				closes = closes || n.Sel.Name == "Close"
			case *ast.CallExpr:
				if callee := u.Callee(n); callee != nil && callee.Pkg() != nil && callee != fn {
					results := callee.Signature().Results()
					opens = opens || results.Len() == 2 && isType(results.At(0).Type(), "net/http", "Response") && u.handsOver(callee, depth+1)
				}
			}
		}
	}
	return opens && !closes
}

func ofTransaction(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && (isType(recv.Type(), "database/sql", "Tx") || isType(recv.Type(), "github.com/jmoiron/sqlx", "Tx") || isType(recv.Type(), "github.com/jackc/pgx/v5", "Tx"))
}

// opened is one thing that was opened, and what the code does with it.
type opened struct {
	resource
	at     inspector.Cursor // the call
	stmt   inspector.Cursor // the assignment
	fn     inspector.Cursor // the function around it
	v      *types.Var       // what holds it; nil where it was thrown away at once
	err    *types.Var       // the error that came with it
	closes []inspector.Cursor
	away   bool // it goes where we do not follow it
	again  bool // the variable gets other values too
}

func (u *unclosed) judge(c inspector.Cursor, kind resource) {
	o := &opened{resource: kind, at: c}
	var ok bool
	if o.fn, ok = funcOf(c); !ok {
		return
	}
	if _, perRequest := u.names.PerRequest(c); !perRequest && (!kind.holds || u.startsProgram(o.fn)) {
		return
	}
	if !u.bind(o) {
		return
	}
	if o.v == nil && isMethod(u.Callee(c.Node().(*ast.CallExpr)), "net/http", "Request", "FormFile") {
		return // its header alone is wanted, and what is small lies in memory
	}
	if o.v == nil {
		u.report(o, checks.Msg("%s is thrown away, and never closed", o.what), notNow)
		return
	}
	u.follow(o)
	if o.away {
		return
	}
	switch {
	case len(o.closes) == 0 && !u.exhausted(o):
		u.report(o, checks.Msg("%s in %s is never closed", o.what, o.v.Name()), notNow)
	case slices.ContainsFunc(o.closes, func(c inspector.Cursor) bool { return u.later(c, o) }) || o.again:
		// deferred before it is opened, or closed by a function that is kept
	default:
		if leave, leaks := u.leaks(o); leaks {
			u.report(o, checks.Msg("%s in %s is not closed on every way out", o.what, o.v.Name()), leave)
		}
	}
}

// startsProgram tells whether a function runs once, when the program starts.
func (u *unclosed) startsProgram(fn inspector.Cursor) bool {
	d := declOf(fn)
	return d != nil && d.Recv == nil && (d.Name.Name == "init" || d.Name.Name == "main" && u.Pkg.Name() == "main")
}

// bind finds what holds the thing that a call opens; false where nobody here is to close it.
func (u *unclosed) bind(o *opened) bool {
	o.stmt = o.at.Parent()
	var names []ast.Expr
	switch n := o.stmt.Node().(type) {
	case *ast.ExprStmt:
		return true
	case *ast.AssignStmt:
		if len(n.Rhs) != 1 {
			return false
		}
		names = n.Lhs
	case *ast.ValueSpec:
		if len(n.Values) != 1 {
			return false
		}
		for _, name := range n.Names {
			names = append(names, name)
		}
	default:
		return false
	}
	if len(names) > 1 {
		o.err = u.Var(names[len(names)-1])
	}
	id, ok := ast.Unparen(names[0]).(*ast.Ident)
	if !ok {
		return false
	}
	if id.Name == "_" {
		return true
	}
	o.v = u.Var(id)
	return o.v != nil && o.v.Kind() == types.LocalVar && inside(o.v.Pos(), body(o.fn.Node()))
}

// follow looks at all uses of the variable.
func (u *unclosed) follow(o *opened) {
	for _, use := range u.names.Uses(o.v) {
		if use.ParentEdgeKind() == edge.AssignStmt_Lhs {
			o.again = o.again || use.Parent().Node() != o.stmt.Node()
			continue
		}
		if fn, ok := funcOf(use); o.auto != "" && ok && fn.Node() != o.fn.Node() {
			o.away = true // read elsewhere, perhaps to the end
		}
		switch u.use(use, o.resource, 0) {
		case closesIt:
			o.closes = append(o.closes, use)
		case goesAway:
			o.away = true
		}
	}
}

// meaning is what one use means for the question whether a thing is closed.
type meaning int

const (
	looksOnly meaning = iota
	closesIt
	goesAway
)

// use tells what a use of the variable does.
func (u *unclosed) use(c inspector.Cursor, kind resource, depth int) meaning {
	for c.ParentEdgeKind() == edge.ParenExpr_X {
		c = c.Parent()
	}
	switch c.ParentEdgeKind() {
	case edge.BinaryExpr_X, edge.BinaryExpr_Y:
		return looksOnly
	case edge.AssignStmt_Rhs:
		assign := c.Parent().Node().(*ast.AssignStmt)
		if id, ok := assign.Lhs[min(c.ParentEdgeIndex(), len(assign.Lhs)-1)].(*ast.Ident); ok && id.Name == "_" {
			return looksOnly
		}
		return goesAway
	case edge.CallExpr_Args:
		return u.argument(c, kind, depth)
	case edge.SelectorExpr_X:
		sel := c.Parent()
		name := sel.Node().(*ast.SelectorExpr).Sel.Name
		if slices.Contains(kind.close, name) {
			return closesIt
		}
		if name == "Body" && kind.what == responseBody.what {
			inner := kind
			inner.what, inner.close = "body", []string{"Close"}
			return u.use(sel, inner, depth)
		}
		if name == "Fd" || name == "SyscallConn" || name == "Raw" || sel.ParentEdgeKind() == edge.UnaryExpr_X {
			return goesAway
		}
		if sel.ParentEdgeKind() == edge.CallExpr_Fun || u.Var(sel.Node().(ast.Expr)) != nil {
			return looksOnly // a method, or a field
		}
		return goesAway // a method value
	}
	return goesAway
}

// readers are packages of which no function closes what it is given to read or print.
var readers = []string{
	"io", "io/ioutil", "bufio", "fmt", "log", "log/slog", "encoding/json", "encoding/xml", "encoding/csv", "encoding/base64", "encoding/gob", "encoding/binary",
	"compress/gzip", "compress/flate", "compress/zlib", "golang.org/x/net/html", "html", "mime/multipart", "net/http/httputil", "image", "image/png", "image/jpeg", "image/gif",
	"crypto/sha256", "crypto/md5", "hash", "bytes", "strings", "net/textproto", "errors",
	"archive/zip", "archive/tar",
}

// argument tells what a function does with a thing that it is given.
func (u *unclosed) argument(c inspector.Cursor, kind resource, depth int) meaning {
	call := c.Parent().Node().(*ast.CallExpr)
	fn := u.Callee(call)
	switch {
	case fn == nil || fn.Pkg() == nil:
		return goesAway
	case isMethod(fn, "gorm.io/gorm", "DB", "ScanRows"), isFunc(fn, "net/http", "ServeContent"), isMethod(fn, ginPath, "Context", "DataFromReader"):
		return looksOnly
	case slices.Contains(readers, fn.Pkg().Path()) && fn.Signature().Recv() == nil:
		if kept := fn.Signature().Results(); fn.Name() == "NopCloser" || kept.Len() > 0 && isType(kept.At(0).Type(), "io", "ReadCloser") {
			return goesAway
		}
		return looksOnly
	case fn.Pkg() != u.Pkg || depth > 3 || fn.Signature().Variadic() || c.ParentEdgeIndex() >= fn.Signature().Params().Len():
		return goesAway
	}
	out := looksOnly
	for _, use := range u.names.Uses(fn.Signature().Params().At(c.ParentEdgeIndex())) {
		out = max(out, u.use(use, kind, depth+1))
	}
	return out
}

// later tells whether something is closed in a way that no way out passes by: by a defer that stands there before it is opened, or in
// a function that is called later. A defer below is one more step that a return may come before; where that return finds the context
// of the rows ended, they are closed.
func (u *unclosed) later(c inspector.Cursor, o *opened) bool {
	for p := range c.Enclosing((*ast.DeferStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch p.Node().(type) {
		case *ast.DeferStmt:
			return p.Node().Pos() < o.at.Node().Pos() || o.what != responseBody.what && u.bounded(o)
		case *ast.FuncLit:
			if p.ParentEdgeKind() == edge.CallExpr_Fun && p.Parent().ParentEdgeKind() == edge.DeferStmt_Call {
				continue
			}
			if inside(u.Var(c.Node().(*ast.Ident)).Pos(), p.Node()) {
				return false // the function that opened it
			}
			return true
		default:
			return false
		}
	}
	return false
}

// exhausted tells whether there is a loop that reads rows to their end, which closes them.
func (u *unclosed) exhausted(o *opened) bool {
	if o.auto == "" {
		return false
	}
	for _, use := range u.names.Uses(o.v) {
		if sel, ok := use.Parent().Node().(*ast.SelectorExpr); ok && sel.Sel.Name == o.auto {
			for loop := range use.Enclosing((*ast.ForStmt)(nil)) {
				if cond := loop.Node().(*ast.ForStmt).Cond; cond != nil && inside(use.Node().Pos(), cond) {
					return true
				}
			}
		}
	}
	return false
}

func (u *unclosed) report(o *opened, message checks.Message, leave wayOut) {
	f := Finding{Pos: o.at.Node().Pos(), End: o.at.Node().(*ast.CallExpr).Lparen}
	f.Message, f.Why = message, o.why
	r, perRequest := u.names.PerRequest(o.at)
	if leave.node != nil {
		f.Severity = checks.Warning
		f.Also = append(f.Also, Also{Pos: u.Position(leave.node.Pos()), Is: leave.says})
	}
	if !perRequest || !o.holds {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if u.bounded(o) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("It stays open until its context or its timeout ends: under load open connections pile up, and requests wait for them.")
	}
	if f.Severity == 0 && !u.confirmed(o) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	f.Also = append(f.Also, u.names.path(r)...)
	call := types.ExprString(o.at.Node().(*ast.CallExpr).Fun)
	f.Key = u.key(o.at) + " " + call
	switch {
	case o.v == nil && o.what == rows.what:
		f.Help = checks.Msg("Use Exec where no rows are wanted; a query's rows have to be closed.")
	case o.v == nil && o.what == responseBody.what:
		f.Help = checks.Msg("Keep the response, and write below the error check: defer resp.Body.Close()")
	case o.v == nil:
		f.Help = checks.Msg("Keep what %s gives, and close it.", call)
	case o.what == transaction.what:
		f.Help = checks.Msg("Write below the error check: defer %s.Rollback() (after Commit it does nothing), and Commit at the end.", o.v.Name())
	default:
		f.Help = checks.Msg("Write below the error check: defer %s.%s", o.v.Name(), o.defers)
	}
	if f.Edits = u.edits(o); f.Edits != nil {
		f.Repair = "close it with defer"
	}
	u.Report(f)
}

// edits close the thing with a defer below the error check that follows it.
func (u *unclosed) edits(o *opened) []analysis.TextEdit {
	if o.v == nil || o.again || o.given || o.err == nil || !listed(o.stmt.ParentEdgeKind()) || inLoop(o) {
		return nil
	}
	if o.what == transaction.what && len(o.closes) == 0 {
		return nil // whether it is to be committed is not for us to say
	}
	next, ok := o.stmt.NextSibling()
	if !ok {
		return nil
	}
	check, ok := next.Node().(*ast.IfStmt)
	if !ok || check.Init != nil || check.Else != nil || !u.isFailure(check.Cond, o.err) || !leavesAtEnd(check.Body) {
		return nil
	}
	for _, s := range o.closes {
		if s.Node().Pos() < check.End() {
			return nil
		}
	}
	edits := []analysis.TextEdit{insertAt(check.End(), "\n"+u.indent(o.stmt.Node().Pos())+"defer "+o.v.Name()+"."+o.defers)}
	for _, c := range o.closes {
		if gone, ok := u.withoutDefer(c, o); ok {
			edits = append(edits, gone)
		}
	}
	return edits
}

// withoutDefer takes out a defer that comes too late, where nothing stands between it and the statement before.
func (u *unclosed) withoutDefer(c inspector.Cursor, o *opened) (analysis.TextEdit, bool) {
	for d := range c.Enclosing((*ast.DeferStmt)(nil)) {
		before, ok := d.PrevSibling()
		if !ok || types.ExprString(d.Node().(*ast.DeferStmt).Call) != o.v.Name()+"."+o.defers {
			break
		}
		for _, group := range u.File(d.Node().Pos()).Comments {
			if before.Node().End() <= group.Pos() && group.Pos() < d.Node().End() {
				return analysis.TextEdit{}, false
			}
		}
		return analysis.TextEdit{Pos: before.Node().End(), End: d.Node().End()}, true
	}
	return analysis.TextEdit{}, false
}

// inLoop tells whether a thing is opened in a loop of its function: a defer would close it only after the last round.
func inLoop(o *opened) bool {
	for loop := range o.stmt.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		return o.fn.Contains(loop)
	}
	return false
}

// isFailure tells whether a condition is err != nil.
func (u *unclosed) isFailure(cond ast.Expr, err *types.Var) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && b.Op.String() == "!=" && u.Var(b.X) == err && u.isNil(b.Y)
}

// leavesAtEnd tells whether a block ends by leaving the function, or the program.
func leavesAtEnd(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch s := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && neverReturns(call)
	}
	return false
}
