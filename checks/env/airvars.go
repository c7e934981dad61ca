package env

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// airVars are the variables that the build command of an air sets for the go command.
type airVars struct {
	air    *target.AirSetup
	module *project.Module
	vars   map[string]string
	at     *checks.Location
	start  int // of the command in the configuration, in bytes
	end    int
}

// setByAirs are the variables that the airs of this project set in their build commands.
func setByAirs(ctx context.Context, t *target.Target) ([]airVars, error) {
	airs, err := t.Airs(ctx)
	if err != nil {
		return nil, err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	var out []airVars
	for _, a := range airs {
		if a.Doc == nil || slices.Contains(a.Overridden, "build.cmd") {
			continue
		}
		e, ok := a.Doc.Find("build", "cmd")
		m := nearestModule(modules, a.Dir)
		if !ok || m == nil || e.Value.Text != a.Build.Cmd {
			continue
		}
		vars := map[string]string{}
		for _, c := range project.ParseShell(a.Build.Cmd, project.Position{Line: 1, Column: 1}) {
			if c.Name() != "go" || len(c.Words) < 2 || !slices.Contains([]string{"build", "run", "install"}, c.Words[1]) {
				continue
			}
			for _, set := range c.Assigns {
				if name, value, ok := strings.Cut(set, "="); ok && value != "" {
					vars[name] = value
				}
			}
		}
		if len(vars) > 0 {
			line, column := a.Doc.Position(e.Whole.Start)
			out = append(out, airVars{a, m, vars, checks.At(a.File, line, column), e.Value.Span.Start, e.Value.Span.End})
		}
	}
	return out, nil
}

// nearestModule is the module that holds a folder (relative to the root); nil where none does.
func nearestModule(modules []*project.Module, dir string) *project.Module {
	var best *project.Module
	for _, m := range modules {
		if project.Within(dir, m.Dir) && (best == nil || len(m.Dir) > len(best.Dir)) {
			best = m
		}
	}
	return best
}

// without takes assignments out of the command, as they are written there; nil where one of them is written in another way.
func (a airVars) without(names ...string) *plan.Plan {
	p := &plan.Plan{Title: "take " + strings.Join(names, " and ") + " out of " + a.air.File, Safety: plan.Safe}
	text := string(a.air.Doc.Data[a.start:a.end])
	for _, name := range names {
		old := name + "=" + a.vars[name] + " "
		if strings.Count(text, old) != 1 {
			return nil
		}
		start := a.start + strings.Index(text, old)
		p.Steps = append(p.Steps, plan.Replace(a.air.File, a.air.Doc.Data, start, start+len(old), ""))
	}
	return p
}

// starts tells whether air starts what it builds itself, and hands it to no other program.
func (a airVars) starts() bool {
	return a.air.Build.FullBin == "" && !strings.ContainsAny(a.air.Build.Bin, " \t") && len(a.air.Build.Entrypoint) <= 1
}
