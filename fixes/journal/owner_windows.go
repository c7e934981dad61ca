package journal

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

func owner(fs.FileInfo) (uid, gid int) { return -1, -1 }

func links(fs.FileInfo) uint64 { return 1 }

func keepOwner(string, State) error { return nil }

// writable says whether the file has the read-only attribute, which a rename would ignore.
func writable(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode()&0o200 == 0 {
		return fs.ErrPermission
	}
	return err
}

// syncDir has nothing to do: a folder is no file that could be flushed.
func syncDir(string) error { return nil }

// lockFile takes the lock, or says at once that somebody else has it. It goes with the process that holds it.
func lockFile(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrBusy
	}
	return err
}

func unlockFile(f *os.File) {
	windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, new(windows.Overlapped))
}
