package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
)

// This file holds the parts of src/write-after-abort that are about middleware, Bind and the body of the request.

// middlewares are the functions of this package that are registered in this package to run before a handler.
func (a *answering) middlewares() map[ast.Node]bool {
	out := map[ast.Node]bool{}
	for _, call := range a.Calls() {
		fn := a.Callee(call)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != ginPath || fn.Signature().Recv() == nil {
			continue
		}
		for _, arg := range middlewareArgs(fn.Name(), call) {
			for _, n := range a.functions(arg) {
				out[n] = true
			}
		}
	}
	return out
}

// middlewareArgs are those arguments of a registration that run before a handler.
func middlewareArgs(method string, call *ast.CallExpr) []ast.Expr {
	args := call.Args
	drop := func(front, back int) []ast.Expr {
		if len(args) < front+back {
			return nil
		}
		return args[front : len(args)-back]
	}
	switch method {
	case "Use":
		return args
	case "Group":
		return drop(1, 0)
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "Any":
		return drop(1, 1)
	case "Handle", "Match":
		return drop(2, 1)
	}
	return nil
}

// functions are the function that an expression names, or those that the function that it calls returns.
func (a *answering) functions(e ast.Expr) []ast.Node {
	switch x := a.Follow(e).(type) {
	case *ast.FuncLit:
		return []ast.Node{x}
	case *ast.CallExpr:
		d := a.decl(a.Callee(x))
		if d == nil || d.Body == nil {
			return nil
		}
		var out []ast.Node
		ast.Inspect(d.Body, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				for _, r := range x.Results {
					if lit, ok := a.Follow(r).(*ast.FuncLit); ok {
						out = append(out, lit)
					} else if d := a.decl(a.Func(r)); d != nil {
						out = append(out, d)
					}
				}
			}
			return true
		})
		return out
	default:
		if d := a.decl(a.Func(e)); d != nil {
			return []ast.Node{d}
		}
	}
	return nil
}

// decl is the declaration of a function of this package.
func (a *answering) decl(fn *types.Func) *ast.FuncDecl {
	if fn == nil || fn.Pkg() != a.Pkg {
		return nil
	}
	for c := range a.Nodes((*ast.FuncDecl)(nil)) {
		if d := c.Node().(*ast.FuncDecl); a.TypesInfo.Defs[d.Name] == fn {
			return d
		}
	}
	return nil
}

// middleware tells whether handlers run after this function: it calls Next, or is registered so.
func (h *handler) middleware() bool {
	if t := funcType(h.at.Node()); t.Results != nil && len(t.Results.List) > 0 {
		return false
	}
	return h.registered[h.at.Node()] || slices.ContainsFunc(h.all, func(e *event) bool { return e.does&passesOn != 0 && e.method == "Next" })
}

// answerAndLetThrough reports answers of a middleware after which the next handler runs.
func (h *handler) answerAndLetThrough() {
	if !h.middleware() {
		return
	}
	for _, e := range h.all {
		if e.does&answers == 0 || e.does&(aborts|mayAbort) != 0 || h.done[e] || h.forOptions(e) || !h.letsThrough(e.ctx) {
			continue
		}
		if !h.open(e) {
			continue
		}
		h.done[e] = true
		h.Report(Finding{
			Finding: checks.Finding{
				Severity: checks.Warning,
				Message:  checks.Msg("the middleware answers with %s and does not stop the handlers that follow", h.called(e)),
				Why:      checks.Msg("Gin runs the next handler all the same: what this middleware was to keep out happens, and the client gets two answers in one."),
				Help:     checks.Msg("%s", abortHelp(e)),
				Key:      h.name() + " lets through " + h.called(e),
			},
			Pos: e.node.Pos(), End: e.node.End(),
			Edits: h.abortEdit(e), Repair: "stop the chain with the answer",
		})
	}
}

func abortHelp(e *event) string {
	if e.method == "JSON" {
		return "use AbortWithStatusJSON in place of JSON"
	}
	return "call Abort after the answer"
}

// letsThrough tells whether there is a way through a middleware on which it does not answer: what answers always is the last
// handler, whatever it calls.
func (h *handler) letsThrough(ctx contextKey) bool {
	next := false
	returns, _ := h.graph.walk(h.graph.entry(), func(e *event) bool {
		if e.ctx != ctx {
			return true
		}
		next = next || e.does&passesOn != 0
		return e.does&(answers|header|aborts|passesOn|mayAnswer|mayAbort) == 0
	})
	return returns || next
}

