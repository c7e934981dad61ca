package project

import (
	"archive/zip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Presence is what the module cache says about a package.
type Presence int

// A module that is not in the cache says nothing about its packages.
const (
	Unseen Presence = iota // the module version is not in the cache
	Absent                 // it is, and does not hold the package
	Present
)

// ModCache is the module cache (GOMODCACHE), read and never written. It is safe for concurrent use.
type ModCache struct {
	Dir string // absolute; empty when it is not known

	mu   sync.Mutex
	mods map[module.Version]*modfile.File
	zips map[module.Version]map[string]bool // folders with Go files of modules that were downloaded and not unpacked
}

// Folder is where a module version is unpacked.
func (c *ModCache) Folder(v module.Version) (string, bool) {
	p, err := module.EscapePath(v.Path)
	if c.Dir == "" || err != nil {
		return "", false
	}
	ver, err := module.EscapeVersion(v.Version)
	if err != nil {
		return "", false
	}
	return filepath.Join(c.Dir, filepath.FromSlash(p)+"@"+ver), true
}

// Download names a file of a module version's download: extension "mod", "zip", "ziphash" or "info".
func (c *ModCache) Download(v module.Version, extension string) (string, bool) {
	dir, ok := c.downloads(v.Path)
	ver, err := module.EscapeVersion(v.Version)
	if !ok || err != nil {
		return "", false
	}
	return filepath.Join(dir, ver+"."+extension), true
}

func (c *ModCache) downloads(modulePath string) (string, bool) {
	p, err := module.EscapePath(modulePath)
	if c.Dir == "" || err != nil {
		return "", false
	}
	return filepath.Join(c.Dir, "cache", "download", filepath.FromSlash(p), "@v"), true
}

// GoMod gives the go.mod of a module version, nil where it is not in the cache. It must not be changed.
func (c *ModCache) GoMod(v module.Version) *modfile.File {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.mods[v]; ok {
		return f
	}
	if c.mods == nil {
		c.mods = map[module.Version]*modfile.File{}
	}
	f := c.readGoMod(v)
	c.mods[v] = f
	return f
}

func (c *ModCache) readGoMod(v module.Version) *modfile.File {
	name, ok := c.Download(v, "mod")
	if !ok {
		return nil
	}
	data, err := readBounded(name, MaxModFile)
	if err != nil {
		return nil
	}
	f, err := modfile.ParseLax(name, data, nil) // as the go command reads those of dependencies
	if err != nil {
		return nil
	}
	return f
}

// Has tells whether a module version holds a package. The folder is where the package lies or, as long as the module is
// not unpacked, would.
func (c *ModCache) Has(v module.Version, importPath string) (Presence, string) {
	root, ok := c.Folder(v)
	if !ok {
		return Unseen, ""
	}
	rel := strings.TrimPrefix(strings.TrimPrefix(importPath, v.Path), "/")
	dir := filepath.Join(root, filepath.FromSlash(rel))
	switch {
	case hasGoFiles(dir):
		return Present, dir
	case isDir(root):
		return Absent, dir
	}
	folders := c.zipped(v)
	switch {
	case folders == nil:
		return Unseen, dir
	case folders[rel]:
		return Present, dir
	}
	return Absent, dir
}

// zipped lists the folders with Go files of a downloaded module; nil when there is no download.
func (c *ModCache) zipped(v module.Version) map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if folders, ok := c.zips[v]; ok {
		return folders
	}
	if c.zips == nil {
		c.zips = map[module.Version]map[string]bool{}
	}
	folders := c.readZip(v)
	c.zips[v] = folders
	return folders
}

func (c *ModCache) readZip(v module.Version) map[string]bool {
	name, ok := c.Download(v, "zip")
	if !ok {
		return nil
	}
	r, err := zip.OpenReader(name)
	if err != nil {
		return nil
	}
	defer r.Close()
	folders := map[string]bool{}
	prefix := v.Path + "@" + v.Version + "/"
	for _, f := range r.File {
		if rel, ok := strings.CutPrefix(f.Name, prefix); ok && strings.HasSuffix(rel, ".go") {
			folders[strings.TrimPrefix(path.Dir(rel), ".")] = true
		}
	}
	return folders
}

// Versions lists the versions of a module whose content was downloaded, oldest first.
func (c *ModCache) Versions(modulePath string) []string {
	dir, ok := c.downloads(modulePath)
	if !ok {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var versions []string
	for _, e := range entries {
		escaped, ok := strings.CutSuffix(e.Name(), ".zip")
		if v, err := module.UnescapeVersion(escaped); ok && err == nil {
			versions = append(versions, v)
		}
	}
	slices.SortFunc(versions, semver.Compare)
	return versions
}

// Find looks for a downloaded module that holds a package: of the longest path that does, the newest release.
func (c *ModCache) Find(importPath string) (module.Version, bool) {
	for prefix := importPath; prefix != "." && prefix != "/"; prefix = path.Dir(prefix) {
		versions := c.Versions(prefix)
		slices.Reverse(versions)
		slices.SortStableFunc(versions, func(a, b string) int { return prerelease(a) - prerelease(b) })
		for _, v := range versions {
			m := module.Version{Path: prefix, Version: v}
			if has, _ := c.Has(m, importPath); has == Present {
				return m, true
			}
		}
	}
	return module.Version{}, false
}

// prerelease sorts releases before what is none, as the go command prefers them.
func prerelease(v string) int {
	if semver.Prerelease(v) != "" {
		return 1
	}
	return 0
}
