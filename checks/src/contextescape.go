package src

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// ContextEscape finds a *gin.Context that is used after its request: in a goroutine that nobody waits for, or kept somewhere. Gin
// puts each context back into a pool when the handlers return (gin.go, ServeHTTP), and the next request gets it.
var ContextEscape = &Rule{
	Check: checks.Check{
		ID:       "src/context-escape",
		Title:    "a gin context used after its request",
		Stage:    checks.Serve,
		Severity: checks.Error,
		Profiles: checks.Dev | checks.CI,
	},
	Imports:  []string{ginPath},
	Requires: []*analysis.Analyzer{namesAnalyzer, startersElsewhere},
	Look: func(p *Pass) error {
		e := newContextEscape(p, p.ResultOf[startersElsewhere].(*ownStarters))
		for c := range p.Nodes((*ast.GoStmt)(nil), (*ast.CallExpr)(nil), (*ast.SendStmt)(nil)) {
			if s, ok := e.start(c); ok {
				e.judge(s)
			}
		}
		e.kept()
		return nil
	},
}

type contextEscape struct {
	*Pass
	names  *names
	queues *queues
	beside *ownStarters
	copied map[*types.Var]int // how many names its copies have been given
}

func newContextEscape(p *Pass, beside *ownStarters) *contextEscape {
	e := &contextEscape{Pass: p, names: p.Names(), beside: beside, copied: map[*types.Var]int{}}
	e.queues = &queues{contextEscape: e, takers: map[*types.Func]queuedParam{}}
	return e
}

// start is a place where code begins to run beside the handler.
type start struct {
	at   inspector.Cursor // the go statement, or the call that starts it
	call *ast.CallExpr    // what runs: the call of a go statement; nil where only a literal is handed over
	lit  inspector.Cursor // the literal that runs; not valid where a named function does
	by   string           // how it is started, for the message
	// queue is the channel by which a literal comes to the goroutine that calls it; nil where it does not go through one.
	queue *types.Var
}

// parts are the start, and the literals that are written elsewhere: the function that a variable holds, and what carries the context.
func (e *contextEscape) parts(s start) []inspector.Cursor {
	out := []inspector.Cursor{s.at}
	if s.lit.Valid() && !s.at.Contains(s.lit) {
		out = append(out, s.lit)
	}
	for _, c := range e.carriers(s) {
		if !s.at.Contains(c.lit) {
			out = append(out, c.lit)
		}
	}
	return out
}

// starters are functions that run their argument in a goroutine, and return at once.
var starters = []struct {
	pkg, typ string
	names    []string
}{
	{"time", "", []string{"AfterFunc"}},
	{"sync", "WaitGroup", []string{"Go"}},
	{"golang.org/x/sync/errgroup", "Group", []string{"Go", "TryGo"}},
	{"github.com/bytedance/gopkg/util/gopool", "", []string{"Go", "CtxGo"}},
	{"github.com/panjf2000/ants", "", []string{"Submit"}},
	{"github.com/panjf2000/ants", "Pool", []string{"Submit"}},
	{"github.com/panjf2000/ants/v2", "", []string{"Submit"}},
	{"github.com/panjf2000/ants/v2", "Pool", []string{"Submit"}},
	{"github.com/sourcegraph/conc", "WaitGroup", []string{"Go"}},
	{"golang.org/x/sync/singleflight", "Group", []string{"DoChan"}},
}

// knownStarter tells whether a function is one of the starters, and names it.
func knownStarter(fn *types.Func) (name string, ok bool) {
	for _, known := range starters {
		if known.typ == "" && isFunc(fn, known.pkg, known.names...) || known.typ != "" && isMethod(fn, known.pkg, known.typ, known.names...) {
			return cmp.Or(known.typ, fn.Pkg().Name()) + "." + fn.Name(), true
		}
	}
	return "", false
}

func (e *contextEscape) start(c inspector.Cursor) (s start, ok bool) {
	switch n := c.Node().(type) {
	case *ast.GoStmt:
		s := start{at: c, call: n.Call, by: "a goroutine"}
		s.lit, _ = e.literal(n.Call.Fun)
		return s, true
	case *ast.CallExpr:
		if len(n.Args) == 0 {
			return start{}, false
		}
		fn := e.Callee(n)
		if name, known := knownStarter(fn); known {
			s := start{at: c, by: "the function given to " + name}
			s.lit, ok = e.literal(n.Args[len(n.Args)-1])
			return s, ok
		}
		if s, ok := e.queues.submitted(c, n, fn); ok {
			return s, true
		}
		if i, known := e.beside.param(fn); known && i < len(n.Args) {
			s := start{at: c, by: "the function given to " + types.ExprString(n.Fun)}
			s.lit, ok = e.literal(n.Args[i])
			return s, ok
		}
		return start{}, false
	case *ast.SendStmt:
		return e.queues.sent(c, n)
	}
	return start{}, false
}

// literal is the function literal that an expression is, or that the local variable holds which it names.
func (e *contextEscape) literal(x ast.Expr) (inspector.Cursor, bool) {
	lit, ok := ast.Unparen(e.held(x)).(*ast.FuncLit)
	if !ok {
		return inspector.Cursor{}, false
	}
	return e.Inspector().Root().FindNode(lit)
}

// held is the one value that the local variable ever has which an expression names; else the expression itself.
func (e *contextEscape) held(x ast.Expr) ast.Expr {
	if v := e.local(x); v != nil && v.Kind() == types.LocalVar {
		if values, complete := e.Values(v); complete && len(values) == 1 {
			return values[0]
		}
	}
	return x
}

// use is one use of a request's context in code that runs beside the handler.
type use struct {
	at     inspector.Cursor // the identifier
	v      *types.Var
	arg    bool // it is an argument of the go statement's own call
	sure   bool // what is done with it needs the context itself
	copies bool // a copy would serve as well
}

