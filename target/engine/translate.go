package engine

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// maxNodes is how much code one function may have before we pass over it.
const maxNodes = 60_000

// translator puts one function into our language.
type translator struct {
	*kin
	wanted   map[types.Object]bool // functions and variables of the package that are put into our language
	changed  map[types.Object]bool // package variables that are assigned to somewhere
	key      string
	file     string
	slots    map[types.Object]int
	assigned []map[int]bool // slots assigned to, for each loop around
	nodes    int
}

// unit translates a function or the value of a variable; nil where it is too big.
func (t *translator) unit(u *unit) *fn {
	t.key, t.slots = u.key, map[types.Object]int{}
	t.file = t.pass.Fset.PositionFor(u.file.FileStart, false).Filename
	f := &fn{Key: u.key, Pkg: t.pass.Pkg.Path(), File: t.file}
	if u.decl != nil {
		f.At, f.pos = t.place(u.decl.Name.Pos()), u.decl.Name.Pos()
		if u.decl.Recv != nil {
			f.Method = true
			t.params(f, u.decl.Recv)
		}
		sig, _ := typeOf(u.obj).(*types.Signature)
		t.function(f, u.decl.Type, u.decl.Body, sig)
	} else {
		f.At, f.pos = t.place(u.spec.Pos()), u.spec.Pos()
		f.Body = []*node{t.variable(u)}
	}
	if t.nodes > maxNodes {
		return nil
	}
	return f
}

func typeOf(obj types.Object) types.Type {
	if obj == nil {
		return nil
	}
	return obj.Type()
}

// variable is the initial value of a package variable.
func (t *translator) variable(u *unit) *node {
	v := t.zero(u.obj.Type())
	if u.value != nil {
		v = t.expr(u.value)
	}
	if u.names != nil {
		v = &node{Op: xIndex, Kids: []*node{v, {Op: xConst, Str: strconv.Itoa(len(u.names) - 1)}}}
	}
	out := &node{Op: sReturn, Kids: []*node{v}, At: t.place(u.spec.Pos())}
	if t.changed[u.obj] {
		out.Flag |= fAssigned
	}
	return out
}

func (t *translator) function(f *fn, typ *ast.FuncType, body *ast.BlockStmt, sig *types.Signature) {
	if typ.Params != nil {
		t.params(f, typ.Params)
	}
	if typ.Results != nil {
		for _, field := range typ.Results.List {
			for _, name := range field.Names {
				f.Results = append(f.Results, t.slot(t.pass.TypesInfo.Defs[name]))
			}
		}
	}
	if sig != nil {
		f.Variadic = sig.Variadic()
		f.Handler = sig.Results().Len() == 1 && isHandler(sig.Results().At(0).Type())
	}
	f.Body = t.block(body.List)
}

func (t *translator) params(f *fn, list *ast.FieldList) {
	for _, field := range list.List {
		typ := ""
		if pt := t.pass.TypesInfo.TypeOf(field.Type); t.isObject(pt) {
			typ = typeName(pt)
		}
		if len(field.Names) == 0 {
			f.Params, f.Types = append(f.Params, 0), append(f.Types, typ)
		}
		for _, name := range field.Names {
			f.Params, f.Types = append(f.Params, t.slot(t.pass.TypesInfo.Defs[name])), append(f.Types, typ)
		}
	}
}

// slot numbers a local variable; 0 is the variable that nobody reads.
func (t *translator) slot(obj types.Object) int {
	if obj == nil || obj.Name() == "_" {
		return 0
	}
	if t.slots[obj] == 0 {
		t.slots[obj] = len(t.slots) + 1
	}
	return t.slots[obj]
}

func (t *translator) place(pos token.Pos) place {
	if !pos.IsValid() {
		return place{}
	}
	p := t.pass.Fset.PositionFor(pos, false)
	return place{Line: p.Line, Col: p.Column, Off: p.Offset}
}

// at makes a node for a piece of syntax.
func (t *translator) at(n ast.Node, o op, kids ...*node) *node {
	t.nodes++
	return &node{Op: o, Kids: kids, At: t.place(n.Pos()), End: t.place(n.End()), pos: n.Pos()}
}

// isObject tells whether a type is a struct of the program, or a pointer to one, that we follow field by field.
func (t *translator) isObject(typ types.Type) bool {
	if typ == nil || isGin(typ, "Engine") || isGin(typ, "RouterGroup") || isGin(typ, "Context") {
		return false
	}
	u := typ.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	_, ok := u.(*types.Struct)
	return ok
}

