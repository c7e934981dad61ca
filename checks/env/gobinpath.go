package env

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// GOBINPath finds a watcher that `go install` put into a folder that is not on PATH: it is there, and its name is not found.
var GOBINPath = checks.Check{
	ID:       "env/gobin-path",
	Title:    "the watcher is installed in a folder that is not on PATH",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"watch/not-installed", "watch/not-running"},
	Run:      gobinPath,
}

func gobinPath(ctx context.Context, t *target.Target, report checks.Reporter) error {
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return err
	}
	var dirs []string
	if bin := settings.GOBIN(); bin != "" {
		dirs = append(dirs, bin)
	}
	for _, p := range settings.GOPATHs() {
		if p != "" {
			dirs = append(dirs, filepath.Join(p, "bin"))
		}
	}
	for _, tool := range watcher.Tools {
		if len(tool.Modules) == 0 || t.LookPath(commandOf(tool)) != "" {
			continue // not written in Go, or found by its name
		}
		installed := ""
		for _, dir := range slices.Compact(dirs) {
			if installed = t.Installed(dir, commandOf(tool)); installed != "" {
				break
			}
		}
		if installed == "" {
			continue
		}
		f, err := judgeTool(ctx, t, tool, installed)
		if err != nil {
			return err
		}
		if f != nil {
			report(*f)
		}
	}
	return nil
}

// commandOf is the name of the program of a tool: what `go install` calls it.
func commandOf(tool *watcher.Tool) string {
	if name, _, _ := strings.Cut(tool.Command, " "); name != "" {
		return path.Base(name)
	}
	return tool.Name
}

func judgeTool(ctx context.Context, t *target.Target, tool *watcher.Tool, installed string) (*checks.Finding, error) {
	name, dir := commandOf(tool), filepath.Dir(installed)
	f := &checks.Finding{
		Message: checks.Msg("%s is installed in %s, a folder that is not on PATH", name, dir),
		Help:    checks.Msg(`export PATH="$PATH:%s"`, dir),
		Subject: &checks.Subject{Kind: checks.EnvSubject, Name: "PATH"},
		Key:     name,
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		call, ok := s.Calls(name)
		if !ok || s.SetsPath || s.AsksFor(name) || inContainer(tree, s) {
			continue
		}
		f.Location = checks.Span(s.File, call.Pos.Line, call.Pos.Column, len(name))
		f.Why = checks.Msg("%s starts it by its name, which gives \"%s: not found\": the watcher does not start.", s.File, name)
		return f, nil
	}
	var files []string
	for _, s := range scripts {
		files = append(files, s.File)
	}
	if tree.Mentioning(files, name) != "" || asTool(ctx, t, tool) {
		return nil, nil // the project has a way of its own to start it
	}
	return unlessRunning(ctx, t, tool, f)
}

// inContainer tells whether a script is meant for a container, where another PATH holds.
func inContainer(tree *project.Tree, s project.Script) bool {
	files := tree.ContainerFiles()
	return tree.Mentioning(files, path.Base(s.File)) != "" || path.Base(s.File) == "Makefile" && tree.Mentioning(files, "make") != ""
}

// asTool tells whether go.mod has the watcher as a tool, to be started by `go tool`.
func asTool(ctx context.Context, t *target.Target, tool *watcher.Tool) bool {
	modules, err := t.Modules(ctx)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(modules, func(m *project.Module) bool {
		return m.Mod != nil && slices.ContainsFunc(m.Mod.Tool, func(line *modfile.Tool) bool {
			return slices.ContainsFunc(tool.Modules, func(mod string) bool { return line.Path == mod || hasPrefix(line.Path, mod) })
		})
	})
}

// unlessRunning turns the finding into a warning where a configuration shows that the watcher is meant to be used, and into
// nothing where it runs already: somebody knows how to start it.
func unlessRunning(ctx context.Context, t *target.Target, tool *watcher.Tool, f *checks.Finding) (*checks.Finding, error) {
	configs, err := t.WatcherConfigs(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(configs, func(c target.WatcherConfig) bool { return c.Tool == tool })
	if i < 0 {
		return nil, nil
	}
	running, err := t.OwnWatchers(ctx)
	if err == nil && slices.ContainsFunc(running, func(w watcher.Running) bool { return w.Tool == tool }) {
		return nil, nil
	}
	f.Severity = checks.Warning
	f.Why = checks.Msg("This project is configured for it (%s); typing its name gives \"command not found\".", configs[i].File)
	return f, nil
}
