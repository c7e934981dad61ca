// Package gobuild reads shell lines for what the go command builds in them, and where to.
package gobuild

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Build is one `go build`, `go install` or `go run` of a shell line.
type Build struct {
	Verb string // build, install or run
	Dir  string // absolute: where it runs
	// Packages are its arguments as written: "./cmd/api", "main.go"; none means the folder itself.
	Packages []string
	Out      string // of -o, as written; empty without
	Command  project.Command
}

// Line is what is known of one shell line.
type Line struct {
	Builds []Build
	// Opaque is set where something else may build or move programs: make, a script, cp.
	Opaque bool
	// Dark is set where a part of it is known to the shell only: a variable, a glob, a template.
	Dark bool
	// Others are the commands beside the builds.
	Others []project.Command
}

// harmless are commands that build no program and move none.
var harmless = []string{
	"cd", "echo", "printf", "true", ":", "mkdir", "rm", "test", "[", "sleep", "clear", "date", "export", "set", "touch", "exit", "false",
	"swag", "templ", "sqlc", "wire", "mockgen", "mockery", "gofmt", "goimports", "golangci-lint", "staticcheck", "tailwindcss", "buf", "protoc", "ent", "gqlgen",
}

// Harmless tells whether a command builds no program of its own and moves none.
func Harmless(c project.Command) bool { return c.Name() == "go" || slices.Contains(harmless, c.Name()) }

// Parse reads a line that is started in a folder (absolute).
func Parse(line, cwd string) Line {
	var l Line
	if strings.Contains(line, "{{") {
		return Line{Dark: true, Opaque: true}
	}
	commands := project.ParseShell(line, project.Position{Line: 1, Column: 1})
	if len(commands) == 0 {
		return Line{Dark: true, Opaque: true}
	}
	dir, known := cwd, true
	for _, c := range commands {
		if c.Name() == "cd" || c.Name() == "pushd" || c.Name() == "popd" {
			dir, known = moved(dir, c)
		}
		b, ok := parse(c, dir)
		switch {
		case ok && (!known || b.dark()):
			l.Dark = true
		case ok:
			l.Builds = append(l.Builds, b)
		case c.Name() == "go":
			l.Others = append(l.Others, c)
		default:
			l.Others = append(l.Others, c)
			l.Opaque = l.Opaque || !Harmless(c)
		}
	}
	return l
}

func moved(dir string, c project.Command) (string, bool) {
	if c.Name() != "cd" || len(c.Words) != 2 || c.Words[1] == "" || strings.HasPrefix(c.Words[1], "-") || strings.HasPrefix(c.Words[1], "~") {
		return dir, false
	}
	if filepath.IsAbs(c.Words[1]) {
		return c.Words[1], true
	}
	return filepath.Join(dir, c.Words[1]), true
}

// valued are the flags of `go build` whose value is the next word.
var valued = map[string]bool{
	"o": true, "p": true, "tags": true, "gcflags": true, "asmflags": true, "ldflags": true, "gccgoflags": true, "mod": true, "modfile": true,
	"buildmode": true, "compiler": true, "installsuffix": true, "overlay": true, "pkgdir": true, "pgo": true, "toolexec": true, "exec": true,
	"C": true, "coverpkg": true, "covermode": true,
}

// Of reads one command that runs in a folder (absolute); ok is false where it builds nothing, or only the shell knows what.
func Of(c project.Command, dir string) (b Build, ok bool) {
	b, ok = parse(c, dir)
	return b, ok && !b.dark()
}

func parse(c project.Command, dir string) (b Build, ok bool) {
	if c.Name() != "go" || len(c.Words) < 2 || !slices.Contains([]string{"build", "install", "run"}, c.Words[1]) {
		return b, false
	}
	b = Build{Verb: c.Words[1], Dir: dir, Command: c}
	for i := 2; i < len(c.Words); i++ {
		word := c.Words[i]
		if !strings.HasPrefix(word, "-") || word == "-" {
			b.Packages = c.Words[i:]
			if b.Verb == "run" && !strings.HasSuffix(word, ".go") {
				b.Packages = c.Words[i : i+1] // the rest is for the program
			}
			break
		}
		name, value, joined := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if valued[name] && !joined {
			if i++; i < len(c.Words) {
				value = c.Words[i]
			}
		}
		switch {
		case name == "o" && value == "":
			b.Out = dark
		case name == "o":
			b.Out = value
		case name == "C" && filepath.IsAbs(value):
			b.Dir = value
		case name == "C":
			b.Dir = filepath.Join(b.Dir, value)
		}
	}
	return b, true
}

// dark stands for an output that only the shell knows.
const dark = "$"

func (b Build) dark() bool {
	if strings.ContainsAny(b.Out, "$*?`~") {
		return true
	}
	return slices.ContainsFunc(b.Packages, func(p string) bool { return p == "" || strings.ContainsAny(p, "*?[$`~") && p != "./..." })
}

// Files tells whether the build names files, not packages.
func (b Build) Files() bool { return len(b.Packages) > 0 && strings.HasSuffix(b.Packages[0], ".go") }

// FileNames are the base names of the files that are built, without what the program is given.
func (b Build) FileNames() []string {
	var names []string
	for _, word := range b.Packages {
		if !strings.HasSuffix(word, ".go") {
			break
		}
		names = append(names, filepath.Base(word))
	}
	return names
}

// Folder is the absolute folder of the one package that is built; ok is false for several, and for one named by import path.
func (b Build) Folder() (dir string, ok bool) {
	switch {
	case len(b.Packages) == 0:
		return b.Dir, true
	case b.Files():
		return filepath.Dir(b.abs(b.Packages[0])), true
	case len(b.Packages) > 1 || strings.Contains(b.Packages[0], "..."):
		return "", false
	case filepath.IsAbs(b.Packages[0]) || b.Packages[0] == "." || b.Packages[0] == ".." || strings.HasPrefix(b.Packages[0], "./") || strings.HasPrefix(b.Packages[0], "../"):
		return b.abs(b.Packages[0]), true
	}
	return "", false
}

func (b Build) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(b.Dir, name)
}

// Output is the absolute path of the program that is written; ok is false where it is not known: for several packages, or one
// that is installed. name gives the program's name in the absence of one: of the last element of the import path.
func (b Build) Output(isDir func(string) bool, name func(dir string) string) (file string, ok bool) {
	if b.Verb != "build" {
		return "", false
	}
	out := b.abs(b.Out)
	if b.Out != "" && !strings.HasSuffix(b.Out, "/") && !isDir(out) {
		return out, true
	}
	dir, ok := b.Folder()
	if !ok {
		return "", false
	}
	base := name(dir)
	if b.Files() {
		base = strings.TrimSuffix(filepath.Base(b.Packages[0]), ".go")
	}
	if b.Out == "" {
		out = b.Dir
	}
	return filepath.Join(out, base), base != ""
}
