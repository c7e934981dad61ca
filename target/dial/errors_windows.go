package dial

import (
	"errors"

	"golang.org/x/sys/windows"
)

func refusedError(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }

func resetError(err error) bool { return errors.Is(err, windows.WSAECONNRESET) }
