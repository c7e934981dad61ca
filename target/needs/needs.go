// Package needs tells which files a program is built from and reads, and what its reload cycle writes. It reads and decides
// nothing about what is right.
package needs

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Program is what one main package, or several that a watcher builds together, needs.
type Program struct {
	Module *project.Module
	// Mains are the folders of the main packages. Where Guessed is set, the build command does not say which it builds: they are
	// all that there are, and Packages holds what every one of them needs.
	Mains    []string
	Guessed  bool
	Packages []Package // by folder
	Assets   []Asset
	Writes   []Write
}

// Package is a package that the program is built from: of the main module, of the workspace, of a local replacement.
type Package struct {
	Dir     string // relative to the root; "../x" for what lies outside it
	Files   []*project.GoFile
	By      project.Site // where it is imported first; the zero Site for a main package
	Outside bool         // of another module than the program
}

// Written lists the files that somebody writes by hand; none in a package that is generated as a whole.
func (p Package) Written() []*project.GoFile {
	return slices.DeleteFunc(slices.Clone(p.Files), func(f *project.GoFile) bool { return f.Generated })
}

// Place is where the code or a configuration says something.
type Place struct {
	File string
	project.Position
}

// find walks from main packages along the imports of the files that are built here.
func find(root string, im *project.Imports, mains []*project.Package) []Package {
	w := &walk{root: root, im: im, seen: map[string]bool{}}
	for _, p := range mains {
		w.take(p, project.Site{}, false)
	}
	for len(w.queue) > 0 {
		next := w.queue[0]
		w.queue = w.queue[1:]
		w.follow(next)
	}
	slices.SortFunc(w.out, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	return w.out
}

type walk struct {
	root  string
	im    *project.Imports
	seen  map[string]bool // folders
	queue []Package
	out   []Package
}

func (w *walk) take(p *project.Package, by project.Site, outside bool) {
	if p == nil || w.seen[p.Dir] {
		return
	}
	w.seen[p.Dir] = true
	pkg := Package{Dir: p.Dir, By: by, Outside: outside}
	for _, f := range p.Files {
		if w.im.BuildsHere(f) {
			pkg.Files = append(pkg.Files, f)
		}
	}
	w.out, w.queue = append(w.out, pkg), append(w.queue, pkg)
}

func (w *walk) follow(p Package) {
	for _, f := range p.Files {
		for _, i := range f.Imports {
			by := project.Site{File: f, Import: i}
			if own := w.im.OwnPackage(i.Path); own != nil {
				w.take(own, by, false)
			} else if dir, ok := w.localDir(i.Path); ok && !w.seen[dir] {
				w.take(project.PackageIn(w.root, dir), by, true)
			}
		}
	}
}

// localDir finds the folder of a package of the workspace or of a module that a folder replaces.
func (w *walk) localDir(importPath string) (string, bool) {
	res := w.im.Resolver.Resolve(importPath)
	switch res.Kind {
	case project.Sibling:
	case project.Required:
		if _, local, replaced := w.im.Resolver.Replacement(res.Module); !local || !replaced {
			return "", false
		}
	default:
		return "", false
	}
	rel, err := filepath.Rel(w.root, res.Dir)
	if err != nil {
		return "", false
	}
	return path.Clean(filepath.ToSlash(rel)), true
}

// Packages are those that programs are built from, by folder: of the main module, of the workspace, of local replacements.
func Packages(root string, im *project.Imports, mains []*project.Package) []Package {
	return find(root, im, mains)
}
