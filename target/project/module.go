package project

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// Module is one module of the tree, or the Go files of a folder that has no go.mod at all.
type Module struct {
	Root string // absolute root of the examined tree
	Dir  string // relative to the root; "." for the root itself
	// Mod is the parsed go.mod; nil when there is none or when it does not parse (then ModErr says why).
	Mod    *modfile.File
	ModErr error // a *ParseError, or the system's reason
	// HasGoMod tells whether a go.mod stands in Dir, readable or not.
	HasGoMod bool
	// ModSource is the text that Mod was parsed from.
	ModSource []byte
	Sum       *Sum    // nil when there is no go.sum
	SumErr    error   // why an existing go.sum could not be read
	Vendor    *Vendor // nil when there is no vendor/modules.txt
	// HasVendorDir tells whether a folder vendor stands beside go.mod: with it the go command takes all packages from there.
	HasVendorDir bool
	Files        []*GoFile
	Packages     map[string]*Package // by folder relative to the module; "." for the module's own
}

// Package is the Go files of one folder of a module that the go command looks at (not those below testdata, or below names
// that begin with a dot or an underscore).
type Package struct {
	Dir        string // relative to the root of the examined tree
	ImportPath string // under the module path; empty without a go.mod
	Files      []*GoFile
}

// Path is the module path, empty when there is no readable go.mod.
func (m *Module) Path() string {
	if m.Mod == nil || m.Mod.Module == nil {
		return ""
	}
	return m.Mod.Module.Mod.Path
}

// AbsDir is the module's folder.
func (m *Module) AbsDir() string { return filepath.Join(m.Root, filepath.FromSlash(m.Dir)) }

// File names a file of the module (given relative to it) relative to the examined root.
func (m *Module) File(name string) string { return path.Join(m.Dir, name) }

// GoVersion is the version of the go line, empty when there is none.
func (m *Module) GoVersion() string {
	if m.Mod == nil || m.Mod.Go == nil {
		return ""
	}
	return m.Mod.Go.Version
}

// FindUp looks for a file of that name in dir and its parents, and returns its absolute path or "".
func FindUp(dir, name string) string {
	for {
		abs := filepath.Join(dir, name)
		if info, err := os.Stat(abs); err == nil && !info.IsDir() {
			return abs
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// FindRepository is the root of the git checkout that holds a folder, or "".
func FindRepository(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// HasFolder tells whether there is a folder at that absolute path; HasGoMod whether a go.mod stands in it.
func HasFolder(abs string) bool { return isDir(abs) }

// HasGoMod tells whether a go.mod stands in the folder at that absolute path.
func HasGoMod(abs string) bool { return isFile(filepath.Join(abs, "go.mod")) }

// AbsDirFrom names the module's folder as a command that runs in another absolute folder would: "./svc", "../svc".
func (m *Module) AbsDirFrom(dir string) string {
	rel, err := filepath.Rel(dir, m.AbsDir())
	if err != nil {
		return m.AbsDir()
	}
	rel = filepath.ToSlash(rel)
	if rel == ".." || strings.HasPrefix(rel, "../") || rel == "." {
		return rel
	}
	return "./" + rel
}
