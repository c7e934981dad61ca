package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Script is a file of the project that runs commands: a Makefile, a shell script, a Taskfile, a justfile, a Procfile, the
// scripts of a package.json, the tasks and run configurations of an editor.
type Script struct {
	File     string // relative to the root
	Kind     ScriptKind
	Commands []Command
	// Unknown are the places that could not be followed, in the order of the file.
	Unknown []Unknown
	// SetsPath tells whether it gives its commands another PATH than the one it is started with.
	SetsPath bool

	includes []include
	dir      string // where its commands start, relative to the root
	lost     bool   // dir is not known
	from     string // of a Taskfile: where its tasks run when the Taskfile that includes it starts them; empty where that is not one folder
}

// ScriptKind is what a script is written for.
type ScriptKind string

// The kinds of scripts.
const (
	Makefile     ScriptKind = "Makefile"
	ShellScript  ScriptKind = "shell script"
	Procfile     ScriptKind = "Procfile"
	Justfile     ScriptKind = "justfile"
	PackageJSON  ScriptKind = "package.json"
	Taskfile     ScriptKind = "Taskfile"
	VSCodeTasks  ScriptKind = "VS Code tasks"
	VSCodeLaunch ScriptKind = "VS Code launch configurations"
	JetBrains    ScriptKind = "JetBrains run configurations"
	ZedTasks     ScriptKind = "Zed tasks"
	DevContainer ScriptKind = "dev container"
	Dockerfile   ScriptKind = "Dockerfile"
	Compose      ScriptKind = "compose file"
)

// Unknown is a place of a script that runs commands which could not be followed.
type Unknown struct {
	Span   Span // the zero Span for the whole file
	Reason Reason
}

// Reason says why a place could not be followed.
type Reason string

// The reasons.
const (
	Computed    Reason = "the command is computed"
	Evaluated   Reason = "eval runs a text that is computed"
	Sourced     Reason = "another file is run here"
	Included    Reason = "another file is included that is not read with this one"
	Recursive   Reason = "make is started in a folder that is computed"
	NoShell     Reason = "this does not parse as shell commands"
	OtherShell  Reason = "another language than the shell's"
	TooDeep     Reason = "commands are nested too deep"
	TooLong     Reason = "its variables make too long a text"
	BadFormat   Reason = "this goes against the format of the file"
	TooLarge    Reason = "the file is larger than 256 KB"
	TooMany     Reason = "more than 64 such files"
	NotReadable Reason = "the file cannot be read"
)

// Command is one command that a Script runs.
type Command struct {
	Pos Position
	// Words are the command's name and arguments; a word that only the shell knows (a variable, a substitution) is "".
	Words []string
	// Begins are what words begin with of which only the shell knows the rest, by their index: VERSION= of VERSION=$V. It may be shorter
	// than Words.
	Begins []string
	// Spans are the places of the words in the file, parallel to Words: zero for a word that is not written there so, because it
	// comes out of a variable or only the shell knows it. An empty word that is written there ('') has one.
	Spans []Span
	// Globs tells, parallel to Words, that the shell may put other words in the place of one: the files that match it, ~, {a,b}.
	Globs []bool
	// Assigns are the variables that are set for this command alone, "GOOS=linux" or "GOOS=" where the value is computed.
	Assigns []string
	// Dir is the folder that it runs in, relative to the one that its script is started in ("."); empty when only the shell knows.
	Dir string
	// From is the command whose output is piped into it, nil where none is.
	From *Command
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

// Scripts reads the files of a tree that run commands, in order. What does not parse has its places in Unknown: these files are not
// ours to judge. Where there are more than are read, those nearest to the root are.
func Scripts(ctx context.Context, t *Tree) ([]Script, error) { return readScripts(ctx, t, scriptKind) }

// EditorCommands reads the files of a tree in which editors keep the commands that they start, as Scripts does.
func EditorCommands(ctx context.Context, t *Tree) ([]Script, error) {
	return readScripts(ctx, t, editorKind)
}

func readScripts(ctx context.Context, t *Tree, kindOf func(string) ScriptKind) ([]Script, error) {
	var names []string
	for _, f := range t.Files {
		if f.Type&^fs.ModeSymlink == 0 && kindOf(f.Path) != "" {
			names = append(names, f.Path)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Count(a, "/") - strings.Count(b, "/") })
	var out []Script
	read := 0
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := Script{File: name, Kind: kindOf(name), Unknown: []Unknown{{Reason: TooMany}}}
		if read < maxScripts {
			s = loadScript(t.Root, name, s.Kind)
		}
		if len(s.Commands)+len(s.Unknown)+len(s.includes) > 0 {
			out = append(out, s)
			read++
		}
	}
	slices.SortFunc(out, func(a, b Script) int { return strings.Compare(a.File, b.File) })
	place(out)
	return out, nil
}

