package target

import (
	"context"
	goversion "go/version"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// Toolchain is the Go that builds here, and whether it would hand over to a newer one.
type Toolchain struct {
	Version string // of the go command itself, "1.26.8"
	Setting string // GOTOOLCHAIN, as the user, or else the distribution of Go (GOROOT/go.env) has set it

	target *Target
	env    *toolchain.Env
	cache  *project.ModCache
}

// Toolchain tells which Go builds here.
func (t *Target) Toolchain(ctx context.Context) (*Toolchain, error) {
	env, err := t.GoEnv(ctx)
	if err != nil {
		return nil, err
	}
	cache, err := t.ModCache(ctx)
	if err != nil {
		return nil, err
	}
	setting, err := t.GoSetting(ctx, "GOTOOLCHAIN")
	if err != nil {
		return nil, err
	}
	tc := &Toolchain{Version: env.Version(), Setting: setting.Value, target: t, env: env, cache: cache}
	if tc.Setting == "" {
		tc.Setting = shippedSetting(env.Vars["GOROOT"], "GOTOOLCHAIN")
	}
	if tc.Setting == "" {
		tc.Setting = "auto"
	}
	return tc, nil
}

// shippedSetting reads a default of the Go distribution, which packagers change.
func shippedSetting(goroot, name string) string {
	data, err := os.ReadFile(filepath.Join(goroot, "go.env"))
	if err != nil {
		return ""
	}
	e, _ := toolchain.ParseEnvFile("", data).Lookup(name)
	return strings.TrimSpace(e.Value)
}

// Minor is the N of the release 1.N.
func (tc *Toolchain) Minor() int { return minor(tc.Version) }

// Switches tells whether the go command would run a newer Go for a go line that asks for it: one that is on PATH or in the
// module cache, or that it may download (https://go.dev/doc/toolchain#select). Go before 1.21 never does.
func (tc *Toolchain) Switches(wanted string) bool {
	if tc.Minor() < 21 {
		return false
	}
	name, mode, _ := strings.Cut(tc.Setting, "+")
	if name == "auto" || name == "path" {
		mode = name
	}
	if v, ok := strings.CutPrefix(name, "go1"); ok && goNotOlder("1"+v, wanted) {
		return true // that very toolchain is new enough
	}
	if mode != "auto" && mode != "path" {
		return false
	}
	if tc.target.LookPath("go"+wanted) != "" {
		return true
	}
	if mode == "path" {
		return false
	}
	m := module.Version{Path: "golang.org/toolchain", Version: "v0.0.1-go" + wanted + "." + tc.env.Vars["GOHOSTOS"] + "-" + tc.env.Vars["GOHOSTARCH"]}
	if dir, ok := tc.cache.Folder(m); ok && project.HasFolder(dir) {
		return true
	}
	return tc.env.Vars["GOPROXY"] != "off"
}

func goNotOlder(v, wanted string) bool { return goversion.Compare("go"+v, "go"+wanted) >= 0 }
