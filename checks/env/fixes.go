package env

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// keep gives a variable another value in the file of `go env -w`, where that is what counts; an empty value takes it back. A
// variable of the shell cannot be changed from here: for that there is no plan, only the finding's help.
func keep(s toolchain.Setting, value string) *plan.Plan {
	if s.Origin != toolchain.UserFile {
		return nil
	}
	old := s.Name + "=" + s.Value
	p := &plan.Plan{Title: "go env -u " + s.Name, Safety: plan.Safe}
	if value == "" {
		p.Steps = []plan.Step{plan.Edit{File: s.File, At: plan.Place{Line: s.Line, Column: 1}, Old: old, WholeLine: true}}
		return p
	}
	p.Title = "go env -w " + s.Name + "=" + shellword.Quote(value)
	p.Steps = []plan.Step{plan.ReplaceAt(s.File, s.Line, 1, strings.TrimRight(old, "\r"), s.Name+"="+value)}
	return p
}

// forget takes a variable back that `go env -w` keeps.
func forget(s toolchain.Setting) *plan.Plan { return keep(s, "") }

// stopStamping keeps -buildvcs=false for all builds of this user. It is unsafe: no program then knows its revision any more.
// There is no plan where the shell sets GOFLAGS, which would win.
func stopStamping(ctx context.Context, t *target.Target, goflags toolchain.Setting) *plan.Plan {
	settings, err := t.GoSettings(ctx)
	if err != nil || goflags.Origin == toolchain.Process {
		return nil
	}
	file, path := settings.File()
	if path == "" {
		return nil
	}
	var src []byte
	if file != nil {
		src = file.Source
	}
	value := strings.TrimSpace(toolchain.WithoutFlag(strings.TrimRight(goflags.Value, "\r"), "buildvcs") + " -buildvcs=false")
	return &plan.Plan{
		Title: "go env -w GOFLAGS=" + shellword.Quote(value), Safety: plan.Unsafe,
		Steps: plan.SetGoEnv(path, src, file != nil, "GOFLAGS", value),
	}
}
