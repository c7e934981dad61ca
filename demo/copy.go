package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// replacing is a tree of which the files may be there already: os.CopyFS refuses to overwrite, so what is in the way is
// taken away as each file is opened.
type replacing struct {
	fs.FS
	dest string
}

func (r replacing) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		if err := os.Remove(filepath.Join(r.dest, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}
