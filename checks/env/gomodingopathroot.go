package env

import (
	"context"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// GoModInGOPATHRoot finds a go.mod in a folder that holds much more than one project (the home folder, $GOPATH, the root of
// the filesystem): all that lies below and has none of its own becomes part of that module.
var GoModInGOPATHRoot = checks.Check{
	ID:       "env/gomod-in-gopath-root",
	Title:    "a stray go.mod lies in a folder above the project",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/no-go-mod", "mod/missing-require", "mod/module-path", "mod/package-missing", "mod/compile-error"},
	Run:      goModInGOPATHRoot,
}

func goModInGOPATHRoot(ctx context.Context, t *target.Target, report checks.Reporter) error {
	mode, err := t.GoSetting(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	if modulesOff(mode) {
		return checks.Skip("modules are off: no go.mod is read")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		stray := t.FoundAbove(m.Dir, "go.mod")
		if m.HasGoMod && t.Catchall(m.AbsDir()) == "$GOPATH" {
			stray = filepath.Join(m.AbsDir(), "go.mod")
		}
		if stray == "" {
			continue
		}
		kind := t.Catchall(filepath.Dir(stray))
		if kind == "" {
			continue
		}
		f, err := judgeStray(ctx, t, m, stray, kind)
		if err != nil {
			return err
		}
		report(f)
	}
	return nil
}

func judgeStray(ctx context.Context, t *target.Target, m *project.Module, stray, kind string) (checks.Finding, error) {
	f := checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("a go.mod lies in %s, %s", kind, filepath.Dir(stray)),
		Help:     checks.Msg("move %s away, if no project there needs it", stray),
		Location: checks.At(t.Rel(stray), 1, 1),
		Service:  m.Dir,
		Key:      "stray",
	}
	if m.HasGoMod {
		f.Why = checks.Msg("This project has a go.mod of its own and builds. Folders beside it that have none are taken for parts of that module.")
		if kind == "$GOPATH" {
			f.Why = checks.Msg("The go command warns of it at every call and `go mod tidy` refuses to work there; what has a go.mod of its own builds.")
		}
		return f, nil
	}
	if kind == "the folder for temporary files" { // cmd/go/internal/modload, Init: "ignoring go.mod in system temp root"
		f.Severity = checks.Error
		f.Why = checks.Msg("The go command ignores a go.mod there, and this project has none of its own: nothing is built.")
		f.Help = checks.Msg("go mod init NAME && go mod tidy")
		return f, nil
	}
	b, err := t.Build(ctx)
	if err != nil {
		return f, err
	}
	mod := t.GoModAt(stray)
	f.Why = checks.Msg("This project has no go.mod, so the go command takes it for a part of that module.")
	if mod == nil {
		return f, nil
	}
	if u, ok := firstUse(m, b, nil, func(_ *project.GoFile, path string) bool { return !provides(t, mod, stray, path) }); ok {
		f.Severity = checks.Error
		f.Why = checks.Msg("This project has no go.mod, so the go command takes it for a part of that module, which knows nothing of %q: nothing is built.", u.imp.Path)
		f.Help = checks.Msg("go mod init NAME && go mod tidy")
		f.Evidence = []checks.Message{checks.Msg("%s:%d imports %q", u.file.Path, u.imp.Pos.Line, u.imp.Path)}
	}
	return f, nil
}

// provides tells whether the module of a go.mod may have a package: its own folder, or one that a requirement might hold.
func provides(t *target.Target, mod *modfile.File, file, path string) bool {
	within := func(module string) bool { return path == module || strings.HasPrefix(path, module+"/") }
	if mod.Module != nil && within(mod.Module.Mod.Path) {
		rel := strings.TrimPrefix(strings.TrimPrefix(path, mod.Module.Mod.Path), "/")
		return t.Exists(filepath.Join(filepath.Dir(file), filepath.FromSlash(rel)))
	}
	for _, r := range mod.Require {
		if within(r.Mod.Path) {
			return true
		}
	}
	return false
}
