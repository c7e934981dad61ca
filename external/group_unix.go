//go:build unix

package external

import (
	"os/exec"
	"syscall"
)

// group puts an executable into a process group of its own, so that what it starts ends with it.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return endGroup(cmd) }
}

// endGroup ends an executable with all that it has started and that is still there.
func endGroup(cmd *exec.Cmd) error {
	if cmd.Process == nil {
		return nil // it was never started
	}
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
