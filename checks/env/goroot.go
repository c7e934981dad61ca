package env

import (
	"context"

	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// GOROOT finds a GOROOT that was set for another Go than the one on PATH: its compiler and standard library are then used
// with the wrong go command.
var GOROOT = checks.Check{
	ID:       "env/goroot",
	Title:    "GOROOT is not that of the go command in use",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "env/*", "run/stale-binary"},
	Run:      goroot,
}

func goroot(ctx context.Context, t *target.Target, report checks.Reporter) error {
	setting, err := t.GoSetting(ctx, "GOROOT")
	if err != nil {
		return err
	}
	if !setting.IsSet() {
		return nil
	}
	path, err := t.Go(".").Path()
	if err != nil {
		return err
	}
	root := t.GoRoot(setting.Value)
	release := t.Go(".").Release()
	f := checks.Finding{Why: checks.Msg("Every build ends at once."), Fix: forget(setting)}
	switch {
	case !root.Exists:
		f.Message = checks.Msg("GOROOT names %s, which is no folder", root.Dir)
	case !root.Standard:
		f.Message = checks.Msg("GOROOT names %s, which holds no Go", root.Dir)
	case release == "" || root.Compiler == "" || root.Compiler == release:
		return nil // the same Go, or one that does not tell
	default:
		if another, err := switches(ctx, t, release); err != nil || another {
			return err
		}
		f.Message = checks.Msg("GOROOT names the Go in %s, %s, but the go command on PATH is %s", root.Dir, root.Compiler, release)
		f.Why = checks.Msg("The compiler of one release refuses to work with the go command of another: nothing is built.")
	}
	f.Evidence = []checks.Message{checks.Msg("the go command on PATH is %s", path)}
	report(blame(t, setting, f))
	return nil
}

// switches tells whether a go line asks for a newer Go, so that the go command may hand over to another toolchain, which
// brings its own GOROOT.
func switches(ctx context.Context, t *target.Target, release string) (bool, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return false, err
	}
	for _, m := range modules {
		if m.Mod == nil {
			continue
		}
		if m.Mod.Go != nil && semver.Compare("v"+m.Mod.Go.Version, "v"+release[len("go"):]) > 0 {
			return true, nil
		}
		if m.Mod.Toolchain != nil && m.Mod.Toolchain.Name != release && m.Mod.Toolchain.Name != "default" {
			return true, nil
		}
	}
	return false, nil
}