// open tells whether an answer is given before the next handlers ran, and no way from there to the end aborts.
func (h *handler) open(answer *event) bool {
	before := false
	h.graph.walk(h.graph.entry(), func(e *event) bool {
		before = before || e == answer
		return e.ctx != answer.ctx || e != answer && e.does&(aborts|mayAbort|passesOn) == 0
	})
	if !before {
		return false
	}
	aborted := false
	returns, dies := h.graph.walk(h.graph.after(answer), func(e *event) bool {
		aborted = aborted || e.ctx == answer.ctx && e.does&(aborts|mayAbort) != 0
		return true
	})
	return returns && !dies && !aborted && !h.deferredAbort(answer)
}

// deferredAbort tells whether the function defers something that has to do with the context.
func (h *handler) deferredAbort(e *event) bool {
	found := false
	ast.Inspect(body(h.at.Node()), func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			found = found || h.mentions([]ast.Node{d.Call}, map[types.Object]bool{e.ctx.root: true})
		}
		return !found
	})
	return found
}

// forOptions tells whether an answer is given to OPTIONS requests only: no handler is registered for those, mostly.
func (h *handler) forOptions(e *event) bool {
	for _, n := range h.above(e.node) {
		var cond ast.Node
		switch x := n.(type) {
		case *ast.IfStmt:
			cond = x.Cond
		case *ast.CaseClause:
			for _, c := range x.List {
				if v, ok := h.ConstString(c); ok && v == "OPTIONS" {
					return true
				}
			}
		}
		if cond == nil {
			continue
		}
		options := false
		ast.Inspect(cond, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				v, _ := h.ConstString(e)
				options = options || strings.EqualFold(v, "OPTIONS")
			}
			return true
		})
		if options {
			return true
		}
	}
	return false
}

// shouldBind is what gives only the error where a method answers itself.
var shouldBind = map[string]string{
	"Bind": "ShouldBind", "BindJSON": "ShouldBindJSON", "BindXML": "ShouldBindXML", "BindQuery": "ShouldBindQuery", "BindYAML": "ShouldBindYAML",
	"BindTOML": "ShouldBindTOML", "BindPlain": "ShouldBindPlain", "BindHeader": "ShouldBindHeader", "BindUri": "ShouldBindUri",
	"BindWith": "ShouldBindWith", "MustBindWith": "ShouldBindWith",
}

// bindThenAnswer reports answers to the error of a Bind that has answered already.
func (h *handler) bindThenAnswer() {
	for _, bind := range h.all {
		should := shouldBind[bind.method]
		if should == "" {
			continue
		}
		branch := h.errorBranch(bind.call)
		if branch == nil {
			continue
		}
		i := slices.IndexFunc(h.all, func(e *event) bool {
			return e.ctx == bind.ctx && e.does&answers != 0 && branch.Pos() <= e.pos() && e.pos() < branch.End()
		})
		if i < 0 {
			continue
		}
		answer := h.all[i]
		if answer.status == 400 && answer.method == "String" {
			continue // as Bind has begun it: the same status, and text
		}
		f := Finding{
			Finding: checks.Finding{
				Message: checks.Msg("%s has answered with status 400 before %s does", h.called(bind), h.called(answer)),
				Why:     checks.Msg("The header is out already: the client gets the body of this answer as text/plain, and no status but 400."),
				Help:    checks.Msg("use %s, which leaves the answer to you", should),
				Key:     h.name() + " " + h.called(bind),
			},
			Pos: answer.node.Pos(), End: answer.node.End(),
			Also: []Also{{h.Position(bind.pos()), checks.Msg("%s answers where it fails", h.called(bind))}},
		}
		if answer.status == 0 || answer.status == 400 {
			f.Severity = checks.Warning
		}
		if h.hasMethod(bind, should) && h.bindFixable(bind, branch) {
			sel := ast.Unparen(bind.call.Fun).(*ast.SelectorExpr).Sel
			f.Edits = []analysis.TextEdit{{Pos: sel.Pos(), End: sel.End(), NewText: []byte(should)}}
			f.Repair = "bind with " + should
		}
		h.report(f)
	}
}

// bindFixable tells whether nothing is lost when Bind no longer answers and aborts: every way through the branch answers, and no
// handler comes after this one, or the answer aborts too.
func (h *handler) bindFixable(bind *event, branch *ast.BlockStmt) bool {
	g := h.flows.graph(branch)
	returns, _ := g.walk(g.entry(), func(e *event) bool { return e.ctx != bind.ctx || e.does&answers == 0 })
	if returns || !h.middleware() {
		return !returns
	}
	returns, _ = g.walk(g.entry(), func(e *event) bool { return e.ctx != bind.ctx || e.does&aborts == 0 })
	return !returns
}

