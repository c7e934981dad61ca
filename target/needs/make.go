package needs

import (
	"os"
	"path"
	"path/filepath"

	"github.com/gindoctor/gindoctor/target/project"
)

// The bounds of reading a Makefile: how far make calls itself, and its size in bytes.
const (
	maxMake     = 3
	maxMakefile = 1 << 20
)

// makeWrites are the files that the recipes of a call of make write, as far as make carries them out at each call.
func makeWrites(im *project.Imports, c Cycle, call project.Command, depth int) []Write {
	if depth == 0 {
		return nil
	}
	shells, _, _ := c.scene().Follow(call, c.Dir)
	var out []Write
	for _, sh := range shells {
		for _, w := range lineWrites(im, Cycle{Root: c.Root, Dir: sh.Dir}, sh.Text, depth-1) {
			w.By += " (of make)"
			out = append(out, w)
		}
	}
	return out
}

// scene is the working tree as the commands of a cycle find it. Which variables are set there is not known: another shell may start
// them.
func (c Cycle) scene() project.Scene {
	abs := func(name string) string { return filepath.Join(c.Root, filepath.FromSlash(name)) }
	return project.Scene{
		Read: func(name string) (file, text string, ok bool) {
			if path.IsAbs(name) {
				return "", "", false
			}
			info, err := os.Stat(abs(name))
			if err != nil || !info.Mode().IsRegular() || info.Size() > maxMakefile {
				return "", "", false
			}
			data, err := os.ReadFile(abs(name))
			return name, string(data), err == nil
		},
		Absent: func(name string) bool {
			_, err := os.Lstat(abs(name))
			return err != nil && !path.IsAbs(name)
		},
		Variable: func(string) project.Variable { return project.Variable{} },
	}
}
