package project

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"sync"
)

// FileError is the first place of a file that does not parse.
type FileError struct {
	File *GoFile
	Err  *SyntaxError
}

// SyntaxErrors parses the files of a build in full, in parallel, keeping nothing but the errors.
func (m *Module) SyntaxErrors(ctx context.Context, g *PackageGraph) ([]FileError, error) {
	var files []*GoFile
	for _, p := range g.Packages {
		files = append(files, p.Files...)
	}
	found := make([]*SyntaxError, len(files))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, f := range files {
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			found[i] = m.syntaxErrorIn(f)
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var out []FileError
	for i, bad := range found {
		if bad != nil {
			out = append(out, FileError{files[i], bad})
		}
	}
	return out, nil
}

func (m *Module) syntaxErrorIn(f *GoFile) *SyntaxError {
	if bad, ok := errors.AsType[*SyntaxError](f.Err); ok {
		return bad
	}
	abs := filepath.Join(m.Root, filepath.FromSlash(f.Path))
	src, err := readBounded(abs, maxGoFile)
	if err != nil {
		return nil
	}
	_, err = parser.ParseFile(token.NewFileSet(), abs, src, parser.SkipObjectResolution)
	bad, _ := errors.AsType[*SyntaxError](syntaxError(err))
	return bad
}