// judge reports a start whose code uses the context of the request.
func (e *contextEscape) judge(s start) {
	if e.inner(s) {
		return // the one around it is reported
	}
	uses := e.uses(s)
	if len(uses) == 0 {
		return
	}
	waits := e.waits(s)
	if waits == joined {
		return
	}
	f := Finding{Pos: s.at.Node().Pos(), End: e.headEnd(s)}
	c := uses[0].v.Name()
	f.Message = checks.Msg("%s uses the gin context %s after the request may be over", s.by, c)
	f.Why = checks.Msg("gin gives the context to the next request as soon as this handler returns: the goroutine then reads the data of another visitor, or a nil pointer, and a panic in a goroutine ends the whole program.")
	f.Key = e.key(s.at) + " " + c
	shown := map[int]bool{}
	for _, u := range uses {
		if at := e.Position(u.at.Node().Pos()); !shown[at.Line] && len(shown) < 4 {
			shown[at.Line] = true
			f.Also = append(f.Also, Also{Pos: at, Is: checks.Msg("%s", e.line(u.at))})
		}
	}
	sure := waits == notJoined && slices.ContainsFunc(uses, func(u use) bool { return u.sure && e.raw(u.v, 0) == rawSurely })
	if !sure {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if !slices.ContainsFunc(uses, func(u use) bool { return !u.copies }) {
		f.Edits = e.edits(s, uses)
		f.Repair = "give the goroutine a copy of the context"
		f.Help = checks.Msg("Give the goroutine %s.Copy(), made before it starts, or only the values that it needs.", c)
	} else {
		f.Help = checks.Msg("Take what is needed out of %s before the goroutine starts; an answer can be written and a body read only before the handler returns.", c)
	}
	e.Report(f)
}

// inner tells whether a start stands in the code of another one that uses the same context.
func (e *contextEscape) inner(s start) bool {
	for c := range s.at.Parent().Enclosing((*ast.GoStmt)(nil), (*ast.CallExpr)(nil), (*ast.SendStmt)(nil)) {
		if outer, ok := e.start(c); ok && outer.lit.Valid() && outer.lit.Contains(s.at) && len(e.uses(outer)) > 0 {
			return true
		}
	}
	return false
}

func (e *contextEscape) headEnd(s start) token.Pos {
	if s.lit.Valid() && s.at.Contains(s.lit) {
		return s.lit.Node().(*ast.FuncLit).Body.Lbrace
	}
	return s.at.Node().End()
}

// uses are the uses of a request's context in what is started.
func (e *contextEscape) uses(s start) []use {
	var out []use
	if s.call != nil {
		call, _ := s.at.FindNode(s.call)
		for i, arg := range s.call.Args {
			v := e.local(arg)
			if v == nil || !isGinContext(v.Type()) || e.raw(v, 0) == notRaw {
				continue
			}
			at, _ := call.FindNode(ast.Unparen(arg))
			u := use{at: at, v: v, arg: true}
			u.sure, u.copies = e.argument(s, s.call, i)
			if u.sure || u.copies {
				out = append(out, u)
			}
		}
		if sel, ok := ast.Unparen(s.call.Fun).(*ast.SelectorExpr); ok { // go c.Next()
			if v := e.local(sel.X); v != nil && isGinContext(v.Type()) && e.raw(v, 0) != notRaw {
				at, _ := call.FindNode(ast.Unparen(sel.X))
				out = append(out, use{at: at, v: v, sure: true})
			}
		}
		for _, c := range e.carriers(s) {
			out = append(out, e.carried(c)...)
		}
	}
	if s.lit.Valid() {
		for c := range s.lit.Preorder((*ast.Ident)(nil)) {
			v, _ := e.TypesInfo.Uses[c.Node().(*ast.Ident)].(*types.Var)
			if v == nil || v.IsField() || !isGinContext(v.Type()) || inside(v.Pos(), s.lit.Node()) || e.raw(v, 0) == notRaw {
				continue
			}
			if u, ok := e.classify(c, v); ok {
				out = append(out, u)
			}
		}
	}
	return out
}

// argument tells what a started function does with a context that it is given as argument i.
func (e *contextEscape) argument(s start, call *ast.CallExpr, i int) (sure, copies bool) {
	if s.lit.Valid() {
		return e.parameter(s.lit, i, 0)
	}
	fn := e.Callee(call)
	if decl, ok := e.decl(fn); ok {
		return e.parameter(decl, i, 0)
	}
	if fn != nil && i < fn.Signature().Params().Len() && !isGinContext(fn.Signature().Params().At(i).Type()) {
		return false, true // as a context.Context
	}
	return false, true
}

// decl is the declaration of a function of this package.
func (e *contextEscape) decl(fn *types.Func) (inspector.Cursor, bool) {
	if fn == nil || fn.Pkg() != e.Pkg {
		return inspector.Cursor{}, false
	}
	for c := range e.Nodes((*ast.FuncDecl)(nil)) {
		if d := c.Node().(*ast.FuncDecl); e.TypesInfo.Defs[d.Name] == fn && d.Body != nil {
			return c, true
		}
	}
	return inspector.Cursor{}, false
}

// parameter tells what a function does with its parameter i: whether it uses it for sure, and whether a copy would serve.
func (e *contextEscape) parameter(fn inspector.Cursor, i, depth int) (sure, copies bool) {
	v := e.param(funcType(fn.Node()), i)
	if v == nil {
		return false, false // without a name, or _: it is not used
	}
	copies = true
	used := false
	for _, c := range e.names.Uses(v) {
		u, ok := e.classifyAt(c, v, depth+1)
		if !ok {
			continue
		}
		used = true
		sure = sure || u.sure
		copies = copies && u.copies
	}
	return sure, used && copies
}

func (e *contextEscape) classify(c inspector.Cursor, v *types.Var) (use, bool) {
	return e.classifyAt(c, v, 0)
}

// classifyAt tells what is done with the context at one place. A comparison with nil, or the left side of an assignment, is no use.
func (e *contextEscape) classifyAt(c inspector.Cursor, v *types.Var, depth int) (use, bool) {
	u := use{at: c, v: v}
	switch kind := c.ParentEdgeKind(); kind {
	case edge.BinaryExpr_X, edge.BinaryExpr_Y, edge.AssignStmt_Lhs:
		return u, false
	case edge.SelectorExpr_X:
		u.sure = true
		u.copies = e.readsOnly(c.Parent())
		return u, true
	case edge.CallExpr_Args:
		call := c.Parent().Node().(*ast.CallExpr)
		fn := e.Callee(call)
		if decl, ok := e.decl(fn); ok && depth < 4 && !fn.Signature().Variadic() {
			u.sure, u.copies = e.parameter(decl, c.ParentEdgeIndex(), depth)
			return u, u.sure || u.copies
		}
		// Seen from here it is handed on. A function that wants a context.Context only reads it.
		if fn != nil {
			if params := fn.Signature().Params(); c.ParentEdgeIndex() < params.Len() {
				u.copies = isType(params.At(c.ParentEdgeIndex()).Type(), "context", "Context")
			}
		}
		return u, true
	}
	return u, true
}

// reading are the methods of gin.Context that work on a copy of it, after the request too. (Context.Copy has no writer, no handlers
// and the request's own body, which net/http closes.)
var reading = []string{
	"Copy", "HandlerName", "HandlerNames", "Handler", "FullPath", "IsAborted", "Set", "Get", "MustGet", "Param", "Query", "DefaultQuery", "GetQuery",
	"QueryArray", "GetQueryArray", "QueryMap", "GetQueryMap", "BindQuery", "ShouldBindQuery", "ShouldBindUri", "ShouldBindHeader", "ClientIP", "RemoteIP",
	"ContentType", "IsWebsocket", "GetHeader", "Cookie", "Deadline", "Done", "Err", "Value", "Delete", "AddParam",
	"Keys", "Params", "Errors", // fields
}

// readsOnly tells whether a selection on the context (c.ClientIP, c.Request.URL) only reads what a copy has too.
func (e *contextEscape) readsOnly(sel inspector.Cursor) bool {
	name := sel.Node().(*ast.SelectorExpr).Sel.Name
	if name == "Request" {
		if sel.ParentEdgeKind() != edge.SelectorExpr_X {
			return false // the request as a whole: with its body
		}
		switch sel.Parent().Node().(*ast.SelectorExpr).Sel.Name {
		case "Body", "Form", "PostForm", "MultipartForm", "ParseForm", "ParseMultipartForm", "FormValue", "PostFormValue", "FormFile", "MultipartReader", "GetBody",
			"Write", "WriteProxy":
			return false
		}
		return true
	}
	if slices.Contains(reading, name) {
		return true
	}
	return strings.HasPrefix(name, "Get") && name != "GetRawData" && !strings.HasPrefix(name, "GetPostForm")
}

// local is the local variable that an expression names.
func (e *contextEscape) local(x ast.Expr) *types.Var {
	v := e.Var(x)
	if v == nil || v.IsField() {
		return nil
	}
	return v
}

// rawness is how sure it is that a variable holds the context of a request itself.
type rawness int

const (
	notRaw rawness = iota
	rawPerhaps
	rawSurely
)

// raw tells whether a variable holds the context of a request, not a copy: it is what a handler was given.
func (e *contextEscape) raw(v *types.Var, depth int) rawness {
	if depth > 4 || v.Pkg() != e.Pkg {
		return notRaw
	}
	if v.Kind() == types.ParamVar {
		return e.rawParam(v, depth)
	}
	values, complete := e.Values(v)
	if !complete || len(values) != 1 {
		return notRaw
	}
	if of := e.local(values[0]); of != nil {
		return e.raw(of, depth+1)
	}
	return notRaw // x.Copy(), a test's context, or what we do not know
}

// rawParam tells whether the callers of a function give it the context of a request. A helper may be given a copy.
func (e *contextEscape) rawParam(v *types.Var, depth int) rawness {
	fn, ok := e.declaring(v)
	if !ok {
		return notRaw
	}
	switch f := fn.Node().(type) {
	case *ast.FuncLit:
		if fn.ParentEdgeKind() == edge.CallExpr_Fun { // func(c *gin.Context) {...}(x)
			return e.rawArgument(fn.Parent().Node().(*ast.CallExpr), f.Type, v, depth)
		}
		if isHandlerType(e.TypesInfo.TypeOf(f)) {
			return rawSurely
		}
		return rawPerhaps
	case *ast.FuncDecl:
		obj, _ := e.TypesInfo.Defs[f.Name].(*types.Func)
		if obj == nil {
			return notRaw
		}
		calls, all := e.names.Calls(obj)
		worst := notRaw
		for _, c := range calls {
			worst = max(worst, e.rawArgument(c.Node().(*ast.CallExpr), f.Type, v, depth))
		}
		switch {
		case worst > notRaw:
			return worst
		case len(calls) > 0 && all:
			return notRaw // copies only
		case isHandlerType(obj.Type()):
			return rawSurely
		default:
			return rawPerhaps
		}
	}
	return notRaw
}

// rawArgument tells whether a call gives the context of a request for a parameter.
func (e *contextEscape) rawArgument(call *ast.CallExpr, of *ast.FuncType, param *types.Var, depth int) rawness {
	for i, given := range call.Args {
		if e.param(of, i) != param {
			continue
		}
		arg := e.local(given)
		if arg == nil || arg == param {
			return notRaw
		}
		return e.raw(arg, depth+1)
	}
	return notRaw
}

// param is parameter i of a function; nil where it has no name.
func (e *contextEscape) param(of *ast.FuncType, i int) *types.Var {
	for _, field := range of.Params.List {
		if i < len(field.Names) {
			v, _ := e.TypesInfo.Defs[field.Names[i]].(*types.Var)
			return v
		}
		if i -= max(len(field.Names), 1); i < 0 {
			return nil
		}
	}
	return nil
}

// declaring is the function whose parameter v is.
func (e *contextEscape) declaring(v *types.Var) (inspector.Cursor, bool) {
	at, ok := e.Inspector().Root().FindByPos(v.Pos(), v.Pos())
	if !ok {
		return inspector.Cursor{}, false
	}
	for f := range at.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return f, true
	}
	return inspector.Cursor{}, false
}

