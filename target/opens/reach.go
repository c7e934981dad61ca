package opens

import (
	"bytes"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/target/project"
)

// Program lists what a program opens, and when: calls are followed from its main function, its init functions and the values of
// its package variables, through the packages of its module. What nobody comes to has the time Unknown.
//
// A method is taken to be called where a method of its name is; where several types have one of that name, all of them may be.
func Program(main *project.BuildPackage) []Open {
	return program(main, func(*reach, opening) bool { return true })
}

// Named is what Program lists without that of which the code says no name. It is far quicker where there is no other.
func Named(main *project.BuildPackage) []Open {
	all := program(main, func(r *reach, o opening) bool { return len(o.Names) > 0 || o.asks && r.maybeGiven(o) })
	return slices.DeleteFunc(all, func(o Open) bool { return len(o.Names) == 0 })
}

// program lists those opens of a program that are wanted by what their declarations show.
func program(main *project.BuildPackage, wanted func(*reach, opening) bool) []Open {
	r := newReach(main)
	var out []opening
	holders := map[*project.BuildPackage]bool{}
	for _, p := range r.packages {
		if found := r.texts[p.ImportPath].opens(); len(found) > 0 {
			out, holders[p] = append(out, found...), true
		}
	}
	r.leading = leadingTo(r.packages, holders)
	if out = slices.DeleteFunc(out, func(o opening) bool { return !wanted(r, o) }); len(out) == 0 {
		return nil
	}
	r.index(out)
	r.walk(main)
	opens := make([]Open, len(out))
	for i, found := range out {
		o := found.Open
		if f := r.holder(o); f != nil {
			if o.Lacking {
				f.fill(&o)
			}
			o.When = f.when(o)
		}
		opens[i] = o
	}
	Sort(opens)
	return opens
}

// holder is the function that holds an Open.
func (r *reach) holder(o Open) *function {
	name := o.Func
	if name == "init" {
		name += " " + o.File
	}
	return r.funcs[funcKey{path.Dir(o.File), name}]
}

// fill looks at an Open again with what all calls of its function give for the parameters.
func (f *function) fill(o *Open) {
	given := f.given()
	if len(given) == 0 {
		return
	}
	for _, again := range f.texts.opensOf(f.file, f.syntax, f.decl, given) {
		if again.At == o.At && again.Call == o.Call {
			o.Names, o.Lacking = again.Names, again.Lacking
		}
	}
}

// reachable lists the packages of its module that a program is built from.
func reachable(main *project.BuildPackage) []*project.BuildPackage {
	seen := map[*project.BuildPackage]bool{main: true}
	out := []*project.BuildPackage{main}
	for i := 0; i < len(out); i++ {
		for _, u := range out[i].Uses {
			if u.To != nil && !seen[u.To] {
				seen[u.To] = true
				out = append(out, u.To)
			}
		}
	}
	return out
}

