package target

import (
	"path/filepath"

	"github.com/gindoctor/gindoctor/target/project"
)

// Personal tells whether a path (absolute) is evidently the user's own: the project, or something in their home folder. Anything else may
// be the system's, and nobody is to be told to take that over.
func (t *Target) Personal(abs string) bool {
	if filepath.Dir(abs) == abs {
		return false
	}
	name, home := filepath.ToSlash(abs), filepath.ToSlash(t.Getenv("HOME"))
	return project.Within(name, filepath.ToSlash(t.root)) || home != "" && name != home && project.Within(name, home)
}