func inside(pos token.Pos, n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }

// edits give what is started a copy of the context.
func (e *contextEscape) edits(s start, uses []use) []analysis.TextEdit {
	v := uses[0].v
	for _, u := range uses {
		if u.v != v {
			return nil // two contexts: nobody writes that
		}
	}
	var edits []analysis.TextEdit
	captured := false
	for _, u := range uses {
		if u.arg {
			edits = append(edits, analysis.TextEdit{Pos: u.at.Node().Pos(), End: u.at.Node().End(), NewText: []byte(v.Name() + ".Copy()")})
		}
		captured = captured || !u.arg
	}
	if !captured {
		return edits
	}
	if s.call != nil && s.lit.Valid() && s.at.Contains(s.lit) {
		return append(edits, e.passCopy(s, v)...)
	}
	return e.copyBefore(s, v, uses)
}

// passCopy makes the literal of a go statement take the context as its first parameter, and the statement give it a copy.
func (e *contextEscape) passCopy(s start, v *types.Var) []analysis.TextEdit {
	lit := s.lit.Node().(*ast.FuncLit)
	gin := ginName(e.File(lit.Pos()))
	if gin == "" {
		return nil
	}
	for _, field := range lit.Type.Params.List {
		if len(field.Names) == 0 {
			return nil // func(int): a name beside it would not do
		}
	}
	param, arg := v.Name()+" *"+gin+".Context", v.Name()+".Copy()"
	if len(lit.Type.Params.List) > 0 {
		param += ", "
	}
	if len(s.call.Args) > 0 {
		arg += ", "
	}
	return []analysis.TextEdit{insertAt(lit.Type.Params.Opening+1, param), insertAt(s.call.Lparen+1, arg)}
}

