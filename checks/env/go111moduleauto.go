package env

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// GO111ModuleAuto finds GO111MODULE=auto, which since Go 1.13 means: without modules exactly where no go.mod is found
// (cmd/go/internal/modload, Init).
var GO111ModuleAuto = checks.Check{
	ID:       "env/go111module-auto",
	Title:    "GO111MODULE=auto builds without modules here",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "env/in-gopath", "run/stale-binary"},
	Run:      go111ModuleAuto,
}

func go111ModuleAuto(ctx context.Context, t *target.Target, report checks.Reporter) error {
	setting, err := t.GoSetting(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	if setting.Value != "auto" {
		return nil
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		f := checks.Finding{Service: m.Dir, Fix: forget(setting)}
		if hasModule(t, m) {
			f.Severity = checks.Info
			f.Message = checks.Msg("GO111MODULE=auto changes nothing here: there is a go.mod")
			f.Why = checks.Msg("In a folder without a go.mod the go command would work without modules.")
		} else if lost, ok, err := lostWithoutModules(ctx, t, m); err != nil {
			return err
		} else if ok {
			f.Message = checks.Msg("GO111MODULE=auto, and there is no go.mod here: the go command works without modules")
			f.Why = checks.Msg("Packages are looked for in GOPATH only, where %q is not: nothing is built.", lost.imp.Path)
			f.Evidence = []checks.Message{checks.Msg("%s:%d imports %q", lost.file.Path, lost.imp.Pos.Line, lost.imp.Path)}
			f.Help = checks.Msg("go mod init NAME && go mod tidy")
		} else {
			f.Severity = checks.Info
			f.Message = checks.Msg("GO111MODULE=auto, and there is no go.mod here: the go command works without modules")
			f.Why = checks.Msg("All that is imported is found in GOPATH, so it builds.")
		}
		report(blame(t, setting, f))
	}
	return nil
}

// hasModule tells whether the go command finds a go.mod or go.work for a module: its own or one above.
func hasModule(t *target.Target, m *project.Module) bool {
	return m.HasGoMod || t.FoundAbove(m.Dir, "go.mod") != "" || t.FoundAbove(m.Dir, "go.work") != "" ||
		t.Exists(m.AbsDir()+"/go.work")
}
