package engine

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// routerTypes are gin's types whose values register routes.
var routerTypes = map[string]bool{"Engine": true, "RouterGroup": true, "IRouter": true, "IRoutes": true}

// kin tells which types and functions have to do with routers.
type kin struct {
	pass    *analysis.Pass
	below   map[string]*fn // the functions of imported packages that do
	routers map[types.Type]bool
	tables  map[types.Type]bool
	objects map[types.Object]bool
}

// isRouter tells whether values of a type are routers, or functions of routers, or hold them in a slice or map.
func (k *kin) isRouter(t types.Type) bool { return k.router(t, 0) }

func (k *kin) router(t types.Type, depth int) bool {
	if t == nil || depth > 4 {
		return false
	}
	t = types.Unalias(t)
	switch t := t.(type) { // what most names are of need not be kept
	case *types.Basic, *types.Struct, *types.Interface, *types.TypeParam:
		return false
	case *types.Pointer:
		return k.router(t.Elem(), depth)
	case *types.Named:
		obj := t.Obj()
		if obj.Pkg() != nil && obj.Pkg().Path() == GinPath {
			return routerTypes[obj.Name()]
		}
		if _, ok := t.Underlying().(*types.Signature); !ok {
			return false
		}
	}
	if known, ok := k.routers[t]; ok {
		return known
	}
	k.routers[t] = false
	found := false
	switch t := t.(type) {
	case *types.Named:
		found = k.router(t.Underlying(), depth+1)
	case *types.Slice:
		found = k.router(t.Elem(), depth+1)
	case *types.Array:
		found = k.router(t.Elem(), depth+1)
	case *types.Map:
		found = k.router(t.Elem(), depth+1)
	case *types.Chan:
		found = k.router(t.Elem(), depth+1)
	case *types.Signature:
		found = k.tuple(t.Params(), depth) || k.tuple(t.Results(), depth)
	}
	k.routers[t] = found
	return found
}

func (k *kin) tuple(t *types.Tuple, depth int) bool {
	for v := range t.Variables() {
		if k.router(v.Type(), depth+1) {
			return true
		}
	}
	return false
}

// table tells whether a type is a table of routes: a struct, slice or map with handlers in it.
func (k *kin) table(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Slice:
		return isHandler(u.Elem()) || k.rows(u.Elem())
	case *types.Named:
		if s, ok := u.Underlying().(*types.Slice); ok {
			return isHandler(s.Elem()) || k.rows(s.Elem())
		}
		if m, ok := u.Underlying().(*types.Map); ok {
			return isHandler(m.Elem()) || k.rows(m.Elem())
		}
	case *types.Map:
		return isHandler(u.Elem()) || k.rows(u.Elem())
	}
	return false
}

func (k *kin) rows(t types.Type) (found bool) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	if known, ok := k.tables[t]; ok {
		return known
	}
	k.tables[t] = false // a struct may hold a slice of its own kind
	defer func() { k.tables[t] = found }()
	for f := range s.Fields() {
		if isHandler(f.Type()) || k.table(f.Type()) && !types.Identical(f.Type(), t) {
			return true
		}
	}
	return false
}

// isHandler tells whether a type is gin.HandlerFunc, or what can become one.
func isHandler(t types.Type) bool {
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Params().Len() == 1 && sig.Results().Len() == 0 && isGin(sig.Params().At(0).Type(), "Context")
}

// isGin tells whether a type is one of gin's, or a pointer to it.
func isGin(t types.Type, name string) bool {
	named := namedOf(t)
	return named != nil && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == GinPath
}

