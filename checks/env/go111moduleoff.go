package env

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
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
		report(blame(t, setting, checks.Finding{
			Message:  checks.Msg("GO111MODULE=off: the go command does not read %s", m.File("go.mod")),
			Why:      checks.Msg("Packages are looked for in GOPATH only, where %q is not: nothing is built.", lost.imp.Path),
			Evidence: []checks.Message{checks.Msg("%s:%d imports %q", lost.file.Path, lost.imp.Pos.Line, lost.imp.Path)},
			Service:  m.Dir,
			Fix:      forget(setting),
		}))
	}
	return nil
}

// lostWithoutModules finds an import of the program that GOPATH mode cannot resolve.
func lostWithoutModules(ctx context.Context, t *target.Target, m *project.Module) (use, bool, error) {
	b, err := t.Build(ctx)
	if err != nil {
		return use{}, false, err
	}
	u, ok := firstUse(m, b, func(f *project.GoFile, importPath string) bool {
		found, ferr := t.FoundInGOPATHMode(ctx, f.Dir(), importPath)
		if ferr != nil {
			err = ferr
		}
		return ferr == nil && !found
	})
	return u, ok, err
}

// modulesOff tells whether the go command works without modules whatever the project holds.
func modulesOff(s toolchain.Setting) bool { return s.Value == "off" }
