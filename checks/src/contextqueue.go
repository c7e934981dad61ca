package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// queues are the channels of a package from which a goroutine takes functions and calls them: home-made worker pools.
type queues struct {
	*contextEscape
	worked map[*types.Var]bool         // nil before somebody asks
	takers map[*types.Func]queuedParam // functions of the package that put a parameter into such a channel
}

// queuedParam is the parameter that a function puts into a queue, and the queue; nil where it puts none.
type queuedParam struct {
	param int
	queue *types.Var
}

// sent is a function literal that is sent into a queue: jobs <- func() {...}.
func (q *queues) sent(c inspector.Cursor, n *ast.SendStmt) (s start, ok bool) {
	queue := q.channel(n.Chan)
	if queue == nil || !q.isWorked(queue) {
		return start{}, false
	}
	s = start{at: c, queue: queue, by: "the function sent to " + types.ExprString(n.Chan)}
	s.lit, ok = q.literal(n.Value)
	return s, ok
}

// submitted is a function literal that is given to a function of the package which puts it into a queue: pool.Submit(func() {...}).
func (q *queues) submitted(c inspector.Cursor, n *ast.CallExpr, fn *types.Func) (s start, ok bool) {
	if fn == nil || fn.Pkg() != q.Pkg || fn.Signature().Variadic() {
		return start{}, false
	}
	taker := q.taker(fn)
	if taker.queue == nil || taker.param >= len(n.Args) {
		return start{}, false
	}
	s = start{at: c, queue: taker.queue, by: "the function given to " + types.ExprString(n.Fun)}
	s.lit, ok = q.literal(n.Args[taker.param])
	return s, ok
}

// channel is the variable or field that an expression names, where it holds a channel of functions.
func (q *queues) channel(x ast.Expr) *types.Var {
	v := q.Var(x)
	if v == nil {
		return nil
	}
	ch, ok := v.Type().Underlying().(*types.Chan)
	if !ok {
		return nil
	}
	if _, ok := ch.Elem().Underlying().(*types.Signature); !ok {
		return nil
	}
	return v.Origin()
}

func (q *queues) taker(fn *types.Func) queuedParam {
	taker, known := q.takers[fn]
	if !known {
		taker = q.readTaker(fn)
		q.takers[fn] = taker
	}
	return taker
}

// readTaker looks for the send of a parameter. A function that waits for something after that may wait for what it sent.
func (q *queues) readTaker(fn *types.Func) queuedParam {
	decl, ok := q.decl(fn)
	if !ok {
		return queuedParam{}
	}
	var out queuedParam
	for c := range decl.Preorder((*ast.SendStmt)(nil), (*ast.UnaryExpr)(nil), (*ast.CallExpr)(nil)) {
		switch n := c.Node().(type) {
		case *ast.SendStmt:
			for i := range fn.Signature().Params().Len() {
				v := q.param(funcType(decl.Node()), i)
				if queue := q.channel(n.Chan); v != nil && q.local(n.Value) == v && queue != nil && q.isWorked(queue) {
					out = queuedParam{i, queue}
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && !chosen(c) {
				return queuedParam{}
			}
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Wait") {
				return queuedParam{}
			}
		}
	}
	return out
}

// chosen tells whether a receive is one of the cases of a select.
func chosen(c inspector.Cursor) bool {
	for c.Parent().Node() != nil {
		if c.ParentEdgeKind() == edge.CommClause_Comm {
			return true
		}
		if _, block := c.Node().(*ast.BlockStmt); block {
			return false
		}
		c = c.Parent()
	}
	return false
}

// isWorked tells whether a goroutine of the package takes functions out of a channel and calls them.
func (q *queues) isWorked(queue *types.Var) bool {
	if q.worked == nil {
		q.worked = map[*types.Var]bool{}
		for c := range q.Nodes((*ast.GoStmt)(nil)) {
			q.readWorker(c.Node().(*ast.GoStmt).Call)
		}
	}
	return q.worked[queue]
}

// readWorker notes the channels from which what a go statement starts takes what it calls.
func (q *queues) readWorker(call *ast.CallExpr) {
	fn, ok := q.literal(call.Fun)
	if !ok {
		if fn, ok = q.decl(q.Callee(call)); !ok {
			return
		}
	}
	for c := range fn.Preorder((*ast.RangeStmt)(nil), (*ast.UnaryExpr)(nil)) {
		switch n := c.Node().(type) {
		case *ast.RangeStmt:
			if n.Key != nil && q.calls(fn, q.local(n.Key)) {
				q.work(fn, call, n.X)
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && q.calls(fn, q.received(c)) {
				q.work(fn, call, n.X)
			}
		}
	}
}

// received is the variable that gets what is received: f := <-jobs, f, ok := <-jobs.
func (q *queues) received(c inspector.Cursor) *types.Var {
	a, ok := c.Parent().Node().(*ast.AssignStmt)
	if !ok || len(a.Rhs) != 1 {
		return nil
	}
	return q.local(a.Lhs[0])
}

// calls tells whether a function calls what a variable holds, or hands it to a function of the package that does.
func (q *queues) calls(fn inspector.Cursor, v *types.Var) bool {
	if v == nil {
		return false
	}
	for _, use := range q.names.Uses(v) {
		if !fn.Contains(use) {
			continue
		}
		switch use.ParentEdgeKind() {
		case edge.CallExpr_Fun:
			return true
		case edge.CallExpr_Args:
			decl, ok := q.decl(q.Callee(use.Parent().Node().(*ast.CallExpr)))
			if !ok {
				continue
			}
			for _, inner := range q.names.Uses(q.param(funcType(decl.Node()), use.ParentEdgeIndex())) {
				if inner.ParentEdgeKind() == edge.CallExpr_Fun {
					return true
				}
			}
		}
	}
	return false
}

// work notes a channel. Of a parameter of what is started it is the one that the go statement gives.
func (q *queues) work(fn inspector.Cursor, call *ast.CallExpr, x ast.Expr) {
	queue := q.channel(x)
	if queue == nil {
		return
	}
	for i, arg := range call.Args {
		if v := q.param(funcType(fn.Node()), i); v != nil && v == queue {
			if queue = q.channel(arg); queue == nil {
				return
			}
			break
		}
	}
	q.worked[queue] = true
}