// leadingTo keeps those packages from which one of the wanted ones can be reached: only their code says when it is.
func leadingTo(packages []*project.BuildPackage, wanted map[*project.BuildPackage]bool) []*project.BuildPackage {
	lead := map[*project.BuildPackage]bool{}
	for p := range wanted {
		lead[p] = true
	}
	for changed := true; changed; {
		changed = false
		for _, p := range packages {
			if !lead[p] && slices.ContainsFunc(p.Uses, func(u project.PackageImport) bool { return u.To != nil && lead[u.To] }) {
				lead[p], changed = true, true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(packages), func(p *project.BuildPackage) bool { return !lead[p] })
}

type funcKey struct{ dir, name string }

// function is one function of the program, and how surely it is called.
type function struct {
	pkg     *project.BuildPackage
	file    *project.GoFile
	syntax  *project.Syntax
	decl    *ast.FuncDecl
	handler bool
	called  When // Unknown, Perhaps, AtStart or PerRequest
	texts   *pkg
	holds   bool // an Open
	params  map[string]*param
	spans   []span
}

// param is what the calls of a function give for one of its parameters; known as long as it is one text.
type param struct {
	text  string
	known bool
}

// span is a part of a function that does not always run, or runs per request.
type span struct {
	from, to project.Position
	when     When
}

func (f *function) when(o Open) When {
	when := f.called
	for _, s := range f.spans {
		if !before(o.At, s.from) && before(o.At, s.to) {
			when = combine(when, s.when)
		}
	}
	return when
}

func before(a, b project.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

// combine is the time of what happens within something else.
func combine(outer, inner When) When {
	switch {
	case outer == Unknown:
		return Unknown
	case inner == PerRequest && outer == AtStart:
		return PerRequest
	case inner == PerRequest || inner == Perhaps || outer == Perhaps:
		return Perhaps
	}
	return max(outer, inner)
}

// reach is one program, and who calls whom in it.
type reach struct {
	packages []*project.BuildPackage
	leading  []*project.BuildPackage          // those from which one is reached that opens something
	pkgs     map[string]*project.BuildPackage // by import path
	texts    map[string]*pkg                  // by import path
	imports  map[*project.GoFile]map[string]string
	words    func() []*wordFile // of the leading packages
	given    map[funcKey]bool   // of functions: whether a call may give them a text
	files    []parsedFile       // that may lead to an Open
	funcs    map[funcKey]*function
	methods  map[string][]*function
	queue    []*function
}

// parsedFile is one file of the program.
type parsedFile struct {
	pkg    *project.BuildPackage
	file   *project.GoFile
	syntax *project.Syntax
}

func newReach(main *project.BuildPackage) *reach {
	r := &reach{packages: reachable(main), pkgs: map[string]*project.BuildPackage{}, texts: map[string]*pkg{},
		imports: map[*project.GoFile]map[string]string{}, given: map[funcKey]bool{}, funcs: map[funcKey]*function{}, methods: map[string][]*function{}}
	for _, p := range r.packages {
		r.pkgs[p.ImportPath] = p
		r.texts[p.ImportPath] = newPkg(p.Files, r.texts)
	}
	r.words = sync.OnceValue(func() []*wordFile { return wordFiles(r.leading) })
	return r
}

// maybeGiven tells whether some call of the function that holds an Open gives it a text for a parameter.
func (r *reach) maybeGiven(o opening) bool {
	key := funcKey{path.Dir(o.File), o.Func}
	given, known := r.given[key]
	if !known {
		given = o.Func != "" && r.givesText(o, key.dir)
		r.given[key] = given
	}
	return given
}

func (r *reach) givesText(o opening, dir string) bool {
	name, to := o.function(), callee{}
	hash := hashOf(name)
	for _, f := range r.words() {
		if f.pkg.Dir == dir && !o.method() {
			to.pkg = f.pkg
		}
	}
	return slices.ContainsFunc(r.words(), func(f *wordFile) bool {
		return f.has(hash) && to.from(f) && r.callGivesText(f, name)
	})
}

// callGivesText tells whether a file calls a function of some name with a text that is known.
func (r *reach) callGivesText(f *wordFile, name string) bool {
	if src := readSource(f.file); src != nil && !bytes.Contains(src, []byte(name+"(")) && !bytes.Contains(src, []byte(name+"[")) {
		return false // most files end here, before the full parse
	}
	s, _ := f.file.Syntax()
	if s == nil || s.File == nil {
		return false
	}
	for _, d := range s.File.Decls {
		v := &visit{pkg: r.texts[f.pkg.ImportPath], file: f.file, syntax: s}
		found := false
		ast.Inspect(d, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || found || !names(call.Fun, name) {
				return !found
			}
			if fn, ok := d.(*ast.FuncDecl); ok && v.scope.names == nil {
				v.scope = localsOf(fn)
			}
			found = slices.ContainsFunc(call.Args, func(a ast.Expr) bool { _, ok := v.text(a, maxDepth); return ok })
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// names tells whether the function of a call has some name.
func names(fun ast.Expr, name string) bool {
	switch x := fun.(type) {
	case *ast.IndexExpr:
		return names(x.X, name)
	case *ast.IndexListExpr:
		return names(x.X, name)
	case *ast.Ident:
		return x.Name == name
	case *ast.SelectorExpr:
		return x.Sel.Name == name
	case *ast.ParenExpr:
		return names(x.X, name)
	}
	return false
}

// index takes the functions of the program that lead to some opens.
func (r *reach) index(opens []opening) {
	c := coneOf(r.words(), opens)
	for _, f := range c.files {
		if !c.parsed[f] {
			continue
		}
		s, _ := f.file.Syntax()
		if s == nil || s.File == nil {
			continue
		}
		r.files = append(r.files, parsedFile{f.pkg, f.file, s})
		for _, d := range s.File.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && c.holds(f, fn) {
				r.add(r.files[len(r.files)-1], fn)
			}
		}
	}
	for _, o := range opens {
		if f := r.holder(o.Open); f != nil {
			f.holds = true
		}
	}
}

func (r *reach) add(f parsedFile, fn *ast.FuncDecl) {
	one := &function{pkg: f.pkg, file: f.file, syntax: f.syntax, decl: fn, handler: isHandler(f.file, fn.Type), texts: r.texts[f.pkg.ImportPath],
		params: map[string]*param{}}
	key := funcKey{f.pkg.Dir, project.FuncName(fn)}
	if fn.Name.Name == "init" && fn.Recv == nil {
		key.name = "init " + f.file.Path // a package may have several
		r.funcs[key] = one
		key.name = "init"
	}
	r.funcs[key] = one
	if fn.Recv != nil {
		r.methods[fn.Name.Name] = append(r.methods[fn.Name.Name], one)
	}
}

// walk follows the program from its beginnings.
func (r *reach) walk(main *project.BuildPackage) {
	for key, f := range r.funcs {
		if f.decl.Recv == nil && (strings.HasPrefix(key.name, "init ") || key.name == "main" && f.pkg == main) {
			r.call(f, AtStart)
		}
	}
	for _, f := range r.files {
		for _, d := range f.syntax.File.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				(&follow{r: r, fn: &function{pkg: f.pkg, file: f.file, syntax: f.syntax}, scope: localScope{}, when: AtStart}).node(g)
			}
		}
	}
	for len(r.queue) > 0 {
		f := r.queue[0]
		r.queue = r.queue[1:]
		f.spans = nil
		(&follow{r: r, fn: f, scope: localsOf(f.decl), when: f.called}).block(f.decl.Body.List, f.decl.Name.Name == "main" && f.decl.Recv == nil)
	}
}

// call notes that a function is called, the more surely the better.
func (r *reach) call(f *function, when When) {
	if f.handler && when == AtStart {
		when = PerRequest
	}
	rank := func(w When) int { return [...]int{Unknown: 0, Perhaps: 1, PerRequest: 2, AtStart: 3}[w] }
	if rank(when) > rank(f.called) {
		f.called = when
		r.queue = append(r.queue, f)
	}
}

// follow walks the body of one function.
type follow struct {
	r     *reach
	fn    *function
	scope localScope
	when  When
}

// block walks statements in their order. What follows an early return may not happen, unless the return is that of an error, or
// one of main: that is another way to use the program.
func (w *follow) block(list []ast.Stmt, isMain bool) {
	for i, s := range list {
		w.stmt(s)
		if branch, ok := s.(*ast.IfStmt); ok && !isMain && leaves(branch) && i+1 < len(list) {
			rest := *w
			rest.when = w.mark(list[i+1].Pos(), list[len(list)-1].End(), Perhaps)
			rest.block(list[i+1:], isMain)
			return
		}
	}
}

// mark notes a part of the function that happens at another time, and returns that time.
func (w *follow) mark(from, to token.Pos, when When) When {
	w.fn.spans = append(w.fn.spans, span{w.fn.syntax.Position(from), w.fn.syntax.Position(to), when})
	return combine(w.when, when)
}

func (w *follow) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		w.block(s.List, false)
	case *ast.LabeledStmt:
		w.stmt(s.Stmt)
	case *ast.IfStmt:
		if s.Init != nil {
			w.stmt(s.Init)
		}
		w.node(s.Cond)
		w.branch(s.Body)
		if s.Else != nil {
			w.branch(s.Else)
		}
	case *ast.ForStmt:
		for _, part := range []ast.Stmt{s.Init, s.Post} {
			if part != nil {
				w.stmt(part)
			}
		}
		if s.Cond == nil { // for { ... } runs once at least
			w.block(s.Body.List, false)
			return
		}
		w.node(s.Cond)
		w.branch(s.Body)
	case *ast.RangeStmt:
		w.node(s.X)
		w.branch(s.Body)
	case *ast.SwitchStmt:
		if s.Init != nil {
			w.stmt(s.Init)
		}
		if s.Tag != nil {
			w.node(s.Tag)
		}
		w.branch(s.Body)
	case *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.CaseClause, *ast.CommClause:
		w.branch(s)
	case nil:
	default:
		w.node(s)
	}
}

// branch walks what may not happen.
func (w *follow) branch(s ast.Stmt) {
	inner := *w
	inner.when = w.mark(s.Pos(), s.End(), Perhaps)
	if block, ok := s.(*ast.BlockStmt); ok && (len(block.List) == 0 || !isCase(block.List[0])) {
		inner.block(block.List, false)
		return
	}
	if branch, ok := s.(*ast.IfStmt); ok { // else if
		inner.stmt(branch)
		return
	}
	inner.node(s)
}

func isCase(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// node walks an expression, or a statement without an order of its own.
func (w *follow) node(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if lit, ok := x.Fun.(*ast.FuncLit); ok { // func() { ... }()
				for _, a := range x.Args {
					w.node(a)
				}
				w.block(lit.Body.List, false)
				return false
			}
			w.refer(x.Fun, x)
			for _, a := range x.Args {
				w.node(a)
			}
			if sel, ok := x.Fun.(*ast.SelectorExpr); ok {
				w.node(sel.X)
			}
			return false
		case *ast.FuncLit:
			inner := *w
			when := Perhaps
			if isHandler(w.fn.file, x.Type) {
				when = PerRequest
			}
			inner.when = w.mark(x.Body.Pos(), x.Body.End(), when)
			inner.block(x.Body.List, false)
			return false
		case *ast.KeyValueExpr:
			w.node(x.Value)
			return false
		case *ast.SelectorExpr:
			w.refer(x, nil)
			w.node(x.X)
			return false
		case *ast.Ident:
			w.refer(x, nil)
		}
		return true
	})
}

