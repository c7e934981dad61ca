package target

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/shutdown"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// runners are commands that run what the project says they do: a build of the program perhaps.
var runners = []string{"make", "gmake", "just", "task", "go-task", "mage", "sh", "bash", "dlv"}

// mayRunOwn tells whether a line builds or runs a program of the project, for all that is known: the go command, a runner of
// tasks, a script, a program that lies in the project. Generators, linters and tests do not, nor does what belongs to Node.
func mayRunOwn(line watcher.Line, cwd string) bool {
	dir := cmp.Or(line.Dir, cwd)
	parsed := gobuild.Parse(line.Text, dir)
	return len(parsed.Builds) > 0 || slices.ContainsFunc(parsed.Others, func(c project.Command) bool {
		name := c.Name()
		if slices.Contains(runners, name) {
			return true
		}
		abs := filepath.FromSlash(name)
		if !filepath.IsAbs(abs) {
			abs = filepath.Join(dir, abs)
		}
		return strings.Contains(name, "/") && project.Within(filepath.ToSlash(abs), filepath.ToSlash(cwd)) && !strings.Contains(name, "node_modules/")
	})
}

// isOwnProgram tells whether a command is a program of the project, which may well have the name of a watcher: "gin", "fresh".
func (t *Target) isOwnProgram(ctx context.Context, command string) bool {
	if path.Dir(command) == "." && strings.HasPrefix(command, "./") {
		return true // no tool is installed into the folder itself
	}
	d, err := t.Deployment(ctx)
	if err != nil {
		return false // then nothing is known of its programs
	}
	return slices.ContainsFunc(d.Programs, func(p *Deployed) bool { return slices.Contains(p.Names, path.Base(command)) })
}

// WatchProgram is the program that a reaction builds or runs; nil where that is not known, and where it is several.
func (t *Target) WatchProgram(ctx context.Context, w *Watch, r *watcher.Reaction) (*Program, error) {
	if w.Air != nil {
		return t.AirProgram(ctx, w.Air)
	}
	n, err := t.Needs(ctx, w, r)
	if err != nil || n == nil || len(n.Mains) != 1 {
		return nil, err
	}
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	return t.programAt(ctx, imports, n.Mains[0])
}

// WatchShutdown is how the program that a reaction builds takes the signals that end it; nil where the program is not known.
func (t *Target) WatchShutdown(ctx context.Context, w *Watch, r *watcher.Reaction) (*shutdown.Fact, error) {
	p, err := t.WatchProgram(ctx, w, r)
	if err != nil || p == nil {
		return nil, err
	}
	f := shutdown.Read(p.Files())
	return &f, nil
}

// InContainer is the file of the project's containers that names a tool by the word by which it is called, "" where none does.
func (t *Target) InContainer(ctx context.Context, tool *watcher.Tool) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	program, _, _ := strings.Cut(tool.Command, " ")
	return tree.Mentioning(tree.ContainerFiles(), path.Base(program)), nil
}
