package project

import (
	"fmt"
	"go/build"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Kind says what the go command makes of an import path.
type Kind int

// The kinds of Resolution.
const (
	Std           Kind = iota // the standard library, "unsafe" and "C" included
	Own                       // a package of the module itself
	Sibling                   // a package of another module of the workspace
	Required                  // a required module holds it, or a replacement of one
	Vendored                  // the vendor folder holds it
	Unsure                    // a required module whose content is not in the module cache may hold it
	Implicit                  // only a module that a requirement requires holds it: the go command asks to require it too
	OwnMissing                // by its name a package of the module itself, but there is no such folder or no Go file in it
	NotVendored               // a module is required, but the package was not copied into the vendor folder
	NoReplacement             // the folder that replaces its module does not exist
	NotStd                    // by its name of the standard library, which has no such package
	Missing                   // no required module holds it
	Relative                  // "./x" or "../x"
	Malformed                 // no import path at all; Err says why
)

// Resolution is where an import path leads.
type Resolution struct {
	Kind   Kind
	Module module.Version // that holds it; of OwnMissing and Sibling, the module it would belong to
	Dir    string         // the absolute folder; of OwnMissing and NoReplacement, the one that lacks
	// Candidates are the required modules that by their path could hold the package and do not, or of which that is not known.
	Candidates []module.Version
	Err        error
}

// Settings are what the go command would take from its environment. The zero value stands for the defaults, without a
// module cache.
type Settings struct {
	Cache   *ModCache
	GOROOT  string // empty when there is no go command to say
	Mod     string // of -mod in GOFLAGS: "", "readonly", "mod" or "vendor"
	ModFile string // of -modfile in GOFLAGS
	Build   Build  // what is built here
	Work    *Work  // the go.work that holds for the module; nil when there is none or it is switched off
}

// Resolver finds what provides an import of one module, as the go command would (cmd/go/internal/modload,
// importFromModules). It is safe for concurrent use.
type Resolver struct {
	Module   *Module
	Settings Settings

	members  []member
	requires map[string]string // the root requirements: of all members
	replaces replacements
	vendor   bool

	graph func() *Graph

	mu    sync.Mutex
	known map[string]Resolution
}

// member is a main module: the module itself and, in a workspace, its siblings.
type member struct {
	path string
	dir  string // absolute
	mod  *modfile.File
	own  bool
}

// NewResolver prepares a resolver. The module must have a readable go.mod.
func NewResolver(m *Module, s Settings) *Resolver {
	if s.Cache == nil {
		s.Cache = &ModCache{}
	}
	r := &Resolver{Module: m, Settings: s, requires: map[string]string{}, known: map[string]Resolution{}}
	r.members = r.findMembers()
	var mods []*modfile.File
	for _, mb := range r.members {
		mods = append(mods, mb.mod)
		for _, req := range mb.mod.Require {
			if old, ok := r.requires[req.Mod.Path]; !ok || semver.Compare(old, req.Mod.Version) < 0 {
				r.requires[req.Mod.Path] = req.Mod.Version
			}
		}
		r.replaces.addFile(mb.dir, mb.mod.Replace)
	}
	if w := r.Workspace(); w != nil && w.File != nil {
		r.replaces.addFile(w.Dir(), w.File.Replace) // these win
	}
	for _, mb := range r.members {
		delete(r.requires, mb.path)
	}
	r.vendor = r.vendorMode()
	r.graph = sync.OnceValue(func() *Graph { return readGraph(mods, &r.replaces, s.Cache) })
	return r
}

func (r *Resolver) findMembers() []member {
	own := member{path: r.Module.Path(), dir: r.Module.AbsDir(), mod: r.Module.Mod, own: true}
	members := []member{own}
	w := r.Workspace()
	if w == nil {
		return members
	}
	for _, u := range w.Uses {
		if u.Mod != nil && u.Mod.Module != nil && !sameDir(u.Dir, own.dir) {
			members = append(members, member{path: u.Mod.Module.Mod.Path, dir: u.Dir, mod: u.Mod})
		}
	}
	return members
}

// Workspace is the go.work that holds for the module, nil when none does or when it does not list the module.
func (r *Resolver) Workspace() *Work {
	if w := r.Settings.Work; w != nil && w.File != nil && w.Lists(r.Module.AbsDir()) {
		return w
	}
	return nil
}

// VendorMode tells whether packages are taken from the vendor folder.
func (r *Resolver) VendorMode() bool { return r.vendor }

// vendorMode is the rule of cmd/go/internal/modload, setDefaultBuildMod.
func (r *Resolver) vendorMode() bool {
	if r.Settings.Mod != "" {
		return r.Settings.Mod == "vendor"
	}
	if w := r.Workspace(); w != nil {
		return w.HasVendorDir && w.File.Go != nil && goAtLeast(w.File.Go.Version, "1.14") && w.Vendor != nil && w.Vendor.Workspace
	}
	m := r.Module
	if !m.HasVendorDir || m.GoVersion() == "" || !goAtLeast(m.GoVersion(), "1.14") {
		return false
	}
	return m.Vendor == nil || !m.Vendor.Workspace
}

// vendored is the vendor folder in use and its list.
func (r *Resolver) vendored() (dir string, list *Vendor) {
	if w := r.Workspace(); w != nil {
		return filepath.Join(w.Dir(), "vendor"), w.Vendor
	}
	return filepath.Join(r.Module.AbsDir(), "vendor"), r.Module.Vendor
}

// Graph is the module graph, as far as the module cache holds it.
func (r *Resolver) Graph() *Graph { return r.graph() }

// Replacement tells what stands for a required module: another version of some module, or (local) an absolute folder.
func (r *Resolver) Replacement(m module.Version) (to module.Version, local, replaced bool) {
	rep, ok := r.replaces.lookup(m)
	return rep.To, rep.Local, ok
}

// Resolve finds what provides an import path.
func (r *Resolver) Resolve(importPath string) Resolution {
	r.mu.Lock()
	res, ok := r.known[importPath]
	r.mu.Unlock()
	if ok {
		return res
	}
	res = r.resolve(importPath)
	r.mu.Lock()
	r.known[importPath] = res
	r.mu.Unlock()
	return res
}

func (r *Resolver) resolve(p string) Resolution {
	switch {
	case p == "C":
		return Resolution{Kind: Std}
	case build.IsLocalImport(p):
		return Resolution{Kind: Relative}
	case strings.Contains(p, "@"):
		return Resolution{Kind: Malformed, Err: fmt.Errorf("an import names no version")}
	}
	if err := module.CheckImportPath(p); err != nil {
		if bad, ok := err.(*module.InvalidPathError); ok {
			err = bad.Err
		}
		return Resolution{Kind: Malformed, Err: err}
	}
	if isStd(r.Settings.GOROOT, p) {
		return Resolution{Kind: Std}
	}
	missing := Resolution{Kind: Missing}
	for _, mb := range r.members {
		res, ok := mb.find(p, r.Module)
		if !ok {
			continue
		}
		if res.Kind != OwnMissing {
			return res
		}
		if missing.Kind == Missing || len(res.Module.Path) > len(missing.Module.Path) {
			missing = res
		}
	}
	var res Resolution
	if r.vendor {
		res = r.fromVendor(p)
	} else {
		res = r.fromRequirements(p)
	}
	if res.Kind != Missing {
		return res
	}
	if missing.Kind == OwnMissing {
		return missing
	}
	if looksStd(p) && len(res.Candidates) == 0 {
		res.Kind = NotStd
	}
	return res
}

// find looks for a package in a main module. ok tells whether the path belongs there at all.
func (mb *member) find(p string, own *Module) (res Resolution, ok bool) {
	rel, within := relativeImport(p, mb.path)
	if !within {
		return res, false
	}
	res = Resolution{Kind: Own, Module: module.Version{Path: mb.path}, Dir: filepath.Join(mb.dir, filepath.FromSlash(rel))}
	if !mb.own {
		res.Kind = Sibling
	}
	if mb.own && own.Packages[rel] != nil {
		return res, true
	}
	// What the tree's listing leaves out (testdata, linked folders, names that begin with _) can be imported all the same.
	if nested := nestedModule(mb.dir, rel); nested || !hasGoFiles(res.Dir) {
		if nested {
			return res, false
		}
		res.Kind = OwnMissing
	}
	return res, true
}

// relativeImport gives the folder of an import path within a module, "." for the module's own package.
func relativeImport(importPath, modulePath string) (string, bool) {
	if importPath == modulePath {
		return ".", true
	}
	return strings.CutPrefix(importPath, modulePath+"/")
}

// nestedModule tells whether a folder below root belongs to another module, for a go.mod that stands in between.
func nestedModule(root, rel string) bool {
	for d := rel; d != "."; d = path.Dir(d) {
		if isFile(filepath.Join(root, filepath.FromSlash(d), "go.mod")) {
			return true
		}
	}
	return false
}

func (r *Resolver) fromVendor(p string) Resolution {
	dir, list := r.vendored()
	folder := filepath.Join(dir, filepath.FromSlash(p))
	m, listed := list.Provides(p)
	if (listed || !goAtLeast(r.Module.GoVersion(), "1.23")) && hasGoFiles(folder) {
		return Resolution{Kind: Vendored, Module: m.Mod, Dir: folder}
	}
	res := Resolution{Kind: Missing, Dir: folder, Candidates: r.candidates(p)}
	if len(res.Candidates) > 0 {
		res.Kind, res.Module = NotVendored, res.Candidates[0]
	}
	return res
}

// candidates are the required modules whose path is a prefix of the import path, longest first.
func (r *Resolver) candidates(p string) []module.Version {
	var out []module.Version
	for prefix := p; prefix != "." && prefix != "/"; prefix = path.Dir(prefix) {
		if v, ok := r.requires[prefix]; ok {
			out = append(out, module.Version{Path: prefix, Version: v})
		}
	}
	return out
}

func (r *Resolver) fromRequirements(p string) Resolution {
	res := Resolution{Kind: Missing, Candidates: r.candidates(p)}
	unseen := module.Version{}
	for _, m := range res.Candidates {
		presence, dir := r.holds(m, p)
		switch {
		case presence == Present:
			// Were there two that hold it, the go command would refuse; that is left to the compile errors.
			return Resolution{Kind: Required, Module: m, Dir: dir, Candidates: res.Candidates}
		case presence == noFolder:
			return Resolution{Kind: NoReplacement, Module: m, Dir: dir, Candidates: res.Candidates}
		case presence == Unseen && unseen.Path == "":
			unseen = m
		}
	}
	if unseen.Path != "" {
		res.Kind, res.Module = Unsure, unseen
		return res
	}
	return r.fromGraph(p, res)
}

// noFolder is the presence in a replacement folder that does not exist.
const noFolder Presence = -1

// holds tells whether a module, or what replaces it, holds a package.
func (r *Resolver) holds(m module.Version, p string) (Presence, string) {
	to, local := r.replaces.of(m)
	if !local {
		// A replacement keeps the import paths of what it replaces.
		return r.Settings.Cache.Has(to, to.Path+strings.TrimPrefix(p, m.Path))
	}
	rel, _ := relativeImport(p, m.Path)
	dir := filepath.Join(to.Path, filepath.FromSlash(rel))
	switch {
	case hasGoFiles(dir) && !nestedModule(to.Path, rel):
		return Present, dir
	case !isDir(to.Path):
		return noFolder, to.Path
	}
	return Absent, dir
}

// fromGraph looks among the modules that only requirements of requirements name.
func (r *Resolver) fromGraph(p string, res Resolution) Resolution {
	g := r.graph()
	for prefix := p; prefix != "." && prefix != "/"; prefix = path.Dir(prefix) {
		v, ok := g.Selected[prefix]
		if !ok {
			continue
		}
		m := module.Version{Path: prefix, Version: v}
		if r.isRequired(m) {
			continue
		}
		presence, dir := r.holds(m, p)
		if presence == Absent || presence == noFolder {
			continue
		}
		kind := Implicit
		switch {
		case r.Workspace() != nil && presence == Present:
			kind = Required // in a workspace the whole graph counts
		case r.Workspace() != nil:
			kind = Unsure
		}
		return Resolution{Kind: kind, Module: m, Dir: dir, Candidates: res.Candidates}
	}
	if r.Workspace() != nil && len(g.Unread) > 0 {
		res.Kind = Unsure // what was not read might name it
	}
	return res
}

func (r *Resolver) isRequired(m module.Version) bool {
	v, ok := r.requires[m.Path]
	return ok && v == m.Version
}

// Suggest names the module that an import without provider most likely needs: one that a replace line prepares, one of the
// module graph, or one that was downloaded before. The version is empty where only the path can be guessed.
func (r *Resolver) Suggest(p string) (m module.Version, found bool) {
	for prefix := p; prefix != "." && prefix != "/"; prefix = path.Dir(prefix) {
		if _, ok := r.replaces.any[prefix]; ok {
			return module.Version{Path: prefix}, true
		}
	}
	if m, ok := r.Settings.Cache.Find(p); ok {
		return m, true
	}
	return module.Version{Path: likelyModule(p)}, false
}

// likelyModule cuts an import path down to the module it most likely belongs to, by the rules of the well-known hosts.
func likelyModule(p string) string {
	parts := strings.Split(p, "/")
	n := len(parts)
	switch parts[0] {
	case "github.com", "bitbucket.org", "gitee.com", "gitlab.com", "golang.org", "codeberg.org":
		n = 3
	case "gopkg.in":
		n = 2
		if len(parts) > 1 && !strings.Contains(parts[1], ".v") {
			n = 3
		}
	case "gorm.io", "go.uber.org", "google.golang.org", "k8s.io", "sigs.k8s.io", "go.mongodb.org", "modernc.org", "cloud.google.com":
		n = 2
	}
	if n = min(n, len(parts)); n < len(parts) && majorSuffix(parts[n]) {
		n++
	}
	return strings.Join(parts[:n], "/")
}

func majorSuffix(element string) bool {
	_, major, ok := module.SplitPathVersion("x.y/" + element)
	return ok && major != "" && slices.Contains([]string{"v", "/"}, major[:1])
}

// VendorDir is the vendor folder in use, absolute; it is meant for vendor mode.
func (r *Resolver) VendorDir() string {
	dir, _ := r.vendored()
	return dir
}

// IsMember tells whether a module path is that of a main module: the module itself or a sibling of the workspace.
func (r *Resolver) IsMember(modulePath string) bool {
	return slices.ContainsFunc(r.members, func(mb member) bool { return mb.path == modulePath })
}
