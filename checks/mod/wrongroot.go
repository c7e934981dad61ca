package mod

import (
	"context"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// WrongRoot finds a watcher that builds in a folder without go.mod while go.mod lies below it.
var WrongRoot = checks.Check{
	ID:       "mod/wrong-root",
	Title:    "the watcher builds above the folder that holds go.mod",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary"},
	Run:      wrongRoot,
}

func wrongRoot(ctx context.Context, t *target.Target, report checks.Reporter) error {
	watches, err := t.Watches(ctx)
	if err != nil {
		return err
	}
	if len(watches) == 0 {
		return checks.Skip("no watcher whose build command we know is configured here")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	mode, err := t.GoVar(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	if mode == "off" || mode == "auto" {
		return nil
	}
	told := map[string]bool{}
	for _, w := range watches {
		for _, r := range w.Reactions {
			line, ok := firstLine(r)
			if !ok || told[w.Tool.Name+" "+line.Dir] || !buildsHere(text(line)) {
				continue
			}
			if m := moduleBelow(t, modules, line.Dir); m != nil {
				told[w.Tool.Name+" "+line.Dir] = true
				report(wrongRootFinding(t, w, line, m))
			}
		}
	}
	return nil
}

func wrongRootFinding(t *target.Target, w *target.Watch, line watcher.Line, m *project.Module) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s builds in %s, and go.mod lies in %s", w.Tool.Name, folder(t.Rel(line.Dir)), m.Dir),
		Why:      checks.Msg("The go command looks for go.mod in the folder it runs in and above it, never below: every build ends with \"go.mod file not found\"."),
		Help:     checks.Msg("start %s in that folder: cd %s, or let the build go there: go build -C %s", w.Tool.Name, shellword.Path(m.Dir), shellword.Path(m.Dir)),
		Evidence: []checks.Message{checks.Msg("the build command is: %s", text(line))},
		Location: checks.At(line.Place.File, max(line.Place.Line, 1), max(line.Place.Column, 1)),
		Service:  m.Dir,
		Key:      m.Dir,
	}
	if w.Air != nil {
		f.Help = checks.Msg("start air in that folder: cd %s && air, or let the build go there: go build -C %s", shellword.Path(m.Dir), shellword.Path(m.Dir))
	}
	switch {
	case line.Place.File != "":
	case w.File != nil:
		f.Location = checks.At(w.File.Path, 1, 1)
	case w.Named != nil:
		f.Location = checks.At(w.Named.File, w.Named.Command.Pos.Line, w.Named.Command.Pos.Column)
	default:
		f.Location = checks.At(m.File("go.mod"), 1, 1)
	}
	return f
}

// firstLine is what a watcher runs first at a change.
func firstLine(r *watcher.Reaction) (watcher.Line, bool) {
	switch {
	case len(r.Build) > 0:
		return r.Build[0], true
	case r.Run != nil:
		return *r.Run, true
	}
	return watcher.Line{}, false
}

// text is a line as a shell would take it; "" where only the shell of somebody else knows its words.
func text(line watcher.Line) string {
	if line.Shell {
		return line.Text
	}
	var words []string
	for _, w := range line.Words {
		if !w.Known || w.Glob {
			return ""
		}
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

// moduleBelow is a module below a folder from which no go.mod and no go.work is found; nil where one is found, or there is none.
func moduleBelow(t *target.Target, modules []*project.Module, dir string) *project.Module {
	if project.FindUp(dir, "go.mod") != "" || project.FindUp(dir, "go.work") != "" {
		return nil
	}
	for _, m := range modules {
		if m.HasGoMod && m.Dir != t.Rel(dir) && project.Within(m.Dir, t.Rel(dir)) {
			return m
		}
	}
	return nil
}

func folder(rel string) string {
	if rel == "." {
		return "this folder"
	}
	return rel
}

// buildsHere tells whether a shell line starts, as its first command, a `go build`, run or install of a package in the
// folder that it is started in. What it cannot follow it does not judge.
func buildsHere(line string) bool {
	file, err := project.ShellFile(line)
	if err != nil || len(file.Stmts) == 0 {
		return false
	}
	cmd := file.Stmts[0].Cmd
	for {
		both, ok := cmd.(*syntax.BinaryCmd)
		if !ok {
			break
		}
		cmd = both.X.Cmd
	}
	call, ok := cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) < 2 || call.Args[0].Lit() != "go" {
		return false
	}
	for _, a := range call.Args[1:] {
		// -C goes elsewhere; a file or a package@version is built without go.mod.
		if arg := a.Lit(); arg == "-C" || strings.HasPrefix(arg, "-C=") || strings.HasSuffix(arg, ".go") || strings.Contains(arg, "@") {
			return false
		}
	}
	switch call.Args[1].Lit() {
	case "build", "run", "install":
		return true
	}
	return false
}
