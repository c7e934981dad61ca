package project

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// editorKind is the kind of a file in which an editor keeps commands, by its path; empty for any other file.
func editorKind(name string) ScriptKind {
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	last := path.Base(dir)
	kind := ScriptKind("")
	switch {
	case last == ".vscode" && base == "tasks.json":
		kind = VSCodeTasks
	case last == ".vscode" && base == "launch.json":
		kind = VSCodeLaunch
	case last == ".zed" && base == "tasks.json":
		kind = ZedTasks
	case base == ".devcontainer.json":
		kind, dir = DevContainer, path.Join(dir, ".devcontainer")
	case base == "devcontainer.json" && (last == ".devcontainer" || path.Base(path.Dir(dir)) == ".devcontainer"):
		if kind = DevContainer; last != ".devcontainer" {
			dir = path.Dir(dir)
		}
	case last == ".idea" && base == "workspace.xml", strings.HasSuffix(base, ".run.xml"):
		if kind = JetBrains; !strings.HasPrefix(last, ".") {
			return editorKindBelow(dir, kind)
		}
	case last == "runConfigurations" && path.Base(path.Dir(dir)) == ".idea" && strings.HasSuffix(base, ".xml"):
		kind, dir = JetBrains, path.Dir(dir)
	}
	if kind == "" {
		return ""
	}
	return editorKindBelow(path.Dir(dir), kind)
}

// editorKindBelow is kind, unless the folder that the editor was opened in is outside of the project's own ones.
func editorKindBelow(dir string, kind ScriptKind) ScriptKind {
	if outsideBuild(dir) {
		return ""
	}
	return kind
}

// editorFolder is a folder that an editor's file names, relative to the one that the editor was opened in; "." where it names none,
// "" for one that is computed or lies elsewhere.
func editorFolder(value string, variables ...string) string {
	if value == "" {
		return "."
	}
	for _, v := range variables {
		if rest, ok := strings.CutPrefix(value, v); ok && (rest == "" || rest[0] == '/') {
			value = "." + rest
			break
		}
	}
	if filepath.IsAbs(value) {
		return ""
	}
	return relativeFolder(value)
}

// opened is a text with the name of the folder that the editor was opened in put in, as it is seen from the folder where the command
// runs, and all other variables hidden.
func opened(t *Text, variable *lazyregexp.Regexp, folder, dir string) *Text {
	return t.Replace(variable, func(groups []string) (string, Nature) {
		if groups[0] == folder && dir != "" {
			return upFrom(dir), Filled
		}
		return "", Hidden
	})
}

// upFrom is the folder that a relative one is relative to, as it is seen from there.
func upFrom(dir string) string {
	rel, err := filepath.Rel(filepath.FromSlash(dir), ".")
	if err != nil {
		return "."
	}
	return filepath.ToSlash(rel)
}

// vscodeFolder is the variable of the folder that VS Code was opened in.
const vscodeFolder = "${workspaceFolder}"

var vscodeVariable = lazyregexp.New(`\$\{[^}]*\}`)

func vscodeText(t *Text, dir string) *Text { return opened(t, vscodeVariable, vscodeFolder, dir) }

func vscodeDir(j jsonValue) string { return editorFolder(j.string(), vscodeFolder, "${workspaceRoot}") }

// parseVSCodeTasks finds the commands of a .vscode/tasks.json: shell lines, and programs with arguments; those for one system alone
// too.
func parseVSCodeTasks(src *Source) Script {
	var s Script
	root, ok := s.json(src)
	if !ok {
		return s
	}
	tasks := root.get("tasks").items()
	if root.get("command").v != nil {
		tasks = append(tasks, root)
	}
	for _, task := range tasks {
		kind := task.get("type").string()
		if kind == "" {
			kind = root.get("type").string()
		}
		all := vscodeTask{command: task.get("command"), args: task.get("args"), cwd: task.get("options", "cwd"), shell: kind != "process"}
		if kind == "npm" || all.command.v == nil && kind != "shell" && kind != "process" {
			continue // the task of an extension: what it runs is the extension's affair
		}
		s.vscodeTask(all)
		for _, system := range []string{"linux", "osx", "windows"} {
			own := all
			part := task.get(system)
			if part.get("command").v == nil && part.get("args").v == nil {
				continue
			}
			if c := part.get("command"); c.v != nil {
				own.command = c
			}
			if a := part.get("args"); a.v != nil {
				own.args = a
			}
			if c := part.get("options", "cwd"); c.v != nil {
				own.cwd = c
			}
			s.vscodeTask(own)
		}
	}
	return s
}

type vscodeTask struct {
	command, args, cwd jsonValue
	shell              bool
}

func (s *Script) vscodeTask(t vscodeTask) {
	dir := vscodeDir(t.cwd)
	var words []*Text
	for _, j := range append([]jsonValue{t.command}, t.args.items()...) {
		text := j.text()
		if text == nil {
			text = j.get("value").text() // { "value": "...", "quoting": "escape" }
		}
		if text == nil {
			if j.v != nil && j.v == t.command.v {
				s.Unknown = append(s.Unknown, Unknown{Span: j.span(), Reason: BadFormat})
			}
			continue
		}
		words = append(words, vscodeText(text, dir))
	}
	if t.shell {
		s.line(words, dir)
	} else {
		s.Add(WordList(words, dir))
	}
}

