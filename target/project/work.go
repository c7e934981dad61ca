package project

import (
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// Work is a parsed go.work.
type Work struct {
	Path string            // absolute
	Name string            // as reports call it: relative to the examined root
	File *modfile.WorkFile // nil when it does not parse
	// Source is the text that File was parsed from.
	Source []byte
	Err    error // a *ParseError, a *TooLargeError or the system's reason
	Sum    *Sum  // go.work.sum beside it
	Uses   []Use
	// Vendor is that of a vendor folder beside go.work; nil when there is none or it has no modules.txt.
	Vendor       *Vendor
	HasVendorDir bool
}

// Use is one module that a go.work names.
type Use struct {
	Written string // as the use line has it
	Pos     Position
	Dir     string        // absolute
	Mod     *modfile.File // nil when there is no readable go.mod
	Err     error         // why not
	Line    *modfile.Line
}

// ReadWork reads the go.work at an absolute path. name is how reports call it.
func ReadWork(abs, name string) *Work {
	w := &Work{Path: abs, Name: name}
	data, err := readModFile(abs, name)
	if err != nil {
		w.Err = err
		return w
	}
	f, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		w.Err = parseError(name, data, err)
		return w
	}
	w.File, w.Source = f, data
	for _, u := range f.Use {
		w.Uses = append(w.Uses, w.readUse(u))
	}
	if data, err := readModFile(abs+".sum", name+".sum"); err == nil {
		w.Sum = ParseSum(name+".sum", data)
	}
	vendor := filepath.Join(w.Dir(), "vendor")
	if w.HasVendorDir = isDir(vendor); w.HasVendorDir {
		if data, err := readModFile(filepath.Join(vendor, "modules.txt"), ""); err == nil {
			w.Vendor = ParseVendor(filepath.ToSlash(filepath.Join(filepath.Dir(name), "vendor/modules.txt")), data)
		}
	}
	return w
}

// Dir is the folder that holds the go.work.
func (w *Work) Dir() string { return filepath.Dir(w.Path) }

func (w *Work) readUse(u *modfile.Use) Use {
	dir := filepath.FromSlash(u.Path)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(w.Dir(), dir)
	}
	use := Use{Written: u.Path, Pos: LineOf(u.Syntax), Dir: dir, Line: u.Syntax}
	data, err := readModFile(filepath.Join(dir, "go.mod"), u.Path+"/go.mod")
	if err != nil {
		use.Err = err
		return use
	}
	use.Mod, use.Err = ParseGoMod(u.Path+"/go.mod", data)
	return use
}

// Lists tells whether the go.work uses the module in that absolute folder.
func (w *Work) Lists(dir string) bool {
	for _, u := range w.Uses {
		if sameDir(u.Dir, dir) {
			return true
		}
	}
	return false
}

// sameDir compares folders by name and, where the names differ, by what their links lead to: $PWD may name a project by
// another path than its go.work does.
func sameDir(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	realA, errA := filepath.EvalSymlinks(a)
	realB, errB := filepath.EvalSymlinks(b)
	return errA == nil && errB == nil && realA == realB
}
