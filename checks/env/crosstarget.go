package env

import (
	"cmp"
	"context"
	"strings"

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
	if err := crossByAir(ctx, t, v, report); err != nil {
		return err
	}
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

// crossByAir finds an air whose own build command says another platform than this one, and that starts what it built.
func crossByAir(ctx context.Context, t *target.Target, v map[string]string, report checks.Reporter) error {
	all, err := setByAirs(ctx, t)
	if err != nil {
		return err
	}
	for _, a := range all {
		goos, goarch := cmp.Or(a.vars["GOOS"], v["GOOS"]), cmp.Or(a.vars["GOARCH"], v["GOARCH"])
		var names []string
		for _, name := range []string{"GOOS", "GOARCH"} {
			if value := a.vars[name]; value != "" && value != v["GOHOST"+name[len("GO"):]] && !strings.Contains(value, "$") {
				names = append(names, name)
			}
		}
		if len(names) == 0 || !a.starts() || t.Runs(goos, goarch, v["GOHOSTARCH"]) {
			continue
		}
		report(checks.Finding{
			Message:  checks.Msg("air builds with %s=%s, and this machine is %s/%s", names[0], a.vars[names[0]], v["GOHOSTOS"], v["GOHOSTARCH"]),
			Why:      checks.Msg("It builds a program for %s/%s and cannot start it: exec format error.", goos, goarch),
			Help:     checks.Msg("take %s out of cmd under [build]", strings.Join(names, " and ")),
			Location: a.at,
			Service:  a.module.Dir,
			Subject:  &checks.Subject{Kind: checks.EnvSubject, Name: names[0]},
			Key:      "air " + names[0],
			Fix:      a.without(names...),
		})
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
