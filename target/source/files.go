package source

import (
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/gindoctor/gindoctor/target/source/stub"
)

// FromFiles takes files as the packages of a module, in memory: for tests of analyzers. Names are relative to the module's root.
// What they import from elsewhere is what package stub declares; a file that does not parse is taken as far as it goes.
func FromFiles(module string, files map[string]string) *Code {
	fset := token.NewFileSet()
	byPath := map[string]*packages.Package{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) != ".go" {
			continue
		}
		file, _ := parser.ParseFile(fset, name, files[name], parser.ParseComments|parser.SkipObjectResolution)
		if file == nil {
			continue
		}
		at := path.Join(module, path.Dir(name))
		p := byPath[at]
		if p == nil {
			p = &packages.Package{ID: at, PkgPath: at, Name: file.Name.Name, Dir: path.Dir(name), Fset: fset, TypesSizes: types.SizesFor("gc", "amd64"),
				Imports: map[string]*packages.Package{}}
			byPath[at] = p
		}
		p.Syntax = append(p.Syntax, file)
		p.GoFiles = append(p.GoFiles, name)
		p.CompiledGoFiles = p.GoFiles
	}
	c := &Code{Untyped: map[string]error{}}
	visited := map[string]bool{}
	var visit func(at string)
	visit = func(at string) {
		p := byPath[at]
		if p == nil || visited[at] {
			return
		}
		visited[at] = true
		for _, f := range p.Syntax {
			for _, spec := range f.Imports {
				if written, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(written, module) {
					visit(written)
					if own := byPath[written]; own != nil && own.Types != nil {
						p.Imports[written] = own
					}
				}
			}
		}
		importer := func(written string) (*types.Package, error) {
			if own := byPath[written]; own != nil && own.Types != nil {
				return own.Types, nil
			}
			return stub.Package(written)
		}
		if gap := loosen(p, importer, ""); gap != nil {
			c.Untyped[at] = gap
		}
		if p.Types != nil {
			c.Packages = append(c.Packages, p)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(byPath)) {
		visit(at)
	}
	return c
}
