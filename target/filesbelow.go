package target

import (
	"io/fs"
	"path/filepath"
)

// FilesBelow lists the regular files of a folder (absolute) and of those below it, relative to the root: as many as come up among the first
// most entries, and before the first folder that cannot be read.
func (t *Target) FilesBelow(dir string, most int) []string {
	var files []string
	seen := 0
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error { // its errors end it, and are no more than that
		if seen++; err != nil || seen > most {
			return fs.SkipAll
		}
		if d.Type().IsRegular() {
			files = append(files, t.Rel(name))
		}
		return nil
	})
	return files
}
