package project

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

var (
	errTooLarge   = errors.New("too large to be read")
	errNotRegular = errors.New("not a regular file")
)

// openRegular opens a regular file, or what a link leads to. Anything else is refused before it is opened: opening a named
// pipe would wait for a writer.
func openRegular(abs string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(abs)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errNotRegular
	}
	f, err := os.Open(abs)
	return f, info, err
}

// readBounded reads a regular file of at most limit bytes. The size that the system tells is not trusted: a file may grow,
// and some filesystems say 0.
func readBounded(abs string, limit int64) ([]byte, error) {
	f, info, err := openRegular(abs)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > limit {
		return nil, errTooLarge
	}
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead)) // so that it need not grow
	_, err = data.ReadFrom(io.LimitReader(f, limit+1))
	if err == nil && int64(data.Len()) > limit {
		return nil, errTooLarge
	}
	return data.Bytes(), err
}

// hasGoFiles tells whether a folder holds a Go file, whatever its build constraints: then the go command takes it for a
// package (cmd/go/internal/fsys, IsGoDir).
func hasGoFiles(abs string) bool {
	dir, err := os.Open(abs)
	if err != nil {
		return false
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(64)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") && isRegular(abs, e) {
				return true
			}
		}
		if err != nil {
			return false
		}
	}
}

// isRegular tells whether an entry of dir is a regular file or a link to one.
func isRegular(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(dir + string(os.PathSeparator) + e.Name())
	return err == nil && info.Mode().IsRegular()
}

func isFile(abs string) bool {
	info, err := os.Stat(abs)
	return err == nil && !info.IsDir()
}

func isDir(abs string) bool {
	info, err := os.Stat(abs)
	return err == nil && info.IsDir()
}