// line takes down a shell line of which the arguments are given one by one: those with a blank in them are put in quotes.
func (s *Script) line(words []*Text, dir string) {
	if len(words) == 0 {
		return
	}
	all := words[0].src.Empty()
	for i, t := range words {
		quote := ""
		if i > 0 {
			all.Put(" ", Added, t.at(0), t.at(0))
			if strings.ContainsAny(t.String(), " \t") && !strings.Contains(t.String(), "'") || len(t.bytes) == 0 {
				quote = "'"
			}
		}
		all.Put(quote, Added, t.at(0), t.at(0))
		all.Append(t)
		all.Put(quote, Added, t.at(len(t.bytes)), t.at(len(t.bytes)))
	}
	s.add(all, dir)
}

// parseVSCodeLaunch finds what a .vscode/launch.json starts: Go programs, which the Go extension builds and runs under dlv, shell
// lines of a terminal, and programs with arguments.
func parseVSCodeLaunch(src *Source) Script {
	var s Script
	root, ok := s.json(src)
	if !ok {
		return s
	}
	for _, c := range root.get("configurations").items() {
		dir := vscodeDir(c.get("cwd"))
		switch c.get("type").string() {
		case "go":
			s.goLaunch(c)
		case "node-terminal":
			if t := c.get("command").text(); t != nil {
				s.add(vscodeText(t, dir), dir)
			}
		default:
			words := textsOf(dir, append([]jsonValue{c.get("runtimeExecutable")}, c.get("runtimeArgs").items()...)...)
			if c.get("runtimeExecutable").text() != nil {
				s.Add(WordList(words, dir))
			}
		}
	}
	return s
}

// textsOf are strings, with VS Code's variables put in.
func textsOf(dir string, values ...jsonValue) []*Text {
	var out []*Text
	for _, j := range values {
		if t := j.text(); t != nil {
			out = append(out, vscodeText(t, dir))
		}
	}
	return out
}

// goLaunch takes down a program that the Go extension starts: dlv builds and runs it. Without cwd that is in the folder of the
// program (vscode-go, debugging.md).
func (s *Script) goLaunch(c jsonValue) {
	program := c.get("program")
	mode := c.get("mode").string()
	verb := map[string]string{"": "debug", "auto": "debug", "debug": "debug", "exec": "exec", "test": "test"}[mode]
	if c.get("request").string() != "launch" || verb == "" || program.text() == nil {
		return
	}
	dir := vscodeDir(c.get("cwd"))
	if c.get("cwd").v == nil {
		if dir = vscodeDir(program); strings.HasSuffix(dir, ".go") || verb == "exec" && dir != "" {
			dir = path.Dir(dir)
		}
	}
	src := program.src
	words := []*Text{src.Empty(), src.Empty()}
	at := c.span()
	words[0].Put("dlv", Added, at.Start, at.Start)
	words[1].Put(verb, Added, at.Start, at.Start)
	words = append(words, textsOf(dir, program)...)
	if args := textsOf(dir, c.get("args").items()...); len(args) > 0 {
		dashes := src.Empty()
		dashes.Put("--", Added, at.Start, at.Start)
		words = append(append(words, dashes), args...)
	}
	s.Add(WordList(words, dir))
}

// parseZedTasks finds the commands of a .zed/tasks.json (zed.dev, tasks).
func parseZedTasks(src *Source) Script {
	var s Script
	root, ok := s.json(src)
	if !ok {
		return s
	}
	for _, task := range root.items() {
		dir := editorFolder(task.get("cwd").string(), "$ZED_WORKTREE_ROOT", "${ZED_WORKTREE_ROOT}")
		var words []*Text
		for _, j := range append([]jsonValue{task.get("command")}, task.get("args").items()...) {
			if t := j.text(); t != nil {
				words = append(words, t)
			}
		}
		if task.get("command").text() != nil {
			s.line(words, dir)
		}
	}
	return s
}

// lifecycle are the commands of a devcontainer.json that run in the container, and the one that runs on the host (containers.dev).
var lifecycle = []string{"initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"}

// parseDevContainer finds the commands of a devcontainer.json: a shell line, a list of words, or several of them by name.
func parseDevContainer(src *Source) Script {
	var s Script
	root, ok := s.json(src)
	if !ok {
		return s
	}
	dir := "."
	if w := root.get("workspaceFolder").string(); w != "" && w != "/workspaces/${localWorkspaceFolderBasename}" {
		dir = "" // where the project lies in the container, in part or in whole, is not said
	}
	for _, m := range root.members() {
		if !slices.Contains(lifecycle, m.name) {
			continue
		}
		s.lifecycle(m.value, dir)
		for _, one := range m.value.members() {
			s.lifecycle(one.value, dir)
		}
	}
	return s
}

func (s *Script) lifecycle(j jsonValue, dir string) {
	if t := j.text(); t != nil {
		s.add(vscodeText(t, dir), dir)
		return
	}
	var words []*Text
	for _, item := range j.items() {
		if t := item.text(); t != nil {
			words = append(words, vscodeText(t, dir))
		}
	}
	s.Add(WordList(words, dir))
}
