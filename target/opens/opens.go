// Package opens tells which files a program opens by names that stand in its code: templates, folders that it serves, settings,
// certificates, and what it embeds. It works by syntax alone, so that it answers for code that does not compile too, and has no
// opinion: whether the files are there, and where the program will look for them, is for others to say.
package opens

import (
	"bytes"
	"cmp"
	"go/ast"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Kind is what a program does with the files of an Open.
type Kind int

// The kinds.
const (
	Templates Kind = iota // parses them as templates
	Folder                // serves what lies in a folder
	Served                // serves one file
	Setting               // reads settings: .env, the files of viper, TOML, INI
	Read                  // reads them for another end
)

// When tells at which time of the program's life an Open happens.
type When int

// The times.
const (
	Unknown    When = iota // it could not be followed, or no program comes there
	Perhaps                // some way of starting the program comes there: a branch, a command of several, a callback
	AtStart                // each start of the program comes there
	PerRequest             // in a handler
)

// Open is one call by which the program opens files.
type Open struct {
	Kind Kind
	Call string // as a reader knows it: "LoadHTMLGlob", "template.ParseFiles", "os.Open"
	// Names are the names that it is given, as far as they are known; Lacking says that there are others.
	Names   []Name
	Lacking bool
	// Pattern says that the names are patterns of path/filepath.Match.
	Pattern bool
	// Must says that the program ends where the files cannot be opened; MustInRelease that it does so in gin's release mode only.
	Must, MustInRelease bool
	When                When
	// Repeats says that gin's debug mode opens them again for each request.
	Repeats bool
	File    string // relative to the root
	At, End project.Position
	Func    string // the function that holds it: "main", "Server.Routes"; empty for the value of a package variable
}

// Name is one file name or pattern.
type Name struct {
	Text    string
	At, End project.Position // of the expression
	// Literal says that the expression is one string literal, so that it can be edited.
	Literal bool
	Raw     string // the literal as written
	// Default says that the code falls back on it, and that something else may be given.
	Default bool
}

// Relative tells whether a name depends on the folder that the program runs in.
func (n Name) Relative() bool {
	return n.Text != "" && !filepath.IsAbs(n.Text) && !strings.HasPrefix(n.Text, "/")
}

// Relative tells whether one of the names depends on the folder that the program runs in.
func (o Open) Relative() bool { return slices.ContainsFunc(o.Names, Name.Relative) }

// maxFile bounds the code that is looked through for words, in bytes.
const maxFile = 4 << 20

// words are what a file holds that opens files as we know it.
var words = [][]byte{
	[]byte("LoadHTML"), []byte("ParseGlob"), []byte("ParseFiles"), []byte("ParseFS"), []byte("Static"), []byte(".File"), []byte("ServeFile"),
	[]byte(".Dir("), []byte("DirFS"), []byte("LocalFile"), []byte("AddFrom"), []byte("os.Open"), []byte("ReadFile"), []byte("ReadDir"),
	[]byte("godotenv"), []byte("SetConfigFile"), []byte("AddConfigPath"), []byte("TLS("), []byte("X509KeyPair"), []byte("DecodeFile"), []byte("ini.Load"),
}

// readers are the packages without which a file of code opens none that we know of.
var readers = []string{
	"os", "io/ioutil", "html/template", "text/template", "net/http", "crypto/tls", ginPath, godotenvPath, viperPath,
	ginStaticPath, multitemplatePath, "github.com/BurntSushi/toml", "gopkg.in/ini.v1", "github.com/go-ini/ini",
}

// In lists what the files of one package open, in the order of the files. What happens in main, in an init function or in the
// value of a package variable happens at the start; of other functions it is not known when, but for handlers.
func In(files []*project.GoFile) []Open {
	var out []Open
	for _, o := range newPkg(files, nil).opens() {
		out = append(out, o.Open)
	}
	return out
}

// opening is an Open as its declaration alone shows it.
type opening struct {
	Open
	asks bool // a caller may give it a name, or more of them
}

func (p *pkg) opens() []opening {
	var out []opening
	for _, f := range p.files {
		if !p.mayOpen(f) {
			continue
		}
		if s, _ := f.Syntax(); s != nil && s.File != nil {
			for _, d := range s.File.Decls {
				out = append(out, p.opensOf(f, s, d, nil)...)
			}
		}
	}
	return out
}

func (p *pkg) mayOpen(f *project.GoFile) bool {
	if !slices.ContainsFunc(f.Imports, func(i project.Import) bool { return slices.Contains(readers, i.Path) }) {
		return false
	}
	src := p.source(f)
	return src != nil && slices.ContainsFunc(words, func(w []byte) bool { return bytes.Contains(src, w) })
}

// pkg is the files of one package, for looking up its constants. A file is parsed only when a word is looked for that it holds.
type pkg struct {
	files   []*project.GoFile
	others  map[string]*pkg // those of the program, by import path; nil where it is not known
	sources map[*project.GoFile][]byte
	named   map[*project.GoFile]*declared
	values  map[string]*definition // of constants, and of variables that are never assigned; nil for a name that is neither
	methods map[string]bool        // whether its types declare one of the name
	served  map[string]bool        // the names from which file systems are served; nil before somebody asks
}

func newPkg(files []*project.GoFile, others map[string]*pkg) *pkg {
	return &pkg{files: files, others: others, sources: map[*project.GoFile][]byte{}, named: map[*project.GoFile]*declared{},
		values: map[string]*definition{}, methods: map[string]bool{}}
}

// source is the text of a file, nil where it cannot be read or is longer than anybody writes.
func (p *pkg) source(f *project.GoFile) []byte {
	src, read := p.sources[f]
	if !read {
		src = readSource(f)
		p.sources[f] = src
	}
	return src
}

func readSource(f *project.GoFile) []byte {
	src, err := f.Source(maxFile)
	if err != nil {
		return nil
	}
	return src
}

// holding shows what the files declare that may hold a name.
func (p *pkg) holding(name string, see func(*declared)) {
	for _, f := range p.files {
		d, parsed := p.named[f]
		if !parsed {
			if src := p.source(f); src != nil && !bytes.Contains(src, []byte(name)) {
				continue
			}
			d = declaredIn(f)
			p.named[f] = d
		}
		see(d)
	}
}

// hasMethod tells whether a type of the package has a method of that name.
func (p *pkg) hasMethod(name string) bool {
	has, known := p.methods[name]
	if !known {
		p.holding(name, func(d *declared) { has = has || d.methods[name] })
		p.methods[name] = has
	}
	return has
}

// definition is what a name of a package stands for.
type definition struct {
	expr ast.Expr
	file *project.GoFile
}

// opensOf lists what one declaration opens. With values for parameters, they are what each call of the function gives.
func (p *pkg) opensOf(f *project.GoFile, s *project.Syntax, d ast.Decl, given map[string]string) []opening {
	v := &visit{pkg: p, file: f, syntax: s}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Body == nil {
			return nil
		}
		v.fn, v.scope = project.FuncName(d), localsOf(d)
		v.scope.give(given)
		v.when = Unknown
		if d.Recv == nil && (d.Name.Name == "init" || d.Name.Name == "main" && f.Package == "main") {
			v.when = AtStart
		}
		if isHandler(f, d.Type) {
			v.when = PerRequest
		}
		v.contexts = contexts(f, d.Type, nil)
		v.walk(d.Body)
	case *ast.GenDecl:
		v.when, v.scope = AtStart, localScope{}
		v.walk(d)
	}
	return v.out
}

