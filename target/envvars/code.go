package envvars

import (
	"bytes"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
)

// store keeps the text of files while several programs are read from them: looking for a word costs a tenth of parsing.
type store struct {
	root  string
	packs map[string]*pack // by folder
}

func newStore(root string) *store { return &store{root: root, packs: map[string]*pack{}} }

// maxSource bounds a file that is looked at: what is larger is no hand-written code.
const maxSource = 4 << 20

func (s *store) file(p *pack, g *project.GoFile) *file {
	f := &file{goFile: g, pack: p}
	abs := filepath.Join(s.root, filepath.FromSlash(g.Path))
	if info, err := os.Stat(abs); err == nil && info.Mode().IsRegular() && info.Size() <= maxSource {
		f.text, _ = os.ReadFile(abs)
	}
	return f
}

// pack is a package with its files; programs share it.
func (s *store) pack(p needs.Package, im *project.Imports) *pack {
	if known := s.packs[p.Dir]; known != nil {
		return known
	}
	pk := &pack{dir: p.Dir, path: p.By.Import.Path}
	if rel, err := filepath.Rel(filepath.FromSlash(im.Module.Dir), filepath.FromSlash(p.Dir)); err == nil && !p.Outside && im.Module.Path() != "" {
		pk.path = path.Join(im.Module.Path(), filepath.ToSlash(rel))
	}
	for _, g := range p.Files {
		pk.files = append(pk.files, s.file(pk, g))
		pk.name = g.Package
	}
	s.packs[p.Dir] = pk
	return pk
}

// file is one file of the program.
type file struct {
	goFile *project.GoFile
	pack   *pack
	text   []byte
	parsed bool
	syntax *project.Syntax

	words      map[string]bool   // what has has found
	named      map[string][]site // calls, by the name that is called
	names      map[string]string // what imported has found
	viperNames map[string]bool
}

// has tells whether a word stands anywhere in the file.
func (f *file) has(word string) bool {
	found, known := f.words[word]
	if !known {
		if f.words == nil {
			f.words = map[string]bool{}
		}
		found = bytes.Contains(f.text, []byte(word))
		f.words[word] = found
	}
	return found
}

// tree is the file parsed in full, nil where nothing of it could be parsed.
func (f *file) tree() *ast.File {
	if !f.parsed {
		f.parsed = true
		f.syntax, _ = f.goFile.Syntax()
	}
	if f.syntax == nil {
		return nil
	}
	return f.syntax.File
}

func (f *file) place(n ast.Node) Place {
	return Place{File: f.goFile.Path, Position: f.syntax.Position(n.Pos())}
}

// imports tells whether the file imports a package for which ok holds.
func (f *file) imports(ok func(path string) bool) bool {
	return slices.ContainsFunc(f.goFile.Imports, func(i project.Import) bool { return ok(i.Path) })
}

// pack is one package of the program.
type pack struct {
	dir   string
	path  string
	name  string
	files []*file
}

// reader reads one program.
type reader struct {
	store  *store
	im     *project.Imports
	packs  map[string]*pack // by folder
	byPath map[string]*pack
	order  []*pack
	main   *pack
	out    *Program

	always   map[*ast.FuncDecl]bool
	visiting map[*ast.FuncDecl]bool
	depth    int // of what upFrom follows

	calledFrom map[*ast.FuncDecl][]site
}

func newReader(s *store, packages []needs.Package, im *project.Imports) *reader {
	r := &reader{store: s, im: im, packs: map[string]*pack{}, byPath: map[string]*pack{}, always: map[*ast.FuncDecl]bool{}, visiting: map[*ast.FuncDecl]bool{}, calledFrom: map[*ast.FuncDecl][]site{}}
	for _, p := range packages {
		pk := s.pack(p, im)
		r.packs[pk.dir], r.byPath[pk.path] = pk, pk
		r.order = append(r.order, pk)
	}
	return r
}

// with are the files in which one of some words stands and that could be parsed.
func (r *reader) with(words ...string) []*file {
	var out []*file
	for _, p := range r.order {
		out = append(out, p.with(words...)...)
	}
	return out
}

