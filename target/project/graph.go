package project

import (
	goversion "go/version"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Graph is what the go.mod files of the requirements add to those of the main modules: the module graph of
// cmd/go/internal/modload, readModGraph.
type Graph struct {
	Selected map[string]string                // module path to version, by minimal version selection
	Wants    map[string]Want                  // who asks for the selected version
	Unread   []module.Version                 // modules of the graph whose go.mod is not in the cache
	GoMods   map[module.Version]*modfile.File // those that were read
}

// Want is a requirement of a module on another.
type Want struct {
	By      module.Version // the zero Version for a main module
	Version string
}

// graphReader walks the graph.
type graphReader struct {
	cache    *ModCache
	replaces *replacements
	excluded map[module.Version]bool
	graph    *Graph
	seen     map[module.Version]bool // whether its requirements were followed
}

// readGraph builds the graph of the main modules.
func readGraph(mains []*modfile.File, replaces *replacements, cache *ModCache) *Graph {
	r := &graphReader{
		cache: cache, replaces: replaces, excluded: map[module.Version]bool{}, seen: map[module.Version]bool{},
		graph: &Graph{Selected: map[string]string{}, Wants: map[string]Want{}, GoMods: map[module.Version]*modfile.File{}},
	}
	for _, f := range mains {
		for _, x := range f.Exclude {
			r.excluded[x.Mod] = true
		}
	}
	for _, f := range mains {
		for _, req := range f.Require {
			r.add(module.Version{}, req.Mod)
		}
	}
	for _, f := range mains {
		for _, req := range f.Require {
			r.follow(req.Mod, prunes(f))
		}
	}
	return r.graph
}

// prunes tells whether a go.mod lists all modules that its packages need, which it does since Go 1.17.
func prunes(f *modfile.File) bool {
	return f.Go != nil && goAtLeast(f.Go.Version, "1.17")
}

// goAtLeast compares versions as go lines have them, such as 1.21, 1.21.3 and 1.22rc1.
func goAtLeast(v, least string) bool { return goversion.Compare("go"+v, "go"+least) >= 0 }

func (r *graphReader) add(by, m module.Version) {
	if r.excluded[m] {
		return
	}
	if old, ok := r.graph.Selected[m.Path]; !ok || semver.Compare(old, m.Version) < 0 {
		r.graph.Selected[m.Path] = m.Version
		r.graph.Wants[m.Path] = Want{By: by, Version: m.Version}
	}
}

// follow adds the requirements of a module, and where it or the one that leads to it does not prune, theirs in turn.
func (r *graphReader) follow(m module.Version, pruned bool) {
	if r.excluded[m] {
		return
	}
	if deep, ok := r.seen[m]; ok && (deep || pruned) {
		return
	}
	f := r.goMod(m)
	if f == nil {
		r.seen[m] = true
		r.graph.Unread = append(r.graph.Unread, m)
		return
	}
	pruned = pruned && prunes(f)
	r.seen[m] = !pruned
	r.graph.GoMods[m] = f
	for _, req := range f.Require {
		r.add(m, req.Mod)
	}
	if pruned {
		return
	}
	for _, req := range f.Require {
		r.follow(req.Mod, false)
	}
}

func (r *graphReader) goMod(m module.Version) *modfile.File {
	to, local := r.replaces.of(m)
	if !local {
		return r.cache.GoMod(to)
	}
	data, err := readBounded(filepath.Join(to.Path, "go.mod"), MaxModFile)
	if err != nil {
		return nil
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return nil
	}
	return f
}

// replacements are the replace lines that hold: those of go.work over those of the main modules' go.mod.
type replacements struct {
	exact map[module.Version]replacement
	any   map[string]replacement
}

type replacement struct {
	To     module.Version // with Local, Path is an absolute folder
	Local  bool
	Line   *modfile.Replace
	Within string // the folder of the file that says so
}

func (r *replacements) addFile(dir string, lines []*modfile.Replace) {
	if r.exact == nil {
		r.exact, r.any = map[module.Version]replacement{}, map[string]replacement{}
	}
	for _, line := range lines {
		to := replacement{To: line.New, Line: line, Within: dir}
		if line.New.Version == "" {
			to.Local = true
			to.To.Path = filepath.FromSlash(line.New.Path)
			if !filepath.IsAbs(to.To.Path) {
				to.To.Path = filepath.Join(dir, to.To.Path)
			}
		}
		if line.Old.Version == "" {
			r.any[line.Old.Path] = to
		} else {
			r.exact[line.Old] = to
		}
	}
}

// lookup finds what a module is replaced with.
func (r *replacements) lookup(m module.Version) (replacement, bool) {
	if to, ok := r.exact[m]; ok {
		return to, true
	}
	to, ok := r.any[m.Path]
	return to, ok
}

// of gives what stands for a module: itself, another version, or (local) a folder.
func (r *replacements) of(m module.Version) (to module.Version, local bool) {
	if rep, ok := r.lookup(m); ok {
		return rep.To, rep.Local
	}
	return m, false
}
