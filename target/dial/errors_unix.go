//go:build !windows

package dial

import (
	"errors"
	"syscall"
)

func refusedError(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func resetError(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
