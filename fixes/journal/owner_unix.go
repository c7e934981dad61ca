//go:build unix

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

func owner(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return -1, -1
}

func links(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink)
	}
	return 1
}

// keepOwner gives a new file the owner of the one it replaces; what root makes anew gets that of its folder, so that a project
// stays its owner's under sudo.
func keepOwner(path string, s State) error {
	if s.UID < 0 && os.Geteuid() == 0 {
		dir, err := os.Stat(filepath.Dir(path))
		if err != nil {
			return err
		}
		s.UID, s.GID = owner(dir)
	}
	if s.UID < 0 {
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if uid, gid := owner(info); uid == s.UID && gid == s.GID {
		return nil
	}
	if err := os.Lchown(path, s.UID, s.GID); err != nil {
		return fmt.Errorf("it belongs to user %d, group %d, and that cannot be kept: %w", s.UID, s.GID, errors.Unwrap(err))
	}
	return nil
}

// writable asks the system whether this user may write there.
func writable(path string) error { return unix.Access(path, unix.W_OK) }

// syncDir makes renames in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err // some network filesystems know no fsync of folders
	}
	return nil
}

// lockFile takes the lock, or says at once that somebody else has it. It goes with the process that holds it.
func lockFile(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrBusy
	}
	return err
}

func unlockFile(f *os.File) { unix.Flock(int(f.Fd()), unix.LOCK_UN) }
