//go:build linux || darwin

package host

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// mayCreate asks with access(2), by the effective ids, since those are what counts when a file is created.
func mayCreate(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return err
	}
	return nil
}

func isReadOnly(err error) bool { return errors.Is(err, unix.EROFS) }

// storage asks statfs(2). A filesystem that counts no inodes (btrfs, many network ones) says 0 of 0.
func storage(dir string) (free uint64, full, noExec bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return math.MaxUint64, false, false
	}
	free = uint64(s.Bavail)
	if os.Geteuid() == 0 {
		free = uint64(s.Bfree) // the blocks kept back are for root
	}
	full = s.Blocks > 0 && free == 0 || s.Files > 0 && s.Ffree == 0
	bytes := free * uint64(s.Bsize)
	if s.Blocks == 0 { // one that counts none
		bytes = math.MaxUint64
	}
	return bytes, full, uint64(s.Flags)&noExecFlag != 0
}

func owner(info fs.FileInfo) string {
	uid, ok := ownerID(info)
	if !ok {
		return ""
	}
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

func ownerID(info fs.FileInfo) (int, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(s.Uid), true
}
