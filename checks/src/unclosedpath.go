package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/cfg"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/source"
)

// wayOut is where a function is left with a thing still open.
type wayOut struct {
	node ast.Node
	says checks.Message
}

var notNow wayOut // it is open on every way out

// leaks looks for a way from where a thing is opened to the end of the function on which nothing closes it.
func (u *unclosed) leaks(o *opened) (wayOut, bool) {
	w := &walk{unclosed: u, opened: o, seen: map[step]bool{}}
	graph := cfg.New(body(o.fn.Node()), func(call *ast.CallExpr) bool { return !neverReturns(call) })
	for _, b := range graph.Blocks {
		for i, n := range b.Nodes {
			if b.Live && holds(n, o.at.Node()) {
				w.from(b, i+1, true)
				return w.out, w.out.node != nil
			}
		}
	}
	return wayOut{}, false
}

// neverReturns tells whether a call ends the program or the goroutine, going by its name.
func neverReturns(call *ast.CallExpr) bool {
	switch name := types.ExprString(call.Fun); name {
	case "panic", "os.Exit", "runtime.Goexit", "syscall.Exit":
		return true
	default:
		_, method, _ := strings.Cut(name, ".")
		return strings.HasPrefix(method, "Fatal") || method == "Panic" || method == "Panicf" || method == "Panicln"
	}
}

func holds(n, inner ast.Node) bool { return n.Pos() <= inner.Pos() && inner.End() <= n.End() }

// step is a state of the walk.
type step struct {
	block *cfg.Block
	fresh bool // the error is still the one that came with the thing
}

// walk goes all ways on which a thing is open.
type walk struct {
	*unclosed
	*opened
	seen map[step]bool
	out  wayOut
}

func (w *walk) from(b *cfg.Block, i int, fresh bool) {
	for ; i < len(b.Nodes); i++ {
		n := b.Nodes[i]
		if w.closedBy(n) || w.out.node != nil {
			return
		}
		if holds(n, w.at.Node()) {
			w.out = wayOut{n, checks.Msg("the next one is opened here")}
			return
		}
		if ret, ok := n.(*ast.ReturnStmt); ok {
			w.out = wayOut{ret, checks.Msg("returns while it is open")}
			return
		}
		fresh = fresh && !w.assigns(n)
	}
	if len(b.Succs) == 0 {
		if !endsProgram(b) {
			w.out = wayOut{w.at.Node(), checks.Msg("still open when the function ends")}
		}
		return
	}
	for k, next := range b.Succs {
		if len(b.Succs) == 2 && len(b.Nodes) > 0 && w.impossible(w.condition(b), k == 0, fresh) {
			continue
		}
		if s := (step{next, fresh}); !w.seen[s] {
			w.seen[s] = true
			w.from(next, 0, fresh)
		}
	}
}

// condition is what a block decides by, at its end. In switch err { case nil: ... } that is err == nil.
func (w *walk) condition(b *cfg.Block) ast.Node {
	cond := b.Nodes[len(b.Nodes)-1]
	value, ok := cond.(ast.Expr)
	if !ok || b.Succs[0].Kind != cfg.KindSwitchCaseBody {
		return cond
	}
	clause, ok := w.Inspector().Root().FindNode(b.Succs[0].Stmt)
	if !ok {
		return cond
	}
	for s := range clause.Enclosing((*ast.SwitchStmt)(nil)) {
		if tag := s.Node().(*ast.SwitchStmt).Tag; tag != nil {
			return &ast.BinaryExpr{X: tag, Op: token.EQL, Y: value}
		}
		break
	}
	return cond
}

func endsProgram(b *cfg.Block) bool {
	if len(b.Nodes) == 0 {
		return false
	}
	s, ok := b.Nodes[len(b.Nodes)-1].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := s.X.(*ast.CallExpr)
	return ok && neverReturns(call)
}

func (w *walk) closedBy(n ast.Node) bool {
	for _, c := range w.closes {
		if holds(n, c.Node()) {
			return true
		}
	}
	return false
}

// assigns tells whether a node gives the error another value.
func (w *walk) assigns(n ast.Node) bool {
	assign, ok := n.(*ast.AssignStmt)
	if !ok {
		return false
	}
	for _, lhs := range assign.Lhs {
		if w.err != nil && w.Var(lhs) == w.err {
			return true
		}
	}
	return false
}

// impossible tells whether a branch is one on which there is nothing to close: opening failed, or the rows are read to their end.
func (w *walk) impossible(cond ast.Node, then, fresh bool) bool {
	e, ok := cond.(ast.Expr)
	if !ok {
		return false
	}
	e = ast.Unparen(e)
	if not, ok := e.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return w.impossible(not.X, !then, fresh)
	}
	switch x := e.(type) {
	case *ast.BinaryExpr:
		if x.Op == token.LOR || x.Op == token.LAND {
			left, right := w.impossible(x.X, then, fresh), w.impossible(x.Y, then, fresh)
			if then == (x.Op == token.LOR) {
				return left && right // either of them leads there
			}
			return left || right
		}
		if x.Op != token.NEQ && x.Op != token.EQL {
			return false
		}
		v := w.Var(x.X)
		if v == nil || !w.isNil(x.Y) {
			return v != nil && fresh && v == w.err && x.Op == token.EQL && then // err == io.EOF
		}
		isNil := then == (x.Op == token.EQL)
		if w.saysFailed(x.X) {
			return !isNil
		}
		if sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr); ok && sel.Sel.Name == "Body" && w.Var(sel.X) == w.v {
			return isNil // nothing to close
		}
		return v == w.v && isNil || v == w.err && fresh && !isNil
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && w.auto != "" && sel.Sel.Name == w.auto && w.Var(sel.X) == w.v {
			return !then
		}
		for _, arg := range x.Args { // errors.Is(err, ...), os.IsNotExist(err)
			if w.err != nil && fresh && then && w.Var(arg) == w.err {
				return true
			}
		}
	}
	return false
}

// saysFailed tells whether an expression is the error that opening it left in a field: tx.Error, or a variable that is given nothing else.
func (w *walk) saysFailed(x ast.Expr) bool {
	if w.fails == "" {
		return false
	}
	if v := w.Var(x); v != nil && !v.IsField() {
		values, complete := w.Values(v)
		if !complete || len(values) != 1 {
			return false
		}
		x = values[0]
	}
	sel, ok := ast.Unparen(x).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == w.fails && w.Var(sel.X) == w.v
}

// passWithout is the pass for an analyzer that is run within this one: what it reports goes to report, what it exports nowhere.
func (p *Pass) passWithout(a *analysis.Analyzer, results map[*analysis.Analyzer]any, report func(analysis.Diagnostic)) *analysis.Pass {
	inner := *p.Pass
	inner.Analyzer = a
	inner.ResultOf = results
	inner.Report = report
	source.WithoutFacts(&inner)
	return &inner
}
