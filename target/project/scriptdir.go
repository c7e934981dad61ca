package project

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

var taskDir = regexp.MustCompile(`(?m)^\s*dir:`)

// Dir is the folder in which the script's i-th command runs, relative to the root, when the script is started in its own. It is
// not known (ok is false) after a `cd` to where only the shell knows, or where a Taskfile moves its tasks.
func (s Script) Dir(root string, i int) (dir string, ok bool) {
	dir = path.Dir(s.File)
	base := strings.ToLower(path.Base(s.File))
	shell := strings.HasSuffix(base, ".sh") || strings.HasSuffix(base, ".bash")
	if strings.HasPrefix(base, "taskfile.") {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(s.File)))
		if err != nil || taskDir.Match(data) {
			return "", false
		}
	}
	for _, c := range s.Commands[:i] {
		if !shell && c.Pos.Line != s.Commands[i].Pos.Line {
			continue // make, just and npm start a shell for each line
		}
		if dir, ok = c.Moves(dir); !ok {
			return "", false
		}
	}
	return dir, true
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
