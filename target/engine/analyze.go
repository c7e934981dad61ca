package engine

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

func run(pass *analysis.Pass) (any, error) {
	if pass.Pkg == nil || pass.TypesInfo == nil || known(pass) {
		return &Result{}, nil
	}
	all := &bundle{}
	imports := false
	for _, p := range pass.Pkg.Imports() {
		imports = imports || p.Path() == GinPath || p.Path() == "net/http"
		below := &bundle{}
		if pass.ImportPackageFact(p, below) {
			all.join(below)
		}
	}
	if !imports && len(all.Funcs) == 0 {
		return &Result{}, nil
	}
	all.tidy()
	k := &kin{pass: pass, below: map[string]*fn{}, routers: map[types.Type]bool{},
		tables: map[types.Type]bool{}, objects: map[types.Object]bool{}}
	for _, f := range all.Funcs {
		k.below[f.Key] = f
	}
	units := k.units()
	if own := k.translate(units); len(own.Funcs) > 0 {
		all.join(own)
		all.tidy()
	}
	if len(all.Funcs) > 0 {
		pass.ExportPackageFact(all)
	}
	return &Result{Engines: engines(pass.Pkg, all, units)}, nil
}

// known tells whether what a package does is known to us without its code: gin itself, and the standard library.
func known(pass *analysis.Pass) bool {
	path := pass.Pkg.Path()
	if path == GinPath || strings.HasPrefix(path, GinPath+"/") {
		return true
	}
	module := ""
	if pass.Module != nil {
		module = pass.Module.Path
	}
	return standard(path) && path != "main" && path != "command-line-arguments" && (module == "" || module == "std")
}

// translate puts the functions of the package into our language.
func (k *kin) translate(units []*unit) *bundle {
	out := &bundle{}
	wanted := map[types.Object]bool{}
	for _, u := range units {
		if u.obj != nil {
			wanted[u.obj] = true
		}
	}
	changed := k.changed()
	for _, u := range units {
		t := &translator{kin: k, wanted: wanted, changed: changed}
		f := t.unit(u)
		if f == nil {
			continue
		}
		out.Funcs = append(out.Funcs, f)
		if u.obj == nil {
			out.Inits = append(out.Inits, f.Key)
		}
	}
	out.Methods = k.methods(wanted)
	return out
}

// inspector walks the syntax trees of the package.
func (k *kin) inspector() *inspector.Inspector {
	return k.pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
}

// changed are the package variables that are assigned to, or whose address is taken.
func (k *kin) changed() map[types.Object]bool {
	out := map[types.Object]bool{}
	note := func(e ast.Expr) {
		if id := identOf(e); id != nil {
			if v, ok := k.pass.TypesInfo.Uses[id].(*types.Var); ok && isPackageVar(v) {
				out[v] = true
			}
		}
	}
	for c := range k.inspector().Root().Preorder((*ast.AssignStmt)(nil), (*ast.UnaryExpr)(nil)) {
		switch n := c.Node().(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				note(e)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		}
	}
	return out
}

// methods lists what the types of the package do for methods of interfaces.
func (k *kin) methods(wanted map[types.Object]bool) []method {
	var out []method
	scope := k.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		set := types.NewMethodSet(types.NewPointer(tn.Type()))
		for sel := range set.Methods() {
			f, ok := sel.Obj().(*types.Func)
			if !ok || !wanted[f.Origin()] && (f.Pkg() == k.pass.Pkg || k.below[keyOf(f)] == nil) {
				continue
			}
			x := method{Type: typeName(tn.Type()), Name: f.Name(), Key: keyOf(f), Signature: signature(f)}
			typ := tn.Type()
			for _, i := range sel.Index()[:len(sel.Index())-1] {
				s := structOf(typ)
				if s == nil || i >= s.NumFields() {
					break
				}
				x.Path = append(x.Path, s.Field(i).Name())
				typ = s.Field(i).Type()
			}
			out = append(out, x)
		}
	}
	return out
}

// engines runs the functions of the package that no other of them calls, and gathers what they make.
func engines(pkg *types.Package, b *bundle, units []*unit) []*Engine {
	m := newMachine(pkg.Path(), b)
	var out []*Engine
	seen := map[token.Position]bool{}
	keep := func(name string, last bool) {
		for _, e := range m.engines {
			if !e.MadePos.IsValid() || seen[e.Made] && last {
				continue
			}
			if e.Seen == "" {
				e.Seen = name
			}
			out = append(out, e.Engine)
		}
		for _, e := range m.engines {
			seen[e.Made] = true
		}
	}
	program, _ := pkg.Scope().Lookup("main").(*types.Func)
	main := pkg.Name() == "main" && program != nil
	if main {
		m.seen, m.origin = "main", program.Pos()
		for _, key := range append(slices.Clone(b.Inits), pkg.Path()+".main") {
			if f := m.funcs[key]; f != nil {
				m.start(f)
			}
		}
		keep("main", false)
	}
	for _, again := range []bool{false, true} { // those in rings call each other: any of them will do
		for _, u := range units {
			f := m.funcs[u.key]
			if f == nil || !u.relevant || u.decl == nil && u.called || u.called && !again || m.ran[f] {
				continue
			}
			m.reset()
			m.seen, m.origin = shortName(u), f.pos
			var result *value
			if u.decl == nil {
				result = m.global(f.Key).v
			} else {
				result = m.start(f)
			}
			m.escape(result, f)
			keep(m.seen, main)
		}
	}
	return out
}

func shortName(u *unit) string {
	switch {
	case u.obj != nil:
		return u.obj.Name()
	case u.decl != nil:
		return u.decl.Name.Name
	}
	return ""
}

// escape notes which engines whoever calls a function of this package can go on with.
func (m *machine) escape(result *value, f *fn) {
	at := &node{At: f.At}
	short := f.Key[strings.LastIndexByte(f.Key, '.')+1:]
	m.lose(result, f, at, "the callers of "+short)
	for _, v := range m.roots {
		m.lose(v, f, at, "the callers of "+short)
	}
	keys := make([]string, 0, len(m.globals))
	for key := range m.globals {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		m.lose(m.globals[key].v, f, at, "whoever uses "+key[strings.LastIndexByte(key, '/')+1:])
	}
}
