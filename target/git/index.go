package git

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
)

// mayTrack tells whether git's index may hold one of the paths (absolute) or something below it. It says no only where that is
// certain, and spares a run of git then: the index of most projects is a small file that spells every path in full
// (gitformat-index, versions 2 and 3).
func (r *Repo) mayTrack(abs ...string) bool {
	dir, err := filepath.EvalSymlinks(r.Dir) // the repository is above where a link leads to, not above the link
	if err != nil {
		return true
	}
	top := dir
	for !isDir(filepath.Join(top, ".git")) {
		parent := filepath.Dir(top)
		if parent == top {
			return true // a linked worktree, or no checkout: git knows
		}
		top = parent
	}
	index, err := readIndex(filepath.Join(top, ".git", "index"))
	if err != nil || !spelledOut(index) {
		return true
	}
	for _, path := range abs {
		below, err := filepath.Rel(r.Dir, path)
		if err != nil {
			return true
		}
		rel, err := filepath.Rel(top, filepath.Join(dir, below))
		name := filepath.ToSlash(rel) // of a file, which ends in a zero byte there, or of a folder
		if err != nil || rel == "." || strings.HasPrefix(rel, "..") || bytes.Contains(index, []byte(name+"\x00")) || bytes.Contains(index, []byte(name+"/")) {
			return true
		}
	}
	return false
}

// maxIndex bounds what is read to spare a run of git, in bytes: beyond it git is the quicker one.
const maxIndex = 8 << 20

func readIndex(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxIndex {
		return nil, os.ErrInvalid
	}
	return os.ReadFile(file)
}

// spelledOut tells whether an index holds every path as it is: version 4 shortens them, a split index (extension "link") keeps
// them in another file, a sparse one ("sdir") names folders only. The zeros are the upper bytes of an extension's size.
func spelledOut(index []byte) bool {
	if len(index) < 12 || !bytes.HasPrefix(index, []byte("DIRC")) {
		return false
	}
	version := binary.BigEndian.Uint32(index[4:8])
	return (version == 2 || version == 3) && !bytes.Contains(index, []byte("link\x00\x00")) && !bytes.Contains(index, []byte("sdir\x00\x00"))
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
