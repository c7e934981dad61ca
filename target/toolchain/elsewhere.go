package toolchain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

// undefined are the words of go/types for a name that is not there.
var undefined = lazyregexp.New(`^undefined: (?:\w+\.)?(\w+)$|^\S+\.(\w+) undefined `)

// lookElsewhere finds for each undefined name a file that declares it and is left out of this build by its own name or constraint.
func (c *checker) lookElsewhere(tp *TypedPackage) {
	var declared map[string]string
	for i := range tp.Errors {
		m := undefined.FindStringSubmatch(tp.Errors[i].Text)
		if m == nil {
			continue
		}
		if declared == nil {
			declared = c.leftOut(tp)
		}
		tp.Errors[i].Elsewhere = declared[m[1]+m[2]]
	}
}

// leftOut maps the names that files left out of a package, and of the local ones it imports, declare to these files.
func (c *checker) leftOut(tp *TypedPackage) map[string]string {
	packages := []*Package{tp.Package}
	for _, written := range tp.Imports {
		if below := c.byPath[tp.resolve(written)]; below != nil {
			packages = append(packages, below.Package)
		}
	}
	declared := map[string]string{}
	for _, p := range packages {
		for _, base := range p.IgnoredGoFiles {
			if strings.HasSuffix(base, "_test.go") {
				continue
			}
			name := p.abs(base)
			file, _ := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if file == nil || file.Name.Name != p.Name {
				continue
			}
			for _, word := range slices.Concat(project.Declared(file), methods(file)) {
				declared[word] = name
			}
		}
	}
	return declared
}

// methods are the names of the methods that a file declares.
func methods(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
