package listen

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

func itoa(i int) string { return strconv.Itoa(i) }

// eval is what is known of an expression; its calls are walked.
func (p *program) eval(x ast.Expr, f *frame, sc *scope) value {
	if p.tired() || p.depth > maxDepth {
		return unknown{}
	}
	p.depth++
	defer func() { p.depth-- }()
	switch x := x.(type) {
	case *ast.BasicLit:
		return basic(x, f.file.place(x.Pos()))
	case *ast.Ident:
		return p.ident(x, f, sc)
	case *ast.ParenExpr:
		return p.eval(x.X, f, sc)
	case *ast.SelectorExpr:
		return p.selector(x, f, sc)
	case *ast.StarExpr:
		v := p.eval(x.X, f, sc)
		if c, ok := v.(*cell); ok {
			return c.get()
		}
		return v
	case *ast.UnaryExpr:
		return p.unary(x, f, sc)
	case *ast.BinaryExpr:
		return p.binary(x, f, sc)
	case *ast.CallExpr:
		return p.callExpr(x, f, sc)
	case *ast.CompositeLit:
		return p.composite(x, p.typeIn(x.Type, f.file, sc), f, sc)
	case *ast.FuncLit:
		return &closure{pkg: f.file.pack, file: f.file, typ: x.Type, body: x.Body, env: sc}
	case *ast.IndexExpr:
		return p.index(x, f, sc)
	case *ast.TypeAssertExpr:
		v := p.eval(x.X, f, sc)
		if isUnknown(v) && x.Type != nil {
			return p.someOf(p.typeIn(x.Type, f.file, sc))
		}
		return v
	case *ast.SliceExpr:
		return p.slice(x, f, sc)
	}
	return unknown{}
}

func basic(x *ast.BasicLit, at Place) value {
	switch x.Kind {
	case token.STRING:
		if s, err := strconv.Unquote(x.Value); err == nil {
			return literal(textKind, s, at)
		}
	case token.INT:
		if n, err := strconv.ParseInt(x.Value, 0, 64); err == nil {
			return literal(intKind, strconv.FormatInt(n, 10), at)
		}
	case token.CHAR:
		if s, err := strconv.Unquote(x.Value); err == nil {
			return literal(textKind, s, at)
		}
	}
	return unknown{}
}

func (p *program) ident(x *ast.Ident, f *frame, sc *scope) value {
	if c := sc.find(x.Name); c != nil {
		return c.get()
	}
	if v, ok := p.member(f.file.pack, x.Name); ok {
		return v
	}
	switch x.Name {
	case "true", "false":
		return literal(boolKind, x.Name, Place{})
	case "nil":
		return noError
	}
	for _, i := range f.file.file.Imports { // a dot import
		if own := p.code.byPath[i.Path]; own != nil && i.Name == "." {
			if v, ok := p.member(own, x.Name); ok {
				return v
			}
		}
	}
	return unknown{}
}

// member is a package-level constant, variable, function or type.
func (p *program) member(pk *pack, name string) (value, bool) {
	pk.load()
	switch {
	case pk.consts[name] != nil:
		c := pk.consts[name]
		if id, ok := c.expr.(*ast.Ident); ok && id.Name == "iota" {
			return literal(intKind, itoa(c.iota), c.file.place(c.expr.Pos())), true
		}
		return p.eval(c.expr, &frame{file: c.file}, nil), true
	case pk.vars[name] != nil:
		return p.global(pk.vars[name]).get(), true
	case pk.funcs[name] != nil:
		return pk.funcs[name], true
	case pk.types[name] != nil:
		return pk.types[name], true
	}
	return nil, false
}

func (p *program) selector(x *ast.SelectorExpr, f *frame, sc *scope) value {
	if id, ok := x.X.(*ast.Ident); ok && sc.find(id.Name) == nil {
		if path, ok := f.file.imports[id.Name]; ok {
			return p.imported(path, x.Sel.Name)
		}
	}
	return p.field(p.eval(x.X, f, sc), x.Sel.Name)
}

// imported is a member of an imported package.
func (p *program) imported(path, name string) value {
	own := p.code.byPath[path]
	if own == nil {
		if v := foreignConstant(path, name); v != nil {
			return v
		}
		return &foreign{path: path, name: name}
	}
	if !own.matters() {
		return unknown{from: &outside{own, name}}
	}
	if v, ok := p.member(own, name); ok {
		return v
	}
	return unknown{}
}

