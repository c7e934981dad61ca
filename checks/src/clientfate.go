package src

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// fate is what becomes of a client.
type fate int

const (
	dropped     fate = iota // it stays in the function that makes it
	closed                  // it is closed there
	kept                    // it is put where it outlives the request, or may be
	unknownFate             // it is handed to code that we do not see
	givenBack               // the function returns it: its callers decide
)

// fate follows a client from where it is made, in one function.
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
		return k.returned(c)
	case edge.SelectorExpr_X: // http.Client{...}.Do, redis.NewClient(...).Get
		if call, ok := k.chained(c); ok {
			return k.fate(call, depth+1)
		}
		return dropped
	case edge.CallExpr_Args:
		return k.handedOn(c, depth)
	case edge.ExprStmt_X:
		return dropped
	}
	return unknownFate
}

// chained is the call of a method that gives the client itself back, or one like it: resty.New().SetTimeout(...).
func (k *clientPerRequest) chained(c inspector.Cursor) (inspector.Cursor, bool) {
	sel := c.Parent()
	if sel.ParentEdgeKind() != edge.CallExpr_Fun {
		return inspector.Cursor{}, false
	}
	client, gives := k.TypesInfo.TypeOf(c.Node().(ast.Expr)), k.TypesInfo.TypeOf(sel.Parent().Node().(ast.Expr))
	return sel.Parent(), client != nil && gives != nil && types.Identical(client, gives)
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
	out, back := dropped, false
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
			if f := k.fate(use, depth+1); f == givenBack {
				back = true
			} else {
				out = max(out, f)
			}
		}
	}
	if back && out <= closed { // closed where something fails
		return givenBack
	}
	return out
}

// returned is what becomes of a result: of a literal's we do not know who calls it.
func (k *clientPerRequest) returned(c inspector.Cursor) fate {
	if fn, ok := funcOf(c); ok {
		if _, declared := fn.Node().(*ast.FuncDecl); declared {
			return givenBack
		}
	}
	return unknownFate
}

// fateAtCallers is what becomes of the result of the function around a place, where that is called for a request in this package.
func (k *clientPerRequest) fateAtCallers(c inspector.Cursor, depth int) fate {
	fn, ok := funcOf(c)
	if !ok || depth > 6 {
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
		if _, ok := k.names.PerRequest(call); ok && !k.notAlways(call) {
			out = min(out, k.fateInAll(call, depth+1)) // one of them is enough
		}
	}
	return out
}

// fateInAll is what becomes of a client in the functions of this package that get it.
func (k *clientPerRequest) fateInAll(c inspector.Cursor, depth int) fate {
	f := k.fate(c, 0)
	if f == givenBack {
		return k.fateAtCallers(c, depth)
	}
	return f
}

// handedOn is what becomes of a client that is given to a function. To a function that only asks it something nothing becomes of it.
func (k *clientPerRequest) handedOn(c inspector.Cursor, depth int) fate {
	call := c.Parent().Node().(*ast.CallExpr)
	fn := k.Callee(call)
	switch {
	case isMethod(fn, ginPath, "Context", "Set"):
		return dropped // the context ends with the request
	case isFunc(fn, "context", "WithValue"):
		return k.fate(c.Parent(), depth+1)
	}
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
			f := k.fate(use, depth+1)
			if f == givenBack {
				f = k.fate(c.Parent(), depth+1)
			}
			out = max(out, f)
		}
	}
	return out
}
