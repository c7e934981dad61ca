package toolchain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"go/version"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Types are the types of the packages that the developer edits, checked from source against the compiled dependencies in
// the build cache, without tests.
type Types struct {
	Fset     *token.FileSet
	Packages []*TypedPackage   // the local ones, dependencies first
	Cold     []string          // dependencies that are not compiled yet
	Broken   map[string]string // dependencies that do not compile, with what the toolchain said

	checker *checker
}

// Import gives the types of a package that a local one imports by the path written: of a local package what was checked, of any
// other what the build cache holds.
func (t *Types) Import(of *TypedPackage, written string) (*types.Package, error) {
	return importer{t.checker, of.Package}.Import(written)
}

// Local is the local package that an import of another local one means; nil for what is not local.
func (t *Types) Local(of *TypedPackage, written string) *TypedPackage {
	return t.checker.byPath[of.resolve(written)]
}

// Arch is the architecture that the code was checked for, as of GOARCH.
func (t *Types) Arch() string { return t.checker.goarch }

// TypedPackage is a local package with its types.
type TypedPackage struct {
	*Package
	Syntax []*ast.File
	Types  *types.Package // nil where it was not checked
	Info   *types.Info
	Errors []CodeError // syntax and type errors, in the order of the files
	// Unchecked says why there are no types; nil where there are, though perhaps with Errors.
	Unchecked error
}

// CodeError is a place that does not compile.
type CodeError struct {
	Place
	Text    string
	Detail  []string // further lines, such as the other declaration
	Problem Problem  // Compile for a type error
	// Elsewhere is a file (absolute) that declares the missing name, but is left out of this build; empty if there is none.
	Elsewhere string
}

// The reasons for having no types of a package.
var (
	ErrNotLoaded  = errors.New("the go command cannot load all that it imports")
	ErrCold       = errors.New("the dependencies are not compiled yet; --types compiles them")
	ErrBelow      = errors.New("a package that it imports does not compile")
	ErrNewerGo    = errors.New("it is written for a newer Go than this gindoctor knows")
	errUnreadable = errors.New("the compiled dependency cannot be read")
)

// TypeCheck checks the local packages of a list. Packages that cannot be checked say why. Dependencies that are not
// compiled are compiled only if compile is set.
func (g *Go) TypeCheck(ctx context.Context, l *List, compile bool) (*Types, error) {
	c := &checker{
		list:   l,
		result: &Types{Fset: token.NewFileSet(), Broken: map[string]string{}},
		goarch: g.goarch(),
		byPath: map[string]*TypedPackage{},
		done:   map[string]chan struct{}{},
	}
	c.result.checker = c
	c.imports.packages = map[string]*types.Package{"unsafe": types.Unsafe}
	c.order()
	if compile {
		if err := c.compileCold(ctx, g); err != nil {
			return nil, err
		}
	}
	c.sift()
	if err := c.parse(ctx); err != nil {
		return nil, err
	}
	c.check(ctx)
	return c.result, ctx.Err()
}

func (g *Go) goarch() string {
	if arch := g.settings().Lookup("GOARCH").Value; arch != "" {
		return arch
	}
	return runtime.GOARCH
}

// checker is the state of one TypeCheck.
type checker struct {
	list    *List
	result  *Types
	goarch  string
	byPath  map[string]*TypedPackage
	imports imports
	done    map[string]chan struct{} // closed when a local package needs no more work
	// entangled: a dependency outside the tree imports a local package, as a replaced module may be. Then reading compiled
	// packages and checking local ones have to take turns.
	entangled bool
}

// order lists the local packages. `go list -deps` puts dependencies first.
func (c *checker) order() {
	for _, p := range c.list.Packages {
		if p.Local() && len(p.GoFiles)+len(p.CgoFiles) > 0 {
			tp := &TypedPackage{Package: p}
			c.result.Packages = append(c.result.Packages, tp)
			c.byPath[p.ImportPath] = tp
			c.done[p.ImportPath] = make(chan struct{})
		}
	}
	for _, p := range c.list.Packages {
		if !p.Local() && !p.Standard && slices.ContainsFunc(p.Imports, func(i string) bool { return c.byPath[p.resolve(i)] != nil }) {
			c.entangled = true
		}
	}
}

// resolve gives the package path that an import as written stands for.
func (p *Package) resolve(written string) string {
	if path, ok := p.ImportMap[written]; ok {
		return path
	}
	return written
}

