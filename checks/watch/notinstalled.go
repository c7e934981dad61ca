package watch

import (
	"context"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// NotInstalled finds a watcher that the project is configured for and that is nowhere on this machine.
var NotInstalled = checks.Check{
	ID:       "watch/not-installed",
	Title:    "the watcher that is configured is not installed",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"watch/not-running"},
	Run:      notInstalled,
}

func notInstalled(ctx context.Context, t *target.Target, report checks.Reporter) error {
	wanted, err := wantedTools(ctx, t)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, c := range wanted {
		if len(c.Tool.Modules) == 0 || told[c.Tool.Name] {
			continue
		}
		told[c.Tool.Name] = true
		way, err := wayToStart(ctx, t, c.Tool)
		if err != nil {
			return err
		}
		if way != "" {
			continue
		}
		version := versionToInstall(ctx, t, c.Tool)
		fix, err := install(ctx, t, c.Tool, version)
		if err != nil {
			return err
		}
		report(checks.Finding{
			Message:  c.says,
			Why:      checks.Msg("Typing its name gives \"command not found\": nothing watches, nothing reloads."),
			Help:     checks.Msg("go install %s@%s", c.Tool.Modules[0], version),
			Location: c.at,
			Key:      c.Tool.Name,
			Fix:      fix,
		})
	}
	if len(told) == 0 {
		return checks.Skip("no watcher is configured here")
	}
	return nil
}

// needed is a watcher that the project has a use for.
type needed struct {
	Tool *watcher.Tool
	says checks.Message
	at   *checks.Location
}

// wantedTools are the watchers that are configured, and those that a script calls by name without asking first.
func wantedTools(ctx context.Context, t *target.Target) ([]needed, error) {
	configs, err := t.WatcherConfigs(ctx)
	if err != nil {
		return nil, err
	}
	var out []needed
	for _, c := range configs {
		out = append(out, needed{c.Tool, checks.Msg("%s is configured (%s) and is not installed", c.Tool.Name, c.File), checks.At(c.File, 1, 1)})
	}
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range watches {
		if w.Named == nil {
			continue
		}
		name, at := w.Named.Command.Name(), w.Named.Command.Pos
		if strings.Contains(name, "/") || !slices.Contains([]string{w.Tool.Name, programName(w.Tool)}, name) || asksFor(scripts, w.Named.File, name) {
			continue // by way of another program, or from a place of its own
		}
		out = append(out, needed{w.Tool, checks.Msg("%s calls %s, which is not installed", w.Named.File, name), checks.At(w.Named.File, at.Line, at.Column)})
	}
	return out, nil
}

// asksFor tells whether a script looks for a program before it calls it, or looks elsewhere.
func asksFor(scripts []project.Script, file, name string) bool {
	return slices.ContainsFunc(scripts, func(s project.Script) bool { return s.File == file && (s.SetsPath || s.AsksFor(name)) })
}

// programName is what the executable of a tool is called.
func programName(tool *watcher.Tool) string {
	program, _, _ := strings.Cut(tool.Command, " ")
	return path.Base(program)
}

// wayToStart names how the tool can be started here: by name, by `go tool`, by `go run`, in a container; or that it runs.
func wayToStart(ctx context.Context, t *target.Target, tool *watcher.Tool) (string, error) {
	program, _, _ := strings.Cut(tool.Command, " ")
	if file, err := t.ToolAtHand(ctx, tool, path.Base(program)); file != "" || err != nil {
		return file, err // beside PATH it is env/gobin-path that tells
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range modules {
		if m.Mod != nil && slices.ContainsFunc(m.Mod.Tool, func(line *modfile.Tool) bool { return ofTool(tool, line.Path) }) {
			return "go tool", nil
		}
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range scripts {
		for _, c := range s.Commands {
			if slices.ContainsFunc(c.Words, func(w string) bool { return strings.Contains(w, "@") && ofTool(tool, w) }) {
				return s.File, nil // installs or runs it
			}
		}
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	if file := mentioned(tree, tool, path.Base(program)); file != "" {
		return file, nil
	}
	running, err := t.OwnWatchers(ctx)
	if err == nil && slices.ContainsFunc(running, func(w watcher.Running) bool { return w.Tool == tool }) {
		return "it runs", nil
	}
	return "", nil
}

// mentioned finds a file of the containers, or a devbox or Nix environment, that brings the tool.
func mentioned(tree *project.Tree, tool *watcher.Tool, program string) string {
	files := tree.ContainerFiles()
	for _, name := range []string{"flake.nix", "shell.nix", "devenv.nix", "devbox.json", ".tool-versions", "mise.toml", ".mise.toml"} {
		files = append(files, tree.Named(name)...)
	}
	return tree.Mentioning(files, program)
}

func ofTool(tool *watcher.Tool, path string) bool {
	return slices.ContainsFunc(tool.Modules, func(m string) bool {
		return path == m || strings.HasPrefix(path, m+"/") || strings.HasPrefix(path, m+"@")
	})
}
