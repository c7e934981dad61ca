package src

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// bounded tells whether something else may close a thing in the end: rows and transactions are closed when their context ends, and a
// body when the context of its request ends or the client's Timeout is over. Where that cannot be seen, it may be.
func (u *unclosed) bounded(o *opened) bool {
	call := o.at.Node().(*ast.CallExpr)
	fn := u.Callee(call)
	switch o.what {
	case responseBody.what:
		return !isFunc(fn, "net/http", "Get", "Post", "PostForm") && !u.endless(fn, call, o.fn)
	case rows.what, transaction.what:
		if first := fn.Signature().Params(); first.Len() == 0 || !isType(first.At(0).Type(), "context", "Context") {
			return fn.Pkg() == u.Pkg // a function of our own that opens it somehow
		}
		return len(call.Args) > 0 && u.ends(call.Args[0])
	}
	return false
}

// endless tells whether a client without Timeout sends a request without context: http.DefaultClient.Do(req).
func (u *unclosed) endless(fn *types.Func, call *ast.CallExpr, in inspector.Cursor) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !isMethod(fn, "net/http", "Client", "Do", "Get", "Post", "PostForm") || !u.waitsForever(sel.X) {
		return false
	}
	if fn.Name() != "Do" {
		return true
	}
	req := u.Var(call.Args[0])
	if req == nil {
		return false
	}
	plain := false
	for c := range in.Preorder((*ast.AssignStmt)(nil)) {
		assign := c.Node().(*ast.AssignStmt)
		if u.Var(assign.Lhs[0]) != req || len(assign.Rhs) != 1 {
			continue
		}
		made, ok := assign.Rhs[0].(*ast.CallExpr)
		if !ok {
			return false
		}
		switch f := u.Callee(made); {
		case isFunc(f, "net/http", "NewRequest"), isFunc(f, "net/http", "NewRequestWithContext") && len(made.Args) > 0 && !u.ends(made.Args[0]):
			plain = true
		default:
			return false
		}
	}
	return plain
}

// waitsForever tells whether a client is known to have no Timeout.
func (u *unclosed) waitsForever(client ast.Expr) bool {
	if v := u.Var(client); v != nil && v.Pkg() != nil && v.Pkg().Path() == "net/http" {
		return true // http.DefaultClient
	}
	e := u.Follow(client)
	if and, ok := e.(*ast.UnaryExpr); ok {
		e = and.X
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok || !isType(u.TypesInfo.TypeOf(lit), "net/http", "Client") {
		return false
	}
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok && types.ExprString(kv.Key) == "Timeout" {
			return false
		}
	}
	return !u.setsTimeout()
}

// setsTimeout tells whether the package assigns the Timeout of any client.
func (u *unclosed) setsTimeout() bool {
	for c := range u.Nodes((*ast.AssignStmt)(nil)) {
		for _, lhs := range c.Node().(*ast.AssignStmt).Lhs {
			if sel, ok := lhs.(*ast.SelectorExpr); ok && sel.Sel.Name == "Timeout" {
				return true
			}
		}
	}
	return false
}

// ends tells whether a context ends some time. Background and TODO do not, nor does a *gin.Context, unless its engine is told to
// (ContextWithFallback).
func (u *unclosed) ends(ctx ast.Expr) bool {
	if isGinContext(u.TypesInfo.TypeOf(ctx)) {
		return false
	}
	call, ok := u.Follow(ctx).(*ast.CallExpr)
	return !ok || !isFunc(u.Callee(call), "context", "Background", "TODO")
}
