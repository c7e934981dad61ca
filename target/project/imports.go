package project

import (
	"context"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Imports are all imports of one module's packages, each with what provides it.
type Imports struct {
	Module   *Module
	Resolver *Resolver
	Paths    []*Imported // by path
	// Packages are those that are looked at: of the module's packages the ones that its go.mod does not ignore, and what
	// they import from folders that the tree's listing leaves out (testdata, linked folders). By folder relative to the module.
	Packages map[string]*Package

	byPath map[string]*Imported
}

// Imported is one import path and where it is imported.
type Imported struct {
	Path string
	Resolution
	// Sites are in the order of the files: all that some build could hold, for any platform and with any tags.
	Sites []Site
	// Needed is the first site in a package that a program is built from, here and now, tests left out; nil when no
	// program here needs the import. A module without any package main is taken as needed whole.
	Needed *Site
}

// Site is one place where something is imported.
type Site struct {
	File   *GoFile
	Import Import
}

// First is the site to show: one that breaks a build here, else any.
func (i *Imported) First() Site {
	if i.Needed != nil {
		return *i.Needed
	}
	return i.Sites[0]
}

// Find gives what is known about an import path; nil when nothing imports it.
func (im *Imports) Find(importPath string) *Imported { return im.byPath[importPath] }

// ReadImports resolves every import of the module.
func ReadImports(ctx context.Context, r *Resolver) (*Imports, error) {
	im := &Imports{Module: r.Module, Resolver: r, Packages: map[string]*Package{}, byPath: map[string]*Imported{}}
	var queue []*Package
	take := func(rel string, p *Package) {
		if im.Packages[rel] == nil {
			im.Packages[rel] = p
			queue = append(queue, p)
		}
	}
	for rel, p := range r.Module.Packages {
		if !r.Module.ignores(rel) {
			take(rel, p)
		}
	}
	for len(queue) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := queue[0]
		queue = queue[1:]
		for _, f := range p.Files {
			if !f.Possible() {
				continue
			}
			for _, i := range f.Imports {
				found := im.add(Site{f, i})
				if found.Kind != Own {
					continue
				}
				if rel, ok := relativeImport(i.Path, r.Module.Path()); ok && im.Packages[rel] == nil {
					if p := r.Module.packageAt(rel); p != nil {
						take(rel, p)
					}
				}
			}
		}
	}
	im.sort()
	im.markNeeded()
	return im, nil
}

func (im *Imports) add(s Site) *Imported {
	i := im.byPath[s.Import.Path]
	if i == nil {
		i = &Imported{Path: s.Import.Path, Resolution: im.Resolver.Resolve(s.Import.Path)}
		im.byPath[s.Import.Path] = i
		im.Paths = append(im.Paths, i)
	}
	i.Sites = append(i.Sites, s)
	return i
}

func (im *Imports) sort() {
	slices.SortFunc(im.Paths, func(a, b *Imported) int { return strings.Compare(a.Path, b.Path) })
	for _, i := range im.Paths {
		slices.SortStableFunc(i.Sites, func(a, b Site) int {
			if c := strings.Compare(a.File.Path, b.File.Path); c != 0 {
				return c
			}
			return a.Import.Pos.Line - b.Import.Pos.Line
		})
	}
}

// markNeeded walks from the programs along the imports of the files that are built here.
func (im *Imports) markNeeded() {
	reached := im.reach()
	built := map[*GoFile]bool{}
	for p := range reached {
		for _, f := range p.Files {
			built[f] = im.builds(f)
		}
	}
	for _, i := range im.Paths {
		if at := slices.IndexFunc(i.Sites, func(s Site) bool { return built[s.File] }); at >= 0 {
			i.Needed = &i.Sites[at]
		}
	}
}

// builds tells whether a file is part of its package in a build here, tests left out.
func (im *Imports) builds(f *GoFile) bool {
	return !f.Test() && f.Possible() && im.Resolver.Settings.Build.Has(f)
}

func (im *Imports) reach() map[*Package]bool {
	reached := map[*Package]bool{}
	var queue []*Package
	visit := func(p *Package) {
		if p != nil && !reached[p] {
			reached[p] = true
			queue = append(queue, p)
		}
	}
	for _, p := range im.Packages {
		if im.program(p) {
			visit(p)
		}
	}
	if len(queue) == 0 {
		for _, p := range im.Packages {
			visit(p)
		}
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, f := range p.Files {
			if !im.builds(f) {
				continue
			}
			for _, i := range f.Imports {
				if rel, ok := relativeImport(i.Path, im.Module.Path()); ok {
					visit(im.Packages[rel])
				}
			}
		}
	}
	return reached
}

// program tells whether a package is a program that can be built here.
func (im *Imports) program(p *Package) bool {
	return slices.ContainsFunc(p.Files, func(f *GoFile) bool { return f.Package == "main" && im.builds(f) })
}

// ignores tells whether an ignore line of go.mod takes a folder out of what "./..." means (https://go.dev/ref/mod#go-mod-file-ignore):
// with a leading "./" the path counts from the module, else it may stand anywhere below it.
func (m *Module) ignores(rel string) bool {
	if m.Mod == nil {
		return false
	}
	for _, line := range m.Mod.Ignore {
		dir := strings.Trim(path.Clean(line.Path), "/")
		switch {
		case strings.HasPrefix(line.Path, "./") || dir == ".":
			if Within(rel, dir) {
				return true
			}
		case strings.Contains("/"+rel+"/", "/"+dir+"/"):
			return true
		}
	}
	return false
}

// packageAt reads the package in a folder of the module that is not among those listed, or gives the one that is.
func (m *Module) packageAt(rel string) *Package {
	if p := m.Packages[rel]; p != nil {
		return p
	}
	dir := m.File(rel)
	entries, err := os.ReadDir(filepath.Join(m.Root, filepath.FromSlash(dir)))
	if err != nil {
		return nil
	}
	p := &Package{Dir: dir, ImportPath: path.Join(m.Path(), rel)}
	parser := importParser{root: m.Root, fset: token.NewFileSet()}
	for _, e := range entries {
		file := File{Path: path.Join(dir, e.Name()), Type: e.Type()}
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasPrefix(e.Name(), "_") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if f := parser.parse(file); f != nil {
			p.Files = append(p.Files, f)
		}
	}
	return p
}

// HasFolder tells whether the module has a folder of that path relative to it, with or without Go files.
func (im *Imports) HasFolder(rel string) bool {
	return isDir(filepath.Join(im.Module.AbsDir(), filepath.FromSlash(rel)))
}
