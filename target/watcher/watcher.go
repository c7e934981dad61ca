// Package watcher knows the hot-reload tools of the field: which configuration tells that a project uses one, and how a
// running one is recognised among the processes. One file per tool.
package watcher

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// Tool is one hot-reload tool.
type Tool struct {
	Name string // as its users call it
	// Configs are the files, relative to the folder it is started in, that show it is meant to be used there.
	Configs []string
	// Modules are the module paths it is built from, for one written in Go: what the linker wrote into an executable settles
	// whether it is this tool.
	Modules []string
	// Command is what its users type to start it.
	Command string
	// Recognise tells whether p is this tool, given its arguments, executable and children: the names are also those of
	// unrelated programs, so a name alone is not enough where it is common.
	Recognise func(p host.Process, table *host.Processes) bool
	// Serves tells by the arguments whether it starts a server, and does not merely build or generate; nil means always.
	Serves func(args []string) bool
	// Place reads the folder it works on and its configuration file from the arguments, both as given there, empty where
	// they name none.
	Place func(args []string) (dir, config string)
	// Programs are the names it is called by in scripts, where they are not the Name; npx, `go tool` and `go run` are known.
	Programs []string
	// Watches tells by the arguments whether such a call watches; nil means that all do but those for help and versions.
	Watches func(args []string) bool
	// Read tells what a start of it watches, builds, runs and ends: nil where it turns out to be no start of this tool. It is
	// nil itself for air, of which package air knows the rules.
	Read func(s *Start) *Setup
}

// Tools lists the tools we know.
var Tools = []*Tool{
	Air, fresh, ginCLI, realize, compileDaemon, reflex, wgo, gow, modd, bee, nodemon, watchexec, entr, templ, composeWatch,
}

// Running is one live watcher.
type Running struct {
	Tool    *Tool
	Process host.Process
	Dir     string // the folder it works on: its working folder, or the one that its arguments name
	Config  string // absolute path of the configuration file its arguments name; empty where they name none
	Serves  bool   // it starts a server, and does not merely build or generate
}

// Find lists the live watchers of a host, by pid.
func Find(ctx context.Context, h host.Host, table *host.Processes) []Running {
	var found []Running
	for _, p := range table.ByPID {
		if p.State == "Z" || len(p.Args) == 0 {
			continue
		}
		for _, tool := range Tools {
			if tool.is(ctx, h, p, table) {
				found = append(found, tool.running(p))
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b Running) int { return cmp.Compare(a.Process.PID, b.Process.PID) })
	return found
}

// is settles by the build information, where the executable is a Go program that may be read and bears the tool's name;
// else by what the process looks like.
func (tool *Tool) is(ctx context.Context, h host.Host, p host.Process, table *host.Processes) bool {
	if len(tool.Modules) > 0 && slices.ContainsFunc(tool.Modules, func(m string) bool { return goName(m) == program(p) }) {
		info, err := h.BuildInfo(ctx, p.PID)
		if err == nil && info.Main.Path != "" {
			return tool.builtAs(info) && watches(tool, p)
		}
	}
	return tool.Recognise(p, table)
}

// builtAs tells whether an executable holds this tool. `go tool air` builds it with the user's own module as the main one;
// the package is air's all the same.
func (tool *Tool) builtAs(info *host.BuildInfo) bool {
	return slices.ContainsFunc(tool.Modules, func(m string) bool {
		return info.Main.Path == m || info.Path == m || strings.HasPrefix(info.Path, m+"/")
	})
}

// watches leaves out the runs of a tool that watch nothing: its sub-commands for help, set-up and one-time work.
func watches(tool *Tool, p host.Process) bool {
	switch tool {
	case templ, bee, realize:
		return tool.Recognise(p, nil)
	}
	return !slices.Contains(unwatching, argument(p.Args, 1))
}

func (tool *Tool) running(p host.Process) Running {
	r := Running{Tool: tool, Process: p, Dir: p.Cwd, Serves: tool.Serves == nil || tool.Serves(p.Args)}
	if tool.Place == nil {
		return r
	}
	dir, config := tool.Place(p.Args)
	if dir != "" {
		r.Dir = absolute(p.Cwd, dir)
	}
	if config != "" {
		r.Config = absolute(p.Cwd, config)
	}
	return r
}

func absolute(cwd, name string) string {
	if filepath.IsAbs(name) || cwd == "" {
		return filepath.Clean(name)
	}
	return filepath.Join(cwd, name)
}

// goName is the name that `go install` gives the executable of a module's root package.
func goName(module string) string {
	if before, last := path.Split(module); majorSuffix(last) {
		return path.Base(before)
	}
	return path.Base(module)
}

func majorSuffix(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

// program is the base name of the executable, or of the first argument where the executable may not be read.
func program(p host.Process) string {
	name := p.Exe
	if name == "" {
		name = argument(p.Args, 0)
	}
	return strings.TrimSuffix(path.Base(filepath.ToSlash(name)), ".exe")
}

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

// option gives the value of the first of the named flags, in the forms -c FILE, -c=FILE, --c FILE and --c=FILE. It looks only
// as far as a bare "--" : what follows is the program's own.
func option(args []string, names ...string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !strings.HasPrefix(arg, "-") || !slices.Contains(names, name) {
			continue
		}
		if joined {
			return value
		}
		return argument(args, i+1)
	}
	return ""
}

// hasChild tells whether a live child of p, or a child of its shells, passes the test: what a watcher runs.
func hasChild(p host.Process, table *host.Processes, test func(host.Process) bool) bool {
	if table == nil {
		return false
	}
	for _, child := range table.Children(p.PID) {
		if child.State == "Z" {
			continue
		}
		if test(child) || isShell(child) && hasChild(child, table, test) {
			return true
		}
	}
	return false
}

func isShell(p host.Process) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "ash", "zsh", "busybox"}, program(p))
}

// below tells whether a path lies inside a folder.
func below(name, dir string) bool {
	return dir != "" && strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// interpreted tells whether p is a script of that name run by node, python or the like.
func interpreted(p host.Process, interpreter, script string) bool {
	if !strings.HasPrefix(program(p), interpreter) {
		return false
	}
	for _, arg := range p.Args[min(1, len(p.Args)):] {
		if strings.HasPrefix(arg, "-") {
			continue
		}
		b := path.Base(filepath.ToSlash(arg))
		return b == script || strings.TrimSuffix(b, ".js") == script
	}
	return false
}