// refer notes what a name leads to: a call of it, or, without one, its use as a value, which somebody may call.
func (w *follow) refer(x ast.Expr, call *ast.CallExpr) {
	when := w.when
	note := func(f *function) {
		if f == nil || f == w.fn {
			return
		}
		at := when
		if f.holds {
			w.give(f, call)
		}
		if call == nil {
			at = combine(when, Perhaps)
			if f.handler {
				at = combine(when, PerRequest)
			}
		}
		w.r.call(f, at)
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		w.refer(x.X, call)
	case *ast.IndexExpr: // of type arguments
		w.refer(x.X, call)
	case *ast.IndexListExpr:
		w.refer(x.X, call)
	case *ast.Ident:
		if w.scope.names[x.Name] == 0 {
			note(w.r.funcs[funcKey{w.fn.pkg.Dir, x.Name}])
		}
	case *ast.SelectorExpr:
		if from := w.importedHere(x.X); from != "" && !w.scope.has(x.X) {
			if p := w.r.pkgs[from]; p != nil {
				note(w.r.funcs[funcKey{p.Dir, x.Sel.Name}])
			}
			return
		}
		named := w.r.methods[x.Sel.Name]
		if len(named) > 1 {
			when = combine(when, Perhaps)
		}
		for _, f := range named {
			note(f)
		}
	}
}