// ginName is what a file calls the package gin; empty where it does not import it by a name.
func ginName(f *ast.File) string {
	for _, spec := range f.Imports {
		if spec.Path.Value == `"`+ginPath+`"` {
			switch {
			case spec.Name == nil:
				return "gin"
			case spec.Name.Name != "_" && spec.Name.Name != ".":
				return spec.Name.Name
			}
		}
	}
	return ""
}

// copyBefore makes a copy under a new name in the line above the statement, and uses that.
func (e *contextEscape) copyBefore(s start, v *types.Var, uses []use) []analysis.TextEdit {
	stmt := s.at
	if s.lit.Valid() && !s.at.Contains(s.lit) {
		stmt = s.lit.Parent()
	}
	for !listed(stmt.ParentEdgeKind()) || isClause(stmt.Node()) {
		if stmt = stmt.Parent(); stmt.Node() == nil {
			return nil
		}
		if _, isFunc := stmt.Node().(*ast.FuncLit); isFunc {
			return nil
		}
	}
	name := v.Name() + "Copy"
	if e.copied[v]++; e.copied[v] > 1 { // each finding may be mended without the others
		name += strconv.Itoa(e.copied[v])
	}
	if scope := e.Pkg.Scope().Innermost(stmt.Node().Pos()); scope != nil {
		if _, taken := scope.LookupParent(name, token.NoPos); taken != nil {
			return nil
		}
	}
	line := name + " := " + v.Name() + ".Copy()\n" + e.indent(stmt.Node().Pos())
	edits := []analysis.TextEdit{insertAt(stmt.Node().Pos(), line)}
	for _, u := range uses {
		edits = append(edits, analysis.TextEdit{Pos: u.at.Node().Pos(), End: u.at.Node().End(), NewText: []byte(name)})
	}
	return edits
}