// field is a field or method of a value.
func (p *program) field(v value, name string) value {
	switch v := v.(type) {
	case *object:
		if c := p.fieldCell(v, name); c != nil {
			return c.get()
		}
		if m := p.methodOf(v.typ, name); m != nil {
			return m.bind(v)
		}
		if inner, m := p.promoted(v, name); m != nil {
			return m.bind(inner)
		} else if inner != nil {
			return &foreign{recv: inner, name: name}
		}
		return &foreign{recv: v, name: name}
	case *cell:
		return p.field(v.get(), name)
	case unknown:
		return p.unknownField(v, name)
	case tuple:
		if len(v) > 0 {
			return p.field(v[0], name)
		}
	case scalar: // of a named type of the project, perhaps: its methods need types we do not follow
		return &foreign{recv: v, name: name}
	}
	return &foreign{recv: v, name: name}
}

// unknownField is a field of a value of which at most the type is known. Where the program makes one value of the type,
// that is the one.
func (p *program) unknownField(v unknown, name string) value {
	if v.typ == nil || v.typ.spec == nil {
		return &foreign{recv: v, name: name}
	}
	if o := p.only(v.typ); o != nil {
		return p.field(o, name)
	}
	if m := p.methodOf(v.typ, name); m != nil {
		return m.bind(v)
	}
	if st := structOf(v.typ); st != nil {
		for _, fl := range st.Fields.List {
			for _, n := range fieldNames(fl) {
				if n == name {
					return unknown{typ: p.typeOf(fl.Type, v.typ.file)}
				}
			}
		}
		for _, fl := range st.Fields.List {
			if len(fl.Names) == 0 {
				if t := p.typeOf(fl.Type, v.typ.file); t != nil {
					if t.spec != nil {
						if m := p.methodOf(t, name); m != nil {
							return m.bind(unknown{typ: t})
						}
						continue
					}
					return &foreign{recv: unknown{typ: t}, name: name}
				}
			}
		}
	}
	return &foreign{recv: v, name: name}
}

// only is the one struct of a type that the program was seen to make, nil where there are none or several.
func (p *program) only(t *named) *object {
	if made := p.objects[t.key()]; len(made) == 1 {
		return made[0]
	}
	return nil
}

func (t *named) key() string { return t.path + "." + t.name }

func (c *closure) bind(self value) *closure {
	bound := *c
	bound.self = self
	return &bound
}

// methodOf finds a method declared on a type of the project.
func (p *program) methodOf(t *named, name string) *closure {
	if t == nil || t.pack == nil || t.name == "" {
		return nil
	}
	t.pack.load()
	return t.pack.method[t.name][name]
}

// promoted finds a method that a struct has from what it embeds: the method and its receiver; or, where something foreign
// is embedded, that.
func (p *program) promoted(o *object, name string) (value, *closure) {
	st := structOf(o.typ)
	if st == nil || p.depth > maxDepth || p.tired() {
		return nil, nil
	}
	p.depth++
	defer func() { p.depth-- }()
	var alien value
	for _, fl := range st.Fields.List {
		if len(fl.Names) > 0 {
			continue
		}
		for _, n := range fieldNames(fl) {
			inner := o.fields[n]
			if inner == nil {
				inner = p.fieldCell(o, n)
			}
			switch v := inner.get().(type) {
			case *object:
				if m := p.methodOf(v.typ, name); m != nil {
					return v, m
				}
				if deeper, m := p.promoted(v, name); m != nil {
					return deeper, m
				}
				if v.typ != nil && v.typ.spec == nil {
					alien = v
				}
			case unknown:
				if m := p.methodOf(v.typ, name); m != nil {
					return v, m
				}
				if v.typ != nil && v.typ.spec == nil || v.gin {
					alien = v
				}
			}
		}
	}
	return alien, nil
}

