package stage

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// adopt makes this process the parent of all that its children leave behind. A kernel that refuses leaves us the process group.
func adopt() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// attributes: a group of its own, and an end with the guard even where that is killed outright.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
