package src

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// carrier is a struct that is made for what is started, and may carry a context in a field: go (&job{c: c}).run().
type carrier struct {
	lit   inspector.Cursor // the composite literal
	as    *types.Var       // what the started function calls it; nil where that is not known
	alone bool             // nothing else has it
}

// carriers are the structs that the call of a go statement is given, as its receiver or as arguments.
func (e *contextEscape) carriers(s start) []carrier {
	if s.call == nil {
		return nil
	}
	var out []carrier
	add := func(x ast.Expr, as *types.Var) {
		lit := structLiteral(e.held(x))
		if lit == nil {
			return
		}
		c := carrier{as: as, alone: true}
		if v := e.local(x); v != nil {
			c.alone = len(e.names.Uses(v)) == 1
		}
		var ok bool
		if c.lit, ok = e.Inspector().Root().FindNode(lit); ok {
			out = append(out, c)
		}
	}
	decl, known := e.decl(e.Callee(s.call))
	if sel, ok := ast.Unparen(s.call.Fun).(*ast.SelectorExpr); ok {
		var receiver *types.Var
		if known {
			receiver = e.receiver(decl.Node().(*ast.FuncDecl))
		}
		add(sel.X, receiver)
	}
	for i, arg := range s.call.Args {
		var param *types.Var
		switch {
		case s.lit.Valid():
			param = e.param(funcType(s.lit.Node()), i)
		case known:
			param = e.param(funcType(decl.Node()), i)
		}
		add(arg, param)
	}
	return out
}

// receiver is the variable of a method for what it is called on; nil where it has no name.
func (e *contextEscape) receiver(d *ast.FuncDecl) *types.Var {
	if d.Recv == nil || len(d.Recv.List) != 1 || len(d.Recv.List[0].Names) != 1 {
		return nil
	}
	v, _ := e.TypesInfo.Defs[d.Recv.List[0].Names[0]].(*types.Var)
	return v
}

// carried are the contexts of requests in the fields of a struct, each with what the started function does with the field.
func (e *contextEscape) carried(c carrier) []use {
	var out []use
	for _, elt := range c.lit.Node().(*ast.CompositeLit).Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		v, field := e.local(kv.Value), e.Var(kv.Key)
		if v == nil || field == nil || !isGinContext(v.Type()) || e.raw(v, 0) == notRaw {
			continue
		}
		at, _ := c.lit.FindNode(ast.Unparen(kv.Value))
		u := use{at: at, v: v, arg: true}
		u.sure, u.copies = e.field(c.as, field)
		if u.copies = u.copies && c.alone; u.sure || u.copies || c.as == nil {
			out = append(out, u)
		}
	}
	return out
}

// field tells what a function does with a field of one of its variables: whether it uses it for sure, and whether a copy would serve.
func (e *contextEscape) field(of, field *types.Var) (sure, copies bool) {
	if of == nil {
		return false, true
	}
	used := false
	copies = true
	for _, c := range e.names.Uses(of) {
		sel, ok := c.Parent().Node().(*ast.SelectorExpr)
		if !ok || e.TypesInfo.Uses[sel.Sel] != field {
			continue
		}
		if u, ok := e.classifyAt(c.Parent(), field, 1); ok {
			used, sure, copies = true, sure || u.sure, copies && u.copies
		}
	}
	return sure, used && copies
}
