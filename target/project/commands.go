package project

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Script is a file of the project that runs commands: a Makefile, a shell script, a Taskfile, a justfile, a Procfile, the
// scripts of a package.json.
type Script struct {
	File     string // relative to the root
	Commands []Command
	// SetsPath tells whether it gives its commands another PATH than the one it is started with.
	SetsPath bool
}

// Command is one command that a Script runs.
type Command struct {
	Pos Position
	// Words are the command's name and arguments; a word that only the shell knows (a variable, a substitution) is "".
	Words []string
	// Assigns are the variables that are set for this command alone, "GOOS=linux" or "GOOS=" where the value is computed.
	Assigns []string
}

// Name is the command's name, empty when only the shell knows it.
func (c Command) Name() string { return c.Words[0] }

// Assigned tells whether a variable is set for this command alone.
func (c Command) Assigned(name string) bool {
	return slices.ContainsFunc(c.Assigns, func(a string) bool { return strings.HasPrefix(a, name+"=") })
}

// Calls tells whether the script runs a command of that name, and where first.
func (s Script) Calls(name string) (Command, bool) {
	for _, c := range s.Commands {
		if c.Name() == name {
			return c, true
		}
	}
	return Command{}, false
}

// AsksFor tells whether the script looks whether a command is there (`command -v air`, `which air`) before it uses it.
func (s Script) AsksFor(name string) bool {
	return slices.ContainsFunc(s.Commands, func(c Command) bool {
		switch c.Name() {
		case "command", "which", "type", "hash", "where":
			return slices.Contains(c.Words[1:], name)
		}
		return false
	})
}

// The bounds of what is read: a project's own scripts are few and short.
const (
	maxScripts    = 64
	maxScriptSize = 256 << 10
)

// Scripts reads the files of a tree that run commands, in order. What does not parse is passed over: these files are not
// ours to judge.
func Scripts(ctx context.Context, t *Tree) ([]Script, error) {
	var out []Script
	for _, f := range t.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		read := scriptReader(f.Path)
		if read == nil || outsideBuild(path.Dir(f.Path)) {
			continue
		}
		data, err := readBounded(filepath.Join(t.Root, filepath.FromSlash(f.Path)), maxScriptSize)
		if err != nil {
			continue
		}
		if s := read(string(data)); len(s.Commands) > 0 {
			s.File = f.Path
			out = append(out, s)
		}
		if len(out) == maxScripts {
			break
		}
	}
	return out, nil
}

func scriptReader(name string) func(string) Script {
	base := path.Base(name)
	switch {
	case base == "Makefile" || base == "makefile" || base == "GNUmakefile" || strings.HasSuffix(base, ".mk"):
		return parseMakefile
	case strings.HasSuffix(base, ".sh") || strings.HasSuffix(base, ".bash"):
		return parseShellScript
	case base == "Procfile" || strings.HasPrefix(base, "Procfile."):
		return parseProcfile
	case base == "justfile" || base == "Justfile" || base == ".justfile":
		return parseJustfile
	case base == "package.json":
		return parsePackageJSON
	case strings.HasPrefix(strings.ToLower(base), "taskfile.") && slices.Contains([]string{".yml", ".yaml"}, path.Ext(base)):
		return parseTaskfile
	}
	return nil
}

// ParseShell finds the commands in shell text that begins at a position of its file. Text that is no shell has none.
func ParseShell(text string, at Position) []Command {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil
	}
	var out []Command
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		c := Command{Pos: shifted(at, call.Args[0].Pos())}
		for _, a := range call.Assigns {
			if a.Name != nil {
				c.Assigns = append(c.Assigns, a.Name.Value+"="+literal(a.Value))
			}
		}
		for _, w := range call.Args {
			c.Words = append(c.Words, literal(w))
		}
		out = append(out, unwrapped(c, call, at))
		return true
	})
	return out
}

// unwrapped looks through `exec CMD`, `env A=b CMD` and their like to the command that is meant.
func unwrapped(c Command, call *syntax.CallExpr, at Position) Command {
	i := 0
	for i+1 < len(c.Words) {
		word := c.Words[i]
		isAssign := i > 0 && strings.Contains(word, "=") && !strings.HasPrefix(word, "-")
		if isAssign {
			c.Assigns = append(c.Assigns, word)
		} else if !slices.Contains([]string{"exec", "env", "nohup", "time"}, word) {
			break
		}
		i++
	}
	if strings.HasPrefix(c.Words[i], "-") {
		return c // an option of the wrapper: what it means is the wrapper's affair
	}
	c.Words, c.Pos = c.Words[i:], shifted(at, call.Args[i].Pos())
	return c
}

// shifted places a position of parsed text into the file that the text was taken from.
func shifted(at Position, p syntax.Pos) Position {
	if p.Line() <= 1 {
		return Position{at.Line, at.Column + int(p.Col()) - 1}
	}
	return Position{at.Line + int(p.Line()) - 1, int(p.Col())}
}

// literal is what a word means when no shell is needed to tell, else "".
func literal(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	var b strings.Builder
	for _, part := range w.Parts {
		switch x := part.(type) {
		case *syntax.Lit:
			b.WriteString(strings.ReplaceAll(x.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(x.Value)
		case *syntax.DblQuoted:
			for _, inner := range x.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return ""
				}
				b.WriteString(lit.Value)
			}
		default:
			return ""
		}
	}
	return b.String()
}

func parseShellScript(text string) Script {
	s := Script{Commands: ParseShell(text, Position{1, 1})}
	s.SetsPath = setsPath(text)
	return s
}

// setsPath tells whether shell text sets PATH for what follows. Reading it as text errs towards "yes", which keeps us quiet.
func setsPath(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "PATH=") || strings.Contains(line, " PATH=") || strings.Contains(line, ";PATH=") {
			return true
		}
		if strings.HasPrefix(line, "source ") || strings.HasPrefix(line, ". ") {
			return true // what another file sets is not ours to guess
		}
	}
	return false
}

// ContainerFiles are the files of a tree that say how containers are built and run.
func (t *Tree) ContainerFiles() []string {
	var out []string
	for _, f := range t.Files {
		base := strings.ToLower(path.Base(f.Path))
		switch {
		case strings.HasPrefix(base, "dockerfile"), strings.HasSuffix(base, ".dockerfile"), strings.HasPrefix(base, "containerfile"),
			strings.HasPrefix(base, "docker-compose"), strings.HasPrefix(base, "compose.y"), base == "devcontainer.json":
			out = append(out, f.Path)
		}
	}
	return out
}

// Mentioning returns the first of the named files of the tree whose text holds word as a word of its own, or "".
func (t *Tree) Mentioning(files []string, word string) string {
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(name)))
		if err != nil || len(data) > maxScriptSize {
			continue
		}
		words := strings.FieldsFunc(string(data), func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'[](){},;&|/=@:", r) })
		if slices.Contains(words, word) {
			return name
		}
	}
	return ""
}
