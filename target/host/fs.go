package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is what a program of ours may do in a folder. Nothing is written to find out.
type Folder struct {
	Path     string
	Missing  bool   // it does not exist; the rest is then about Nearest
	Nearest  string // the folder itself, or the nearest one above that exists
	IsFolder bool   // whether Nearest is a folder at all
	// Refused is why nothing can be created in it (no rights, a read-only mount); nil when it can.
	Refused error
	// Full is set when the filesystem has no block or no inode left for this user.
	Full bool
	// Free is how many bytes this user can still write there; the largest number where the system does not tell.
	Free   uint64
	NoExec bool   // programs in it cannot be started: the mount says noexec
	Owner  string // of Nearest, a name or number; empty where the system does not tell
}

// LookAtFolder asks the system what we may do in a folder, with the rights of the user we run as.
func LookAtFolder(path string) Folder {
	f := Folder{Path: path, Nearest: path}
	info, err := os.Stat(path)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(f.Nearest) != f.Nearest {
		f.Missing = true
		f.Nearest = filepath.Dir(f.Nearest)
		info, err = os.Stat(f.Nearest)
	}
	if err != nil {
		f.IsFolder = true
		f.Refused = err
		return f
	}
	f.IsFolder = info.IsDir()
	f.Refused = mayCreate(f.Nearest)
	f.Free, f.Full, f.NoExec = storage(f.Nearest)
	f.Owner = owner(info)
	return f
}

// Owner is the user id that owns a file (links not followed); ok is false where the system has no such thing.
func Owner(path string) (uid int, ok bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	return ownerID(info)
}

// ReadOnly tells whether it is the mount that refuses, whatever the rights.
func (f Folder) ReadOnly() bool { return f.Refused != nil && isReadOnly(f.Refused) }
