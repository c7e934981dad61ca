package listen

import (
	"go/ast"
	"maps"
	"slices"
)

// callExpr walks a call and gives what is known of its result.
func (p *program) callExpr(x *ast.CallExpr, f *frame, sc *scope) value {
	switch fun := ast.Unparen(x.Fun).(type) {
	case *ast.Ident:
		if sc.find(fun.Name) == nil {
			if v, ok := p.builtin(fun.Name, x, f, sc); ok {
				return v
			}
		}
	case *ast.ArrayType, *ast.MapType, *ast.InterfaceType, *ast.FuncType, *ast.ChanType: // a conversion
		if len(x.Args) == 1 {
			return p.eval(x.Args[0], f, sc)
		}
	}
	callee := p.eval(x.Fun, f, sc)
	args := p.arguments(x, f, sc)
	c := &call{program: p, expr: x, frame: f, scope: sc, args: args}
	switch fn := callee.(type) {
	case *closure:
		v := p.call(fn, args)
		if isUnknown(v) || v == nil {
			v = p.resultOf(fn, v)
		}
		return v
	case *named: // a conversion
		return c.arg(0)
	case *foreign:
		return p.foreignCall(fn, c)
	case unknown:
		p.handOver(args, "")
		return unknown{gin: carriesGin(args), from: fn.from}
	}
	p.handOver(args, "")
	return unknown{gin: carriesGin(args)}
}

// call is one call of something foreign, with its arguments.
type call struct {
	*program
	expr  *ast.CallExpr
	frame *frame
	scope *scope
	args  []value
}

func (c *call) place() Place { return c.frame.file.place(c.expr.Pos()) }

// arg is the i-th argument; unknown where there is none.
func (c *call) arg(i int) value {
	if i < len(c.args) {
		return c.args[i]
	}
	return unknown{}
}

// text is an argument as a string that is known.
func (c *call) text(i int) (string, bool) { return toScalar(c.arg(i)).text() }

func (p *program) arguments(x *ast.CallExpr, f *frame, sc *scope) []value {
	var args []value
	for i, a := range x.Args {
		v := p.eval(a, f, sc)
		if l, ok := v.(list); ok && x.Ellipsis.IsValid() && i == len(x.Args)-1 {
			args = append(args, l...)
			continue
		}
		args = append(args, v)
	}
	if len(args) == 1 {
		if t, ok := args[0].(tuple); ok {
			args = t
		}
	}
	return args
}

// builtin is a call of a predeclared function or type.
func (p *program) builtin(name string, x *ast.CallExpr, f *frame, sc *scope) (value, bool) {
	if _, own := p.member(f.file.pack, name); own {
		return nil, false
	}
	switch name {
	case "string", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "any":
		if len(x.Args) != 1 {
			return unknown{}, true
		}
		return p.eval(x.Args[0], f, sc), true
	case "new":
		if len(x.Args) != 1 {
			return unknown{}, true
		}
		v := p.zero(p.typeIn(x.Args[0], f.file, sc), f.file.place(x.Pos()))
		if s, ok := v.(scalar); ok {
			return &cell{v: s}, true
		}
		return v, true
	case "len":
		s := toScalar(p.evalFirst(x, f, sc))
		if text, known := s.text(); known && s.kind == textKind {
			return derive(intKind, itoa(len(text)), s), true
		}
		return unknown{}, true
	case "append":
		args := p.arguments(x, f, sc)
		if len(args) > 0 {
			if l, ok := args[0].(list); ok {
				return append(slices.Clone(l), args[1:]...), true
			}
			return list(args[1:]), true
		}
		return unknown{}, true
	case "make":
		if len(x.Args) > 0 {
			if _, ok := x.Args[0].(*ast.MapType); ok {
				return &object{fields: map[string]*cell{}, isMap: true}, true
			}
		}
		return unknown{}, true
	case "panic", "print", "println", "close", "copy", "delete", "cap", "recover", "clear", "min", "max":
		p.arguments(x, f, sc)
		return unknown{}, true
	}
	return nil, false
}

func (p *program) evalFirst(x *ast.CallExpr, f *frame, sc *scope) value {
	if len(x.Args) == 0 {
		return unknown{}
	}
	return p.eval(x.Args[0], f, sc)
}

// resultOf is a value of the declared result type, for a function whose result could not be followed.
func (p *program) resultOf(fn *closure, v value) value {
	if u, ok := v.(unknown); ok && (u.typ != nil || u.gin) {
		return v
	}
	if fn.typ.Results == nil || len(fn.typ.Results.List) == 0 {
		return unknown{}
	}
	return p.someOf(p.typeOf(fn.typ.Results.List[0].Type, fn.file))
}

