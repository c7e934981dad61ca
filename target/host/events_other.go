//go:build !linux

package host

// LocalFilesystem is not known here.
func LocalFilesystem(string) string { return "" }