func (t *translator) zero(typ types.Type) *node {
	t.nodes++
	if t.isObject(typ) {
		if _, pointer := typ.Underlying().(*types.Pointer); !pointer {
			return &node{Op: xStruct, Type: typeName(typ)}
		}
	}
	if typ != nil {
		switch u := typ.Underlying().(type) {
		case *types.Basic:
			if u.Info()&types.IsString != 0 {
				return &node{Op: xConst, Flag: fString}
			}
			if u.Info()&types.IsBoolean != 0 {
				return &node{Op: xConst, Str: "false"}
			}
		case *types.Slice:
			return &node{Op: xList}
		case *types.Pointer, *types.Interface, *types.Signature:
			return &node{Op: xConst, Str: "nil", Flag: fNil}
		}
	}
	return &node{Op: xUnknown}
}

// Expressions.

func (t *translator) exprs(list []ast.Expr) []*node {
	out := make([]*node, 0, len(list))
	for _, e := range list {
		out = append(out, t.expr(e))
	}
	return out
}

func (t *translator) expr(e ast.Expr) *node {
	if e == nil || t.nodes > maxNodes {
		return &node{Op: xUnknown}
	}
	info := t.pass.TypesInfo
	tv := info.Types[e]
	if tv.Value != nil {
		n := t.at(e, xConst)
		n.Src = written(e)
		if n.Str = tv.Value.ExactString(); tv.Value.Kind() == constant.String {
			n.Str, n.Flag = constant.StringVal(tv.Value), fString
		}
		return n
	}
	n := t.untyped(e)
	if n.Src == "" && len(n.Kids) < 64 {
		n.Src = written(e)
	}
	if typ := info.TypeOf(e); typ != nil && n.Type == "" {
		if t.isObject(typ) {
			n.Type = typeName(typ)
			n.Flag |= fObject
		}
		if isHandler(typ) {
			n.Flag |= fHandler
		}
		if n.Op == xCall {
			t.yields(n, typ)
		}
	}
	return n
}

// yields notes what a call gives.
func (t *translator) yields(n *node, typ types.Type) {
	if tuple, ok := typ.(*types.Tuple); ok {
		if tuple.Len() == 0 {
			return
		}
		typ = tuple.At(0).Type()
	}
	if isGin(typ, "Engine") {
		n.Flag |= fEngine
	}
	if isHTTPHandler(typ) || typeName(typ) == "net/http.Server" || typeName(typ) == "net/http/httptest.Server" {
		n.Flag |= fServes
	}
}

func (t *translator) untyped(e ast.Expr) *node {
	info := t.pass.TypesInfo
	switch e := e.(type) {
	case *ast.ParenExpr:
		return t.expr(e.X)
	case *ast.StarExpr:
		return t.at(e, xSame, t.expr(e.X))
	case *ast.TypeAssertExpr:
		return t.at(e, xSame, t.expr(e.X))
	case *ast.UnaryExpr:
		switch e.Op {
		case token.AND:
			return t.at(e, xSame, t.expr(e.X))
		case token.NOT:
			return t.at(e, xNot, t.expr(e.X))
		}
		return t.unknown(e, e.X)
	case *ast.BinaryExpr:
		n := t.at(e, xBinary, t.expr(e.X), t.expr(e.Y))
		n.Str = e.Op.String()
		return n
	case *ast.Ident:
		return t.name(e, info.ObjectOf(e))
	case *ast.SelectorExpr:
		return t.selector(e)
	case *ast.IndexExpr:
		if tv, ok := info.Types[e.Index]; ok && tv.IsType() {
			return t.expr(e.X) // a generic function
		}
		return t.at(e, xIndex, t.expr(e.X), t.expr(e.Index))
	case *ast.IndexListExpr:
		return t.expr(e.X)
	case *ast.SliceExpr:
		if e.Low == nil && e.High == nil {
			return t.expr(e.X)
		}
		return t.unknown(e, e.X)
	case *ast.FuncLit:
		return t.literal(e)
	case *ast.CompositeLit:
		return t.composite(e)
	case *ast.CallExpr:
		return t.call(e)
	}
	return t.at(e, xUnknown)
}

// unknown is a value that we do not know, made of others that may be calls.
func (t *translator) unknown(e ast.Expr, of ...ast.Expr) *node {
	n := t.at(e, xUnknown)
	for _, x := range of {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			x = kv.Value
		}
		n.Kids = append(n.Kids, t.expr(x))
	}
	return n
}

