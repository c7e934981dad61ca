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
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
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
	abs        string
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

// Syntax is a Go file parsed in full. The files of one package share their Fset.
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

// Source reads the text of the file; an error where it has more bytes than limit. Whoever looks for a word asks it before Syntax,
// which costs ten times as much and is kept.
func (f *GoFile) Source(limit int64) ([]byte, error) { return readBounded(f.abs, limit) }

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

// parseAll parses files as far as their imports, in parallel, and returns them in the same order. What is no regular file
// (nor a link to one) stays nil: a folder may be called x.go, and the go command passes over it too.
func parseAll(ctx context.Context, root string, files []File) ([]*GoFile, error) {
	out := make([]*GoFile, len(files))
	var (
		wg   sync.WaitGroup
		next atomic.Int64
		fset = token.NewFileSet() // one for all, so that the files of a package can be analyzed together
	)
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			p := importParser{root: root, fset: fset}
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				out[i] = p.parse(files[i])
			}
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// maxGoFile bounds what is read of one file: a larger one is no hand-written source, and the compiler would take minutes.
const maxGoFile = 64 << 20

// headSize is what is read of a file at first: the imports of nearly all files end before, and reading the rest of a long
// file would cost more than parsing its imports.
const headSize = 8 << 10

// importParser parses files one after the other and keeps its buffer.
type importParser struct {
	root string
	fset *token.FileSet // of the files that are parsed in full
	buf  []byte
}

// parse gives nil for what is no file to the go command.
func (p *importParser) parse(file File) *GoFile {
	f := &GoFile{Path: file.Path}
	abs := p.root + string(filepath.Separator) + filepath.FromSlash(file.Path)
	f.abs = abs
	f.syntax = sync.OnceValues(func() (*Syntax, error) { return parseSyntax(p.fset, abs) })
	if !file.Type.IsRegular() {
		if file.Type&fs.ModeSymlink == 0 {
			return nil
		}
		info, err := os.Stat(abs)
		if err == nil && !info.Mode().IsRegular() {
			return nil
		}
	}
	r, err := os.Open(abs)
	if err != nil {
		f.Err = err
		return f
	}
	defer r.Close()
	head, whole, err := p.head(r)
	if err == nil && !f.parseImports(head, whole) {
		head, err = p.rest(r, head)
		if err == nil {
			f.parseImports(head, true)
		}
	}
	if err != nil {
		f.Err = err
	}
	return f
}

// head reads the beginning of a file and tells whether that was all of it.
func (p *importParser) head(r io.Reader) (data []byte, whole bool, err error) {
	if p.buf == nil {
		p.buf = make([]byte, headSize)
	}
	n, err := io.ReadFull(r, p.buf[:headSize])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return p.buf[:n], true, nil
	}
	return p.buf[:n], false, err
}

func (p *importParser) rest(r io.Reader, head []byte) ([]byte, error) {
	data := bytes.NewBuffer(slices.Clone(head))
	n, err := data.ReadFrom(io.LimitReader(r, maxGoFile))
	if n == maxGoFile {
		return nil, errTooLarge
	}
	return data.Bytes(), err
}

// parseImports takes from the source what a GoFile says. Of the beginning of a file (whole is false) it does so only when
// all imports are certain to stand in it, and says so.
func (f *GoFile) parseImports(src []byte, whole bool) bool {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if !whole && (err != nil || !codeFollows(fset, file, src)) {
		return false
	}
	f.Err = syntaxError(err)
	if file == nil {
		return true
	}
	lines := fset.File(file.FileStart)
	at := func(p token.Pos) Position {
		pos := lines.PositionFor(p, false)
		return Position{pos.Line, pos.Column}
	}
	if file.Name != nil && file.Name.Name != "_" {
		f.Package, f.PackagePos = file.Name.Name, at(file.Name.Pos())
	}
	if len(file.Imports) > 0 {
		f.Imports = make([]Import, 0, len(file.Imports))
	}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			p = spec.Path.Value
		}
		i := Import{Path: p, Pos: at(spec.Path.Pos())}
		i.End = Position{i.Pos.Line, i.Pos.Column + len(spec.Path.Value)}
		if spec.Name != nil {
			i.Name = spec.Name.Name
		}
		f.Imports = append(f.Imports, i)
	}
	header := src
	if file.Package.IsValid() {
		header = src[:min(len(src), lines.Offset(file.Package))]
	}
	f.Constraint = buildConstraint(header)
	f.Generated = bytes.Contains(header, []byte("Code generated ")) && (ast.IsGenerated(withComments(header)) || swagLine.Match(header))
	return true
}

// swagLine is how swag marks its docs.go: as the package's comment, which is not the form that Go agreed on.
var swagLine = lazyregexp.New(`(?m)^// Package \w+ Code generated by \S+\. DO NOT EDIT\.?\r?$`)

// codeFollows tells whether a token that ends the imports stands whole in src: then what src lacks holds no more imports.
func codeFollows(fset *token.FileSet, file *ast.File, src []byte) bool {
	if file == nil || file.Name == nil {
		return false
	}
	end := file.Name.End()
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			end = max(end, g.End())
		}
	}
	from := fset.File(file.FileStart).Offset(end)
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)-from), src[from:], nil, 0)
	for {
		pos, tok, lit := s.Scan()
		switch {
		case tok == token.SEMICOLON:
		case tok == token.EOF || s.ErrorCount > 0:
			return false
		default:
			return from+int(pos)-1+max(len(lit), len(tok.String())) < len(src) && tok != token.IMPORT
		}
	}
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

func parseSyntax(fset *token.FileSet, abs string) (*Syntax, error) {
	src, err := readBounded(abs, maxGoFile)
	if err != nil {
		return nil, err
	}
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