// outside are the compiled packages that a local package imports.
func (c *checker) outside(p *Package) []*Package {
	var out []*Package
	for _, written := range p.Imports {
		path := p.resolve(written)
		if dep := c.list.ByPath[path]; dep != nil && c.byPath[path] == nil && path != "unsafe" && path != "C" {
			out = append(out, dep)
		}
	}
	return out
}

// compileCold has the toolchain compile what the local packages import and the build cache lacks.
func (c *checker) compileCold(ctx context.Context, g *Go) error {
	faulty := c.faulty()
	var cold []string
	for _, tp := range c.result.Packages {
		for _, dep := range c.outside(tp.Package) {
			if dep.Export == "" && faulty[dep.ImportPath] == "" && !slices.Contains(cold, dep.ImportPath) {
				cold = append(cold, dep.ImportPath)
			}
		}
	}
	if len(cold) == 0 {
		return nil
	}
	plain := *g
	plain.As = g.As.forTypes()
	exports, broken, err := plain.Compile(ctx, cold)
	if err != nil {
		return err
	}
	for _, path := range cold {
		c.list.ByPath[path].Export = exports[path]
		if exports[path] == "" {
			c.result.Broken[path] = broken[path]
		}
	}
	return nil
}

// faulty finds the packages that the go command cannot load, and those that import them, however far away, each with what the go
// command says. An embed pattern that matches nothing does not count: it has no bearing on types.
func (c *checker) faulty() map[string]string {
	importers := map[string][]string{}
	faulty := map[string]string{}
	var queue []string
	for _, p := range c.list.Packages {
		for _, i := range p.Imports {
			path := p.resolve(i)
			importers[path] = append(importers[path], p.ImportPath)
		}
		if p.Error != nil && !(p.Error.Problem == Embed && p.Local()) {
			faulty[p.ImportPath] = cmp.Or(FirstLine(p.Error.Err), p.ImportPath)
			queue = append(queue, p.ImportPath)
		}
	}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		for _, importer := range importers[path] {
			if faulty[importer] == "" {
				faulty[importer] = faulty[path]
				queue = append(queue, importer)
			}
		}
	}
	return faulty
}

// sift marks the packages that cannot be checked.
func (c *checker) sift() {
	faulty := c.faulty()
	cold := map[string]bool{}
	for _, tp := range c.result.Packages {
		switch {
		case faulty[tp.ImportPath] != "":
			tp.Unchecked = fmt.Errorf("%w: %s", ErrNotLoaded, faulty[tp.ImportPath])
			continue
		case c.tooNew(tp.Package):
			tp.Unchecked = ErrNewerGo
			continue
		}
		for _, dep := range c.outside(tp.Package) {
			if dep.Export != "" {
				continue
			}
			if _, ok := c.result.Broken[dep.ImportPath]; ok {
				tp.Unchecked = ErrBelow
				continue
			}
			cold[dep.ImportPath] = true
			if tp.Unchecked == nil {
				tp.Unchecked = ErrCold
			}
		}
	}
	for path := range cold {
		c.result.Cold = append(c.result.Cold, path)
	}
	slices.Sort(c.result.Cold)
}

// tooNew tells whether a package is written in a newer language than our own go/types knows.
func (c *checker) tooNew(p *Package) bool {
	return version.Compare(version.Lang(language(p)), version.Lang(runtime.Version())) > 0
}

// Language is the version of Go that the package is written in, "go1.24"; empty where nothing says it.
func (p *Package) Language() string { return language(p) }

// language is the version of Go that a package is written in, "go1.24"; go1.16 where go.mod does not say
// (https://go.dev/ref/mod#go-mod-file-go).
func language(p *Package) string {
	switch {
	case p.Module == nil:
		return ""
	case p.Module.GoVersion == "":
		return "go1.16"
	}
	return "go" + p.Module.GoVersion
}

// parse parses the files of all local packages, those too that will not be checked: a file that does not parse is worth
// knowing in any case. Meanwhile it reads the compiled dependencies.
func (c *checker) parse(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	if !c.entangled {
		wg.Go(c.readExports)
	}
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, tp := range c.result.Packages {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			tp.parse(c.result.Fset)
		})
	}
	return nil
}

