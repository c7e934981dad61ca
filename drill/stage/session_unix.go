//go:build unix

package stage

import "syscall"

// ownSession keeps what the terminal sends at Ctrl-C for us alone: we end what we started.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
