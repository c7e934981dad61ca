package listen

import (
	"bytes"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/target/project"
)

// code is the Go code of all modules, as far as it takes part in listening.
type code struct {
	root   string
	byPath map[string]*pack // by import path
	mains  []*pack
}

// pack is one package of the project.
type pack struct {
	module  *project.Module
	path    string
	dir     string // relative to the root
	name    string
	files   []*source
	imports []*pack // of the project, in order

	listens  bool // it, or what it imports, holds a call that might listen
	settings bool // it holds words that may have to do with an address or its settings
	inits    bool // it has an init function

	parse  sync.Once
	funcs  map[string]*closure
	method map[string]map[string]*closure // by type, then name
	types  map[string]*named
	consts map[string]*constant
	vars   map[string]*variable
}

// source is one file of a package.
type source struct {
	file    *project.GoFile
	syntax  *project.Syntax
	pack    *pack
	imports map[string]string // local name to import path
}

// named is a type: of the project (spec or strct is set), of another module (path and name), or basic (name only).
type named struct {
	path, name string
	pack       *pack
	file       *source
	spec       ast.Expr // what it is declared as
}

type constant struct {
	file *source
	expr ast.Expr
	iota int
}

type variable struct {
	file  *source
	spec  *ast.ValueSpec
	index int
	embed string // the file of its //go:embed line
}

func (s *source) place(p token.Pos) Place {
	if !p.IsValid() {
		return Place{}
	}
	return Place{File: s.file.Path, Position: s.syntax.Position(p)}
}

// readCode lays out the packages of all modules, and tells which of them may matter by the words in their files: parsing
// costs ten times as much as looking for a word.
func readCode(in Input) *code {
	c := &code{root: in.Root, byPath: map[string]*pack{}}
	for _, m := range in.Modules {
		for _, p := range m.Packages {
			c.add(m, p)
		}
	}
	slices.SortFunc(c.mains, func(a, b *pack) int { return strings.Compare(a.dir, b.dir) })
	reached := c.link()
	var wg sync.WaitGroup
	next := make(chan *pack)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range next {
				p.sniff(in.Root)
			}
		})
	}
	for _, p := range reached {
		next <- p
	}
	close(next)
	wg.Wait()
	spread(reached)
	return c
}

func (c *code) add(m *project.Module, from *project.Package) {
	p := &pack{module: m, path: from.ImportPath, dir: from.Dir}
	for _, f := range from.Files {
		if f.Test() || f.Package == "" || !built(f) {
			continue
		}
		s := &source{file: f, pack: p, imports: map[string]string{}}
		p.files = append(p.files, s)
		p.name = f.Package
	}
	if len(p.files) == 0 {
		return
	}
	if p.path == "" {
		p.path = "./" + p.dir // a folder without go.mod: nothing can import it
	}
	c.byPath[p.path] = p
	if p.name == "main" {
		c.mains = append(c.mains, p)
	}
}

// link resolves the imports and returns the packages that some main package is built from.
func (c *code) link() []*pack {
	var reached []*pack
	seen := map[*pack]bool{}
	var visit func(p *pack)
	visit = func(p *pack) {
		if seen[p] {
			return
		}
		seen[p] = true
		for _, s := range p.files {
			for _, i := range s.file.Imports {
				own := c.byPath[i.Path]
				for _, name := range localNames(i, own) {
					s.imports[name] = i.Path
				}
				if own != nil && own != p && !slices.Contains(p.imports, own) {
					p.imports = append(p.imports, own)
				}
			}
		}
		for _, i := range p.imports {
			visit(i)
		}
		reached = append(reached, p) // after what it imports
	}
	for _, m := range c.mains {
		visit(m)
	}
	return reached
}

// localNames are the names by which a file may call an import. That of a foreign package is guessed from its path.
func localNames(i project.Import, own *pack) []string {
	if i.Name != "" {
		return []string{i.Name}
	}
	if own != nil {
		return []string{own.name}
	}
	base := project.GuessedName(i.Path)
	names := []string{base}
	if short := strings.TrimSuffix(strings.TrimPrefix(base, "go-"), "-go"); short != base {
		names = append(names, short)
	}
	return names
}

// built tells whether the file is part of the build for this machine.
func built(f *project.GoFile) bool {
	name := strings.TrimSuffix(path.Base(f.Path), ".go")
	parts := strings.Split(name, "_")
	for _, p := range parts[max(1, len(parts)-2):] {
		if (knownOS[p] || p == "wasm" || p == "arm64" || p == "amd64" || p == "arm" || p == "386") && !tagHolds(p) {
			return false
		}
	}
	return f.Constraint == nil || f.Constraint.Eval(tagHolds)
}

var knownOS = map[string]bool{"linux": true, "darwin": true, "windows": true, "freebsd": true, "netbsd": true, "openbsd": true,
	"plan9": true, "solaris": true, "js": true, "wasip1": true, "aix": true, "android": true, "ios": true, "dragonfly": true, "illumos": true}

