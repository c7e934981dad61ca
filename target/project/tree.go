// Package project reads what the source tree says: files, the go.mod family, Go syntax, what the program listens on.
// Nothing here has an opinion, runs a program or talks to the network.
package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is the listing of a root: every name read once.
type Tree struct {
	Root  string // absolute
	Files []File // by path; not those below .git, node_modules, a module cache and the system's own folders, nor those below vendor and unreadable folders
	Dirs  []string
	// Unlisted are the folders that nobody looked into on purpose: .git, node_modules, a module cache, vendor, /proc and the like.
	Unlisted []string
	// Unreadable are the folders that could not be listed, with the system's reason.
	Unreadable []Unreadable
	// Truncated is set when the tree has more than MaxFiles entries: what lies beyond was not listed.
	Truncated bool
}

// File is one entry of a tree that is no folder.
type File struct {
	Path string // slash-separated, relative to the root
	Type fs.FileMode
}

// Unreadable is a folder that could not be listed.
type Unreadable struct {
	Path string
	Err  error
}

// MaxFiles bounds the listing: beyond it a root is most likely a home folder or a data disk.
const MaxFiles = 1_000_000

// skipped are folders that no tool of the Go world looks into and that may hold very many files.
var skipped = map[string]bool{".git": true, ".hg": true, ".svn": true, "node_modules": true}

// List reads the tree below root. Links are listed and not followed, as the go command does. An unreadable root is an
// error; unreadable folders below it are noted.
func List(ctx context.Context, root string) (*Tree, error) {
	t := &Tree{Root: root}
	if err := t.list(ctx, "."); err != nil {
		return nil, err
	}
	// A folder's entries come in lexical order, which is not that of whole paths ("a-b/x" sorts before "a/x").
	slices.SortFunc(t.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(t.Dirs)
	return t, nil
}

var errFull = errors.New("too many files")

func (t *Tree) list(ctx context.Context, dir string) error {
	err := t.walk(ctx, dir)
	if errors.Is(err, errFull) {
		t.Truncated = true
		return nil
	}
	return err
}

func (t *Tree) walk(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(t.Root, filepath.FromSlash(dir)))
	if err != nil && len(entries) == 0 {
		if dir == "." {
			return err
		}
		t.Unreadable = append(t.Unreadable, Unreadable{Path: dir, Err: err})
		return nil
	}
	t.Dirs = append(t.Dirs, dir)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !e.IsDir() {
			if len(t.Files) == MaxFiles {
				return errFull
			}
			t.Files = append(t.Files, File{Path: name, Type: e.Type()})
			continue
		}
		if skipped[e.Name()] || isSystem(t.Root, name) || e.Name() == "mod" && isModCache(t.Root, name) {
			t.Unlisted = append(t.Unlisted, name)
			continue
		}
		if e.Name() == "vendor" {
			if isVendor(t.Root, name) {
				t.Dirs, t.Unlisted = append(t.Dirs, name), append(t.Unlisted, name)
				continue // the go command's copy of other modules: read through vendor/modules.txt
			}
		}
		if err := t.walk(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// systems are the folders that belong to the system where they stand at the top (Filesystem Hierarchy Standard 3.0, section 3; /sys is
// Linux's). /home, /opt and /srv may hold projects.
var systems = map[string]bool{
	"bin": true, "boot": true, "dev": true, "etc": true, "lib": true, "lib32": true, "lib64": true, "libx32": true, "media": true, "mnt": true,
	"proc": true, "root": true, "run": true, "sbin": true, "sys": true, "tmp": true, "usr": true, "var": true,
}

// isSystem tells whether a folder is the system's own: in a container whose working folder is / the kernel's files, and all that the
// image brings, lie beside the program.
func isSystem(root, dir string) bool {
	return root == "/" && systems[dir]
}

// isModCache tells whether a folder is the go command's module cache: whoever examines a home folder does not mean the modules
// in it.
func isModCache(root, dir string) bool {
	if path.Base(path.Dir(dir)) != "pkg" {
		return false
	}
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir), "cache", "download"))
	return err == nil && info.IsDir()
}

// isVendor tells the go command's vendor folder (beside a go.mod or go.work) from a package that is called vendor.
func isVendor(root, dir string) bool {
	parent := filepath.Join(root, filepath.FromSlash(path.Dir(dir)))
	for _, name := range []string{"go.mod", "go.work"} {
		if _, err := os.Lstat(filepath.Join(parent, name)); err == nil {
			return true
		}
	}
	return false
}

// Has tells whether a file of that path (relative to the root, slash-separated) was listed.
func (t *Tree) Has(name string) bool {
	_, ok := slices.BinarySearchFunc(t.Files, name, func(f File, n string) int { return strings.Compare(f.Path, n) })
	return ok
}

// HasDir tells whether a folder of that path was listed.
func (t *Tree) HasDir(name string) bool {
	_, ok := slices.BinarySearch(t.Dirs, name)
	return ok
}

// Named returns the files with that base name, in order.
func (t *Tree) Named(base string) []string {
	var out []string
	for _, f := range t.Files {
		if path.Base(f.Path) == base {
			out = append(out, f.Path)
		}
	}
	return out
}
