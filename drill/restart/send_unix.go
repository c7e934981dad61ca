//go:build unix

package restart

import (
	"os"

	"golang.org/x/sys/unix"
)

func send(p *os.Process, signal string) error { return p.Signal(unix.SignalNum(signal)) }