func (p *pack) with(words ...string) []*file {
	var out []*file
	for _, f := range p.files {
		if slices.ContainsFunc(words, f.has) && f.tree() != nil {
			out = append(out, f)
		}
	}
	return out
}

// site is a node with what it stands in: path leads from the file down to the node, which is its last.
type site struct {
	file *file
	path []ast.Node
}

func (s site) node() ast.Node { return s.path[len(s.path)-1] }

func (s site) call() *ast.CallExpr { return s.node().(*ast.CallExpr) }

func (s site) place() Place { return s.file.place(s.node()) }

// decl is the declared function around the node; nil in the value of a package variable.
func (s site) decl() *ast.FuncDecl {
	for _, n := range s.path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}

// function is the innermost function around the node: its type and body; nil at package level.
func (s site) function() (*ast.FuncType, *ast.BlockStmt) {
	for _, n := range slices.Backward(s.path[:len(s.path)-1]) {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n.Type, n.Body
		case *ast.FuncDecl:
			return n.Type, n.Body
		}
	}
	return nil, nil
}

func (s site) funcName() string {
	d := s.decl()
	if d == nil {
		return ""
	}
	return project.FuncName(d)
}

// each visits the nodes of a file that match.
func each(f *file, visit func(s site)) {
	var at []ast.Node
	ast.Inspect(f.tree(), func(n ast.Node) bool {
		if n == nil {
			at = at[:len(at)-1]
			return true
		}
		at = append(at, n)
		visit(site{f, at})
		return true
	})
}

// keep makes a site that may be kept: each uses its path again.
func (s site) keep() site { return site{s.file, slices.Clone(s.path)} }

// stmt is the innermost statement at the site; nil at package level.
func (s site) stmt() ast.Stmt {
	for _, n := range slices.Backward(s.path) {
		if stmt, ok := n.(ast.Stmt); ok {
			return stmt
		}
	}
	return nil
}

// up is the site of the n-th node above.
func (s site) up(n int) (site, bool) {
	if len(s.path) <= n {
		return site{}, false
	}
	return site{s.file, s.path[:len(s.path)-n]}, true
}

// calls are the calls in some files for which ok holds.
func calls(files []*file, ok func(f *file, c *ast.CallExpr) bool) []site {
	var out []site
	for _, f := range files {
		each(f, func(s site) {
			if c, is := s.node().(*ast.CallExpr); is && ok(f, c) {
				out = append(out, s.keep())
			}
		})
	}
	return out
}

// callsOf are the calls in a file of something of that name.
func (f *file) callsOf(name string) []site {
	if f.named == nil {
		f.named = map[string][]site{}
		each(f, func(s site) {
			if c, ok := s.node().(*ast.CallExpr); ok {
				if _, called, _ := f.callee(c.Fun); called != "" {
					f.named[called] = append(f.named[called], s.keep())
				}
			}
		})
	}
	return f.named[name]
}

// callee splits what is called into the import path of its package ("" for a method, or a function of this package) and name.
func (f *file) callee(fun ast.Expr) (importPath, name string, x ast.Expr) {
	switch fun := fun.(type) {
	case *ast.ParenExpr:
		return f.callee(fun.X)
	case *ast.IndexExpr: // env.ParseAs[Config]
		return f.callee(fun.X)
	case *ast.IndexListExpr:
		return f.callee(fun.X)
	case *ast.Ident:
		return "", fun.Name, nil
	case *ast.SelectorExpr:
		if id, ok := fun.X.(*ast.Ident); ok {
			if p := f.imported(id.Name); p != "" {
				return p, fun.Sel.Name, nil
			}
		}
		return "", fun.Sel.Name, fun.X
	}
	return "", "", nil
}

// calls tells whether a call is of a function of a package.
func (f *file) calls(c *ast.CallExpr, importPath string, names ...string) bool {
	p, name, _ := f.callee(c.Fun)
	return p == importPath && slices.Contains(names, name)
}

// imported is the import path that a name stands for in the file, "" where it stands for none.
func (f *file) imported(name string) string {
	found, known := f.names[name]
	if !known {
		if f.names == nil {
			f.names = map[string]string{}
		}
		found = f.findImported(name)
		f.names[name] = found
	}
	return found
}

