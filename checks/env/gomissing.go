package env

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// GoMissing finds a PATH without a go command, or with one that does not run, where something here has to build.
var GoMissing = checks.Check{
	ID:       "env/go-missing",
	Title:    "no working go command on PATH",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary"},
	Run:      goMissing,
}

func goMissing(ctx context.Context, t *target.Target, report checks.Reporter) error {
	command := t.Go(".")
	path, err := command.Path()
	missing := errors.Is(err, toolchain.ErrNoGo)
	var broken error
	switch {
	case missing:
	case err != nil:
		return err
	default:
		_, refused := t.GoEnv(ctx)
		if refused == nil {
			return refusedLater(ctx, t, report)
		}
		if broken = command.Answers(ctx); broken == nil {
			return refusedAtOnce(ctx, t, refused, report)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why, err := builder(ctx, t)
	if err != nil {
		return err
	}
	f := checks.Finding{Why: why, Key: "go", Subject: &checks.Subject{Kind: checks.EnvSubject, Name: "PATH"}}
	if missing {
		f.Message = checks.Msg("there is no go command on PATH")
		f.Help = checks.Msg("install Go (https://go.dev/doc/install), or put the folder of an installed one on PATH")
		if dirs := goElsewhere(t); len(dirs) > 0 {
			f.Help = checks.Msg(`export PATH="$PATH:%s"`, dirs[0])
			for _, dir := range dirs {
				f.Evidence = append(f.Evidence, checks.Msg("there is one in %s, a folder that is not on PATH", dir))
			}
		}
	} else {
		f.Message = checks.Msg("the go command on PATH, %s, does not run", path)
		f.Help = checks.Msg("run `go version` and follow what it says, or put another go before it on PATH")
		f.Evidence = []checks.Message{checks.Msg("%s", broken)}
	}
	report(f)
	return nil
}

// refusedAtOnce reports a setting that makes the go command end before it does anything, `go env` included. GOROOT and
// GO111MODULE have checks of their own.
func refusedAtOnce(ctx context.Context, t *target.Target, refused error, report checks.Reporter) error {
	failed, ok := errors.AsType[*toolchain.CommandError](refused)
	if !ok {
		return refused
	}
	said, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(failed.Stderr), "go: "), "\n")
	for _, name := range []string{"GO111MODULE", "GOROOT", "GOPATH", "GOWORK", "GOEXPERIMENT", "GOFLAGS", "GOENV"} {
		setting, err := t.GoSetting(ctx, name)
		if err != nil {
			return err
		}
		if !setting.IsSet() || !strings.Contains(said, name) {
			continue
		}
		if name != "GO111MODULE" && name != "GOROOT" {
			report(blame(t, setting, refusal(said)))
		}
		return nil
	}
	return refused
}

// refusedLater reports a GOTOOLCHAIN that names no toolchain: `go env` answers, and every build ends at once.
func refusedLater(ctx context.Context, t *target.Target, report checks.Reporter) error {
	setting, err := t.GoSetting(ctx, "GOTOOLCHAIN")
	if err != nil || !setting.IsSet() || setting.Value == "local" || setting.Value == "auto" || setting.Value == "path" {
		return err
	}
	complaint, err := t.Go(".").ToolchainComplaint(ctx)
	if err == nil && complaint != "" {
		report(blame(t, setting, refusal(complaint)))
	}
	return err
}

func refusal(said string) checks.Finding {
	return checks.Finding{
		Message: checks.Msg("the go command refuses to work in this environment: %s", said),
		Why:     checks.Msg("Nothing can be built or started here."),
	}
}

// builder says who needs the go command here, or skips where it may well be needed in a container only.
func builder(ctx context.Context, t *target.Target) (checks.Message, error) {
	running, err := t.OwnWatchers(ctx)
	if err == nil && len(running) > 0 {
		return checks.Msg("%s is running here (pid %d) and cannot build: the server stays as it was.", running[0].Tool.Name, running[0].Process.PID), nil
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return checks.Message{}, err
	}
	if files := tree.ContainerFiles(); len(files) > 0 {
		return checks.Message{}, checks.Skip("%s builds this in a container, where gindoctor was not started", files[0])
	}
	configs, err := t.WatcherConfigs(ctx)
	if err != nil {
		return checks.Message{}, err
	}
	if len(configs) > 0 {
		return checks.Msg("%s (%s) starts the go command at every save: nothing can be built.", configs[0].Tool.Name, configs[0].File), nil
	}
	return checks.Msg("Nothing can be built or started here."), nil
}

// goElsewhere are folders in which Go is installed by custom and that are not on PATH.
func goElsewhere(t *target.Target) []string {
	dirs := []string{"/usr/local/go/bin", "/usr/lib/go/bin", "/opt/homebrew/bin", "/snap/bin", `C:\Program Files\Go\bin`}
	if root := t.Getenv("GOROOT"); root != "" {
		dirs = append([]string{filepath.Join(root, "bin")}, dirs...)
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return t.Installed(dir, "go") == "" })
}