func (tp *TypedPackage) parse(fset *token.FileSet) {
	for _, name := range tp.Files() {
		src, err := os.ReadFile(name)
		if err != nil {
			tp.Unchecked = err
			continue
		}
		file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if file != nil {
			tp.Syntax = append(tp.Syntax, file)
		}
		if list, ok := errors.AsType[scanner.ErrorList](err); ok {
			for _, e := range list {
				at := Place{File: e.Pos.Filename, Line: e.Pos.Line, Column: e.Pos.Column}
				tp.Errors = append(tp.Errors, CodeError{Place: at, Text: e.Msg, Problem: Syntax})
			}
		}
	}
}

// readExports reads the compiled packages that the local ones import.
func (c *checker) readExports() {
	for _, tp := range c.result.Packages {
		if tp.Unchecked == nil {
			for _, dep := range c.outside(tp.Package) {
				c.imports.read(dep)
			}
		}
	}
}

// check checks the types of each package as soon as those it imports are done.
func (c *checker) check(ctx context.Context) {
	workers := runtime.GOMAXPROCS(0)
	if c.entangled {
		workers = 1
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for _, tp := range c.result.Packages {
		if c.entangled { // in order, so that reading never meets a check at work
			c.checkOne(tp)
			continue
		}
		wg.Go(func() {
			for _, written := range tp.Imports {
				// A ring of imports waits for nobody: its packages are not to be checked.
				if below := c.byPath[tp.resolve(written)]; below != nil && tp.Unchecked == nil {
					<-c.done[below.ImportPath]
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				tp.Unchecked = ctx.Err()
				close(c.done[tp.ImportPath])
				return
			}
			c.checkOne(tp)
		})
	}
	wg.Wait()
}

func (c *checker) checkOne(tp *TypedPackage) {
	defer close(c.done[tp.ImportPath])
	if tp.Unchecked != nil {
		return
	}
	for _, written := range tp.Imports {
		below := c.byPath[tp.resolve(written)]
		if below != nil && (below.Unchecked != nil || len(below.Errors) > 0) {
			tp.Unchecked = ErrBelow
			if below.Unchecked != nil {
				tp.Unchecked = below.Unchecked
			}
			return
		}
	}
	if len(tp.Errors) > 0 {
		return // with half a syntax tree the type checker would complain of what it cannot see
	}
	tp.Info = NewInfo()
	config := &types.Config{
		GoVersion:   tp.Language(),
		Importer:    importer{c, tp.Package},
		Sizes:       types.SizesFor("gc", c.goarch),
		FakeImportC: len(tp.CgoFiles) > 0,
		Error:       func(err error) { tp.note(err) },
	}
	tp.Types, _ = config.Check(tp.ImportPath, c.result.Fset, tp.Syntax, tp.Info) // its errors went to note
	if tp.Unchecked != nil {
		tp.Errors = nil
		return
	}
	c.imports.add(tp.Types)
	c.lookElsewhere(tp)
	slices.SortStableFunc(tp.Errors, func(a, b CodeError) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
}

// NewInfo is an empty types.Info that keeps all that the type checker finds out.
func NewInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Implicits:    map[ast.Node]types.Object{},
		Scopes:       map[ast.Node]*types.Scope{},
		Instances:    map[*ast.Ident]types.Instance{},
		FileVersions: map[*ast.File]string{},
	}
}

// follows tells of an error that comes of a type that is not known. The type checker leaves such out once it has told of the first
// error (error_.report in go/types); but what comes from C has no known type at all here (FakeImportC), though it compiles.
func follows(msg string) bool {
	return strings.Index(msg, "invalid type") > 0 || strings.Index(msg, "invalid operand") > 0
}

// note takes an error of the type checker. Lines that begin with a tab continue the error before.
func (tp *TypedPackage) note(err error) {
	if errors.Is(err, errUnreadable) {
		tp.Unchecked = err
		return
	}
	failed, ok := errors.AsType[types.Error](err)
	if !ok {
		tp.Unchecked = err
		return
	}
	if strings.Contains(failed.Msg, errUnreadable.Error()) {
		tp.Unchecked = fmt.Errorf("%w: %s", errUnreadable, failed.Msg)
		return
	}
	if follows(failed.Msg) {
		return
	}
	at := failed.Fset.Position(failed.Pos)
	place := Place{File: at.Filename, Line: at.Line, Column: at.Column}
	if detail, ok := strings.CutPrefix(failed.Msg, "\t"); ok && len(tp.Errors) > 0 {
		last := &tp.Errors[len(tp.Errors)-1]
		last.Detail = append(last.Detail, detail)
		return
	}
	tp.Errors = append(tp.Errors, CodeError{Place: place, Text: failed.Msg, Problem: Compile})
}
