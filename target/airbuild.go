package target

import (
	"path/filepath"

	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// AirBuild is how air builds the program, as the .air.toml of a folder says or air's own defaults do.
type AirBuild struct {
	File   string // absolute path of the configuration
	Dir    string // absolute folder that air works in
	TmpDir string // absolute folder of the built program
	Cmd    string // the shell line that builds
}

// Air is how air builds the module in a folder (relative to the root) by its own configuration there, by the rules of the
// newest air; nil where there is none, or none that loads. Airs tells more, and asks for more facts.
func (t *Target) Air(dir string) *AirBuild {
	cwd := filepath.Join(t.root, filepath.FromSlash(dir))
	file := filepath.Join(cwd, ".air.toml")
	data, err := readSmall(file, maxAirConfig)
	if err != nil {
		return nil
	}
	c := air.Load(air.Newest, dir, t.Rel(file), data)
	if c.Err != nil {
		return nil
	}
	b := &AirBuild{File: file, Dir: below(cwd, c.Root), Cmd: c.Build.Cmd}
	b.TmpDir = below(b.Dir, c.TmpDir)
	return b
}

// below is a path as a configuration gives it: absolute, or relative to a folder.
func below(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}
