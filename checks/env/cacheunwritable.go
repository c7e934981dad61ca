package env

import (
	"context"
	"path/filepath"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// CacheUnwritable finds a folder that every build writes to and that takes no files: the build cache, the folder for temporary
// files, the watcher's own.
var CacheUnwritable = checks.Check{
	ID:       "env/cache-unwritable",
	Title:    "the build cannot write to a folder that it needs",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/compile-error", "mod/missing-require", "run/stale-binary"},
	Run:      cacheUnwritable,
}

// place is a folder that a build writes to.
type place struct {
	name     string // what it is for
	variable string // that says where it is; empty for a watcher's folder
	path     string
	create   bool // the go command or the watcher makes it where it is missing
	runs     bool // programs are started from it
	service  string
}

func cacheUnwritable(ctx context.Context, t *target.Target, report checks.Reporter) error {
	env, err := t.GoEnv(ctx)
	if err != nil {
		return err
	}
	cache := env.Vars["GOCACHE"]
	if !filepath.IsAbs(cache) { // "off" where it is switched off, relative, or cannot be found (cmd/go/internal/cache, DefaultDir)
		f, err := noCache(ctx, t)
		if err != nil {
			return err
		}
		report(f)
	}
	places, err := buildPlaces(ctx, t, cache)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, p := range places {
		if seen[p.path] || !filepath.IsAbs(p.path) {
			continue
		}
		seen[p.path] = true
		if f := p.judge(t.Folder(p.path), t.Personal); f != nil {
			setting, err := t.GoSetting(ctx, p.variable)
			if err != nil {
				return err
			}
			f.Service, f.Key = p.service, p.name
			if p.variable != "" && setting.IsSet() {
				help := f.Help
				*f = blame(t, setting, *f)
				f.Help = help
			} else {
				f.Subject = &checks.Subject{Kind: checks.FileSubject, Name: p.path}
			}
			report(*f)
		}
	}
	return nil
}

// noCache says why there is no build cache at all.
func noCache(ctx context.Context, t *target.Target) (checks.Finding, error) {
	setting, err := t.GoSetting(ctx, "GOCACHE")
	f := checks.Finding{Why: checks.Msg("The go command builds nothing without a build cache.")}
	if !setting.IsSet() {
		f.Message = checks.Msg("there is no place for the build cache: neither GOCACHE nor HOME is set")
		f.Help = checks.Msg("set HOME, or GOCACHE to a folder of your own")
		f.Subject, f.Key = &checks.Subject{Kind: checks.EnvSubject, Name: "GOCACHE"}, "GOCACHE"
		return f, err
	}
	f.Message = checks.Msg("GOCACHE=%s is no absolute path", setting.Value)
	if setting.Value == "off" {
		f.Message = checks.Msg("GOCACHE=off switches the build cache off, and Go needs it since 1.12")
	}
	return blame(t, setting, f), err
}

func buildPlaces(ctx context.Context, t *target.Target, cache string) ([]place, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	goRun := false
	for _, s := range scripts {
		for _, c := range s.Commands {
			goRun = goRun || c.Name() == "go" && len(c.Words) > 1 && c.Words[1] == "run"
		}
	}
	places := []place{{name: "build cache", variable: "GOCACHE", path: cache, create: true}}
	tmp := place{name: "folder for temporary files", variable: "GOTMPDIR", runs: goRun}
	setting, err := t.GoSetting(ctx, "GOTMPDIR")
	if err != nil {
		return nil, err
	}
	if tmp.path = setting.Value; tmp.path == "" {
		tmp.variable, tmp.path = "TMPDIR", toolchain.TempDir(t.Environ())
	}
	places = append(places, tmp)
	for _, m := range modules {
		if air := t.Air(m.Dir); air != nil {
			places = append(places, place{name: "tmp_dir of air", path: air.TmpDir, create: true, runs: true, service: m.Dir})
		}
	}
	return places, nil
}

// judge says what is wrong with a place, nil where nothing is. personal tells what is evidently the user's own.
func (p place) judge(is host.Folder, personal func(string) bool) *checks.Finding {
	f := &checks.Finding{Why: checks.Msg("Every build writes there: nothing can be built.")}
	switch {
	case is.Missing && !p.create:
		f.Message = checks.Msg("the %s, %s, does not exist", p.name, p.path)
		f.Help = checks.Msg("mkdir -p %s", shellword.Path(p.path))
	case !is.IsFolder:
		f.Message = checks.Msg("the %s, %s, is no folder", p.name, is.Nearest)
		f.Help = checks.Msg("move %s away", is.Nearest)
	case is.Refused != nil:
		f.Message = checks.Msg("the %s, %s, cannot be written: %s", p.name, is.Nearest, is.Refused)
		f.Help = p.allow(is, personal)
		if is.Owner != "" {
			f.Evidence = []checks.Message{checks.Msg("it belongs to %s", is.Owner)}
		}
		if is.Nearest != p.path {
			f.Message = checks.Msg("the %s, %s, does not exist and cannot be made: %s: %s", p.name, p.path, is.Nearest, is.Refused)
		}
	case is.Full:
		f.Message = checks.Msg("the %s, %s, is on a filesystem that is full", p.name, p.path)
		f.Help = checks.Msg("make room; `df -h %s` and `df -i %s` show how much there is", shellword.Path(is.Nearest), shellword.Path(is.Nearest))
		if p.variable == "GOCACHE" {
			f.Help = checks.Msg("go clean -cache")
		}
	case p.runs && is.NoExec:
		f.Message = checks.Msg("the %s, %s, is on a filesystem mounted noexec", p.name, p.path)
		f.Why = checks.Msg("The program is built there and cannot be started: permission denied.")
		f.Help = checks.Msg("name a folder on another filesystem, or mount -o remount,exec")
	default:
		return nil
	}
	return f
}

// allow says what to type where nothing may be written. Only what is the user's is to be made theirs: a cache that was named, and what is
// personal. Where even the home cannot be made (an account without one, a container's user) the folder in the way is the system's.
func (p place) allow(is host.Folder, personal func(string) bool) checks.Message {
	named := p.variable == "GOCACHE" || p.variable == "GOTMPDIR"
	switch {
	case is.ReadOnly() && named:
		return checks.Msg("mount it for writing, or name another folder: go env -w %s=DIR", p.variable)
	case is.ReadOnly():
		return checks.Msg("mount it for writing, or name another folder")
	case p.variable == "TMPDIR": // often one for all, with the sticky bit
		return checks.Msg("set TMPDIR to a folder of your own")
	case named && is.Nearest == p.path, personal(is.Nearest):
		return checks.Msg("sudo chown -R \"$(id -un)\" %s", shellword.Path(is.Nearest))
	case named:
		return checks.Msg("set HOME, or %s, to a folder of your own", p.variable)
	default:
		return checks.Msg("set tmp_dir to a folder that you may write to")
	}
}
