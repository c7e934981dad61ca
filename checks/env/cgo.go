package env

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// Cgo finds C code in what the program is built from while cgo is off here or has no compiler.
var Cgo = checks.Check{
	ID:       "env/cgo",
	Title:    "the program needs cgo, which does not work here",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/compile-error", "mod/build-tags", "run/stale-binary"},
	Run:      cgo,
}

// sqlite is the driver that without cgo compiles to a stub: Open then says "Binary was compiled with 'CGO_ENABLED=0',
// go-sqlite3 requires cgo to work".
const sqlite = "github.com/mattn/go-sqlite3"

func cgo(ctx context.Context, t *target.Target, report checks.Reporter) error {
	env, err := t.GoEnv(ctx)
	if err != nil {
		return err
	}
	setting, err := t.GoSetting(ctx, "CGO_ENABLED")
	if err != nil {
		return err
	}
	cc, err := t.GoSetting(ctx, "CC")
	if err != nil {
		return err
	}
	compiler := compilerOf(env.Vars["CC"])
	hasCompiler := t.LookPath(compiler) != "" || filepath.IsAbs(compiler) && t.Exists(compiler)
	all, err := t.Imports(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, im := range all {
		on := im.Resolver.Settings.Build.Cgo
		if on && hasCompiler {
			continue
		}
		list, err := t.ListWithCgo(ctx, im.Module)
		if err != nil {
			failed = err
			continue
		}
		c := cgoState{t, im, setting, cc, compiler, hasCompiler, list, list.Needed()}
		f := c.withoutCompiler()
		if !on {
			if f, err = c.switchedOff(ctx); err != nil {
				failed = err
				continue
			}
		}
		if f != nil {
			f.Service = im.Module.Dir
			report(*f)
		}
	}
	return failed
}

// compilerOf is the program of CC, which may carry arguments.
func compilerOf(cc string) string {
	words, _ := toolchain.SplitFlags(cc)
	if len(words) == 0 {
		return "gcc"
	}
	return words[0]
}

type cgoState struct {
	t           *target.Target
	im          *project.Imports
	setting     toolchain.Setting // of CGO_ENABLED
	cc          toolchain.Setting // of CC
	compiler    string
	hasCompiler bool
	list        *toolchain.List // as it would be with cgo
	needed      map[string]bool // of that list
}

// withoutCompiler judges cgo that is on and has no compiler: then every package with C code fails, those of the standard
// library (net, os/user, runtime/cgo) included.
func (c cgoState) withoutCompiler() *checks.Finding {
	for _, p := range c.list.Packages {
		if len(p.CgoFiles) == 0 || !c.needed[p.ImportPath] {
			continue
		}
		f := checks.Finding{
			Message: checks.Msg("cgo is on, and its compiler %s is not on PATH", c.compiler),
			Why:     checks.Msg("%s needs it: the build ends with \"C compiler not found\".", p.ImportPath),
			Help:    checks.Msg("install %s, or take CGO_ENABLED back if nothing here needs C", c.compiler),
			Subject: &checks.Subject{Kind: checks.EnvSubject, Name: "CGO_ENABLED"},
			Key:     "compiler",
		}
		if c.cc.IsSet() { // its value is not for showing
			f.Message = checks.Msg("cgo is on, and the compiler that CC names is not on PATH")
			f.Help = checks.Message{}
			f = blame(c.t, c.cc, f)
		} else if c.setting.IsSet() {
			f = blame(c.t, c.setting, f)
		}
		return &f
	}
	return nil
}

// switchedOff judges cgo that is off. Packages of the standard library fall back to Go without a word; others may be left
// without a single file, which is an error for certain, or have a stand-in. Whether that stand-in is enough, only types
// can tell, apart from the one that is known to be a stub.
func (c cgoState) switchedOff(ctx context.Context) (*checks.Finding, error) {
	now, err := c.t.List(ctx, c.im.Module)
	if err != nil {
		return nil, err
	}
	for _, p := range c.list.Packages {
		without := now.ByPath[p.ImportPath]
		if p.Standard || len(p.CgoFiles) == 0 || without == nil || without.Error == nil || !c.needed[p.ImportPath] {
			continue
		}
		if strings.Contains(without.Error.Err, "build constraints exclude all Go files") {
			return c.finding(checks.Finding{
				Message:  checks.Msg("%s is C code, and cgo is off here", p.ImportPath),
				Why:      checks.Msg("Without cgo none of its files are built: the build ends with \"build constraints exclude all Go files\"."),
				Evidence: c.importers(p.ImportPath),
				Key:      p.ImportPath,
			}), nil
		}
	}
	if f, err := c.ownLeftOut(ctx); f != nil || err != nil {
		return f, err
	}
	if p := c.list.ByPath[sqlite]; p != nil && len(p.CgoFiles) > 0 && c.needed[sqlite] {
		return c.finding(checks.Finding{
			Severity: checks.Warning,
			Message:  checks.Msg("%s needs cgo, which is off here", sqlite),
			Why:      checks.Msg("It builds, and fails when a database is opened: \"go-sqlite3 requires cgo to work. This is a stub\"."),
			Evidence: c.importers(sqlite),
			Key:      sqlite,
		}), nil
	}
	return nil, nil
}

// ownLeftOut finds a file of the module's own with C code that declares what its program uses and nothing else declares.
func (c cgoState) ownLeftOut(ctx context.Context) (*checks.Finding, error) {
	g, err := c.t.PackageGraph(ctx, c.im)
	if err != nil {
		return nil, err
	}
	with := c.im.Resolver.Settings.Build
	with.Cgo = true
	for _, p := range g.Packages {
		for _, f := range p.Excluded {
			if !p.Needed || !f.Cgo() || f.Test() || !with.Has(f) {
				continue
			}
			given := g.GivenBy(p, f)
			if len(given) == 0 {
				continue
			}
			return c.finding(checks.Finding{
				Message:  checks.Msg("%s is C code, and cgo is off here", f.Path),
				Why:      checks.Msg("Without cgo it is left out, and the build ends with \"undefined: %s\", which it declares.", given[0].Name),
				Location: checks.At(f.Path, 1, 1),
				Evidence: []checks.Message{checks.Msg("%s uses %s", given[0].Users[0].Path, given[0].Name)},
				Key:      f.Path,
			}), nil
		}
	}
	return nil, nil
}

func (c cgoState) importers(path string) []checks.Message {
	i := c.im.Find(path)
	if i == nil {
		return nil
	}
	site := i.First()
	return []checks.Message{checks.Msg("%s:%d imports it", site.File.Path, site.Import.Pos.Line)}
}

// finding adds why cgo is off and what helps.
func (c cgoState) finding(f checks.Finding) *checks.Finding {
	switch {
	case c.setting.IsSet() && c.hasCompiler:
		f = blame(c.t, c.setting, f)
	case c.hasCompiler: // the watcher's build command or another platform switches it off
		f.Help = checks.Msg("build with CGO_ENABLED=1")
	default:
		f.Help = checks.Msg("install a C compiler (%s)", c.compiler)
		f.Evidence = append(f.Evidence, checks.Msg("there is no %s on PATH, so the go command leaves cgo off", c.compiler))
	}
	if f.Subject == nil {
		f.Subject = &checks.Subject{Kind: checks.EnvSubject, Name: "CGO_ENABLED"}
	}
	return &f
}