func (f *file) findImported(name string) string {
	for _, i := range f.goFile.Imports {
		if i.Name == name || i.Name == "" && project.GuessedName(i.Path) == name {
			return i.Path
		}
	}
	for _, i := range f.goFile.Imports { // a package whose name is not that of its folder
		if i.Name == "" && strings.TrimSuffix(strings.TrimPrefix(project.GuessedName(i.Path), "go-"), "-go") == name {
			return i.Path
		}
	}
	return ""
}

// own is the package of the program that an import path names in a file: by its real package name too.
func (r *reader) own(f *file, name string) *pack {
	for _, i := range f.goFile.Imports {
		p := r.byPath[i.Path]
		if p != nil && (i.Name == name || i.Name == "" && p.name == name) {
			return p
		}
	}
	return nil
}

// fn is a declared function of the program.
type fn struct {
	file *file
	decl *ast.FuncDecl
}

// function finds a declared function of a package.
func (p *pack) function(name string) (fn, bool) {
	for _, f := range p.with("func " + name) {
		for _, d := range f.tree().Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == name && d.Body != nil {
				return fn{f, d}, true
			}
		}
	}
	return fn{}, false
}

// methods are the methods of that name in the program.
func (r *reader) methods(name string) []fn {
	var out []fn
	for _, f := range r.with(") " + name + "(") {
		for _, d := range f.tree().Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv != nil && d.Name.Name == name && d.Body != nil {
				out = append(out, fn{f, d})
			}
		}
	}
	return out
}

// commonMethods are names that methods of many types have: by the name alone nobody can tell which is called.
var commonMethods = []string{"Get", "Set", "Load", "Store", "Run", "Start", "Stop", "Init", "Parse", "Read", "Write", "Open", "Close", "Do", "Error",
	"String", "Add", "Wait", "Next", "Scan", "Exec", "Query", "Execute", "Handle", "Serve", "Use", "Bind", "Validate"}

// called is the function of the program that a call calls; ok is false where it is none of them, or it is not known which.
func (r *reader) called(f *file, c *ast.CallExpr) (fn, bool) {
	switch fun := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return f.pack.function(fun.Name)
	case *ast.SelectorExpr:
		if id, ok := fun.X.(*ast.Ident); ok {
			if p := r.own(f, id.Name); p != nil {
				return p.function(fun.Sel.Name)
			}
			if f.imported(id.Name) != "" {
				return fn{}, false
			}
		}
		if slices.Contains(commonMethods, fun.Sel.Name) {
			return fn{}, false
		}
		if all := r.methods(fun.Sel.Name); len(all) == 1 {
			return all[0], true
		}
	}
	return fn{}, false
}

// callers are the calls of a declared function in the program.
func (r *reader) callers(to fn) []site {
	if known, ok := r.calledFrom[to.decl]; ok {
		return known
	}
	var out []site
	for _, f := range r.with(to.decl.Name.Name + "(") {
		for _, s := range f.callsOf(to.decl.Name.Name) {
			if got, ok := r.called(f, s.call()); ok && got.decl == to.decl {
				out = append(out, s)
			}
		}
	}
	r.calledFrom[to.decl] = out
	return out
}

// param is the index of a parameter by its name, -1 where there is none of that name; variadic tells of the last one.
func param(t *ast.FuncType, name string) (index int, variadic bool) {
	if t == nil || t.Params == nil {
		return -1, false
	}
	i := 0
	for _, field := range t.Params.List {
		for _, n := range field.Names {
			if n.Name == name {
				_, variadic = field.Type.(*ast.Ellipsis)
				return i, variadic
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	return -1, false
}

// errorResult tells whether the last result of a function is an error.
func errorResult(t *ast.FuncType) bool {
	if t == nil || t.Results == nil || len(t.Results.List) == 0 {
		return false
	}
	id, ok := t.Results.List[len(t.Results.List)-1].Type.(*ast.Ident)
	return ok && id.Name == "error"
}

func isString(e ast.Expr) (*ast.BasicLit, bool) {
	lit, ok := ast.Unparen(e).(*ast.BasicLit)
	return lit, ok && lit.Kind == token.STRING
}