// give notes what a call gives for the parameters of a function; without a call they may be anything. What the caller has from
// its own callers is not followed further.
func (w *follow) give(f *function, call *ast.CallExpr) {
	v := &visit{pkg: w.r.texts[w.fn.pkg.ImportPath], file: w.fn.file, syntax: w.fn.syntax, scope: w.scope}
	i := 0
	for _, field := range f.decl.Type.Params.List {
		_, variadic := field.Type.(*ast.Ellipsis)
		for _, id := range field.Names {
			text, known := "", false
			if call != nil && i < len(call.Args) && !variadic && !call.Ellipsis.IsValid() {
				text, known = v.text(call.Args[i], maxDepth)
			}
			if p := f.params[id.Name]; p == nil {
				f.params[id.Name] = &param{text, known}
			} else if !known || p.text != text {
				p.known = false
			}
			i++
		}
	}
}

// given are the parameters of which one text is known.
func (f *function) given() map[string]string {
	out := map[string]string{}
	for name, p := range f.params {
		if p.known {
			out[name] = p.text
		}
	}
	return out
}

// importedHere is imported, with the names that the packages of the module give themselves.
func (w *follow) importedHere(x ast.Expr) string {
	id, ok := x.(*ast.Ident)
	if !ok {
		return ""
	}
	return w.r.importsOf(w.fn.file)[id.Name]
}