func loadScript(root, name string, kind ScriptKind) Script {
	data, err := readBounded(filepath.Join(root, filepath.FromSlash(name)), maxScriptSize)
	if err == nil {
		return ParseScript(name, kind, string(data))
	}
	reason := NotReadable
	if errors.Is(err, errTooLarge) {
		reason = TooLarge
	}
	return Script{File: name, Kind: kind, Unknown: []Unknown{{Reason: reason}}}
}

// ParseScript reads the text of a file of that path, relative to the root, as a script of that kind.
func ParseScript(name string, kind ScriptKind, text string) Script {
	var s Script
	switch {
	case len(text) > maxScriptSize:
		s.Unknown = []Unknown{{Reason: TooLarge}}
	case strings.IndexByte(text, 0) >= 0:
		s.Unknown = []Unknown{{Reason: BadFormat}} // binary, or UTF-16, which none of them takes
	default:
		s = scriptReaders[kind](NewSource(text))
	}
	s.File, s.Kind, s.dir = name, kind, startFolder(name, kind)
	slices.SortStableFunc(s.Unknown, func(a, b Unknown) int { return a.Span.Start - b.Span.Start })
	return s
}

var scriptReaders = map[ScriptKind]func(*Source) Script{
	Makefile:     parseMakefile,
	ShellScript:  parseShellScript,
	Procfile:     parseProcfile,
	Justfile:     parseJustfile,
	PackageJSON:  parsePackageJSON,
	Taskfile:     parseTaskfile,
	VSCodeTasks:  parseVSCodeTasks,
	VSCodeLaunch: parseVSCodeLaunch,
	JetBrains:    parseJetBrains,
	ZedTasks:     parseZedTasks,
	DevContainer: parseDevContainer,
}

// scriptKind is the kind of a script by its path; empty for any other file.
func scriptKind(name string) ScriptKind {
	if outsideBuild(path.Dir(name)) {
		return ""
	}
	base := path.Base(name)
	switch {
	case base == "Makefile" || base == "makefile" || base == "GNUmakefile" || strings.HasSuffix(base, ".mk"):
		return Makefile
	case strings.HasSuffix(base, ".sh") || strings.HasSuffix(base, ".bash"):
		return ShellScript
	case base == "Procfile" || strings.HasPrefix(base, "Procfile."):
		return Procfile
	case base == "justfile" || base == "Justfile" || base == ".justfile":
		return Justfile
	case base == "package.json":
		return PackageJSON
	case strings.HasPrefix(strings.ToLower(base), "taskfile.") && slices.Contains([]string{".yml", ".yaml"}, path.Ext(base)):
		return Taskfile
	}
	return ""
}

// Add takes down commands, and what could not be followed.
func (s *Script) Add(commands []Command, unknown []Unknown) {
	s.Commands, s.Unknown = append(s.Commands, commands...), append(s.Unknown, unknown...)
}

// add takes down the commands of a text that a shell gets, which is started in a folder.
func (s *Script) add(t *Text, dir string) {
	commands, unknown := t.Commands(dir, true)
	for _, c := range commands {
		if c.computedFolder() {
			unknown = append(unknown, Unknown{Span: t.src.Span(t.src.at(c.Pos), t.src.at(c.Pos)), Reason: Recursive})
		}
	}
	s.Add(commands, unknown)
}

// computedFolder tells whether a command starts make in a folder that is not known.
func (c Command) computedFolder() bool {
	if base := path.Base(c.Name()); base != "make" && base != "gmake" {
		return false
	}
	for i, w := range c.Words {
		if (w == "-C" || w == "--directory") && i+1 < len(c.Words) && c.Words[i+1] == "" {
			return true
		}
	}
	return false
}

func parseShellScript(src *Source) Script {
	var s Script
	s.SetsPath = setsPath(src.Text)
	if first, _, _ := strings.Cut(src.Text, "\n"); strings.HasPrefix(first, "#!") && !shebangOfShell(first) {
		s.Unknown = []Unknown{{Span: src.Span(0, len(first)), Reason: OtherShell}}
		return s
	}
	s.add(src.Whole(bomWidth(src.Text), len(src.Text)), ".")
	return s
}

// shebangOfShell tells whether a first line hands the text to a shell whose language we know.
func shebangOfShell(line string) bool {
	for word := range strings.FieldsSeq(strings.TrimPrefix(line, "#!")) {
		if base := path.Base(word); PosixShell(base) {
			return true
		}
	}
	return false
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