func tagHolds(tag string) bool {
	switch tag {
	case runtime.GOOS, runtime.GOARCH, "gc", "cgo":
		return true
	case "unix":
		return runtime.GOOS != "windows" && runtime.GOOS != "plan9" && runtime.GOOS != "js"
	}
	return strings.HasPrefix(tag, "go1.")
}

// Words without which a package neither listens nor has to do with where to. That a package runs something counts only
// where gin is near, and that it serves something only where it names a listener: commands and static files are run and
// served too.
var (
	listenWords = words("ListenAndServe", ".Listen(", ".ListenTCP(", "autotls.")
	runWords    = words(".Run(", ".RunTLS(", ".RunListener(", ".RunFd(")
	serveWords  = words(".Serve(", ".ServeTLS(")
	holderWord  = []byte("Listener")
	settingWord = words("Port", "PORT", "Addr", "ADDR", "Listen", "LISTEN", "Getenv", "LookupEnv", "viper", "godotenv", "envconfig", "flag.")
	initWord    = []byte("func init()")
)

func words(all ...string) [][]byte {
	out := make([][]byte, len(all))
	for i, w := range all {
		out[i] = []byte(w)
	}
	return out
}

func (p *pack) sniff(root string) {
	for _, s := range p.files {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(s.file.Path)))
		if err != nil {
			continue
		}
		has := func(w []byte) bool { return bytes.Contains(data, w) }
		p.listens = p.listens || slices.ContainsFunc(listenWords, has) ||
			p.nearGin() && slices.ContainsFunc(runWords, has) || has(holderWord) && slices.ContainsFunc(serveWords, has)
		p.settings = p.settings || slices.ContainsFunc(settingWord, has)
		p.inits = p.inits || has(initWord)
	}
}

// nearGin tells whether the package imports gin, or a package of the project that does.
func (p *pack) nearGin() bool {
	return p.importsGin() || slices.ContainsFunc(p.imports, (*pack).importsGin)
}

func (p *pack) importsGin() bool {
	return slices.ContainsFunc(p.files, func(s *source) bool {
		return slices.ContainsFunc(s.file.Imports, func(i project.Import) bool { return i.Path == ginPath })
	})
}

// spread marks what imports a package that may listen; packages come after those they import.
func spread(reached []*pack) {
	for _, p := range reached {
		for _, i := range p.imports {
			p.listens = p.listens || i.listens
		}
	}
}

// matters tells whether the package is worth parsing.
func (p *pack) matters() bool { return p.name == "main" || p.listens || p.settings }

// load parses the package and lists what it declares.
func (p *pack) load() {
	p.parse.Do(func() {
		p.funcs, p.types = map[string]*closure{}, map[string]*named{}
		p.method = map[string]map[string]*closure{}
		p.consts, p.vars = map[string]*constant{}, map[string]*variable{}
		var wg sync.WaitGroup
		for _, s := range p.files {
			wg.Go(func() { s.syntax, _ = s.file.Syntax() })
		}
		wg.Wait()
		for _, s := range p.files {
			if s.syntax == nil {
				continue
			}
			for _, d := range s.syntax.File.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					p.addFunc(s, d)
				case *ast.GenDecl:
					p.addDecl(s, d)
				}
			}
		}
	})
}

func (p *pack) addFunc(s *source, d *ast.FuncDecl) {
	f := &closure{pkg: p, file: s, name: d.Name.Name, typ: d.Type, body: d.Body, recv: d.Recv}
	if d.Recv == nil {
		name := d.Name.Name
		if name == "init" {
			name = "init " + s.place(d.Pos()).File + " " + strconv.Itoa(int(d.Pos())) // there may be many
		}
		p.funcs[name] = f
		return
	}
	if len(d.Recv.List) != 1 {
		return
	}
	t := project.TypeName(d.Recv.List[0].Type)
	if p.method[t] == nil {
		p.method[t] = map[string]*closure{}
	}
	p.method[t][d.Name.Name] = f
}

func (p *pack) addDecl(s *source, d *ast.GenDecl) {
	var last *ast.ValueSpec // an empty constant repeats the one before it
	for i, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			p.types[spec.Name.Name] = &named{path: p.path, name: spec.Name.Name, pack: p, file: s, spec: spec.Type}
		case *ast.ValueSpec:
			if d.Tok == token.CONST {
				if len(spec.Values) > 0 {
					last = spec
				}
				p.addConsts(s, spec, last, i)
				continue
			}
			for j, name := range spec.Names {
				p.vars[name.Name] = &variable{file: s, spec: spec, index: j, embed: embedded(d, spec)}
			}
		}
	}
}

func (p *pack) addConsts(s *source, spec, last *ast.ValueSpec, iota int) {
	for j, name := range spec.Names {
		if last != nil && j < len(last.Values) {
			p.consts[name.Name] = &constant{file: s, expr: last.Values[j], iota: iota}
		}
	}
}

// embedded is the file that a //go:embed line puts into the variable.
func embedded(d *ast.GenDecl, spec *ast.ValueSpec) string {
	for _, doc := range []*ast.CommentGroup{spec.Doc, d.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if name, ok := strings.CutPrefix(c.Text, "//go:embed "); ok {
				return strings.Trim(strings.TrimSpace(name), `"`)
			}
		}
	}
	return ""
}