// fieldCell is the storage of a field; nil where the struct has no such field.
func (p *program) fieldCell(o *object, name string) *cell {
	if c := o.fields[name]; c != nil {
		return c
	}
	if o.isMap {
		return nil
	}
	if o.typ == nil || o.typ.spec == nil { // foreign: it has the fields it has
		return nil
	}
	st := structOf(o.typ)
	if st == nil {
		return nil
	}
	for _, fl := range st.Fields.List {
		for _, n := range fieldNames(fl) {
			if n == name {
				c := &cell{v: p.zero(p.typeOf(fl.Type, o.typ.file), Place{})}
				o.fields[name] = c
				if o.loaded {
					p.load(c, fl, o.typ.file)
				}
				return c
			}
		}
	}
	if p.depth > maxDepth || p.tired() {
		return nil
	}
	p.depth++
	defer func() { p.depth-- }()
	for _, fl := range st.Fields.List { // of what it embeds
		if len(fl.Names) > 0 {
			continue
		}
		for _, n := range fieldNames(fl) {
			if inner, ok := p.fieldCell(o, n).get().(*object); ok && inner != o {
				if c := p.fieldCell(inner, name); c != nil {
					return c
				}
			}
		}
	}
	return nil
}

// fieldNames are the names of a field; an embedded one is called like its type.
func fieldNames(fl *ast.Field) []string {
	var names []string
	for _, n := range fl.Names {
		names = append(names, n.Name)
	}
	if len(names) == 0 {
		x := fl.Type
		if s, ok := x.(*ast.StarExpr); ok {
			x = s.X
		}
		if s, ok := x.(*ast.SelectorExpr); ok {
			return []string{s.Sel.Name}
		}
		if n := project.TypeName(x); n != "" {
			return []string{n}
		}
	}
	return names
}

// location is the variable that an expression names, to be assigned to; nil where we keep none.
func (p *program) location(x ast.Expr, f *frame, sc *scope) *cell {
	switch x := x.(type) {
	case *ast.Ident:
		if c := sc.find(x.Name); c != nil {
			return c
		}
		pk := f.file.pack
		pk.load()
		if v := pk.vars[x.Name]; v != nil {
			return p.global(v)
		}
	case *ast.ParenExpr:
		return p.location(x.X, f, sc)
	case *ast.StarExpr:
		switch v := p.eval(x.X, f, sc).(type) {
		case *cell:
			return v
		case *object: // *p = T{...}: the variable that p points to is the struct itself
			return p.location(x.X, f, sc)
		}
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok && sc.find(id.Name) == nil {
			if path, ok := f.file.imports[id.Name]; ok {
				own := p.code.byPath[path]
				if own == nil || !own.matters() {
					return nil
				}
				own.load()
				if v := own.vars[x.Sel.Name]; v != nil {
					return p.global(v)
				}
				return nil
			}
		}
		v := p.eval(x.X, f, sc)
		if u, ok := v.(unknown); ok && u.typ != nil {
			if o := p.only(u.typ); o != nil {
				v = o
			}
		}
		if c, ok := v.(*cell); ok {
			v = c.get()
		}
		if o, ok := v.(*object); ok {
			if c := p.fieldCell(o, x.Sel.Name); c != nil {
				return c
			}
			if inner, _ := p.promoted(o, x.Sel.Name); inner != nil { // a field of something foreign that is embedded
				if alien, ok := inner.(*object); ok {
					o = alien
				}
			}
			if c := o.fields[x.Sel.Name]; c != nil {
				return c
			}
			c := &cell{v: unknown{}}
			o.fields[x.Sel.Name] = c
			return c
		}
	case *ast.IndexExpr:
		if o, ok := p.eval(x.X, f, sc).(*object); ok {
			if key, known := toScalar(p.eval(x.Index, f, sc)).text(); known {
				if o.fields[key] == nil {
					o.fields[key] = &cell{v: unknown{}}
				}
				return o.fields[key]
			}
		}
	}
	return nil
}

func (p *program) unary(x *ast.UnaryExpr, f *frame, sc *scope) value {
	switch x.Op {
	case token.AND:
		if lit, ok := x.X.(*ast.CompositeLit); ok {
			return p.eval(lit, f, sc)
		}
		if c := p.location(x.X, f, sc); c != nil {
			switch c.get().(type) {
			case *object: // structs go by reference
				return c.get()
			}
			return c
		}
		return p.eval(x.X, f, sc)
	case token.NOT:
		s := toScalar(p.eval(x.X, f, sc))
		if text, known := s.text(); known && s.kind == boolKind {
			return derive(boolKind, strconv.FormatBool(text != "true"), s)
		}
	case token.SUB:
		s := toScalar(p.eval(x.X, f, sc))
		if text, known := s.text(); known && s.kind == intKind {
			return derive(intKind, "-"+text, s)
		}
	case token.ARROW:
		p.eval(x.X, f, sc)
	}
	return unknown{}
}

