package pprof

import (
	"path"
	"path/filepath"
	"strings"
)

// Code tells which frames are the user's own, and where their files lie in the project.
type Code struct {
	Modules []Module // those that lie in the project, the innermost ones too
	// Program is the import path of the main package: the linker calls its functions "main.…". Empty where it is not known.
	Program string
	// Roots are the names of the project's folder, absolute; none where there is no project.
	Roots []string
	// Files are those of the project, by their slash-separated path relative to it.
	Files func(rel string) bool
}

// Module is a module of the project.
type Module struct {
	Path string
	Dir  string // relative to the project, slash-separated; "." for the project itself
}

// Mark marks the frames of a profile that are the user's own. Those whose file is found in the project get its path there.
func (c Code) Mark(p *Profile) {
	for _, s := range p.Stacks {
		for i := range s.Frames {
			c.mark(&s.Frames[i])
		}
	}
}

func (c Code) mark(f *Frame) {
	pkg := packageOf(f.Func)
	if pkg == "main" && c.Program != "" {
		pkg = c.Program
	}
	m, ok := c.moduleOf(pkg)
	if !ok && pkg != "main" && pkg != c.Program || elsewhere(f.File) {
		return
	}
	f.Own = true
	if rel, ok := c.find(f.File, pkg, m); ok {
		f.File, f.Local = rel, true
	}
}

// moduleOf is the innermost module that a package may be of.
func (c Code) moduleOf(pkg string) (Module, bool) {
	var found Module
	for _, m := range c.Modules {
		if m.Path != "" && len(m.Path) > len(found.Path) && (pkg == m.Path || strings.HasPrefix(pkg, m.Path+"/")) {
			found = m
		}
	}
	return found, found.Path != ""
}

// elsewhere tells whether a file is of a module that was fetched: one below ours by its path may be.
func elsewhere(file string) bool {
	return strings.Contains(file, "@v") || strings.Contains(file, "/vendor/")
}

// find is the place of a file in the project: under its root; else, as it was built elsewhere or with -trimpath, by its package;
// else, of a main package that is not known, the longest end of its path that is there.
func (c Code) find(file, pkg string, m Module) (string, bool) {
	file = filepath.ToSlash(file)
	for _, root := range c.Roots {
		if rel, ok := strings.CutPrefix(file, filepath.ToSlash(root)+"/"); ok {
			return rel, c.has(rel)
		}
	}
	if m.Path != "" {
		rel := path.Join(m.Dir, strings.TrimPrefix(pkg, m.Path), path.Base(file))
		return rel, c.has(rel)
	}
	for rest := file; ; {
		_, after, ok := strings.Cut(rest, "/")
		if !ok {
			return "", false
		}
		if rest = after; strings.Contains(rest, "/") && c.has(rest) {
			return rest, true
		}
	}
}

func (c Code) has(rel string) bool { return c.Files != nil && c.Files(rel) }

// packageOf is the import path in the full name of a function: what stands before the first dot of its last element. The linker
// writes a dot of that element as %2e.
func packageOf(function string) string {
	if i := strings.IndexByte(function, '['); i >= 0 { // type arguments hold paths of their own
		function = function[:i]
	}
	slash := strings.LastIndexByte(function, '/')
	dot := strings.IndexByte(function[slash+1:], '.')
	if dot < 0 {
		return function
	}
	return strings.ReplaceAll(function[:slash+1+dot], "%2e", ".")
}
