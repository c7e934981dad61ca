package watch

import (
	"errors"
	"io/fs"
)

// missing tells whether a configuration is not there at all.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
