package project

import (
	"go/build/constraint"
	"path"
	"slices"
	"strings"
)

// PackageGraph is the packages of one module as one build sees them, without tests, and what they import of each other.
type PackageGraph struct {
	Packages []*BuildPackage // by import path
	byPath   map[string]*BuildPackage
}

// BuildPackage is one package of a build.
type BuildPackage struct {
	Dir        string // relative to the root of the examined tree
	ImportPath string
	Name       string          // of the package clauses; empty when all files are left out
	Files      []*GoFile       // that are compiled
	Excluded   []*GoFile       // that their names or constraints leave out
	Uses       []PackageImport // in the order of the files
	// Needed tells whether a program of the module is built from it; in a module without programs, all packages are.
	Needed bool
}

// PackageImport is one import, within a file that is compiled.
type PackageImport struct {
	File   *GoFile
	Import Import
	To     *BuildPackage // nil for what is not of this module
}

// Program tells whether the package is a program.
func (p *BuildPackage) Program() bool { return p.Name == "main" }

// Imported are the packages of the module that this one imports, each once.
func (p *BuildPackage) Imported() []*BuildPackage {
	var all []*BuildPackage
	for _, u := range p.Uses {
		if u.To != nil && !slices.Contains(all, u.To) {
			all = append(all, u.To)
		}
	}
	return all
}

// Package finds a package by its import path; nil when the module has none.
func (g *PackageGraph) Package(importPath string) *BuildPackage { return g.byPath[importPath] }

// In finds the package of a folder (relative to the root of the examined tree); nil when there is none.
func (g *PackageGraph) In(dir string) *BuildPackage {
	for _, p := range g.Packages {
		if p.Dir == dir {
			return p
		}
	}
	return nil
}

// Programs are the packages main.
func (g *PackageGraph) Programs() []*BuildPackage {
	return slices.DeleteFunc(slices.Clone(g.Packages), func(p *BuildPackage) bool { return !p.Program() })
}

// PackageGraph sorts the module's files into packages for the build that is made here.
func (im *Imports) PackageGraph() *PackageGraph {
	g := &PackageGraph{byPath: map[string]*BuildPackage{}}
	needed := im.reach()
	for rel, p := range im.Packages {
		bp := &BuildPackage{Dir: p.Dir, ImportPath: path.Join(im.Module.Path(), rel), Needed: needed[p]}
		for _, f := range p.Files {
			bp.add(f, im.builds(f))
		}
		if len(bp.Files)+len(bp.Excluded) > 0 {
			g.Packages = append(g.Packages, bp)
			g.byPath[bp.ImportPath] = bp
		}
	}
	slices.SortFunc(g.Packages, func(a, b *BuildPackage) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	for _, p := range g.Packages {
		p.link(g)
	}
	return g
}

func (p *BuildPackage) add(f *GoFile, built bool) {
	switch {
	case f.Test():
	case f.Package == "documentation": // the go command's own word for files that it ignores
	case built:
		p.Files = append(p.Files, f)
		if p.Name == "" {
			p.Name = f.Package
		}
	default:
		p.Excluded = append(p.Excluded, f)
	}
}

func (p *BuildPackage) link(g *PackageGraph) {
	for _, f := range p.Files {
		for _, i := range f.Imports {
			if i.Path != "C" {
				p.Uses = append(p.Uses, PackageImport{File: f, Import: i, To: g.byPath[i.Path]})
			}
		}
	}
}

// Rings finds the groups of packages that import each other, and of each group a shortest ring: the imports that lead from
// its first package back to it.
func (g *PackageGraph) Rings() [][]PackageImport {
	var rings [][]PackageImport
	done := map[*BuildPackage]bool{} // in a ring that is already told
	for _, p := range g.Packages {
		if done[p] {
			continue
		}
		ring := g.ring(p)
		if ring == nil {
			continue
		}
		for _, member := range g.group(p) {
			done[member] = true
		}
		rings = append(rings, ring)
	}
	return rings
}

// ring finds the shortest way from p back to p, breadth first.
func (g *PackageGraph) ring(p *BuildPackage) []PackageImport {
	type step struct {
		from *BuildPackage
		use  PackageImport
	}
	cameBy := map[*BuildPackage]step{}
	queue := []*BuildPackage{p}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, u := range at.Uses {
			if u.To == nil {
				continue
			}
			if u.To == p {
				way := []PackageImport{u}
				for back := at; back != p; back = cameBy[back].from {
					way = append(way, cameBy[back].use)
				}
				slices.Reverse(way)
				return way
			}
			if _, seen := cameBy[u.To]; !seen {
				cameBy[u.To] = step{at, u}
				queue = append(queue, u.To)
			}
		}
	}
	return nil
}

// group lists the packages that p reaches and that reach p.
func (g *PackageGraph) group(p *BuildPackage) []*BuildPackage {
	var out []*BuildPackage
	for _, q := range reachable(p) {
		if slices.Contains(reachable(q), p) {
			out = append(out, q)
		}
	}
	return out
}

// reachable lists what p imports of its module, however far away, in no order.
func reachable(p *BuildPackage) []*BuildPackage {
	seen := map[*BuildPackage]bool{}
	var out []*BuildPackage
	queue := []*BuildPackage{p}
	for len(queue) > 0 {
		at := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, u := range at.Uses {
			if u.To != nil && !seen[u.To] {
				seen[u.To] = true
				out = append(out, u.To)
				queue = append(queue, u.To)
			}
		}
	}
	return out
}

// OwnTags are the tags in a file's constraint that say nothing of platform or toolchain: those that somebody has to give
// with -tags.
func (f *GoFile) OwnTags() []string {
	var tags []string
	var visit func(constraint.Expr)
	visit = func(x constraint.Expr) {
		switch x := x.(type) {
		case *constraint.TagExpr:
			if !builtInTag(x.Tag) && !slices.Contains(tags, x.Tag) {
				tags = append(tags, x.Tag)
			}
		case *constraint.NotExpr:
			visit(x.X)
		case *constraint.AndExpr:
			visit(x.X)
			visit(x.Y)
		case *constraint.OrExpr:
			visit(x.X)
			visit(x.Y)
		}
	}
	visit(f.Constraint)
	return tags
}

func builtInTag(tag string) bool {
	switch tag {
	case "ignore", "unix", "cgo", "gc", "gccgo", "race", "msan", "asan":
		return true
	}
	arch, _, _ := strings.Cut(tag, ".")
	return knownOS[tag] || knownArch[arch] || strings.HasPrefix(tag, "go1.") || strings.HasPrefix(tag, "goexperiment.")
}
