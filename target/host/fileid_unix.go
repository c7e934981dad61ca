//go:build unix

package host

import (
	"io/fs"
	"syscall"
)

func fileID(info fs.FileInfo) FileID {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return FileID{Device: uint64(s.Dev), Inode: uint64(s.Ino)}
	}
	return FileID{}
}
