//go:build !unix

package host

import (
	"fmt"
	"os"
)

// send ends a process: Windows has no signals, so a request to terminate is not available and ErrUnsupported says so.
func send(p *os.Process, sig Signal) error {
	switch sig {
	case Kill:
		return p.Kill()
	case Continue:
		return nil // nothing is ever stopped there by a signal
	}
	return fmt.Errorf("%s: %w", sig, ErrUnsupported)
}
