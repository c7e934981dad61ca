package env

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// CrossTarget finds GOOS or GOARCH set for another platform than this one: what is built here cannot run here.
var CrossTarget = checks.Check{
	ID:       "env/cross-target",
	Title:    "the build is set to another platform than this one",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/build-tags", "mod/compile-error", "mod/missing-require", "mod/missing-sum", "env/cgo", "run/stale-binary"},
	Run:      crossTarget,
}

func crossTarget(ctx context.Context, t *target.Target, report checks.Reporter) error {
	env, err := t.GoEnv(ctx)
	if err != nil {
		return err
	}
	v := env.Vars
	if v["GOOS"] == v["GOHOSTOS"] && v["GOARCH"] == v["GOHOSTARCH"] {
		return nil
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	host := &project.Build{GOOS: v["GOHOSTOS"], GOARCH: v["GOHOSTARCH"], Cgo: true}
	programs := 0
	for _, m := range modules {
		if !setsTarget(t, m) {
			programs += len(mainPackages(m, host))
		}
	}
	if programs == 0 {
		return checks.Skip("no program is built here with that setting")
	}
	if t.Runs(v["GOOS"], v["GOARCH"], v["GOHOSTARCH"]) {
		return nil
	}
	for _, name := range []string{"GOOS", "GOARCH"} {
		setting, err := t.GoSetting(ctx, name)
		if err != nil {
			return err
		}
		if setting.IsSet() && setting.Value != v["GOHOST"+name[len("GO"):]] {
			report(blame(t, setting, checks.Finding{
				Message: checks.Msg("%s=%s is set, and this machine is %s/%s", name, setting.Value, v["GOHOSTOS"], v["GOHOSTARCH"]),
				Why:     checks.Msg("A watcher or `go run` builds a program for %s/%s and cannot start it: exec format error.", v["GOOS"], v["GOARCH"]),
				Fix:     forget(setting),
			}))
		}
	}
	return nil
}

// setsTarget tells whether the watcher's own build command says which platform it builds for.
func setsTarget(t *target.Target, m *project.Module) bool {
	air := t.Air(m.Dir)
	if air == nil {
		return false
	}
	for _, c := range project.ParseShell(air.Cmd, project.Position{Line: 1, Column: 1}) {
		if c.Name() == "go" && (c.Assigned("GOOS") || c.Assigned("GOARCH")) {
			return true
		}
	}
	return false
}
