package target

import (
	"errors"
	"syscall"
)

// isLoop knows ERROR_CANT_RESOLVE_FILENAME, which stands for links that lead to each other.
func isLoop(err error) bool { return errors.Is(err, syscall.Errno(1921)) }

// TooLong tells whether an error of the system says that a path is longer than it takes (ERROR_FILENAME_EXCED_RANGE).
func TooLong(err error) bool { return errors.Is(err, syscall.Errno(206)) }
