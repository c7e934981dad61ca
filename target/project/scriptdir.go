package project

import (
	"path"
	"slices"
	"strings"
)

// include is a file that a script includes, relative to the folder of the script.
type include struct {
	file string
	dir  string // of a Taskfile: where the included tasks run, relative to the script's folder; "" for that folder itself
	lost bool   // where they run is computed
}

// startFolder is the folder, relative to the root, in which a script's commands start.
func startFolder(name string, kind ScriptKind) string {
	dir := path.Dir(name)
	switch kind {
	case DevContainer:
		if path.Base(name) == ".devcontainer.json" {
			return dir
		}
		for path.Base(dir) != ".devcontainer" && dir != "." {
			dir = path.Dir(dir)
		}
		return path.Dir(dir)
	case JetBrains:
		for _, marker := range []string{".idea", ".run"} {
			if before, _, ok := strings.Cut("/"+dir+"/", "/"+marker+"/"); ok {
				return path.Clean("./" + strings.TrimPrefix(before, "/"))
			}
		}
		return dir
	case VSCodeTasks, VSCodeLaunch, ZedTasks:
		return path.Dir(dir)
	}
	return dir
}

// place finds the folders of files that others include: what they hold runs in the folder of the file that includes them, and where
// they are also used by themselves, or included from several folders, nobody can tell. A .mk file is there to be included.
func place(scripts []Script) {
	from := map[string][]string{}
	lost := map[string]bool{}
	for _, s := range scripts {
		for _, i := range s.includes {
			file := path.Join(path.Dir(s.File), i.file)
			from[file] = append(from[file], path.Join(path.Dir(s.File), i.dir))
			lost[file] = lost[file] || i.lost
		}
	}
	for i := range scripts {
		s := &scripts[i]
		dirs := from[s.File]
		if s.Kind == Taskfile && len(dirs) > 0 {
			if !lost[s.File] && !slices.ContainsFunc(dirs, func(d string) bool { return d != dirs[0] }) {
				s.from = dirs[0]
			}
			dirs = append(dirs, s.dir) // a Taskfile can be started as it is
		}
		slices.Sort(dirs)
		switch dirs = slices.Compact(dirs); {
		case lost[s.File] || len(dirs) > 1 || len(dirs) == 0 && strings.HasSuffix(s.File, ".mk"):
			s.lost = true
		case len(dirs) == 1:
			s.dir = dirs[0]
		}
	}
}

// Dir is the folder in which the script's i-th command runs, relative to the root, when the script is started in its own. It is
// not known (ok is false) after a `cd` to where only the shell knows, or where the script lies in a container.
func (s Script) Dir(i int) (dir string, ok bool) {
	if s.lost || s.Commands[i].Dir == "" {
		return "", false
	}
	return path.Join(s.dir, s.Commands[i].Dir), true
}

// IncludedDir is Dir of a Taskfile that is only started by the one that includes it.
func (s Script) IncludedDir(i int) (dir string, ok bool) {
	if s.from == "" || s.Commands[i].Dir == "" {
		return "", false
	}
	return path.Join(s.from, s.Commands[i].Dir), true
}

// Moves is the folder after a command that ran in dir; only `cd` moves. ok is false where only the shell knows.
func (c Command) Moves(dir string) (string, bool) {
	switch c.Name() {
	case "popd":
		return "", false
	case "cd", "pushd":
		if len(c.Words) != 2 || c.Words[1] == "" || strings.HasPrefix(c.Words[1], "-") || strings.HasPrefix(c.Words[1], "~") || path.IsAbs(c.Words[1]) {
			return "", false
		}
		return path.Join(dir, c.Words[1]), true
	}
	return dir, true
}

// HasFile tells whether there is a file at that absolute path.
func HasFile(abs string) bool { return isFile(abs) }

// IsScript tells whether a file is a text that an interpreter runs, as its first two bytes say.
func IsScript(abs string) bool {
	f, _, err := openRegular(abs)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [2]byte
	n, _ := f.Read(head[:])
	return n == 2 && string(head[:]) == "#!"
}
