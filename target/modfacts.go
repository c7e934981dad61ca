package target

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// Imports are the imports of each module that has a readable go.mod, in the order of Modules.
func (t *Target) Imports(ctx context.Context) ([]*project.Imports, error) { return t.imports.Get(ctx) }

func (t *Target) readImports(ctx context.Context) ([]*project.Imports, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	var all []*project.Imports
	for _, m := range modules {
		if m.Mod == nil {
			continue
		}
		settings, err := t.resolveSettings(ctx, m)
		if err != nil {
			return nil, err
		}
		im, err := project.ReadImports(ctx, project.NewResolver(m, settings))
		if err != nil {
			return nil, err
		}
		all = append(all, im)
	}
	return all, nil
}

// resolveSettings are what the go command takes from its environment when it works on a module. Without a go command they are
// read from the user's settings, or are the defaults.
func (t *Target) resolveSettings(ctx context.Context, m *project.Module) (project.Settings, error) {
	vars, err := t.goVars(ctx)
	if err != nil {
		return project.Settings{}, err
	}
	work, err := t.Work(ctx, m)
	if err != nil {
		return project.Settings{}, err
	}
	cache, err := t.modCache.Get(ctx)
	if err != nil {
		return project.Settings{}, err
	}
	mod, _, _ := toolchain.Flag(vars("GOFLAGS"), "mod")
	modFile, _, _ := toolchain.Flag(vars("GOFLAGS"), "modfile")
	return project.Settings{
		Cache:   cache,
		Work:    work,
		GOROOT:  standardRoot(vars("GOROOT")),
		Mod:     mod,
		ModFile: modFile,
		Build: t.asWatched(project.Build{
			GOOS:   orElse(vars("GOOS"), runtime.GOOS),
			GOARCH: orElse(vars("GOARCH"), runtime.GOARCH),
			Cgo:    vars("CGO_ENABLED") != "0",
			Tags:   toolchain.Tags(vars("GOFLAGS")),
			Minor:  minor(strings.TrimPrefix(orElse(vars("GOVERSION"), runtime.Version()), "go")),
		}, m.Dir),
	}, nil
}

// goVars looks variables up in what `go env` says or, lacking a go command, in the user's own settings.
func (t *Target) goVars(ctx context.Context) (func(name string) string, error) {
	env, err := t.GoEnv(ctx)
	switch {
	case err == nil:
		return func(name string) string { return env.Vars[name] }, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return nil, err
	}
	return func(name string) string { return settings.Lookup(name).Value }, nil
}

// findModCache finds the module cache: GOMODCACHE, else pkg/mod in the first folder of GOPATH, else in ~/go.
func (t *Target) findModCache(ctx context.Context) (*project.ModCache, error) {
	vars, err := t.goVars(ctx)
	if err != nil {
		return nil, err
	}
	if dir := vars("GOMODCACHE"); dir != "" {
		return &project.ModCache{Dir: dir}, nil
	}
	gopath, _, _ := strings.Cut(vars("GOPATH"), string(filepath.ListSeparator))
	if home := orElse(t.Getenv("HOME"), t.Getenv("USERPROFILE")); gopath == "" && home != "" {
		gopath = filepath.Join(home, "go")
	}
	if gopath == "" {
		return &project.ModCache{}, nil
	}
	return &project.ModCache{Dir: filepath.Join(gopath, "pkg", "mod")}, nil
}

// ModCache is the module cache in use.
func (t *Target) ModCache(ctx context.Context) (*project.ModCache, error) { return t.modCache.Get(ctx) }

// Work is the go.work that holds for a module, whether or not it lists the module: the one that GOWORK names, none where
// it says off, else the nearest above. It is nil where there is none.
func (t *Target) Work(ctx context.Context, m *project.Module) (*project.Work, error) {
	abs, err := t.workPath(ctx, m.AbsDir())
	if err != nil || abs == "" {
		return nil, err
	}
	return t.works.Get(ctx, abs)
}

func (t *Target) workPath(ctx context.Context, dir string) (string, error) {
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return "", err
	}
	named := settings.Lookup("GOWORK").Value
	switch {
	case named == "off" || settings.Lookup("GO111MODULE").Value == "off":
		return "", nil
	case filepath.IsAbs(named):
		return named, nil
	}
	return project.FindUp(dir, "go.work"), nil
}

func (t *Target) readWork(_ context.Context, abs string) (*project.Work, error) {
	return project.ReadWork(abs, t.Rel(abs)), nil
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// MadeLater tells why a package that is missing (its folder given relative to the root) is not there yet by design: a
// generator writes it, or git ignores it as an output. It is empty where nothing says so.
func (t *Target) MadeLater(ctx context.Context, m *project.Module, dir string) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	if by := m.Generator(tree, dir); by != "" {
		return by, nil
	}
	abs := filepath.Join(t.root, filepath.FromSlash(dir))
	// A folder that does not exist is ignored by a rule such as "gen/" only when it is asked for as a folder.
	ignored, err := t.Git().Ignored(ctx, abs, filepath.Join(abs, "x.go"))
	switch {
	case errors.Is(err, git.ErrNoGit):
		return "", nil
	case err != nil:
		return "", err
	case len(ignored) > 0:
		return "git ignores " + dir + ", so it is an output that a fresh checkout lacks", nil
	}
	return "", nil
}

// GoVar is a variable of the go command: what `go env` says or, lacking a go command, what the user has set.
func (t *Target) GoVar(ctx context.Context, name string) (string, error) {
	vars, err := t.goVars(ctx)
	if err != nil {
		return "", err
	}
	return vars(name), nil
}

// Git asks git about the checkout that holds the root.
func (t *Target) Git() *git.Repo { return &git.Repo{Dir: t.root, Environ: t.Environ()} }
