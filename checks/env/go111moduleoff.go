package env

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// GO111ModuleOff finds modules switched off while the project has a go.mod and needs it.
var GO111ModuleOff = checks.Check{
	ID:       "env/go111module-off",
	Title:    "GO111MODULE switches modules off",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "env/in-gopath", "env/goflags", "run/stale-binary"},
	Run:      go111ModuleOff,
}

func go111ModuleOff(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if err := offByAir(ctx, t, report); err != nil {
		return err
	}
	if err := offInImage(ctx, t, report); err != nil {
		return err
	}
	setting, err := t.GoSetting(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	switch setting.Value {
	case "", "on", "auto":
		return nil
	case "off":
	default: // cmd/go/internal/modload, Init: every command but `go version` stops here
		report(blame(t, setting, checks.Finding{
			Message: checks.Msg("GO111MODULE=%s is none of on, auto and off", setting.Value),
			Why:     checks.Msg("The go command refuses to do anything: nothing is built."),
			Fix:     forget(setting),
		}))
		return nil
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.HasGoMod {
			continue
		}
		lost, ok, err := lostWithoutModules(ctx, t, m)
		if err != nil {
			return err
		}
		if !ok {
			continue // a program of the standard library alone builds all the same
		}
		f := notRead(m, lost)
		f.Fix = forget(setting)
		report(blame(t, setting, f))
	}
	return nil
}

// offByAir finds an air whose own build command switches modules off.
func offByAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := setByAirs(ctx, t)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.vars["GO111MODULE"] != "off" || !a.module.HasGoMod {
			continue
		}
		lost, ok, err := lostWithoutModules(ctx, t, a.module)
		if err != nil {
			return err
		}
		if ok {
			f := notRead(a.module, lost)
			f.Message = checks.Msg("air builds with GO111MODULE=off: the go command does not read %s", a.module.File("go.mod"))
			f.Help = checks.Msg("take GO111MODULE=off out of cmd under [build]")
			f.Location, f.Key, f.Fix = a.at, "air", a.without("GO111MODULE")
			report(f)
		}
	}
	return nil
}

// offInImage finds go commands of a Dockerfile that run without modules outside of the image's GOPATH: there nothing is found but
// the standard library.
func offInImage(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	told := map[artefact.Text]bool{}
	for _, i := range images {
		for _, s := range i.Path() {
			for _, c := range i.Commands(s) {
				v, ok := c.Var("GO111MODULE")
				m := moduleIn(i, c, modules)
				if !ok || v.Value != "off" || v.Line == 0 || m == nil || told[v] || !builds(c) || mayBeGOPATH(c) {
					continue
				}
				lost, ok, err := lostAnywhere(ctx, t, m)
				if err != nil {
					return err
				}
				if !ok {
					continue
				}
				told[v] = true
				f := notRead(m, lost)
				f.Message = checks.Msg("the image is built with GO111MODULE=off: the go command does not read %s", m.File("go.mod"))
				f.Why = checks.Msg("Packages are looked for in GOPATH only, where %q is not: the image does not build.", lost.imp.Path)
				f.Help = checks.Msg("take GO111MODULE out")
				f.Location = &checks.Location{File: i.Dockerfile.Path, Line: v.Line, Column: v.Column, EndLine: v.EndLine, EndColumn: v.EndColumn}
				f.Key = "image"
				f.Fix = &plan.Plan{Title: "write GO111MODULE=on", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(i.Dockerfile.Path, v.Line, v.Column, "off", "on")}}
				report(f)
			}
		}
	}
	return nil
}

// builds tells whether a command of an image has the go command read packages.
func builds(c image.Placed) bool {
	return c.Name() == "go" && len(c.Words) > 1 && slices.Contains([]string{"build", "install", "test", "vet", "list", "run"}, c.Words[1])
}

// mayBeGOPATH tells whether a command runs where GOPATH mode has its sources, or where that is not known.
func mayBeGOPATH(c image.Placed) bool {
	gopath, ok := c.Var("GOPATH")
	if !ok {
		gopath.Value = "/go" // that of the golang images
	}
	return c.Dir == "" || gopath.Value == "" || strings.HasPrefix(c.Dir+"/", path.Join(gopath.Value, "src")+"/")
}

// moduleIn is the module whose go.mod a command of an image would find.
func moduleIn(i *target.Image, c image.Placed, modules []*project.Module) *project.Module {
	if c.Dir == "" {
		return nil
	}
	file := i.Upward(c.Before, c.Dir, "go.mod")
	for _, m := range modules {
		if m.HasGoMod && file != "" && m.File("go.mod") == file {
			return m
		}
	}
	return nil
}

// notRead is the finding on a go.mod that the go command passes over, and on an import that it does not find then.
func notRead(m *project.Module, lost use) checks.Finding {
	return checks.Finding{
		Message:  checks.Msg("GO111MODULE=off: the go command does not read %s", m.File("go.mod")),
		Why:      checks.Msg("Packages are looked for in GOPATH only, where %q is not: nothing is built.", lost.imp.Path),
		Evidence: []checks.Message{checks.Msg("%s:%d imports %q", lost.file.Path, lost.imp.Pos.Line, lost.imp.Path)},
		Service:  m.Dir,
	}
}

// lostWithoutModules finds an import of the program that GOPATH mode cannot resolve, in its own packages that it does find too.
func lostWithoutModules(ctx context.Context, t *target.Target, m *project.Module) (use, bool, error) {
	b, err := t.Build(ctx)
	if err != nil {
		return use{}, false, err
	}
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return use{}, false, err
	}
	u, ok := firstUse(m, b, ownInGOPATH(t, m, settings.GOPATHs()), func(f *project.GoFile, importPath string) bool {
		found, ferr := t.FoundInGOPATHMode(ctx, f.Dir(), importPath)
		if ferr != nil {
			err = ferr
		}
		return ferr == nil && !found
	})
	return u, ok, err
}

// ownInGOPATH finds the module's own package of an import path, where it lies below the src of a GOPATH; else nil.
func ownInGOPATH(t *target.Target, m *project.Module, gopaths []string) func(importPath string) *project.Package {
	byDir := map[string]*project.Package{}
	for _, p := range m.Packages {
		byDir[p.Dir] = p
	}
	return func(importPath string) *project.Package {
		for _, gopath := range gopaths {
			if p := byDir[t.Rel(t.Real(filepath.Join(gopath, "src", filepath.FromSlash(importPath))))]; gopath != "" && p != nil {
				return p
			}
		}
		return nil
	}
}

// lostAnywhere finds an import of the program that only modules can resolve: the GOPATH that is looked into is empty.
func lostAnywhere(ctx context.Context, t *target.Target, m *project.Module) (use, bool, error) {
	b, err := t.Build(ctx)
	if err != nil {
		return use{}, false, err
	}
	u, ok := firstUse(m, b, nil, func(*project.GoFile, string) bool { return true })
	return u, ok, nil
}

// modulesOff tells whether the go command works without modules whatever the project holds.
func modulesOff(s toolchain.Setting) bool { return s.Value == "off" }
