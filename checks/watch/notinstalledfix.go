package watch

import (
	"context"
	goversion "go/version"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

const latest = "latest"

// install puts the tool where `go install` puts programs; nil where that is not known.
func install(ctx context.Context, t *target.Target, tool *watcher.Tool, version string) (*plan.Plan, error) {
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return nil, err
	}
	program, _, _ := strings.Cut(tool.Command, " ")
	program = path.Base(program)
	bin := settings.GOBIN()
	if !filepath.IsAbs(bin) || path.Base(tool.Modules[0]) != program {
		return nil, nil
	}
	args := func(version string) []string { return []string{"install", tool.Modules[0] + "@" + version} }
	c := plan.Command{Args: args(version), Dir: ".", Produces: filepath.Join(bin, program+exe())}
	if pinned(ctx, t, tool) == "" {
		if kept, err := downloaded(ctx, t, tool.Modules[0], version); err != nil {
			return nil, err
		} else if kept != "" {
			c.Offline = args(kept)
		}
	}
	p := &plan.Plan{Title: "install " + tool.Name + " into " + bin, Safety: plan.Unsafe, Steps: []plan.Step{c}}
	if !onPath(t, bin) {
		p.After = append(p.After, "put "+bin+" on PATH, which it is not on: programs in it are not found by their names (env/gobin-path)")
	}
	p.After = append(p.After, "start it: "+tool.Command)
	return p, nil
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func onPath(t *target.Target, dir string) bool {
	return slices.ContainsFunc(filepath.SplitList(t.Getenv("PATH")), func(p string) bool {
		return p != "" && t.Real(filepath.Clean(p)) == t.Real(filepath.Clean(dir))
	})
}

// versionToInstall is the version that the project asks for, else the newest that the Go in use can build: newer airs ask for
// a newer Go.
func versionToInstall(ctx context.Context, t *target.Target, tool *watcher.Tool) string {
	if v := pinned(ctx, t, tool); v != "" {
		return v
	}
	if env, err := t.GoEnv(ctx); err == nil && tool.Name == "air" {
		return airFor("go" + env.Version())
	}
	return latest
}

// pinned is the version of the tool that a go.mod requires, for a tools.go say; "" where none does.
func pinned(ctx context.Context, t *target.Target, tool *watcher.Tool) string {
	modules, err := t.Modules(ctx)
	if err != nil {
		return ""
	}
	for _, m := range modules {
		if m.Mod == nil {
			continue
		}
		for _, r := range m.Mod.Require {
			if r.Mod.Path == tool.Modules[0] {
				return r.Mod.Version
			}
		}
	}
	return ""
}

// downloaded is the newest release in the module cache that is none above the version asked for and that the Go in use can
// build; "" where there is none.
func downloaded(ctx context.Context, t *target.Target, modulePath, version string) (string, error) {
	cache, err := t.ModCache(ctx)
	if err != nil {
		return "", err
	}
	env, err := t.GoEnv(ctx)
	if err != nil {
		return "", nil // without a go command nothing is installed
	}
	for _, v := range slices.Backward(cache.Versions(modulePath)) {
		if semver.Prerelease(v) != "" || version != latest && semver.Compare(v, version) > 0 {
			continue
		}
		mod := cache.GoMod(module.Version{Path: modulePath, Version: v})
		if mod != nil && mod.Go != nil && goversion.Compare("go"+mod.Go.Version, "go"+env.Version()) > 0 {
			continue
		}
		return v, nil
	}
	return "", nil
}

// airFor is the newest air that a Go can build, by the go lines of air's releases.
func airFor(release string) string {
	switch {
	case goversion.Compare(release, "go1.26") >= 0:
		return "latest"
	case goversion.Compare(release, "go1.25") >= 0:
		return "v1.63.8"
	case goversion.Compare(release, "go1.23") >= 0:
		return "v1.61.7"
	}
	return "v1.52.3"
}