// errorBranch is what is done where a call gives an error; nil where that is not plain to see.
func (h *handler) errorBranch(call *ast.CallExpr) *ast.BlockStmt {
	at, ok := h.at.FindNode(call)
	if !ok {
		return nil
	}
	for {
		switch at.Parent().Node().(type) {
		case *ast.ParenExpr:
			at = at.Parent()
			continue
		}
		break
	}
	switch x := at.Parent().Node().(type) {
	case *ast.BinaryExpr: // if c.Bind(&x) != nil
		if s, ok := at.Parent().Parent().Node().(*ast.IfStmt); ok && s.Cond == x {
			return h.whereError(s, func(e ast.Expr) bool { return ast.Unparen(e) == call })
		}
	case *ast.AssignStmt:
		if len(x.Lhs) != 1 {
			return nil
		}
		v := h.Var(x.Lhs[0])
		isErr := func(e ast.Expr) bool { return v != nil && h.Var(e) == v }
		if s, ok := at.Parent().Parent().Node().(*ast.IfStmt); ok && s.Init == x {
			return h.whereError(s, isErr)
		}
		if next, ok := at.Parent().NextSibling(); ok {
			if s, ok := next.Node().(*ast.IfStmt); ok && s.Init == nil {
				return h.whereError(s, isErr)
			}
		}
	}
	return nil
}

// whereError is the branch of `if err != nil`, or the other one of `if err == nil`.
func (h *handler) whereError(s *ast.IfStmt, isErr func(ast.Expr) bool) *ast.BlockStmt {
	cond, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
	if !ok || !isErr(cond.X) || !h.isNil(cond.Y) {
		return nil
	}
	switch cond.Op {
	case token.NEQ:
		return s.Body
	case token.EQL:
		b, _ := s.Else.(*ast.BlockStmt)
		return b
	}
	return nil
}

// readTwice reports readings of a body that was read to its end already.
func (h *handler) readTwice() {
	for i, first := range h.all {
		if first.does&reads == 0 || first.call == nil {
			continue
		}
		for _, second := range h.all[i+1:] {
			if second.ctx != first.ctx || second.does&reads == 0 || keepsBody(first) && keepsBody(second) {
				continue
			}
			if h.reset(first, second) || !h.always(first, second) || !h.follows(first, second) {
				continue
			}
			h.reportReads(first, second)
			break
		}
	}
}

// keepsBody tells whether a method reads the body once and keeps it for others of its kind.
func keepsBody(e *event) bool { return strings.HasPrefix(e.method, "ShouldBindBodyWith") }

// reset tells whether something between two events may give the request a new body.
func (h *handler) reset(first, second *event) bool {
	return slices.ContainsFunc(h.all, func(e *event) bool {
		return e.ctx == first.ctx && e.does&mayReset != 0 && e.pos() > first.pos() && e.pos() < second.node.End()
	})
}

// follows tells whether a way leads from one event to another.
func (h *handler) follows(first, second *event) bool {
	reached := false
	h.graph.walk(h.graph.after(first), func(e *event) bool {
		reached = reached || e == second
		return !reached
	})
	return reached
}

func (h *handler) reportReads(first, second *event) {
	f := Finding{
		Finding: checks.Finding{
			Message: checks.Msg("%s reads a body that %s has read to its end", h.called(second), h.called(first)),
			Why:     checks.Msg("The body of a request can be read once. The second reader finds it empty (EOF), whatever the client sent."),
			Help:    checks.Msg("use ShouldBindBodyWith for both, it keeps the body; or bind once"),
			Key:     h.name() + " " + h.called(second),
		},
		Pos: second.node.Pos(), End: second.node.End(),
		Also: []Also{{h.Position(first.pos()), checks.Msg("%s reads it first", h.called(first))}},
	}
	f.Edits, f.Repair = h.keepBodyEdits(first, second), "keep the body between the two"
	h.report(f)
}

// keepBodyEdits make readers keep the body; none where one of them cannot.
func (h *handler) keepBodyEdits(readers ...*event) []analysis.TextEdit {
	var out []analysis.TextEdit
	for _, e := range readers {
		if keepsBody(e) {
			continue
		}
		format, ok := strings.CutPrefix(e.method, "ShouldBind")
		if !ok || !h.hasMethod(e, "ShouldBindBodyWith"+format) {
			return nil
		}
		sel := ast.Unparen(e.call.Fun).(*ast.SelectorExpr).Sel
		out = append(out, analysis.TextEdit{Pos: sel.Pos(), End: sel.End(), NewText: []byte("ShouldBindBodyWith" + format)})
	}
	return out
}
