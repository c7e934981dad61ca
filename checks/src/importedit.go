package src

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// ImportEdit is what a file needs so that an edit in it can name a package of the standard library: the name that the package has
// there, and the edit that imports it, none where it is imported already. The import goes where gofmt sorts it to.
func ImportEdit(file *ast.File, importPath string) (name string, edits []analysis.TextEdit) {
	for _, spec := range file.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == importPath && (spec.Name == nil || spec.Name.Name != "_" && spec.Name.Name != ".") {
			if spec.Name != nil {
				return spec.Name.Name, nil
			}
			return path.Base(importPath), nil
		}
	}
	return path.Base(importPath), []analysis.TextEdit{importLine(file, importPath)}
}

func importLine(file *ast.File, importPath string) analysis.TextEdit {
	quoted := strconv.Quote(importPath)
	block := importBlock(file)
	if block == nil {
		return insertAt(file.Name.End(), "\n\nimport "+quoted)
	}
	if !block.Lparen.IsValid() { // import "fmt"
		return insertAt(block.Pos(), "import "+quoted+"\n")
	}
	after := block.Lparen + 1
	for _, s := range block.Specs {
		spec := s.(*ast.ImportSpec)
		p, _ := strconv.Unquote(spec.Path.Value)
		if !standard(p) || p > importPath {
			break
		}
		after = spec.End()
		if spec.Comment != nil {
			after = spec.Comment.End()
		}
	}
	if first, ok := block.Specs[0].(*ast.ImportSpec); ok && after == block.Lparen+1 {
		if p, _ := strconv.Unquote(first.Path.Value); !standard(p) {
			return insertAt(after, "\n\t"+quoted+"\n") // a group of its own above the others
		}
	}
	return insertAt(after, "\n\t"+quoted)
}

// importBlock is the first import declaration that is not `import "C"`.
func importBlock(file *ast.File) *ast.GenDecl {
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && len(g.Specs) > 0 &&
			!slices.ContainsFunc(g.Specs, func(s ast.Spec) bool { return s.(*ast.ImportSpec).Path.Value == `"C"` }) {
			return g
		}
	}
	return nil
}

func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

func insertAt(pos token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(text)}
}
