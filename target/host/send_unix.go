//go:build unix && !linux

package host

import (
	"fmt"
	"os"
	"syscall"
)

func send(p *os.Process, sig Signal) error {
	switch sig {
	case Terminate:
		return p.Signal(syscall.SIGTERM)
	case Continue:
		return p.Signal(syscall.SIGCONT)
	case Kill:
		return p.Kill()
	}
	return fmt.Errorf("no signal %q", sig)
}
