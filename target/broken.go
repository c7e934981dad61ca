package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// BrokenPackage is a package that does not compile, with what the toolchain says against it.
type BrokenPackage struct {
	ImportPath string
	Dir        string                // absolute
	Needed     bool                  // a program of the module is built from it
	Errors     []toolchain.CodeError // those of a dependency have no File
}

// Broken are the packages of a module that do not compile, tests left out: those that the go command cannot load, those with
// files that do not parse and, unless types are switched off, those with type errors. Those that a program needs come first.
// The error says why there may be more.
func (t *Target) Broken(ctx context.Context, im *project.Imports) ([]BrokenPackage, error) {
	list, err := t.List(ctx, im.Module)
	if errors.Is(err, ErrFast) {
		return nil, err // parsing all files in full costs many times the rest of a fast run
	}
	if err != nil {
		broken, syntaxErr := t.unparsed(ctx, im)
		return broken, cmp.Or(syntaxErr, err)
	}
	needed := list.Needed()
	var all []BrokenPackage
	note := func(p *toolchain.Package, errs ...toolchain.CodeError) {
		if p != nil && len(errs) > 0 {
			all = append(all, BrokenPackage{p.ImportPath, p.Dir, needed[p.ImportPath], errs})
		}
	}
	for _, p := range list.Packages {
		if p.Error == nil {
			continue
		}
		e := toolchain.CodeError{Text: toolchain.FirstLine(p.Error.Err), Problem: p.Error.Problem}
		if p.Local() {
			e.Place = p.Error.Place
		}
		note(p, e)
	}
	types, err := t.Checked(ctx, im.Module)
	if err != nil {
		return merged(all), err
	}
	for _, p := range types.Packages {
		note(p.Package, p.Errors...)
	}
	for importPath, said := range types.Broken {
		note(list.ByPath[importPath], toolchain.CodeError{Text: toolchain.CompilerLine(said), Problem: toolchain.Compile})
	}
	if slices.ContainsFunc(list.Packages, notDownloaded) {
		return merged(all), errNotDownloaded
	}
	return merged(all), unchecked(types)
}

var errNotDownloaded = errors.New("modules that it needs are not in the module cache; `go mod download` gets them")

func notDownloaded(p *toolchain.Package) bool {
	return p.Error != nil && p.Error.Problem == toolchain.NotDownloaded
}

// unparsed are the packages with files that do not parse, which no go command is needed to tell.
func (t *Target) unparsed(ctx context.Context, im *project.Imports) ([]BrokenPackage, error) {
	graph, err := t.PackageGraph(ctx, im)
	if err != nil {
		return nil, err
	}
	bad, err := im.Module.SyntaxErrors(ctx, graph)
	var out []BrokenPackage
	for _, b := range bad {
		p := graph.In(b.File.Dir())
		file := filepath.Join(t.root, filepath.FromSlash(b.File.Path))
		out = append(out, BrokenPackage{p.ImportPath, filepath.Dir(file), p.Needed, []toolchain.CodeError{{
			Place:   toolchain.Place{File: file, Line: b.Err.Pos.Line, Column: b.Err.Pos.Column},
			Text:    b.Err.Reason,
			Problem: toolchain.Syntax,
		}}})
	}
	return merged(out), err
}

// merged puts the errors of one package together, each line once.
func merged(all []BrokenPackage) []BrokenPackage {
	var out []BrokenPackage
	for _, b := range all {
		i := slices.IndexFunc(out, func(o BrokenPackage) bool { return o.ImportPath == b.ImportPath })
		if i < 0 {
			out = append(out, b)
			continue
		}
		for _, e := range b.Errors {
			known := slices.ContainsFunc(out[i].Errors, func(o toolchain.CodeError) bool { return o.File == e.File && o.Line == e.Line })
			if !known {
				out[i].Errors = append(out[i].Errors, e)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b BrokenPackage) int {
		if a.Needed != b.Needed {
			if a.Needed {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ImportPath, b.ImportPath)
	})
	return out
}

// unchecked says why not all packages were judged; that another one is broken below them is no reason to mention.
func unchecked(types *toolchain.Types) error {
	var open error
	for _, p := range types.Packages {
		switch {
		case p.Unchecked == nil || errors.Is(p.Unchecked, toolchain.ErrBelow):
		case errors.Is(p.Unchecked, toolchain.ErrCold):
			return p.Unchecked
		case open == nil:
			open = fmt.Errorf("%s was not checked: %w", p.ImportPath, p.Unchecked)
		}
	}
	return open
}
