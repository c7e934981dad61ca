package target

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// GoSettings are the variables that the user set for the go command, and where. They are known without a go command too.
func (t *Target) GoSettings(ctx context.Context) (*toolchain.Settings, error) {
	return t.settings.Get(ctx)
}

// GoSetting tells where one variable of the go command is set.
func (t *Target) GoSetting(ctx context.Context, name string) (toolchain.Setting, error) {
	s, err := t.settings.Get(ctx)
	if err != nil {
		return toolchain.Setting{}, err
	}
	return s.Lookup(name), nil
}

// Scripts are the files of the project that run commands: Makefiles, shell scripts and their kin.
func (t *Target) Scripts(ctx context.Context) ([]project.Script, error) { return t.scripts.Get(ctx) }

func (t *Target) readScripts(ctx context.Context) ([]project.Script, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return project.Scripts(ctx, tree)
}

// Build is the platform and the tags that a plain `go build` has here.
func (t *Target) Build(ctx context.Context) (*project.Build, error) {
	env, err := t.GoEnv(ctx)
	if err != nil {
		return nil, err
	}
	return &project.Build{
		GOOS:   env.Vars["GOOS"],
		GOARCH: env.Vars["GOARCH"],
		Cgo:    env.Vars["CGO_ENABLED"] == "1",
		Tags:   toolchain.Tags(env.Vars["GOFLAGS"]),
		Minor:  minor(env.Version()),
	}, nil
}

// minor is the N of a release 1.N.x; what does not look like one counts as very new.
func minor(release string) int {
	parts := strings.SplitN(release, ".", 3)
	if len(parts) < 2 || parts[0] != "1" {
		return 1 << 10
	}
	digits := strings.IndexFunc(parts[1]+"x", func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(parts[1][:digits])
	if err != nil {
		return 1 << 10
	}
	return n
}

// LookPath finds a program on the user's PATH, "" where there is none.
func (t *Target) LookPath(name string) string { return toolchain.LookPath(t.opts.Environ, name) }

// Installed finds a program in a folder, "" where it is not.
func (t *Target) Installed(dir, name string) string { return toolchain.Installed(dir, name) }

// Folder tells what we may do in a folder.
func (t *Target) Folder(abs string) host.Folder { return host.LookAtFolder(abs) }

// WatcherConfig is a configuration that shows which watcher is meant to be used in a folder.
type WatcherConfig struct {
	Tool *watcher.Tool
	File string // relative to the root
}

// WatcherConfigs lists the watchers that are configured at the root and in the folders of the modules.
func (t *Target) WatcherConfigs(ctx context.Context) ([]WatcherConfig, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	dirs := []string{"."}
	for _, m := range modules {
		if m.Dir != "." {
			dirs = append(dirs, m.Dir)
		}
	}
	var out []WatcherConfig
	for _, dir := range dirs {
		for _, tool := range watcher.Tools {
			for _, config := range tool.Configs {
				abs := filepath.Join(t.root, filepath.FromSlash(dir), filepath.FromSlash(config))
				if info, err := os.Stat(abs); err == nil && info.Mode().IsRegular() {
					out = append(out, WatcherConfig{Tool: tool, File: t.Rel(abs)})
					break
				}
			}
		}
	}
	return out, nil
}

// OwnWatchers lists the live watchers that work in this project.
func (t *Target) OwnWatchers(ctx context.Context) ([]watcher.Running, error) {
	all, err := t.Watchers(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return nil, err
	}
	var own []watcher.Running
	for _, w := range all {
		if scope.Inside(w.Dir) {
			own = append(own, w)
		}
	}
	return own, nil
}

// Exists tells whether there is a file or folder of that absolute path.
func (t *Target) Exists(abs string) bool { return exists(abs) }

// FoundAbove is the nearest file of that name in a parent of a folder (relative to the root), absolute, or "".
func (t *Target) FoundAbove(dir, name string) string {
	abs := filepath.Join(t.root, filepath.FromSlash(dir))
	if parent := filepath.Dir(abs); parent != abs {
		return project.FindUp(parent, name)
	}
	return ""
}

// Catchall names the kind of a folder that holds much that is no part of one project: "the home folder", "$GOPATH". It is
// empty for any other folder.
func (t *Target) Catchall(abs string) string { return toolchain.CatchallKind(t.opts.Environ, abs) }

// InGOPATH is the GOPATH folder whose src holds a folder (relative to the root), or "".
func (t *Target) InGOPATH(ctx context.Context, dir string) (string, error) {
	s, err := t.GoSettings(ctx)
	if err != nil {
		return "", err
	}
	return toolchain.Above(s.GOPATHs(), filepath.Join(t.root, filepath.FromSlash(dir))), nil
}

// FoundInGOPATHMode tells whether an import of a package in a folder (relative to the root) is found when modules are off.
func (t *Target) FoundInGOPATHMode(ctx context.Context, dir, importPath string) (bool, error) {
	s, err := t.GoSettings(ctx)
	if err != nil {
		return false, err
	}
	env, err := t.GoEnv(ctx)
	if err != nil {
		return false, err
	}
	from := filepath.Join(t.root, filepath.FromSlash(dir))
	return toolchain.InGOPATHMode(s.GOPATHs(), env.Vars["GOROOT"], from, importPath), nil
}

// GoModAt parses a go.mod outside the examined modules, nil where it cannot be read.
func (t *Target) GoModAt(abs string) *modfile.File {
	data, err := os.ReadFile(abs)
	if err != nil || len(data) > project.MaxModFile {
		return nil
	}
	f, err := modfile.ParseLax(abs, data, nil)
	if err != nil {
		return nil
	}
	return f
}

// GoRoot reads which Go a GOROOT folder holds for this machine.
func (t *Target) GoRoot(dir string) toolchain.Root {
	return toolchain.LookAtRoot(dir, runtime.GOOS, runtime.GOARCH)
}

// ListWithCgo is what List would say if cgo were on and had a compiler: listing asks for none.
func (t *Target) ListWithCgo(ctx context.Context, m *project.Module) (*toolchain.List, error) {
	g := t.compiler(m.Dir)
	g.Environ = append(slices.Clone(g.Environ), "CGO_ENABLED=1")
	g.As.Environ = slices.DeleteFunc(slices.Clone(g.As.Environ), func(kv string) bool { return strings.HasPrefix(kv, "CGO_ENABLED=") })
	return g.List(ctx, false)
}

// HasVendor tells whether the vendor folder that a module would be built from is there.
func (t *Target) HasVendor(im *project.Imports) bool {
	dir := im.Module.AbsDir()
	if w := im.Resolver.Workspace(); w != nil {
		dir = w.Dir()
	}
	return exists(filepath.Join(dir, "vendor"))
}

// standardRoot is a GOROOT, or "" where it holds no standard library: then nothing can be told by it.
func standardRoot(dir string) string {
	if !isDir(filepath.Join(dir, "src", "fmt")) {
		return ""
	}
	return dir
}
