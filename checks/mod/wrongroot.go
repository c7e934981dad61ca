package mod

import (
	"context"
	"path/filepath"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
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
	air := t.Air(".")
	if air == nil {
		return checks.Skip("no watcher whose build command we know is configured at the root")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	mode, err := t.GoVar(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	below := belowOf(modules)
	if len(below) == 0 || mode == "off" || mode == "auto" || !buildsHere(air.Cmd) {
		return nil
	}
	if project.FindUp(air.Dir, "go.mod") != "" || project.FindUp(air.Dir, "go.work") != "" {
		return nil
	}
	for _, m := range below {
		if rel, err := filepath.Rel(m.AbsDir(), air.Dir); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return nil // air's own root lies in the module
		}
	}
	m := below[0]
	report(checks.Finding{
		Message:  checks.Msg("air builds in %s, and go.mod lies in %s", folder(t.Rel(air.Dir)), m.Dir),
		Why:      checks.Msg("The go command looks for go.mod in the folder it runs in and above it, never below: every build ends with \"go.mod file not found\"."),
		Help:     checks.Msg("start air in that folder: cd %s && air, or let the build go there: go build -C %s", m.Dir, m.Dir),
		Evidence: []checks.Message{checks.Msg("the build command is: %s", air.Cmd)},
		Location: checks.At(t.Rel(air.File), 1, 1),
		Service:  m.Dir,
		Key:      m.Dir,
	})
	return nil
}

func folder(rel string) string {
	if rel == "." {
		return "this folder"
	}
	return rel
}

func belowOf(modules []*project.Module) []*project.Module {
	var below []*project.Module
	for _, m := range modules {
		if m.HasGoMod && m.Dir != "." {
			below = append(below, m)
		}
	}
	return below
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