func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// typeName is the full name of a named type, or of what a pointer points to; empty for other types.
func typeName(t types.Type) string {
	named := namedOf(t)
	if named == nil {
		return ""
	}
	obj := named.Origin().Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// isHTTPHandler tells whether a type is an interface that has ServeHTTP and nothing else: what is handed over as one can only
// be served.
func isHTTPHandler(t types.Type) bool {
	if t == nil {
		return false
	}
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 1 && i.Method(0).Name() == "ServeHTTP"
}

// concerns tells whether something that a name stands for has itself to do with routers.
func (k *kin) concerns(obj types.Object) bool {
	if v, ok := obj.(*types.Var); ok && v.Pkg() == k.pass.Pkg {
		return k.isRouter(v.Type())
	}
	known, ok := k.objects[obj]
	if !ok {
		known = k.concern(obj)
		k.objects[obj] = known
	}
	return known
}

func (k *kin) concern(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Var:
		if obj.Pkg() != nil && obj.Pkg() != k.pass.Pkg && isPackageVar(obj) && k.below[obj.Pkg().Path()+"."+obj.Name()] != nil {
			return true
		}
		return k.isRouter(obj.Type())
	case *types.Func:
		if obj.Pkg() != k.pass.Pkg && k.below[keyOf(obj)] != nil {
			return true
		}
		sig, _ := obj.Type().(*types.Signature)
		if sig == nil {
			return false
		}
		if obj.Pkg() != nil && obj.Pkg() != k.pass.Pkg && standard(obj.Pkg().Path()) { // http.ListenAndServe, http.Serve
			return servesIt(obj.FullName()) && hands(sig)
		}
		if recv := sig.Recv(); recv != nil && obj.Pkg() != nil && obj.Pkg().Path() == GinPath {
			return k.isRouter(recv.Type())
		}
		return k.isRouter(sig)
	}
	return false
}

// hands tells whether a function takes an http.Handler.
func hands(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if isHTTPHandler(v.Type()) {
			return true
		}
	}
	return false
}

func isPackageVar(v *types.Var) bool {
	return !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// keyOf names a function for good: generic functions by what they are declared as.
func keyOf(f *types.Func) string { return f.Origin().FullName() }

// unit is a function declaration or a package variable with its value.
type unit struct {
	key  string
	obj  types.Object // nil for init functions
	decl *ast.FuncDecl
	at   inspector.Cursor // of decl
	file *ast.File
	// spec and value are of a package variable; names are those that get a value of it, in order.
	spec  *ast.ValueSpec
	value ast.Expr
	names []*ast.Ident

	uses     []types.Object // functions and variables of the package
	relevant bool
	aux      bool // has nothing to do with routers itself, but gives a relevant one what it registers
	called   bool // by another relevant unit
}

// units finds the functions and variables of the package that have to do with routers, in the order of the source.
func (k *kin) units() []*unit {
	var all []*unit
	inits := 0
	for file := range k.inspector().Root().Children() {
		f := file.Node().(*ast.File)
		if strings.HasSuffix(k.pass.Fset.PositionFor(f.FileStart, false).Filename, "_test.go") {
			continue
		}
		for c := range file.Children() {
			switch d := c.Node().(type) {
			case *ast.FuncDecl:
				if d.Body == nil {
					continue
				}
				u := &unit{decl: d, at: c, file: f}
				obj, _ := k.pass.TypesInfo.Defs[d.Name].(*types.Func)
				switch {
				case d.Name.Name == "init" && d.Recv == nil:
					inits++
					u.key = k.pass.Pkg.Path() + ".init#" + strings.Repeat("'", inits)
				case obj != nil:
					u.key, u.obj = keyOf(obj), obj
				default:
					continue
				}
				all = append(all, u)
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					all = append(all, k.variables(d, f)...)
				}
			}
		}
	}
	for _, u := range all {
		k.scan(u)
	}
	return spread(all, k)
}

func (k *kin) variables(d *ast.GenDecl, f *ast.File) []*unit {
	var out []*unit
	for _, s := range d.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok {
			continue
		}
		add := func(value ast.Expr, names ...*ast.Ident) {
			for i, name := range names {
				if obj, _ := k.pass.TypesInfo.Defs[name].(*types.Var); obj != nil && name.Name != "_" {
					u := &unit{key: obj.Pkg().Path() + "." + obj.Name(), obj: obj, file: f, spec: spec, value: value}
					if len(names) > 1 {
						u.names = names[:i+1]
					}
					out = append(out, u)
				}
			}
		}
		switch {
		case len(spec.Values) == len(spec.Names):
			for i, name := range spec.Names {
				add(spec.Values[i], name)
			}
		case len(spec.Values) == 1:
			add(spec.Values[0], spec.Names...)
		default:
			for _, name := range spec.Names {
				add(nil, name)
			}
		}
	}
	return out
}

