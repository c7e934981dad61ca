package source

import (
	"go/types"
	"path/filepath"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/source/stub"
)

// FromSyntax takes the packages of a module without the go command: of those files only that import something worth looking
// at, and those of programs. goarch is that of the build; untyped is why there are no types. Without a reason all files are taken,
// and where the declarations of package stub leave no gap, they are taken as the truth: so rules are tested.
func FromSyntax(root string, m *project.Module, graph *project.PackageGraph, goarch string, untyped error) *Code {
	s := &bySyntax{
		root: root, all: untyped == nil, sizes: types.SizesFor("gc", goarch), order: dependenciesFirst(graph),
		module: &packages.Module{Path: m.Path(), Main: true, Dir: m.AbsDir(), GoVersion: m.GoVersion()},
	}
	s.check()
	c := &Code{Untyped: map[string]error{}}
	for _, one := range s.checked {
		p := one.pkg
		if p == nil {
			continue
		}
		c.Packages = append(c.Packages, p)
		switch {
		case untyped != nil:
			c.Untyped[p.PkgPath] = untyped
		case one.gap != nil:
			c.Untyped[p.PkgPath] = one.gap
		default:
			p.IllTyped = false
		}
	}
	return c
}

// bySyntax checks the types of a module's packages as far as its own files and package stub tell them.
type bySyntax struct {
	root    string
	all     bool // files, not only those that are worth it
	sizes   types.Sizes
	module  *packages.Module
	order   []*project.BuildPackage
	at      map[*project.BuildPackage]int // in the order
	checked []checked                     // in the order
}

// checked is a package whose types were checked, as far as they go.
type checked struct {
	pkg *packages.Package // nil where there was nothing to check
	gap error             // the first thing that did not fit
}

func (s *bySyntax) check() {
	s.at = make(map[*project.BuildPackage]int, len(s.order))
	for i, bp := range s.order {
		s.at[bp] = i
	}
	s.checked = make([]checked, len(s.order))
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(s.parseAhead)
	inOrder(s.order, (*project.BuildPackage).Imported, s.one, nil)
}

// parseAhead parses what the type checker will ask for: it has to take one package after the other where they import each other.
func (s *bySyntax) parseAhead() {
	for _, bp := range s.order {
		for _, f := range bp.Files {
			if s.wants(bp, f) {
				_, _ = f.Syntax()
			}
		}
	}
}

// wants tells whether a file is looked at: speed counts.
func (s *bySyntax) wants(bp *project.BuildPackage, f *project.GoFile) bool {
	return s.all || bp.Program() || stub.Interesting(f.Imports)
}

// one checks a package; those that it imports have been, rings apart.
func (s *bySyntax) one(bp *project.BuildPackage) {
	p := s.parse(bp)
	if p == nil {
		return
	}
	for _, own := range bp.Imported() {
		if s.at[own] < s.at[bp] && s.checked[s.at[own]].pkg != nil {
			p.Imports[own.ImportPath] = s.checked[s.at[own]].pkg
		}
	}
	language := ""
	if v := s.module.GoVersion; v != "" {
		language = "go" + v
	}
	gap := loosen(p, func(written string) (*types.Package, error) {
		if own := p.Imports[written]; own != nil {
			return own.Types, nil
		}
		return stub.Package(written)
	}, language)
	s.checked[s.at[bp]] = checked{p, gap}
}

// parse parses the files of a package that are wanted; nil where there are none.
func (s *bySyntax) parse(bp *project.BuildPackage) *packages.Package {
	p := &packages.Package{ID: bp.ImportPath, PkgPath: bp.ImportPath, Name: bp.Name, Dir: filepath.Join(s.root, filepath.FromSlash(bp.Dir)),
		Imports: map[string]*packages.Package{}, TypesSizes: s.sizes, Module: s.module}
	for _, f := range bp.Files {
		if !s.wants(bp, f) {
			continue
		}
		syntax, _ := f.Syntax()
		if syntax == nil || syntax.File == nil || p.Fset != nil && p.Fset != syntax.Fset {
			continue
		}
		p.Fset = syntax.Fset
		p.Syntax = append(p.Syntax, syntax.File)
		p.GoFiles = append(p.GoFiles, filepath.Join(s.root, filepath.FromSlash(f.Path)))
	}
	if len(p.Syntax) == 0 {
		return nil
	}
	p.CompiledGoFiles = p.GoFiles
	return p
}

// dependenciesFirst orders the packages of a module so that each comes after those that it imports, rings apart.
func dependenciesFirst(graph *project.PackageGraph) []*project.BuildPackage {
	var out []*project.BuildPackage
	seen := map[*project.BuildPackage]bool{}
	var visit func(*project.BuildPackage)
	visit = func(p *project.BuildPackage) {
		if seen[p] {
			return
		}
		seen[p] = true
		for _, imported := range p.Imported() {
			visit(imported)
		}
		out = append(out, p)
	}
	for _, p := range graph.Packages {
		visit(p)
	}
	return out
}
