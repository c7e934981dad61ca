//go:build unix

package target

import "golang.org/x/sys/unix"

// Readable tells by the rights of the user we run as whether a file may be read (absolute); nil when it may.
func (t *Target) Readable(abs string) error { return unix.Access(abs, unix.R_OK) }

// Writable tells the same of writing to a file that is there.
func (t *Target) Writable(abs string) error { return unix.Access(abs, unix.W_OK) }
