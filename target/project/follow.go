package project

import (
	"path"
	"slices"
	"strings"
)

// Scene is where commands run, as far as it is known.
type Scene struct {
	// Read gives the text of a file by its path there, and the path that it has in the project; ok is false where it is not known for
	// certain what lies there.
	Read func(name string) (file, text string, ok bool)
	// Absent tells whether there is nothing at a path, for certain.
	Absent func(name string) bool
	// Variable is a variable of the environment.
	Variable func(name string) Variable
}

// Variable is what is known of a variable. One that is not set has no text.
type Variable struct {
	Text       string
	Set, Known bool
}

// Shell is a text that one command has a shell run: make the line of a recipe, sh a script.
type Shell struct {
	File     string    // that it stands in, in the project
	Text     string    // as the shell gets it
	Dir      string    // where it is started; "" where that is not known
	Commands []Command // their folders are paths as Dir is one
	// Set are the variables that are set for it beside those that the command has.
	Set map[string]Variable
}

// maxShells bounds what one command is followed to.
const maxShells = 400

// Follow finds what a command runs that hands over to a file of the project: make, Task, just, or a shell with a script. ok is false for
// any other command. Where whole is false, it may run more than what is found, or something else.
func (s Scene) Follow(c Command, dir string) (shells []Shell, whole, ok bool) {
	var follow func(c Command, dir string) ([]Shell, bool)
	switch name := path.Base(c.Name()); {
	case name == "make" || name == "gmake":
		follow = s.makes
	case name == "task" || name == "go-task":
		follow = s.task
	case name == "just":
		follow = s.just
	case PosixShell(name) && len(c.Words) > 1 || strings.Contains(c.Name(), "/"):
		return s.script(c, dir)
	default:
		return nil, false, false
	}
	if dir != "" {
		shells, whole = follow(c, dir)
	}
	if len(shells) > maxShells {
		return nil, false, true
	}
	return shells, whole, true
}

// script is a shell script of the project that is started by its name, or given to a shell.
func (s Scene) script(c Command, dir string) (shells []Shell, whole, ok bool) {
	name := c.Name()
	if PosixShell(path.Base(name)) {
		words := c.Words[1:]
		for len(words) > 0 && strings.HasPrefix(words[0], "-") {
			if strings.Contains(words[0], "c") || strings.HasPrefix(words[0], "--") {
				return nil, false, false // a text, which is read with the command
			}
			if words = words[1:]; len(words) > 0 && words[0] == "pipefail" {
				words = words[1:]
			}
		}
		if len(words) == 0 {
			return nil, false, false
		}
		name = words[0]
	}
	at := within(dir, name)
	if name == "" || at == "" {
		return nil, false, name != ""
	}
	file, text, found := s.Read(at)
	first, _, _ := strings.Cut(text, "\n")
	if !found || len(text) > maxScriptSize || strings.HasPrefix(first, "#!") && !shebangOfShell(first) || strings.IndexByte(text, 0) >= 0 {
		return nil, false, found
	}
	src := NewSource(text)
	commands, unknown := src.Whole(bomWidth(text), len(text)).Commands(".", true)
	sh := Shell{File: file, Text: text, Dir: dir, Commands: commands}
	sh.place(path.Dir(at))
	return []Shell{sh}, len(unknown) == 0, true
}

// place makes the folders of the commands, which are relative to the one that the shell is started in, paths of the scene. Behind
// `cd "$(dirname "$0")"` they are relative to the folder of the script, own.
func (sh *Shell) place(own string) {
	from := sh.Dir
	for i := range sh.Commands {
		c := &sh.Commands[i]
		moves := c.Name() == "cd" && len(c.Words) == 2 && c.Words[1] == ""
		if c.Dir != "" {
			c.Dir = within(from, c.Dir)
		}
		if moves {
			from = own
		}
	}
}

// within is a path as a program takes it that runs in a folder; "" where that folder is not known.
func within(dir, name string) string {
	switch {
	case path.IsAbs(name):
		return path.Clean(name)
	case dir == "":
		return ""
	}
	return path.Join(dir, name)
}

// given reads NAME=value; ok is false for any other word. The value is computedValue where only the shell knows it.
func (c Command) given(i int) (name, value string, ok bool) {
	word := c.Words[i]
	if word == "" && i < len(c.Begins) {
		word = c.Begins[i]
		name, _, ok = strings.Cut(word, "=")
		value = computedValue
	} else {
		name, value, ok = strings.Cut(word, "=")
	}
	name = strings.TrimRight(name, ":?+")
	if !ok || name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "/ ") {
		return "", "", false
	}
	return name, value, true
}

// variable is a value of a file that a tool reads, as a variable of what it starts.
func variable(value string) Variable {
	if strings.Contains(value, computedValue) {
		return Variable{Set: true}
	}
	return Variable{Text: value, Set: true, Known: true}
}

// firstFile reads the first of some files that lies in a folder.
func (s Scene) firstFile(dir string, names []string) (file, text, at string, ok bool) {
	for _, name := range names {
		at = path.Join(dir, name)
		if file, text, ok = s.Read(at); ok {
			return file, text, at, len(text) <= maxScriptSize && !slices.Contains([]byte(text), 0)
		}
	}
	return "", "", "", false
}
