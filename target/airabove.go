package target

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// fromAbove corrects the start that a configuration file in a folder stands for. Some projects keep the file in a folder of
// its own (scripts/.air.toml) and start `air -c scripts/.air.toml` at the root: so it is meant where its build command finds
// no Go files from its own folder and does from the module's.
func fromAbove(s start, file, root string) start {
	if exists(filepath.Join(s.cwd, "go.mod")) || s.cwd == root {
		return s
	}
	data, err := readSmall(file, maxAirConfig)
	if err != nil {
		return s
	}
	cmd := air.Load(s.version, "", "", data).Build.Cmd
	if finds(cmd, s.cwd) {
		return s
	}
	for dir := filepath.Dir(s.cwd); ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.mod")) && finds(cmd, dir) {
			s.cwd, s.config = dir, file
			return s
		}
		if dir == root || !strings.HasPrefix(dir, root) {
			return s
		}
	}
}

// finds tells whether each build of a shell line, started in a folder, names a folder or file with Go code.
func finds(line, cwd string) bool {
	builds := gobuild.Parse(line, cwd).Builds
	for _, b := range builds {
		dir, ok := b.Folder()
		if !ok {
			continue
		}
		if b.Files() {
			if name := b.Packages[0]; !filepath.IsAbs(name) && !exists(filepath.Join(b.Dir, name)) {
				return false
			}
			continue
		}
		files, err := filepath.Glob(filepath.Join(escaped(dir), "*.go"))
		if err != nil || len(files) == 0 {
			return false
		}
	}
	return len(builds) > 0
}

// escaped is a path of which Glob takes every letter as it is.
func escaped(dir string) string {
	if os.PathSeparator == '\\' {
		return dir
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