// visit walks one declaration.
type visit struct {
	pkg      *pkg
	file     *project.GoFile
	syntax   *project.Syntax
	fn       string
	when     When
	scope    localScope
	contexts []string // the names of gin's contexts here
	out      []opening
	taken    map[ast.Node]bool // calls that are part of another one
	asks     bool              // the call that is looked at needs a name that the function is given
}

func (v *visit) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			inner := *v
			inner.out = nil
			inner.contexts = contexts(v.file, x.Type, v.contexts)
			switch {
			case isHandler(v.file, x.Type):
				inner.when = PerRequest
			case v.when == AtStart:
				inner.when = Perhaps
			}
			inner.walk(x.Body)
			v.out = append(v.out, inner.out...)
			return false
		case *ast.CallExpr:
			if !v.taken[x] {
				v.call(x)
			}
		}
		return true
	})
}

func (v *visit) call(call *ast.CallExpr) {
	v.asks = false
	o, ok := v.open(call)
	if !ok || len(o.Names) == 0 && !o.Lacking {
		return
	}
	o.When, o.Func, o.File = v.when, v.fn, v.file.Path
	o.At, o.End = v.syntax.Position(call.Pos()), v.syntax.Position(call.End())
	v.out = append(v.out, opening{o, v.asks})
}

// take marks a call as part of the one that is looked at.
func (v *visit) take(n ast.Node) {
	if v.taken == nil {
		v.taken = map[ast.Node]bool{}
	}
	v.taken[n] = true
}

// isHandler tells whether a function is one of gin's or net/http's handlers.
func isHandler(f *project.GoFile, t *ast.FuncType) bool {
	return len(contexts(f, t, nil)) > 0 || takes(f, t, "net/http", "Request") != nil
}

// contexts are the parameters that are gin's contexts, after those of the functions around.
func contexts(f *project.GoFile, t *ast.FuncType, outer []string) []string {
	return append(slices.Clone(outer), takes(f, t, ginPath, "Context")...)
}

// takes lists the parameters of the type *path.name.
func takes(f *project.GoFile, t *ast.FuncType, path, name string) []string {
	var out []string
	for _, field := range t.Params.List {
		star, ok := field.Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		sel, ok := star.X.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != name || f.Imported(sel.X) != path {
			continue
		}
		for _, id := range field.Names {
			out = append(out, id.Name)
		}
		if len(field.Names) == 0 {
			out = append(out, "_")
		}
	}
	return out
}

func imports(f *project.GoFile, importPath string) bool {
	return slices.ContainsFunc(f.Imports, func(i project.Import) bool { return i.Path == importPath })
}

// Sort puts opens into the order of the code.
func Sort(all []Open) {
	slices.SortStableFunc(all, func(a, b Open) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
}

// creates tells whether the flags of os.OpenFile hold O_CREATE.
func creates(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		found = found || ok && (sel.Sel.Name == "O_CREATE" || sel.Sel.Name == "O_CREAT")
		return !found
	})
	return found
}
