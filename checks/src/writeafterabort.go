package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"

	"github.com/gindoctor/gindoctor/checks"
)

// WriteAfterAbort finds handlers that go on after they have answered, or after Bind has answered for them, middleware that answers
// and lets the next handler answer too, and bodies that are read twice.
var WriteAfterAbort = &Rule{
	Check: checks.Check{
		ID:       "src/write-after-abort",
		Title:    "a handler goes on after it has answered",
		Stage:    checks.Serve,
		Severity: checks.Error,
		Profiles: checks.Dev | checks.CI,
	},
	Imports:  []string{ginPath},
	Requires: []*analysis.Analyzer{contextFlow},
	Look: func(p *Pass) error {
		a := answering{Pass: p, flows: p.ResultOf[contextFlow].(*flows)}
		a.registered = a.middlewares()
		for c := range p.Nodes((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
			if b := body(c.Node()); b != nil && a.takesContext(c.Node()) {
				a.look(c, b)
			}
		}
		return nil
	},
}

// answering is one package under this rule.
type answering struct {
	*Pass
	flows      *flows
	registered map[ast.Node]bool // the functions of this package that are registered as middleware
}

// takesContext tells whether a function can do something to a context of its own: a literal that only uses its neighbour's is
// called who knows when.
func (a *answering) takesContext(fn ast.Node) bool {
	var recv *ast.FieldList
	if d, ok := fn.(*ast.FuncDecl); ok {
		recv = d.Recv
	}
	for _, list := range []*ast.FieldList{recv, funcType(fn).Params} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			if holdsContext(a.TypesInfo.TypeOf(field.Type)) {
				return true
			}
		}
	}
	return false
}

// handler is one function under this rule.
type handler struct {
	*answering
	at    inspector.Cursor
	graph *graph
	all   []*event
	done  map[*event]bool // what was reported already
}

func (a *answering) look(c inspector.Cursor, b *ast.BlockStmt) {
	if a.streams(b) {
		return
	}
	h := handler{answering: a, at: c, graph: a.flows.graph(b), done: map[*event]bool{}}
	for _, block := range h.graph.cfg.Blocks {
		if block.Live {
			h.all = append(h.all, h.graph.events[block]...)
		}
	}
	slices.SortStableFunc(h.all, func(x, y *event) int { return int(x.pos() - y.pos()) })
	h.bindThenAnswer()
	h.answerTwice()
	h.readTwice()
	h.answerAndLetThrough()
}

// streams tells whether a function sends its answer in pieces, or swaps the writer: then what we know of answers does not hold.
func (a *answering) streams(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			found = found || x.Sel.Name == "Flush" || x.Sel.Name == "SSEvent"
		case *ast.AssignStmt:
			for _, lhs := range x.Lhs {
				sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
				found = found || ok && sel.Sel.Name == "Writer" && isGinContext(a.TypesInfo.TypeOf(sel.X))
				found = found || x.Tok == token.ASSIGN && isGinContext(a.TypesInfo.TypeOf(lhs))
			}
		}
		return !found
	})
	return found
}

// answerTwice reports answers behind which another one comes.
func (h *handler) answerTwice() {
	for _, first := range h.all {
		if first.does&(answers|header) == 0 || h.done[first] {
			continue
		}
		second, sure := h.second(first)
		if second == nil || h.pieces(first, second) {
			continue
		}
		h.done[first], h.done[second] = true, true
		h.reportTwice(first, second, sure)
	}
}

// second is the answer that comes after one, and whether one always does.
func (h *handler) second(first *event) (second *event, sure bool) {
	later := func(e *event) bool { return e.ctx == first.ctx && e.does&answers != 0 && e.pos() > first.pos() }
	var reached []*event
	returns, dies := h.graph.walk(h.graph.after(first), func(e *event) bool {
		if later(e) {
			reached = append(reached, e)
			return false
		}
		return e != first
	})
	if len(reached) == 0 {
		return nil, false
	}
	slices.SortFunc(reached, func(a, b *event) int { return int(a.pos() - b.pos()) })
	if !returns && !dies {
		return reached[0], true
	}
	for _, e := range reached {
		if h.always(first, e) {
			return e, true
		}
	}
	if first.does&aborts == 0 && first.status < 400 {
		return nil, false
	}
	for _, e := range reached {
		if h.together(first, e) {
			return e, false
		}
	}
	return nil, false
}

