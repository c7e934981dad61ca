//go:build !linux && !darwin

package host

import "io/fs"

// Other systems are asked by the go command alone: we know nothing, and say so by finding nothing wrong.

func mayCreate(string) error { return nil }

func isReadOnly(error) bool { return false }

func storage(string) (full, noExec bool) { return false, false }

func owner(fs.FileInfo) string { return "" }

func ownerID(fs.FileInfo) (int, bool) { return 0, false }