// scan looks at each name that a unit mentions.
func (k *kin) scan(u *unit) {
	look := func(id *ast.Ident) {
		obj := k.pass.TypesInfo.Uses[id]
		if obj == nil {
			obj = k.pass.TypesInfo.Defs[id]
		}
		switch o := obj.(type) {
		case *types.Func:
			u.relevant = u.relevant || k.concerns(o)
			if o.Pkg() == k.pass.Pkg {
				u.uses = append(u.uses, o.Origin())
			}
		case *types.TypeName:
			u.relevant = u.relevant || o.Name() == "Server" && o.Pkg() != nil && o.Pkg().Path() == "net/http"
		case *types.Var:
			u.relevant = u.relevant || k.concerns(o)
			if o.Pkg() == k.pass.Pkg && isPackageVar(o) {
				u.uses = append(u.uses, o)
			}
		}
	}
	if u.decl != nil {
		if u.obj != nil {
			u.relevant = k.concerns(u.obj) || k.yieldsTable(u.obj)
		}
		for c := range u.at.Preorder((*ast.Ident)(nil)) {
			if id := c.Node().(*ast.Ident); id != u.decl.Name {
				look(id)
			}
		}
		return
	}
	u.relevant = k.concerns(u.obj) || k.table(u.obj.Type())
	if u.value != nil {
		ast.Inspect(u.value, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				look(id)
			}
			return true
		})
	}
}

func (k *kin) yieldsTable(obj types.Object) bool {
	sig, _ := obj.Type().(*types.Signature)
	if sig == nil {
		return false
	}
	for v := range sig.Results().Variables() {
		if k.table(v.Type()) {
			return true
		}
	}
	return false
}

// spread makes relevant what uses something relevant, and takes along what relevant functions ask for strings and lists.
func spread(all []*unit, k *kin) []*unit {
	byObject := map[types.Object]*unit{}
	users := map[types.Object][]*unit{}
	for _, u := range all {
		if u.obj != nil {
			byObject[u.obj] = u
		}
		for _, o := range u.uses {
			users[o] = append(users[o], u)
		}
	}
	var queue []*unit
	for _, u := range all {
		if u.relevant {
			queue = append(queue, u)
		}
	}
	for len(queue) > 0 {
		u := queue[0]
		queue = queue[1:]
		for _, user := range users[u.obj] {
			if !user.relevant && u.obj != nil {
				user.relevant = true
				queue = append(queue, user)
			}
		}
	}
	for _, u := range all {
		if !u.relevant {
			continue
		}
		for _, o := range u.uses {
			if b := byObject[o]; b != nil && b != u && b.relevant {
				b.called = true
			}
		}
	}
	for range 3 { // what these use in turn
		for _, u := range all {
			if !u.relevant && !u.aux {
				continue
			}
			for _, o := range u.uses {
				if b := byObject[o]; b != nil && !b.relevant && !b.aux && k.helps(b) {
					b.aux = true
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(u *unit) bool { return !u.relevant && !u.aux })
}

// helps tells whether a function or variable may hold what is registered: a path, a list, a record of settings.
func (k *kin) helps(u *unit) bool {
	if u.decl == nil {
		return true
	}
	sig, _ := u.obj.Type().(*types.Signature)
	if sig == nil || sig.Results().Len() == 0 || len(u.decl.Body.List) > 60 {
		return false
	}
	if isHandler(sig.Results().At(0).Type()) {
		return false
	}
	t := sig.Results().At(0).Type().Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	switch t := t.(type) {
	case *types.Basic:
		return t.Info()&(types.IsString|types.IsBoolean) != 0
	case *types.Slice, *types.Struct, *types.Map, *types.Signature, *types.Interface:
		return true
	}
	return false
}