func (t *translator) name(e ast.Expr, obj types.Object) *node {
	switch obj := obj.(type) {
	case *types.Nil:
		n := t.at(e, xConst)
		n.Str, n.Flag = "nil", fNil
		return n
	case *types.Func:
		n := t.at(e, xFunc)
		n.Str = keyOf(obj)
		return n
	case *types.Var:
		if isPackageVar(obj) {
			n := t.at(e, xGlobal)
			n.Str = obj.Pkg().Path() + "." + obj.Name()
			return n
		}
		if !obj.IsField() {
			n := t.at(e, xLocal)
			n.N = t.slot(obj)
			return n
		}
	}
	return t.at(e, xUnknown)
}

func (t *translator) selector(e *ast.SelectorExpr) *node {
	sel := t.pass.TypesInfo.Selections[e]
	if sel == nil {
		if obj := t.pass.TypesInfo.Uses[e.Sel]; obj != nil {
			return t.name(e, obj)
		}
		return t.loose(e)
	}
	if sel.Kind() == types.MethodExpr {
		n := t.at(e, xExpr)
		if f, ok := sel.Obj().(*types.Func); ok {
			n.Str = keyOf(f)
			if ginMethod(f) {
				n.Names = []string{f.Name()}
			}
		}
		return n
	}
	base, typ := t.expr(e.X), sel.Recv()
	index := sel.Index()
	for i, at := range index {
		if i == len(index)-1 && sel.Kind() == types.MethodVal {
			break
		}
		s := structOf(typ)
		if s == nil || at >= s.NumFields() {
			return t.unknown(e, e.X)
		}
		field := s.Field(at)
		n := t.at(e, xField, base)
		n.Str, typ = field.Name(), field.Type()
		if t.isObject(typ) {
			n.Type = typeName(typ)
			n.Flag |= fObject
		}
		base = n
	}
	if sel.Kind() == types.FieldVal {
		return base
	}
	f, ok := sel.Obj().(*types.Func)
	if !ok {
		return t.unknown(e, e.X)
	}
	if ginMethod(f) {
		n := t.at(e, xGin, base)
		n.Str = f.Name()
		return n
	}
	if types.IsInterface(typ) {
		n := t.at(e, xIMethod, base)
		n.Str, n.Names = f.Name(), []string{signature(f), f.FullName()}
		return n
	}
	n := t.at(e, xBound, base)
	n.Str = keyOf(f)
	return n
}

// loose is a field, or a method, of a value whose type is not known.
func (t *translator) loose(e *ast.SelectorExpr) *node {
	if id, ok := e.X.(*ast.Ident); ok {
		if _, ok := t.pass.TypesInfo.Uses[id].(*types.PkgName); ok {
			return t.at(e, xUnknown)
		}
	}
	n := t.at(e, xField, t.expr(e.X))
	n.Str = e.Sel.Name
	if base := n.Kids[0]; base.Op == xLocal || base.Op == xGlobal || base.Op == xField {
		base.Flag |= fObject
	}
	return n
}

func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	s, _ := u.(*types.Struct)
	return s
}

// ginMethod tells whether a function is a method of gin's routers.
func ginMethod(f *types.Func) bool {
	sig, _ := f.Type().(*types.Signature)
	if sig == nil || sig.Recv() == nil || f.Pkg() == nil || f.Pkg().Path() != GinPath {
		return false
	}
	named := namedOf(sig.Recv().Type())
	return named != nil && routerTypes[named.Obj().Name()]
}

// signature writes down what a method takes and gives, the same in every package.
func signature(f *types.Func) string {
	sig, ok := f.Type().(*types.Signature)
	if !ok {
		return ""
	}
	var b strings.Builder
	for v := range sig.Params().Variables() {
		b.WriteString(types.TypeString(v.Type(), nil) + ",")
	}
	b.WriteString(")")
	for v := range sig.Results().Variables() {
		b.WriteString(types.TypeString(v.Type(), nil) + ",")
	}
	return b.String()
}

func (t *translator) literal(e *ast.FuncLit) *node {
	n := t.at(e, xLiteral)
	sig, _ := t.pass.TypesInfo.TypeOf(e).(*types.Signature)
	if sig != nil && isHandler(sig) {
		return n
	}
	f := &fn{Key: t.key, Pkg: t.pass.Pkg.Path(), File: t.file, At: n.At}
	loops := t.assigned
	t.assigned = nil
	t.function(f, e.Type, e.Body, sig)
	t.assigned = loops
	n.Fn = f
	return n
}

