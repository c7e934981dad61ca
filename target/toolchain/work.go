package toolchain

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// workCopy is a stand-in for the go.work in effect. In a workspace the go command adds what go.work.sum lacks without
// being asked, even to list; on a copy in a temporary folder it may.
type workCopy struct {
	original string // path of the real go.work; empty outside a workspace
	dir      string // of the copy
}

// workCopy copies the go.work that binds this folder, if one does, with its paths made absolute.
func (g *Go) workCopy(user *Settings) (*workCopy, error) {
	original := g.workFile(user)
	if original == "" {
		return &workCopy{}, nil
	}
	data, err := os.ReadFile(original)
	if err != nil {
		return &workCopy{}, nil // the go command says best what is wrong with it
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(original), "vendor", "modules.txt")); err == nil {
		return &workCopy{}, nil // looked for beside go.work; with it no sums are read or written
	}
	f, err := modfile.ParseWork(original, data, nil)
	if err != nil {
		return &workCopy{}, nil
	}
	makeAbsolute(f, filepath.Dir(original))
	w := &workCopy{original: original}
	if w.dir, err = os.MkdirTemp("", "gindoctor-work-"); err != nil {
		return nil, err
	}
	if err := w.write(f); err != nil {
		w.remove()
		return nil, err
	}
	return w, nil
}

func (w *workCopy) write(f *modfile.WorkFile) error {
	if err := os.WriteFile(w.path(), modfile.Format(f.Syntax), 0o600); err != nil {
		return err
	}
	sums, err := os.ReadFile(w.original + ".sum")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(w.path()+".sum", sums, 0o600)
}

// makeAbsolute rewrites the relative folders of use and replace in place, so that every line keeps its number.
func makeAbsolute(f *modfile.WorkFile, dir string) {
	abs := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, filepath.FromSlash(path))
	}
	for _, u := range f.Use {
		setLast(u.Syntax, abs(u.Path))
	}
	for _, r := range f.Replace {
		if r.New.Version == "" && modfile.IsDirectoryPath(r.New.Path) {
			setLast(r.Syntax, abs(r.New.Path))
		}
	}
}

func setLast(line *modfile.Line, path string) {
	line.Token[len(line.Token)-1] = modfile.AutoQuote(filepath.ToSlash(path))
}

func (w *workCopy) path() string { return filepath.Join(w.dir, "go.work") }

// settings point the go command at the copy. It may fill the copy's sums, but not by asking the checksum database.
func (w *workCopy) settings() []string {
	if w.dir == "" {
		return nil
	}
	return []string{"GOWORK=" + w.path(), "GONOSUMDB=*"}
}

// restore puts the real path into what the go command said of the copy.
func (w *workCopy) restore(said string) string {
	if w.dir == "" {
		return said
	}
	return strings.ReplaceAll(said, w.path(), w.original)
}

func (w *workCopy) remove() {
	if w.dir != "" {
		os.RemoveAll(w.dir)
	}
}

// workFile finds the go.work in effect: GOWORK by environment or `go env -w`, else the nearest one above.
func (g *Go) workFile(user *Settings) string {
	if user.Lookup("GO111MODULE").Value == "off" {
		return ""
	}
	switch named := user.Lookup("GOWORK").Value; {
	case named == "off":
		return ""
	case filepath.IsAbs(named):
		return named
	}
	for dir := g.Dir; ; {
		path := filepath.Join(dir, "go.work")
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
