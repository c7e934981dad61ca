package project

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
)

// Closure is what the packages of other modules import in turn, followed through the module cache or the vendor folder.
type Closure struct {
	// Modules are those that hold a package of the closure, by path.
	Modules map[string]bool
	// Implicit are packages that only a module which go.mod does not list could provide. In a module that lists all it needs
	// (since Go 1.17) the go command then stops with "updates to go.mod needed".
	Implicit []Dependence
	// Complete is false where a module or a package could not be read: then Modules may lack some.
	Complete bool
}

// Dependence is one import within the closure.
type Dependence struct {
	Package string         // that is imported
	Module  module.Version // that would provide it
	By      string         // the package that imports it
	ByMod   module.Version // its module
}

// foreignPackage is a package of another module.
type foreignPackage struct {
	path string
	mod  module.Version
	dir  string
}

// ReadClosure follows the imports of the module's own packages out into other modules. Of files that keep refuses nothing is
// followed: nil keeps all that some build could hold, which is what `go mod tidy` looks at.
func (im *Imports) ReadClosure(ctx context.Context, keep func(*GoFile) bool) (*Closure, error) {
	if keep == nil {
		keep = (*GoFile).Possible
	}
	c := &Closure{Modules: map[string]bool{}, Complete: true}
	seen := map[string]bool{}
	var level []foreignPackage
	follow := func(importPath, by string, byMod module.Version) {
		if seen[importPath] {
			return
		}
		seen[importPath] = true
		res := im.Resolver.Resolve(importPath)
		switch res.Kind {
		case Required, Vendored:
			c.Modules[res.Module.Path] = true
			level = append(level, foreignPackage{importPath, res.Module, res.Dir})
		case Implicit:
			if by != "" {
				c.Implicit = append(c.Implicit, Dependence{importPath, res.Module, by, byMod})
			}
			c.Modules[res.Module.Path] = true
			level = append(level, foreignPackage{importPath, res.Module, res.Dir})
		case Unsure, Sibling:
			c.Modules[res.Module.Path] = true
			c.Complete = false
		}
	}
	for _, i := range im.Paths {
		if slices.ContainsFunc(i.Sites, func(s Site) bool { return keep(s.File) }) {
			follow(i.Path, "", module.Version{})
		}
	}
	for _, tool := range im.Module.Mod.Tool {
		follow(tool.Path, "", module.Version{})
	}
	for len(level) > 0 {
		imports, err := readLevel(ctx, level, keep)
		if err != nil {
			return nil, err
		}
		from := level
		level = nil
		for n, list := range imports {
			if list == nil {
				c.Complete = false
			}
			for _, p := range list {
				follow(p, from[n].path, from[n].mod)
			}
		}
	}
	return c, nil
}

// readLevel reads what packages import, in parallel; nil for a package that cannot be read.
func readLevel(ctx context.Context, level []foreignPackage, keep func(*GoFile) bool) ([][]string, error) {
	out := make([][]string, len(level))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range level {
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			out[i] = foreignImports(level[i].dir, keep)
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// foreignImports lists what the files of a folder import, tests left out.
func foreignImports(dir string, keep func(*GoFile) bool) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	imports := []string{}
	p := importParser{root: filepath.Clean(dir)}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name[0] == '_' || name[0] == '.' {
			continue
		}
		f := p.parse(File{Path: name, Type: e.Type()})
		if f == nil || !keep(f) {
			continue
		}
		for _, i := range f.Imports {
			if !slices.Contains(imports, i.Path) {
				imports = append(imports, i.Path)
			}
		}
	}
	return imports
}
