//go:build !unix

package host

import "io/fs"

// fileID is not told by fs.FileInfo outside Unix.
func fileID(fs.FileInfo) FileID { return FileID{} }