// listed tells whether an edge leads to a statement of a list of statements.
func listed(k edge.Kind) bool {
	return k == edge.BlockStmt_List || k == edge.CaseClause_Body || k == edge.CommClause_Body
}

// isClause tells whether a node is a case of a switch or select: no line can be put above it.
func isClause(n ast.Node) bool {
	switch n.(type) {
	case *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// indent is the white space that the line of a place begins with.
func (p *Pass) indent(pos token.Pos) string {
	at := p.Position(pos)
	src, err := p.ReadFile(at.Filename)
	if err != nil || at.Offset > len(src) {
		return ""
	}
	line := src[bytes.LastIndexByte(src[:at.Offset], '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// line is the source line of a place, without its indentation.
func (p *Pass) line(c inspector.Cursor) string {
	at := p.Position(c.Node().Pos())
	src, err := p.ReadFile(at.Filename)
	if err != nil || at.Offset > len(src) {
		return ""
	}
	line := src[bytes.LastIndexByte(src[:at.Offset], '\n')+1:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return strings.TrimSpace(string(line))
}

// key names the function that a place stands in, for fingerprints.
func (p *Pass) key(c inspector.Cursor) string {
	if d := declOf(c); d != nil {
		if d.Recv != nil && len(d.Recv.List) == 1 {
			return fmt.Sprintf("%s.%s", types.ExprString(d.Recv.List[0].Type), d.Name.Name)
		}
		return d.Name.Name
	}
	return "package"
}
