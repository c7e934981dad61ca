package project

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Detached is a command of a shell text that outlives the shell, or does not hear its signals.
type Detached struct {
	Pos    Position
	Start  int // in bytes: of the words to cut, to End
	End    int
	Setsid bool // started by setsid: in a group of its own
	// Left is set for a command in the background that nothing waits for before the text ends.
	Left bool
	Name string
}

// FindDetached looks through shell text for `setsid` and for a last command that is put into the background. Text that is no
// shell has none.
func FindDetached(text string) []Detached {
	file, err := ShellFile(text)
	if err != nil {
		return nil
	}
	src := NewSource(text)
	w := &shellWalk{text: src.Whole(0, len(text))}
	literal := func(word *syntax.Word) string {
		value, _ := w.value(word)
		return value
	}
	position := func(p syntax.Pos) Position { return src.Position(min(int(p.Offset()), len(text))) }
	var out []Detached
	waits := false
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		name := literal(call.Args[0])
		waits = waits || slices.Contains([]string{"wait", "sleep", "tail"}, name)
		i := 0
		for i < len(call.Args)-1 && slices.Contains([]string{"exec", "nohup", "env"}, literal(call.Args[i])) {
			i++
		}
		if literal(call.Args[i]) == "setsid" && i+1 < len(call.Args) {
			end := i + 1
			for end < len(call.Args)-1 && strings.HasPrefix(literal(call.Args[end]), "-") {
				end++
			}
			out = append(out, Detached{
				Pos: position(call.Args[i].Pos()), Start: int(call.Args[i].Pos().Offset()),
				End: int(call.Args[end].Pos().Offset()), Setsid: true, Name: literal(call.Args[end]),
			})
		}
		return true
	})
	if n := len(file.Stmts); n > 0 && file.Stmts[n-1].Background && !waits {
		last := file.Stmts[n-1]
		call, ok := last.Cmd.(*syntax.CallExpr)
		if ok && len(call.Args) > 0 {
			out = append(out, Detached{
				Pos: position(last.Pos()), Start: int(last.Semicolon.Offset()), End: int(last.Semicolon.Offset()) + 1, Left: true, Name: literal(call.Args[0]),
			})
		}
	}
	return out
}

// ReadScript is the text of a shell script at an absolute path; ok is false where it is none.
func ReadScript(abs string) (text string, ok bool) {
	data, err := readBounded(abs, maxScriptSize)
	if err != nil {
		return "", false
	}
	first, _, _ := strings.Cut(string(data), "\n")
	shell := strings.HasPrefix(first, "#!") && slices.ContainsFunc(strings.Fields(first[2:]), func(w string) bool {
		return slices.Contains([]string{"sh", "bash", "dash", "ash", "zsh"}, path.Base(w))
	})
	return string(data), shell || !strings.HasPrefix(first, "#!") && slices.Contains([]string{".sh", ".bash"}, filepath.Ext(abs))
}