func (p *program) binary(x *ast.BinaryExpr, f *frame, sc *scope) value {
	a := p.eval(x.X, f, sc)
	if x.Op == token.LAND || x.Op == token.LOR {
		return logic(x.Op, toScalar(a), func() scalar { return toScalar(p.eval(x.Y, f, sc)) })
	}
	b := p.eval(x.Y, f, sc)
	switch x.Op {
	case token.ADD:
		return p.add(a, b)
	case token.EQL, token.NEQ:
		return equal(x, a, b)
	case token.SUB, token.MUL, token.QUO, token.REM, token.LSS, token.GTR, token.LEQ, token.GEQ:
		return arithmetic(x.Op, toScalar(a), toScalar(b))
	}
	return unknown{}
}

// logic is && and ||: what decides alone decides also when the other side is unknown.
func logic(op token.Token, a scalar, rest func() scalar) value {
	decides := "false"
	if op == token.LOR {
		decides = "true"
	}
	ta, knownA := a.text()
	if knownA && ta == decides {
		return derive(boolKind, ta, a)
	}
	b := rest()
	tb, knownB := b.text()
	switch {
	case knownB && tb == decides:
		return derive(boolKind, tb, b)
	case knownA && knownB:
		return derive(boolKind, tb, a, b)
	}
	return unknown{}
}

func (p *program) add(a, b value) value {
	x, y := toScalar(a), toScalar(b)
	if x.kind == intKind && y.kind == intKind {
		return arithmetic(token.ADD, x, y)
	}
	s := concat(x, y)
	s.kind = textKind
	return s
}

func arithmetic(op token.Token, a, b scalar) value {
	ta, knownA := a.text()
	tb, knownB := b.text()
	x, errX := strconv.ParseInt(ta, 10, 64)
	y, errY := strconv.ParseInt(tb, 10, 64)
	if !knownA || !knownB || errX != nil || errY != nil || a.kind != intKind || b.kind != intKind {
		return unknown{}
	}
	var n int64
	switch op {
	case token.ADD:
		n = x + y
	case token.SUB:
		n = x - y
	case token.MUL:
		n = x * y
	case token.QUO, token.REM:
		if y == 0 {
			return unknown{}
		}
		if n = x / y; op == token.REM {
			n = x % y
		}
	case token.LSS:
		return derive(boolKind, strconv.FormatBool(x < y), a, b)
	case token.GTR:
		return derive(boolKind, strconv.FormatBool(x > y), a, b)
	case token.LEQ:
		return derive(boolKind, strconv.FormatBool(x <= y), a, b)
	case token.GEQ:
		return derive(boolKind, strconv.FormatBool(x >= y), a, b)
	}
	return derive(intKind, strconv.FormatInt(n, 10), a, b)
}

// equal compares. What may be nil and is not known is taken to be in order: an error is nil, anything else is not.
func equal(x *ast.BinaryExpr, a, b value) value {
	holds := func(same bool, from ...scalar) value {
		return derive(boolKind, strconv.FormatBool(same == (x.Op == token.EQL)), from...)
	}
	if isName(x.Y, "nil") {
		switch v := a.(type) {
		case *object, *closure, *socket, list:
			return holds(false, truth(true))
		case scalar:
			if text, known := v.text(); known && v.kind == errKind {
				return holds(text == "", v)
			}
		}
		if mayBeError(x.X) {
			return holds(true, truth(true))
		}
		return unknown{}
	}
	s, t := toScalar(a), toScalar(b)
	ts, knownS := s.text()
	tt, knownT := t.text()
	if !knownS || !knownT {
		return unknown{}
	}
	return holds(ts == tt, s, t)
}

func mayBeError(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && (strings.Contains(strings.ToLower(id.Name), "err") || id.Name == "e")
}

func (p *program) index(x *ast.IndexExpr, f *frame, sc *scope) value {
	over := p.eval(x.X, f, sc)
	if fn, ok := over.(*closure); ok {
		return fn // an instantiated generic function
	}
	if fn, ok := over.(*foreign); ok {
		if t := p.typeIn(x.Index, f.file, sc); t != nil && fn.recv == nil {
			return &foreign{path: fn.path, name: fn.name, recv: t}
		}
		return fn
	}
	key := toScalar(p.eval(x.Index, f, sc))
	text, known := key.text()
	switch over := over.(type) {
	case *object:
		if c := over.fields[text]; known && c != nil {
			return c.get()
		}
	case list:
		if i, err := strconv.Atoi(text); known && err == nil && i >= 0 && i < len(over) {
			return over[i]
		}
	case *named:
		return over
	}
	return unknown{}
}

