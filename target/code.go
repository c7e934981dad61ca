package target

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/source"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// List is what `go list -deps` says of a module's packages; a *toolchain.ListFailure where it says nothing.
//
// The list looks into the build cache too, so that one run of the go command serves the types as well. With TypesNever there
// is none: ErrFast.
func (t *Target) List(ctx context.Context, m *project.Module) (*toolchain.List, error) {
	return t.lists.Get(ctx, m.Dir)
}

// StartLists has the go command begin on the lists of all modules, so that they are ready when the imports have been read.
func (t *Target) StartLists(ctx context.Context) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if m.Mod != nil {
			go t.List(ctx, m) // what comes of it is kept for those who ask
		}
	}
	return nil
}

func (t *Target) readList(ctx context.Context, dir string) (*toolchain.List, error) {
	if t.opts.Types == TypesNever {
		return nil, ErrFast
	}
	return t.compiler(dir).List(ctx, true)
}

// ErrFast says that a fact was not read because the go command takes its time for it, and none was given (TypesNever).
var ErrFast = errors.New("--fast leaves out what only the go command can tell")

// Checked are the types of a module's own packages, as far as the build cache lets them be known. It must not be asked for
// with TypesNever.
func (t *Target) Checked(ctx context.Context, m *project.Module) (*toolchain.Types, error) {
	return t.checked.Get(ctx, m.Dir)
}

func (t *Target) readTypes(ctx context.Context, dir string) (*toolchain.Types, error) {
	l, err := t.lists.Get(ctx, dir)
	if err != nil {
		return nil, err
	}
	return t.compiler(dir).TypeCheck(ctx, l, t.opts.Types == TypesAlways)
}

// Code is the code of a module as analyzers take it: typed as far as the build cache allows, by its syntax where nobody asked for
// more (TypesNever) or the go command has no answer.
func (t *Target) Code(ctx context.Context, im *project.Imports) (*source.Code, error) {
	return t.codes.Get(ctx, im)
}

func (t *Target) readCode(ctx context.Context, im *project.Imports) (*source.Code, error) {
	code, err := t.codeOf(ctx, im)
	if err != nil {
		return nil, err
	}
	code.Requires = im.Module.Versions()
	return code, nil
}

func (t *Target) codeOf(ctx context.Context, im *project.Imports) (*source.Code, error) {
	untyped := source.ErrSyntaxOnly
	if t.opts.Types != TypesNever && !t.opts.TrustStubs {
		checked, err := t.Checked(ctx, im.Module)
		if err == nil && len(checked.Packages) > 0 {
			return source.FromTypes(checked), nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		untyped = cmp.Or(err, untyped)
	}
	graph, err := t.PackageGraph(ctx, im)
	if err != nil {
		return nil, err
	}
	if t.opts.TrustStubs {
		untyped = nil
	}
	return source.FromSyntax(t.root, im.Module, graph, im.Resolver.Settings.Build.GOARCH, untyped), nil
}

// analysisKey names one suite run over one module.
type analysisKey struct {
	suite *source.Suite
	im    *project.Imports
}

// Analyze runs a suite of analyzers over a module's code, once.
func (t *Target) Analyze(ctx context.Context, im *project.Imports, suite *source.Suite) (*source.Analysis, error) {
	return t.analyses.Get(ctx, analysisKey{suite, im})
}

func (t *Target) readAnalysis(ctx context.Context, key analysisKey) (*source.Analysis, error) {
	code, err := t.Code(ctx, key.im)
	if err != nil {
		return nil, err
	}
	return source.Analyze(ctx, code, *key.suite)
}

// Tidied is what `go mod tidy` would leave of a module's requirements: module path to whether it is marked "// indirect".
func (t *Target) Tidied(ctx context.Context, m *project.Module) (map[string]bool, error) {
	return t.tidied.Get(ctx, m)
}

func (t *Target) readTidied(ctx context.Context, m *project.Module) (map[string]bool, error) {
	if t.opts.Types == TypesNever {
		return nil, ErrFast
	}
	return t.Go(m.Dir).Tidied(ctx, modfile.Format(m.Mod.Syntax))
}

// PackageGraph is a module's own packages as its build sees them.
func (t *Target) PackageGraph(ctx context.Context, im *project.Imports) (*project.PackageGraph, error) {
	return t.graphs.Get(ctx, im)
}

// asWatched puts the platform and the tags of the watcher's build command, where one says so, over those of a plain build.
func (t *Target) asWatched(b project.Build, dir string) project.Build {
	as := t.buildAs(dir)
	if tags := as.Tags(); tags != nil {
		b.Tags = tags
	}
	for _, set := range as.Environ {
		switch name, value, _ := strings.Cut(set, "="); name {
		case "GOOS":
			b.GOOS = value
		case "GOARCH":
			b.GOARCH = value
		case "CGO_ENABLED":
			b.Cgo = value == "1"
		}
	}
	return b
}

// compiler is the go command in a folder relative to the root, for the build that the watcher makes there.
func (t *Target) compiler(dir string) *toolchain.Go {
	g := t.Go(dir)
	g.As = t.buildAs(dir)
	return g
}

// buildAs is how air's configuration in a folder has the program built.
func (t *Target) buildAs(dir string) toolchain.BuildAs {
	air := t.Air(dir)
	if air == nil {
		return toolchain.BuildAs{}
	}
	for _, c := range project.ParseShell(air.Cmd, project.Position{}) {
		if as, ok := toolchain.ParseBuildAs(c.Words, c.Assigns); ok {
			return as
		}
	}
	return toolchain.BuildAs{}
}