// always tells whether no way leads to an event but through another.
func (h *handler) always(through, to *event) bool {
	reached := false
	h.graph.walk(h.graph.entry(), func(e *event) bool {
		reached = reached || e == to
		return e != through && e != to
	})
	return !reached
}

// together tells whether one event can be followed by another although no condition on the way has to do with those that led to
// the first.
func (h *handler) together(first, second *event) bool {
	tied := h.conditionsOf(first)
	beside := h.branchEnd(first)
	type state struct {
		block *cfg.Block
		tied  int
	}
	seen := map[state]bool{}
	var visit func(at point, tied map[types.Object]bool) bool
	visit = func(at point, tied map[types.Object]bool) bool {
		if at.i == 0 {
			s := state{at.block, len(tied)}
			if seen[s] {
				return false
			}
			seen[s] = true
		}
		for _, e := range h.graph.events[at.block][at.i:] {
			if e == second {
				return true
			}
			if e.ctx == first.ctx && e.does&answers != 0 {
				return false
			}
		}
		nodes := at.block.Nodes
		for _, n := range nodes {
			if n.Pos() > beside { // what is set beside the first is what tells that it happened
				tied = h.untie(n, tied)
			}
		}
		if len(at.block.Succs) > 1 {
			if len(nodes) == 0 || h.mentions(h.condition(nodes[len(nodes)-1]), tied) {
				return false
			}
		}
		for _, s := range at.block.Succs {
			if visit(point{s, 0}, tied) {
				return true
			}
		}
		return false
	}
	return visit(h.graph.after(first), tied)
}

// branchEnd is the end of the outermost branch that an event stands in.
func (h *handler) branchEnd(e *event) token.Pos {
	end := e.node.End()
	for _, n := range h.above(e.node) {
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			if n != body(h.at.Node()) {
				end = n.End()
			}
		}
	}
	return end
}

// conditionsOf are the variables that decide whether an event happens, and those that are set beside it.
func (h *handler) conditionsOf(e *event) map[types.Object]bool {
	tied := map[types.Object]bool{e.ctx.root: true}
	add := func(n ast.Node) {
		if n != nil {
			ast.Inspect(n, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if v, ok := h.TypesInfo.ObjectOf(id).(*types.Var); ok {
						tied[v] = true
					}
				}
				return true
			})
		}
	}
	for _, n := range h.above(e.node) {
		switch x := n.(type) {
		case *ast.IfStmt:
			add(x.Cond)
		case *ast.SwitchStmt:
			if x.Tag != nil {
				add(x.Tag)
			}
			for _, clause := range x.Body.List {
				for _, cond := range clause.(*ast.CaseClause).List {
					add(cond)
				}
			}
		case *ast.TypeSwitchStmt:
			add(x.Assign)
		case *ast.ForStmt:
			if x.Cond != nil {
				add(x.Cond)
			}
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			if n == body(h.at.Node()) {
				continue
			}
			ast.Inspect(n, func(n ast.Node) bool {
				if assign, ok := n.(*ast.AssignStmt); ok {
					for _, lhs := range assign.Lhs {
						add(lhs)
					}
				}
				return true
			})
		}
	}
	return tied
}

// above are the nodes between a node and the function that holds it, innermost first.
func (h *handler) above(n ast.Node) []ast.Node {
	var out []ast.Node
	at, ok := h.at.FindNode(n)
	for ok && at.Node() != h.at.Node() {
		out = append(out, at.Node())
		at = at.Parent()
	}
	return out
}

