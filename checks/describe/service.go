package describe

import (
	"github.com/gindoctor/gindoctor/target/project"
)

// ServiceAt is the module that a folder (relative to the root) belongs to, by its folder.
func ServiceAt(modules []*project.Module, dir string) string {
	best := ""
	for _, m := range modules {
		if project.Within(dir, m.Dir) && len(m.Dir) >= len(best) {
			best = m.Dir
		}
	}
	if best == "" && len(modules) > 0 {
		best = modules[0].Dir
	}
	return best
}
