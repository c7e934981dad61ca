package needs

import (
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/target/project"
)

// Cycle is what a watcher runs, and where.
type Cycle struct {
	Root  string // absolute root of the examined tree
	Dir   string // the folder in which the commands and the program run, relative to the root
	Build []string
	Pre   []string // before each build
}

// abs is the folder in which the commands run.
func (c Cycle) abs() string { return filepath.Join(c.Root, filepath.FromSlash(c.Dir)) }

// rel names an absolute path relative to the root.
func (c Cycle) rel(abs string) string {
	rel, err := filepath.Rel(c.Root, abs)
	if err != nil {
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

// Read finds what the program needs that a watcher builds, and what its cycle writes; nil where the module has no program.
func Read(im *project.Imports, c Cycle) *Program {
	starts, sure := mains(im, c, c.Build)
	if !sure {
		if before, found := mains(im, c, c.Pre); found {
			starts, sure = before, true
		}
	}
	if len(starts) == 0 {
		return nil
	}
	p := &Program{Module: im.Module, Guessed: !sure}
	for _, s := range starts {
		p.Mains = append(p.Mains, s.Dir)
	}
	if sure || len(starts) == 1 {
		p.Packages = find(c.Root, im, starts)
	} else {
		p.Packages = shared(c.Root, im, starts)
	}
	for _, pkg := range p.Packages {
		p.Assets = append(p.Assets, assets(c, pkg)...)
	}
	p.Writes = slices.Concat(commandWrites(im, c), programWrites(c, p.Packages))
	return p
}

// shared are the packages that each of several programs needs.
func shared(root string, im *project.Imports, starts []*project.Package) []Package {
	count := map[string]int{}
	var last []Package
	for _, s := range starts {
		last = find(root, im, []*project.Package{s})
		for _, p := range last {
			count[p.Dir]++
		}
	}
	return slices.DeleteFunc(last, func(p Package) bool { return count[p.Dir] < len(starts) })
}
