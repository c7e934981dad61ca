package project

import (
	"bytes"
	"context"
	"errors"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// GoFile is one Go source file, parsed as far as its imports.
type GoFile struct {
	Path       string          // slash-separated, relative to the root
	Package    string          // of its package clause; empty when the file does not parse that far
	PackagePos Position        // of the name in the package clause
	Imports    []Import        // in order
	Constraint constraint.Expr // of its //go:build line (or +build lines); nil when it has none
	Generated  bool            // carries the "Code generated ... DO NOT EDIT." line
	Err        error           // why it could not be read or parsed; a *SyntaxError when the parser says so
	syntax     func() (*Syntax, error)
}

// Position is a place in a file: line and column from 1, column in bytes.
type Position struct{ Line, Column int }

// Import is one import of a file.
type Import struct {
	Path string // unquoted; as written when it cannot be unquoted
	Name string // local name, "_" or "."; empty when none is given
	Pos  Position
	End  Position // exclusive; of the quoted path
}

// SyntaxError is a place where a Go file does not parse.
type SyntaxError struct {
	Pos    Position
	Reason string
}

func (e *SyntaxError) Error() string { return e.Reason }

// Syntax is a Go file parsed in full.
type Syntax struct {
	File *ast.File
	Fset *token.FileSet
}

// Position of a node's start.
func (s *Syntax) Position(p token.Pos) Position {
	at := s.Fset.PositionFor(p, false)
	return Position{at.Line, at.Column}
}

// Syntax parses the whole file, once. Of a file with errors it returns what could be parsed together with the error.
func (f *GoFile) Syntax() (*Syntax, error) { return f.syntax() }

// Test tells whether the file belongs to the tests of its package.
func (f *GoFile) Test() bool { return strings.HasSuffix(f.Path, "_test.go") }

// Cgo tells whether the file imports "C".
func (f *GoFile) Cgo() bool {
	for _, i := range f.Imports {
		if i.Path == "C" {
			return true
		}
	}
	return false
}

// Dir is the file's folder, "." for the root.
func (f *GoFile) Dir() string { return path.Dir(f.Path) }

// Source is where a file's place in a multi-module tree is unknown: the Go files of a tree, parsed in parallel.
//
// Only regular files count (and links to regular files, which the go command reads too): a folder may be called x.go.
func parseAll(ctx context.Context, root string, files []File) ([]*GoFile, error) {
	out := make([]*GoFile, len(files))
	var (
		wg   sync.WaitGroup
		next = make(chan int)
	)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				out[i] = parseImports(root, files[i].Path)
			}
		})
	}
	var err error
feed:
	for i := range files {
		select {
		case next <- i:
		case <-ctx.Done():
			err = ctx.Err()
			break feed
		}
	}
	close(next)
	wg.Wait()
	return out, err
}

// maxGoFile bounds what is read of one file: a larger one is no hand-written source, and the compiler would take minutes.
const maxGoFile = 64 << 20

var errTooLarge = errors.New("larger than 64 MB, not read")

func parseImports(root, name string) *GoFile {
	f := &GoFile{Path: name}
	abs := filepath.Join(root, filepath.FromSlash(name))
	f.syntax = sync.OnceValues(func() (*Syntax, error) { return parseSyntax(abs) })
	src, err := readBounded(abs, maxGoFile)
	if err != nil {
		f.Err = err
		return f
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, abs, src, parser.ImportsOnly|parser.SkipObjectResolution)
	f.Err = syntaxError(err)
	if file == nil {
		return f
	}
	at := func(p token.Pos) Position {
		pos := fset.PositionFor(p, false)
		return Position{pos.Line, pos.Column}
	}
	if file.Name != nil && file.Name.Name != "_" {
		f.Package, f.PackagePos = file.Name.Name, at(file.Name.Pos())
	}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			p = spec.Path.Value
		}
		i := Import{Path: p, Pos: at(spec.Path.Pos()), End: at(spec.Path.End())}
		if spec.Name != nil {
			i.Name = spec.Name.Name
		}
		f.Imports = append(f.Imports, i)
	}
	header := src
	if file.Package.IsValid() {
		header = src[:min(len(src), fset.PositionFor(file.Package, false).Offset)]
	}
	f.Constraint = buildConstraint(header)
	f.Generated = bytes.Contains(header, []byte("Code generated ")) && ast.IsGenerated(withComments(header))
	return f
}

// withComments parses a file header again, comments included: seldom needed, so not worth their cost in every file.
func withComments(header []byte) *ast.File {
	src := append(bytes.Clone(header), "package p\n"...)
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil || file == nil {
		return &ast.File{}
	}
	return file
}

func parseSyntax(abs string) (*Syntax, error) {
	src, err := readBounded(abs, maxGoFile)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, abs, src, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil, syntaxError(err)
	}
	return &Syntax{File: file, Fset: fset}, syntaxError(err)
}

func syntaxError(err error) error {
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		first := list[0]
		return &SyntaxError{Pos: Position{first.Pos.Line, first.Pos.Column}, Reason: first.Msg}
	}
	return err
}

// buildConstraint finds the //go:build line (or, lacking one, the +build lines) in what stands before the package clause.
func buildConstraint(header []byte) constraint.Expr {
	if !bytes.Contains(header, []byte("build")) {
		return nil
	}
	var plus constraint.Expr
	for line := range strings.Lines(string(header)) {
		line = strings.TrimSpace(line)
		switch {
		case constraint.IsGoBuild(line):
			if x, err := constraint.Parse(line); err == nil {
				return x
			}
		case constraint.IsPlusBuild(line):
			if x, err := constraint.Parse(line); err == nil {
				if plus == nil {
					plus = x
				} else {
					plus = &constraint.AndExpr{X: plus, Y: x}
				}
			}
		}
	}
	return plus
}

// readBounded reads a regular file (or what a link leads to) of at most max bytes.
func readBounded(abs string, max int64) ([]byte, error) {
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if info.Size() > max {
		return nil, errTooLarge
	}
	return os.ReadFile(abs)
}