func (p *program) slice(x *ast.SliceExpr, f *frame, sc *scope) value {
	v := p.eval(x.X, f, sc)
	if x.Low == nil && x.High == nil {
		return v
	}
	s, ok := v.(scalar)
	text, known := s.text()
	if !ok || !known {
		return unknown{}
	}
	low, high := 0, len(text)
	for i, b := range []ast.Expr{x.Low, x.High} {
		if b == nil {
			continue
		}
		bound, known := toScalar(p.eval(b, f, sc)).text()
		n, err := strconv.Atoi(bound)
		if !known || err != nil {
			return unknown{}
		}
		if i == 0 {
			low = n
		} else {
			high = n
		}
	}
	if low < 0 || high > len(text) || low > high {
		return unknown{}
	}
	return derive(textKind, text[low:high], s)
}

// composite makes a struct, map or slice.
func (p *program) composite(x *ast.CompositeLit, t *named, f *frame, sc *scope) value {
	switch lit := x.Type.(type) {
	case *ast.ArrayType:
		return p.elements(x, p.typeIn(lit.Elt, f.file, sc), f, sc)
	case *ast.MapType:
		return p.mapLiteral(x, p.typeIn(lit.Value, f.file, sc), f, sc)
	}
	if t != nil && t.spec != nil {
		switch lit := t.spec.(type) {
		case *ast.ArrayType:
			return p.elements(x, p.typeOf(lit.Elt, t.file), f, sc)
		case *ast.MapType:
			return p.mapLiteral(x, p.typeOf(lit.Value, t.file), f, sc)
		}
	}
	o := p.newObject(t)
	names := structFieldNames(t)
	for i, e := range x.Elts {
		name, val := "", e
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			id, ok := kv.Key.(*ast.Ident)
			if !ok {
				continue
			}
			name, val = id.Name, kv.Value
		} else if i < len(names) {
			name = names[i]
		}
		var v value
		if lit, ok := val.(*ast.CompositeLit); ok && lit.Type == nil {
			v = p.composite(lit, p.fieldType(t, name), f, sc)
		} else {
			v = p.eval(val, f, sc)
		}
		if name != "" {
			o.fields[name] = &cell{v: v}
		}
		if fn, ok := v.(*closure); ok && (t == nil || t.spec == nil) {
			p.enqueue(fn, early(name))
		}
	}
	p.registerFlag(o)
	return o
}

func structFieldNames(t *named) []string {
	var names []string
	if st := structOf(t); st != nil {
		for _, fl := range st.Fields.List {
			names = append(names, fieldNames(fl)...)
		}
	}
	return names
}

func (p *program) fieldType(t *named, name string) *named {
	if st := structOf(t); st != nil {
		for _, fl := range st.Fields.List {
			for _, n := range fieldNames(fl) {
				if n == name {
					return p.typeOf(fl.Type, t.file)
				}
			}
		}
	}
	return nil
}

func (p *program) elements(x *ast.CompositeLit, t *named, f *frame, sc *scope) value {
	var l list
	for _, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		l = append(l, p.element(e, t, f, sc))
	}
	return l
}

func (p *program) element(e ast.Expr, t *named, f *frame, sc *scope) value {
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		return p.composite(lit, t, f, sc)
	}
	v := p.eval(e, f, sc)
	if fn, ok := v.(*closure); ok && (t == nil || t.spec == nil) {
		p.enqueue(fn, false)
	}
	return v
}

func (p *program) mapLiteral(x *ast.CompositeLit, t *named, f *frame, sc *scope) value {
	o := &object{fields: map[string]*cell{}, isMap: true}
	for _, e := range x.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		v := p.element(kv.Value, t, f, sc)
		if key, known := toScalar(p.eval(kv.Key, f, sc)).text(); known {
			o.fields[key] = &cell{v: v}
		}
	}
	return o
}

func (p *program) newObject(t *named) *object {
	o := &object{typ: t, fields: map[string]*cell{}}
	if t != nil && t.spec != nil && t.name != "" && p.mute == 0 {
		p.objects[t.key()] = append(p.objects[t.key()], o)
	}
	return o
}
