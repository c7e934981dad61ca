// Package journal changes files as one unit: all of them or none. What they were is written down before the first of them
// is touched, so that a run that fails, is interrupted or crashes is taken back, and one that succeeded can be undone later.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// State is what stands under a path: nothing, a file with its content, or a symbolic link.
type State struct {
	Exists bool
	Link   string      // what a symbolic link names; empty for a file
	Mode   fs.FileMode // permissions, with setuid, setgid and sticky
	UID    int         // -1 where the system has no such thing, or to take whoever writes
	GID    int
	Data   []byte
}

// Change is what is to become of one path.
type Change struct {
	Path   string // absolute; no part of it is a link, but a path that is to be a link itself may be one
	Name   string // as people know it: relative to the project
	Before State
	After  State
	// Prune names the folder up to which folders that become empty go too; empty keeps them.
	Prune string
	// Dirs are the modes of folders that have to be made; 0755 for those not named.
	Dirs []Dir
}

// modeBits are those of a mode that chmod sets.
const modeBits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// maxFile bounds what is kept of one file: what is larger is no text that anybody mends.
const maxFile = 64 << 20

// Resolve follows the links of a path to the file that is meant. A path that does not exist is resolved as far as it does.
func Resolve(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "", fmt.Errorf("%s is a link that leads nowhere", path)
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path, nil
	}
	dir, err := Resolve(parent)
	return filepath.Join(dir, filepath.Base(path)), err
}

// Read tells what stands under a path.
func Read(path string) (State, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{UID: -1, GID: -1}, nil
	}
	if err != nil {
		return State{}, err
	}
	s := State{Exists: true, Mode: info.Mode() & modeBits}
	s.UID, s.GID = owner(info)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		s.Mode = 0
		s.Link, err = os.Readlink(path)
		return s, err
	case !info.Mode().IsRegular():
		return State{}, fmt.Errorf("%s is no regular file", path)
	case info.Size() > maxFile:
		return State{}, fmt.Errorf("%s is larger than %d MB", path, maxFile>>20)
	}
	s.Data, err = os.ReadFile(path)
	return s, err
}

// Same tells whether two states cannot be told apart, owners aside: those are kept, and not ours to compare.
func (s State) Same(other State) bool {
	return s.Exists == other.Exists && s.Link == other.Link && s.Mode == other.Mode && string(s.Data) == string(other.Data)
}

// kernelSettings is where the kernel shows its settings as files. Nothing can be made or renamed there: they are written in place,
// and hold what was written as the kernel understands it (proc_sys(5)).
const kernelSettings = "/proc/sys/"

func isKernelSetting(path string) bool { return strings.HasPrefix(path, kernelSettings) }

func (s State) sum() string {
	if !s.Exists || s.Link != "" {
		return ""
	}
	h := sha256.Sum256(s.Data)
	return hex.EncodeToString(h[:])
}