func (t *translator) composite(e *ast.CompositeLit) *node {
	typ := t.pass.TypesInfo.TypeOf(e)
	if typ == nil || typ == types.Typ[types.Invalid] {
		return t.guessed(e)
	}
	u := typ.Underlying()
	if p, ok := u.(*types.Pointer); ok { // an element of []*T
		u = p.Elem().Underlying()
	}
	switch u := u.(type) {
	case *types.Struct:
		n := t.at(e, xStruct)
		n.Type = typeName(typ)
		for i, elt := range e.Elts {
			name, value := "", elt
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok {
					name = id.Name
				}
				value = kv.Value
			} else if i < u.NumFields() {
				name = u.Field(i).Name()
			}
			n.Names = append(n.Names, name)
			n.Kids = append(n.Kids, t.expr(value))
		}
		return n
	case *types.Slice, *types.Array:
		n := t.at(e, xList)
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			n.Kids = append(n.Kids, t.expr(elt))
		}
		return n
	case *types.Map:
		n := t.at(e, xMap)
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				n.Kids = append(n.Kids, t.expr(kv.Key), t.expr(kv.Value))
			}
		}
		return n
	}
	return t.at(e, xUnknown)
}

// guessed is a composite literal of a type that is not known: a struct, if its keys look like fields.
func (t *translator) guessed(e *ast.CompositeLit) *node {
	n := t.at(e, xStruct)
	for _, elt := range e.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			return t.unknown(e, e.Elts...)
		}
		id, ok := kv.Key.(*ast.Ident)
		if !ok {
			return t.unknown(e)
		}
		n.Names = append(n.Names, id.Name)
		n.Kids = append(n.Kids, t.expr(kv.Value))
	}
	return n
}

func (t *translator) call(e *ast.CallExpr) *node {
	info := t.pass.TypesInfo
	if tv, ok := info.Types[e.Fun]; ok && tv.IsType() {
		return t.at(e, xSame, t.exprs(e.Args)...)
	}
	if b, ok := info.Uses[identOf(e.Fun)].(*types.Builtin); ok {
		return t.builtin(e, b.Name())
	}
	n := t.at(e, xCall, append([]*node{t.expr(e.Fun)}, t.exprs(e.Args)...)...)
	if e.Ellipsis.IsValid() {
		n.Flag |= fSpread
	}
	sig, _ := info.TypeOf(e.Fun).(*types.Signature)
	if sig == nil {
		if typ := info.TypeOf(e.Fun); typ != nil {
			sig, _ = typ.Underlying().(*types.Signature)
		}
	}
	if sig != nil {
		for i := range min(len(e.Args), sig.Params().Len(), 60) {
			if isHTTPHandler(sig.Params().At(i).Type()) {
				n.N |= 1 << i
			}
		}
	}
	if f := calledFunc(info, e); f != nil && f.Pkg() != nil {
		switch {
		case t.own(f.Pkg()):
			n.Flag |= fOwn
		case standard(f.Pkg().Path()):
			n.Flag |= fStd
		}
	}
	return n
}

// own tells whether a package belongs to the module under analysis, so that we know what its functions do.
func (t *translator) own(p *types.Package) bool {
	if p == t.pass.Pkg {
		return true
	}
	return t.pass.Module != nil && t.pass.Module.Path != "" && (p.Path() == t.pass.Module.Path || strings.HasPrefix(p.Path(), t.pass.Module.Path+"/"))
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func calledFunc(info *types.Info, e *ast.CallExpr) *types.Func {
	id := identOf(e.Fun)
	if id == nil {
		return nil
	}
	f, _ := info.Uses[id].(*types.Func)
	return f
}

func identOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return identOf(e.X)
	case *ast.IndexListExpr:
		return identOf(e.X)
	}
	return nil
}

func (t *translator) builtin(e *ast.CallExpr, name string) *node {
	switch name {
	case "new":
		if len(e.Args) == 1 {
			return t.zero(t.pass.TypesInfo.TypeOf(e.Args[0]))
		}
	case "make":
		typ := t.pass.TypesInfo.TypeOf(e)
		if typ == nil {
			break
		}
		switch typ.Underlying().(type) {
		case *types.Map:
			return t.at(e, xMap)
		case *types.Slice:
			if len(e.Args) > 1 {
				if v := t.pass.TypesInfo.Types[e.Args[1]].Value; v != nil && v.ExactString() == "0" {
					return t.at(e, xList)
				}
			}
		}
	}
	n := t.at(e, xBuiltin, t.exprs(e.Args)...)
	n.Str = name
	if e.Ellipsis.IsValid() {
		n.Flag |= fSpread
	}
	return n
}

// written is an expression as written, on one line.
func written(e ast.Expr) string {
	if lit, ok := e.(*ast.FuncLit); ok {
		return types.ExprString(lit.Type) + " {…}"
	}
	s := types.ExprString(e)
	if r := []rune(s); len(r) > 80 {
		s = string(r[:79]) + "…"
	}
	return s
}