// importsOf are the import paths of a file by the names that it has for them.
func (r *reach) importsOf(f *project.GoFile) map[string]string {
	names := r.imports[f]
	if names == nil {
		names = map[string]string{}
		for _, i := range slices.Backward(f.Imports) {
			name := i.Name
			if name == "" {
				name = project.GuessedName(i.Path)
				if p := r.pkgs[i.Path]; p != nil {
					name = p.Name
				}
			}
			names[name] = i.Path
		}
		r.imports[f] = names
	}
	return names
}

// leaves tells whether an if leaves the function for another reason than an error.
func leaves(s *ast.IfStmt) bool {
	if cond, ok := s.Cond.(*ast.BinaryExpr); ok && cond.Op == token.NEQ {
		if id, ok := cond.Y.(*ast.Ident); ok && id.Name == "nil" {
			return false
		}
	}
	if call, ok := s.Cond.(*ast.CallExpr); ok { // errors.Is(err, ...)
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Is" || sel.Sel.Name == "As") {
			return false
		}
	}
	if len(s.Body.List) == 0 {
		return false
	}
	switch last := s.Body.List[len(s.Body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		call, ok := last.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		switch fn := call.Fun.(type) {
		case *ast.Ident:
			return fn.Name == "panic"
		case *ast.SelectorExpr:
			return fn.Sel.Name == "Exit" || strings.HasPrefix(fn.Sel.Name, "Fatal")
		}
	}
	return false
}

// ChangesFolder tells whether the code of a program calls os.Chdir: then nobody knows the folder that its relative names are
// looked up in.
func ChangesFolder(main *project.BuildPackage) bool {
	for _, p := range reachable(main) {
		for _, f := range p.Files {
			if imports(f, "os") && bytes.Contains(readSource(f), []byte("Chdir")) && changesFolder(f) {
				return true
			}
		}
	}
	return false
}

func changesFolder(f *project.GoFile) bool {
	s, _ := f.Syntax()
	if s == nil || s.File == nil {
		return false
	}
	found := false
	ast.Inspect(s.File, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Chdir" && f.Imported(sel.X) == "os" {
			found = true
		}
		return !found
	})
	return found
}
