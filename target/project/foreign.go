package project

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Reached is what a program is built from outside its own module, followed through the module cache or the vendor folder.
type Reached struct {
	// Packages are those of other modules, by path.
	Packages []ForeignPackage
	// Std are the packages of the standard library that some of the program's packages import, each with a package that does so.
	Std map[string]string
	// Complete is false where a module or a package could not be read.
	Complete bool
}

// ForeignPackage is a package of another module that a program is built from.
type ForeignPackage struct {
	Path   string
	Module module.Version
	By     string // the first package found that imports it; "" for one of the program's own
	// Cgo tells that a file of it imports "C"; Pure that others would be left without cgo.
	Cgo, Pure bool
}

// Has tells whether a package of that import path is built in, be it of the standard library.
func (r *Reached) Has(importPath string) bool {
	if _, ok := r.Std[importPath]; ok {
		return true
	}
	return slices.ContainsFunc(r.Packages, func(p ForeignPackage) bool { return p.Path == importPath })
}

// ReadReached follows the imports of a program's own files, for the build that is made here with cgo on.
func (im *Imports) ReadReached(ctx context.Context, files []*GoFile) (*Reached, error) {
	build := im.Resolver.Settings.Build
	build.Cgo = true
	out := &Reached{Std: map[string]string{}, Complete: true}
	seen := map[string]bool{}
	var level []foreignPackage
	follow := func(importPath, by string) {
		if seen[importPath] || importPath == "C" {
			return
		}
		seen[importPath] = true
		res := im.Resolver.Resolve(importPath)
		switch res.Kind {
		case Std:
			out.Std[importPath] = by
		case Required, Vendored, Implicit:
			out.Packages = append(out.Packages, ForeignPackage{Path: importPath, Module: res.Module, By: by})
			level = append(level, foreignPackage{importPath, res.Module, res.Dir})
		case Own, Sibling:
		default:
			out.Complete = false
		}
	}
	for _, f := range files {
		for _, i := range f.Imports {
			follow(i.Path, "")
		}
	}
	done := 0
	for len(level) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from := level
		level = nil
		imports, err := readLevel(ctx, from, build.Has)
		if err != nil {
			return nil, err
		}
		for n, list := range imports {
			p := &out.Packages[done+n]
			p.Cgo = slices.Contains(list, "C")
			if p.Cgo {
				p.Pure = pureFiles(from[n].dir, build)
			}
			out.Complete = out.Complete && list != nil
		}
		done += len(from)
		for n, list := range imports {
			for _, path := range list {
				follow(path, from[n].path)
			}
		}
	}
	slices.SortFunc(out.Packages, func(a, b ForeignPackage) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// pureFiles tells whether a package has Go files for a build without cgo.
func pureFiles(dir string, build Build) bool {
	build.Cgo = false
	some := false
	_ = foreignImports(dir, func(f *GoFile) bool {
		some = some || build.Has(f)
		return false
	})
	return some
}
