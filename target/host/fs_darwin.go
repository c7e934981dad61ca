package host

import "golang.org/x/sys/unix"

const noExecFlag = unix.MNT_NOEXEC
