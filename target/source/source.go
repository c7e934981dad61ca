// Package source offers the project's own Go code as analyzers take it (golang.org/x/tools/go/analysis): with the types that the
// build cache lets us know, and where it does not, with those that the code itself and declarations of the well-known packages
// (package stub) give.
package source

import (
	"cmp"
	"errors"
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/gindoctor/gindoctor/target/source/stub"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// Code is the packages that the developer edits, without tests.
type Code struct {
	Packages []*packages.Package // dependencies first
	// Untyped says, by import path, why the types of a package have gaps: what is concluded from them is less certain.
	Untyped map[string]error
	// Requires are the versions that go.mod asks for, by module path.
	Requires map[string]string
	outcomes outcomes
	byTypes  sync.Once
	loaded   map[*types.Package]*packages.Package
}

// packageOf is the package of the code that has these types; nil where they are those of another.
func (c *Code) packageOf(types *types.Package) *packages.Package {
	c.byTypes.Do(c.indexTypes)
	return c.loaded[types]
}

func (c *Code) indexTypes() {
	c.loaded = make(map[*types.Package]*packages.Package, len(c.Packages))
	for _, p := range c.Packages {
		c.loaded[p.Types] = p
	}
}

// ErrSyntaxOnly is why types have gaps where nobody asked the go command for them.
var ErrSyntaxOnly = errors.New("read without the types of its dependencies")

// errDoesNotCompile is why a package has types with gaps although all that it imports is known.
var errDoesNotCompile = errors.New("it does not compile")

// FromTypes takes the packages of a type check. Those that could not be checked, or do not compile, are checked again as far as
// they go.
func FromTypes(t *toolchain.Types) *Code {
	c := &Code{Untyped: map[string]error{}}
	done := map[*toolchain.TypedPackage]*packages.Package{}
	for _, tp := range t.Packages {
		p := &packages.Package{
			ID: tp.ImportPath, PkgPath: tp.ImportPath, Name: tp.Name, Dir: tp.Dir, GoFiles: tp.Files(), CompiledGoFiles: tp.Files(),
			Fset: t.Fset, Syntax: tp.Syntax, Types: tp.Types, TypesInfo: tp.Info, TypesSizes: types.SizesFor("gc", t.Arch()),
			Imports: map[string]*packages.Package{}, Module: module(tp),
		}
		if p.Types == nil || tp.Unchecked != nil {
			importer := func(written string) (*types.Package, error) {
				if local := t.Local(tp, written); local != nil {
					if done[local] == nil {
						return nil, errDoesNotCompile // a ring of imports
					}
					return done[local].Types, nil
				}
				if p, err := t.Import(tp, written); err == nil {
					return p, nil
				}
				return stub.Package(written)
			}
			loosen(p, importer, tp.Language())
			c.Untyped[p.PkgPath] = reason(tp)
		} else if len(tp.Errors) > 0 {
			p.IllTyped = true
			c.Untyped[p.PkgPath] = errDoesNotCompile
		}
		if p.Types == nil {
			continue // not one file that could be parsed
		}
		for _, written := range tp.Imports {
			if local := t.Local(tp, written); local != nil && done[local] != nil {
				p.Imports[local.ImportPath] = done[local]
			}
		}
		done[tp] = p
		c.Packages = append(c.Packages, p)
	}
	return c
}

func reason(tp *toolchain.TypedPackage) error {
	if tp.Unchecked != nil {
		return tp.Unchecked
	}
	return errDoesNotCompile
}

func module(tp *toolchain.TypedPackage) *packages.Module {
	if tp.Module == nil {
		return nil
	}
	return &packages.Module{Path: tp.Module.Path, Version: tp.Module.Version, Main: tp.Module.Main, Dir: tp.Module.Dir, GoVersion: tp.Module.GoVersion}
}

// loosen checks the types of a package as far as they can be known, and passes over what does not fit: it returns the first of it.
func loosen(p *packages.Package, importer importerFunc, language string) (gap error) {
	if len(p.Syntax) == 0 {
		return nil
	}
	p.IllTyped = true
	p.TypesInfo = infoOf(p.Syntax)
	config := &types.Config{
		GoVersion:   language,
		Importer:    importer,
		Sizes:       p.TypesSizes,
		FakeImportC: true,
		// What does not fit has no type, and nothing is concluded from it.
		Error: func(err error) { gap = cmp.Or(gap, err) },
	}
	p.Types, _ = config.Check(p.PkgPath, p.Fset, p.Syntax, p.TypesInfo)
	if p.Types != nil && p.Name == "" {
		p.Name = cmp.Or(p.Types.Name(), "_") // analyzers cannot do without, though no package clause could be read
	}
	return gap
}

// infoOf is empty, with room for what the type checker will find out about some files: maps that grow step by step cost a tenth of
// the check. A map has an entry for about so many bytes of code in real services.
func infoOf(files []*ast.File) *types.Info {
	size := 0
	for _, f := range files {
		size += int(f.FileEnd - f.FileStart)
	}
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue, size/16),
		Uses:         make(map[*ast.Ident]types.Object, size/20),
		Defs:         make(map[*ast.Ident]types.Object, size/100),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection, size/160),
		Scopes:       make(map[ast.Node]*types.Scope, size/100),
		Implicits:    map[ast.Node]types.Object{},
		Instances:    map[*ast.Ident]types.Instance{},
		FileVersions: map[*ast.File]string{},
	}
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// Imports tells whether a package itself imports one of some paths, or a package below one that ends in "/...".
func Imports(files []*ast.File, paths []string) bool {
	for _, f := range files {
		for _, spec := range f.Imports {
			if matches(spec.Path.Value, paths) {
				return true
			}
		}
	}
	return false
}

func matches(quoted string, paths []string) bool {
	if len(quoted) < 2 {
		return false
	}
	path := quoted[1 : len(quoted)-1] // no import path has anything in it to be unquoted
	return slices.ContainsFunc(paths, func(want string) bool {
		below, all := strings.CutSuffix(want, "/...")
		return path == below || all && strings.HasPrefix(path, below) && strings.HasPrefix(path[len(below):], "/")
	})
}