// condition is a node of a graph that a block ends with, together with the tag of the switch that it is a case of.
func (h *handler) condition(n ast.Node) []ast.Node {
	out := []ast.Node{n}
	if at, ok := h.at.FindNode(n); ok {
		if _, ok := at.Parent().Node().(*ast.CaseClause); ok {
			if s, ok := at.Parent().Parent().Parent().Node().(*ast.SwitchStmt); ok && s.Tag != nil {
				out = append(out, s.Tag)
			}
		}
	}
	return out
}

func (h *handler) mentions(nodes []ast.Node, objs map[types.Object]bool) bool {
	found := false
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && objs[h.TypesInfo.ObjectOf(id)] {
				found = true
			}
			return !found
		})
	}
	return found
}

// untie takes those variables away that a statement sets to something else.
func (h *handler) untie(n ast.Node, tied map[types.Object]bool) map[types.Object]bool {
	assign, ok := n.(*ast.AssignStmt)
	if !ok || slices.ContainsFunc(assign.Rhs, func(e ast.Expr) bool { return h.mentionsVar(e, tied) }) {
		return tied
	}
	var out map[types.Object]bool
	for _, lhs := range assign.Lhs {
		if id, ok := lhs.(*ast.Ident); ok && tied[h.TypesInfo.ObjectOf(id)] {
			if out == nil {
				out = map[types.Object]bool{}
				for v := range tied {
					out[v] = true
				}
			}
			delete(out, h.TypesInfo.ObjectOf(id))
		}
	}
	if out == nil {
		return tied
	}
	return out
}

// mentionsVar tells whether an expression is made of one of some variables, contexts apart: most calls are handed one.
func (h *handler) mentionsVar(e ast.Expr, objs map[types.Object]bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v := h.TypesInfo.ObjectOf(id)
			found = found || v != nil && objs[v] && !holdsContext(v.Type())
		}
		return !found
	})
	return found
}

// pieces tells whether two answers look like the parts of one: text after text, one template after another.
func (h *handler) pieces(first, second *event) bool {
	part := func(e *event) bool {
		return slices.Contains([]string{"String", "Data", "HTML", "Render", "DataFromReader", "File", "ProtoBuf"}, e.method)
	}
	if first.status >= 400 && !h.sameList(first, second) {
		return false
	}
	return part(first) && part(second) || first.does&answers == 0 && first.does&aborts == 0
}

// sameList tells whether two events are statements of one list: whoever wrote the one saw the other.
func (h *handler) sameList(a, b *event) bool {
	x, _ := h.statement(a.node)
	y, _ := h.statement(b.node)
	return x.list != nil && y.list != nil && &x.list[0] == &y.list[0]
}

// listedStmt is a statement in a list of statements.
type listedStmt struct {
	stmt  ast.Stmt
	list  []ast.Stmt
	owner ast.Node // the block or clause
}

// statement is the statement that a node belongs to.
func (h *handler) statement(n ast.Node) (listedStmt, bool) {
	var stmt ast.Stmt
	for _, up := range h.above(n) {
		var list []ast.Stmt
		switch x := up.(type) {
		case *ast.BlockStmt:
			list = x.List
		case *ast.CaseClause:
			list = x.Body
		case *ast.CommClause:
			list = x.Body
		}
		if len(list) > 0 && stmt != nil {
			return listedStmt{stmt, list, up}, true
		}
		stmt, _ = up.(ast.Stmt)
	}
	return listedStmt{}, false
}

