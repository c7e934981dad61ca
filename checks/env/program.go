package env

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// mainPackages are the packages of a module that this build makes programs of, by folder.
func mainPackages(m *project.Module, b *project.Build) []*project.Package {
	var out []*project.Package
	for _, p := range m.Packages {
		if slices.ContainsFunc(p.Files, func(f *project.GoFile) bool { return f.Package == "main" && compiled(f, b) }) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *project.Package) int { return strings.Compare(a.Dir, b.Dir) })
	return out
}

// compiled tells whether a file is compiled into a program by this build.
func compiled(f *project.GoFile, b *project.Build) bool { return !f.Test() && b.Has(f) }

// use is one import of one file.
type use struct {
	file *project.GoFile
	imp  project.Import
}

// firstUse finds the first import, in the programs of a module (or in all its packages, where it has no program), that is
// wanted. The packages that below finds for the imports are looked at too; below may be nil.
func firstUse(m *project.Module, b *project.Build, below func(importPath string) *project.Package, wanted func(f *project.GoFile, importPath string) bool) (use, bool) {
	packages := mainPackages(m, b)
	if len(packages) == 0 {
		for _, p := range m.Packages {
			packages = append(packages, p)
		}
		slices.SortFunc(packages, func(a, b *project.Package) int { return strings.Compare(a.Dir, b.Dir) })
	}
	for n := 0; n < len(packages); n++ {
		for _, f := range packages[n].Files {
			if !compiled(f, b) {
				continue
			}
			for _, i := range f.Imports {
				if !ordinary(i.Path) {
					continue
				}
				if wanted(f, i.Path) {
					return use{f, i}, true
				}
				if below == nil {
					continue
				}
				if p := below(i.Path); p != nil && !slices.Contains(packages, p) {
					packages = append(packages, p)
				}
			}
		}
	}
	return use{}, false
}

// ordinary leaves out what is no package of a module: "C", the standard library and relative imports.
func ordinary(path string) bool {
	return path != "C" && path != "unsafe" && path != "" && !strings.HasPrefix(path, ".") && !project.StdPackages()[path]
}