// call walks a function of the project. Without arguments, those it has are unknown.
func (p *program) call(fn *closure, args []value) value {
	if fn.body == nil || p.tired() || p.depth > maxDepth || p.running(fn.body) > 1 {
		return unknown{}
	}
	p.depth++
	p.stack = append(p.stack, fn.body)
	path := p.path
	defer func() {
		p.depth--
		p.stack = p.stack[:len(p.stack)-1]
		p.path = path
	}()
	f := &frame{file: fn.file, typ: fn.typ}
	sc := &scope{outer: fn.env}
	if fn.recv != nil && len(fn.recv.List) == 1 {
		for _, n := range fn.recv.List[0].Names {
			sc.define(n.Name, p.receiver(fn))
		}
	}
	p.bind(fn, args, sc)
	p.results(fn, f, sc)
	p.block(fn.body.List, f, &scope{outer: sc})
	if len(f.returns) == 0 {
		return unknown{}
	}
	v := f.returns[0]
	for _, w := range f.returns[1:] {
		v = join(v, w)
	}
	return v
}

func (p *program) running(body *ast.BlockStmt) int {
	n := 0
	for _, b := range p.stack {
		if b == body {
			n++
		}
	}
	return n
}

func (p *program) receiver(fn *closure) value {
	if u, ok := fn.self.(unknown); ok && u.typ != nil {
		if o := p.only(u.typ); o != nil {
			return o
		}
	}
	if fn.self == nil {
		return p.someOf(p.typeOf(fn.recv.List[0].Type, fn.file))
	}
	return fn.self
}

func (p *program) bind(fn *closure, args []value, sc *scope) {
	i := 0
	for _, fl := range fn.typ.Params.List {
		_, rest := fl.Type.(*ast.Ellipsis)
		for _, n := range fl.Names {
			switch {
			case rest && args != nil:
				sc.define(n.Name, list(args[min(i, len(args)):]))
			case i < len(args):
				sc.define(n.Name, p.asType(args[i], fl.Type, fn.file))
			default:
				sc.define(n.Name, p.injected(p.typeOf(fl.Type, fn.file)))
			}
			i++
		}
		if len(fl.Names) == 0 {
			i++
		}
	}
}

// injected is what foreign code would hand to a function of the project for a parameter of that type: the one value of it
// that the program made, else something unknown.
func (p *program) injected(t *named) value {
	if t != nil && t.spec != nil {
		if o := p.only(t); o != nil {
			return o
		}
	}
	return p.someOf(t)
}

func (p *program) results(fn *closure, f *frame, sc *scope) {
	if fn.typ.Results == nil {
		return
	}
	for _, fl := range fn.typ.Results.List {
		for _, n := range fl.Names {
			sc.define(n.Name, p.zero(p.typeOf(fl.Type, fn.file), fn.file.place(fl.Pos())))
			if c := sc.vars[n.Name]; c != nil {
				f.results = append(f.results, c)
			} else {
				f.results = append(f.results, &cell{v: unknown{}})
			}
		}
	}
}

// handOver notes the functions that foreign code gets to call.
func (p *program) handOver(args []value, by string) {
	for _, a := range args {
		switch a := a.(type) {
		case *closure:
			p.enqueue(a, early(by))
		case list:
			p.handOver(a, by)
		case *socket:
			p.serveOn(a, false)
		}
	}
}

func carriesGin(args []value) bool {
	return slices.ContainsFunc(args, isGin)
}

// isGin tells whether a handler is, or wraps, a gin engine.
func isGin(v value) bool {
	switch v := v.(type) {
	case unknown:
		return v.gin || isEngine(v.typ) || v.from != nil && v.from.makesEngine()
	case *object:
		if isEngine(v.typ) {
			return true
		}
		if v.typ != nil && v.typ.spec != nil { // a struct of the project that embeds or holds one
			for _, c := range v.fields {
				if u, ok := c.v.(unknown); ok && u.gin {
					return true
				}
			}
		}
	case *cell:
		return isGin(v.v)
	case tuple:
		return len(v) > 0 && isGin(v[0])
	}
	return false
}

// makesEngine tells by its declared result whether the function gives a gin engine: one by name, or a handler in a package
// that uses gin.
func (o *outside) makesEngine() bool {
	o.pack.load()
	f := o.pack.funcs[o.name]
	if f == nil || f.typ.Results == nil || len(f.typ.Results.List) == 0 {
		return false
	}
	x := f.typ.Results.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	switch f.file.imports[id.Name] {
	case ginPath:
		return sel.Sel.Name == "Engine"
	case httpPath:
		return sel.Sel.Name == "Handler" && slices.Contains(slices.Collect(maps.Values(f.file.imports)), ginPath)
	}
	return false
}
