//go:build unix

package target

import (
	"errors"
	"syscall"
)

func isLoop(err error) bool { return errors.Is(err, syscall.ELOOP) }

// TooLong tells whether an error of the system says that a path is longer than it takes.
func TooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }
