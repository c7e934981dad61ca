//go:build unix && !linux

package stage

import "syscall"

// adopt does nothing here: what leaves the process group and its parent is out of reach.
func adopt() {}

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