func (h *handler) reportTwice(first, second *event, sure bool) {
	f := Finding{Pos: first.node.Pos(), End: first.node.End()}
	f.Key = h.name() + " " + h.called(first)
	f.Also = []Also{{h.Position(second.pos()), checks.Msg("%s answers again", h.called(second))}}
	switch {
	case first.does&answers == 0: // the status alone
		f.Message = checks.Msg("%s after %s: status and header are sent already", h.called(second), h.called(first))
		f.Why = checks.Msg("The client gets the status of %s with the body of %s, and a Content-Type that net/http guesses.", h.called(first), h.called(second))
	case first.does&aborts != 0:
		f.Message = checks.Msg("the handler goes on after %s and answers again", h.called(first))
		f.Why = checks.Msg("Abort keeps the next handlers from running and does not leave this one. The client gets both bodies, one behind the other, with the first status.")
	default:
		f.Message = checks.Msg("the handler goes on after %s and answers again", h.called(first))
		f.Why = checks.Msg("The client gets both bodies, one behind the other, with the first status.")
	}
	switch {
	case h.sameList(first, second):
		f.Severity = checks.Warning
		if first.does&answers == 0 {
			f.Help = checks.Msg("answer with one call: c.AbortWithStatusJSON(code, body)")
		} else {
			f.Help = checks.Msg("keep one of the two answers")
		}
	case sure:
		f.Help = checks.Msg("put a return after %s", h.called(first))
		f.Edits, f.Repair = h.returnAfter(first), "return after the answer"
	default:
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Help = checks.Msg("put a return after %s", h.called(first))
		f.Edits, f.Repair = h.returnAfter(first), "return after the answer"
	}
	h.report(f)
}

// report takes a finding; in an example it is no error.
func (h *handler) report(f Finding) {
	if f.Severity == 0 && h.example() {
		f.Severity = checks.Warning
	}
	h.Report(f)
}

// name is the function that the code belongs to.
func (h *handler) name() string {
	if d := declOf(h.at); d != nil {
		return d.Name.Name
	}
	return "func"
}

// called is the call of an event in short: c.JSON.
func (h *handler) called(e *event) string {
	if e.call == nil {
		return types.ExprString(e.recv)
	}
	return types.ExprString(e.call.Fun)
}

// returnAfter leaves the function at the end of the branch that an answer stands in.
func (h *handler) returnAfter(e *event) []analysis.TextEdit {
	at, ok := h.statement(e.node)
	if t := funcType(h.at.Node()); !ok || t.Results != nil && len(t.Results.List) > 0 || at.owner == body(h.at.Node()) {
		return nil
	}
	last := at.list[len(at.list)-1]
	if _, ok := last.(*ast.BranchStmt); ok {
		return nil
	}
	edit, ok := h.lineAfter(last, at.owner, "return")
	if !ok {
		return nil
	}
	edits := []analysis.TextEdit{edit}
	if h.middleware() && e.does&aborts == 0 && !h.abortedBeside(e) {
		if abort := h.abortEdit(e); abort != nil && (at.stmt != last || len(abort[0].NewText) == 0 || abort[0].Pos != edit.Pos) {
			return append(abort, edits...)
		}
	}
	return edits
}

// abortEdit turns an answer of a middleware into one that keeps the next handlers from running.
func (h *handler) abortEdit(e *event) []analysis.TextEdit {
	if sel, ok := ast.Unparen(e.call.Fun).(*ast.SelectorExpr); ok && (e.method == "JSON" || e.method == "PureJSON" && h.hasMethod(e, "AbortWithStatusPureJSON")) {
		return []analysis.TextEdit{{Pos: sel.Sel.Pos(), End: sel.Sel.End(), NewText: []byte("AbortWithStatus" + e.method)}}
	}
	at, ok := h.statement(e.node)
	if _, plain := at.stmt.(*ast.ExprStmt); !ok || !plain {
		return nil
	}
	edit, ok := h.lineAfter(at.stmt, at.owner, types.ExprString(e.recv)+".Abort()")
	if !ok {
		return nil
	}
	return []analysis.TextEdit{edit}
}

// hasMethod tells whether this version of gin has a method of *gin.Context.
func (h *handler) hasMethod(e *event, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(h.TypesInfo.TypeOf(e.recv), true, h.Pkg, name)
	return obj != nil
}

// abortedBeside tells whether a statement beside an answer aborts.
func (h *handler) abortedBeside(e *event) bool {
	return slices.ContainsFunc(h.all, func(x *event) bool { return x.ctx == e.ctx && x.does&(aborts|mayAbort) != 0 && h.sameList(x, e) })
}
