package project

import (
	"slices"
	"strings"
)

// PackageIn reads the Go files of a folder (relative to an absolute root, also "../x") that belongs to none of the examined
// modules; nil where there is no such folder.
func PackageIn(root, dir string) *Package {
	return (&Module{Root: root, Dir: "."}).packageAt(dir)
}

// BuildsHere tells whether a file is part of its package in a build here, tests left out.
func (im *Imports) BuildsHere(f *GoFile) bool { return im.builds(f) }

// Programs are the packages main that are built here, by folder.
func (im *Imports) Programs() []*Package {
	var out []*Package
	for _, p := range im.Packages {
		if im.BuildsProgram(p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *Package) int { return strings.Compare(a.Dir, b.Dir) })
	return out
}

// BuildsProgram tells whether the build that is made here makes a program of a package.
func (im *Imports) BuildsProgram(p *Package) bool {
	return slices.ContainsFunc(p.Files, func(f *GoFile) bool { return f.Package == "main" && im.BuildsHere(f) })
}

// OwnPackage finds the package of the module with that import path; nil where it is none of it.
func (im *Imports) OwnPackage(importPath string) *Package {
	rel, ok := relativeImport(importPath, im.Module.Path())
	if !ok {
		return nil
	}
	return im.Packages[rel]
}
