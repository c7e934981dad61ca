package env

import (
	"context"
	"path/filepath"
	"slices"

	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// GOFLAGS finds flags, set once and in force for every go command since, that the project cannot be built with.
var GOFLAGS = checks.Check{
	ID:       "env/goflags",
	Title:    "GOFLAGS contradicts the project",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/*", "env/goproxy", "env/cgo", "run/stale-binary"},
	Run:      goflags,
}

func goflags(ctx context.Context, t *target.Target, report checks.Reporter) error {
	setting, err := t.GoSetting(ctx, "GOFLAGS")
	if err != nil {
		return err
	}
	if !setting.IsSet() {
		return nil
	}
	complaint, err := t.Go(".").FlagComplaint(ctx)
	if err != nil {
		return err
	}
	if complaint != "" {
		report(blame(t, setting, checks.Finding{
			Message: checks.Msg("GOFLAGS is not understood: %s", complaint),
			Why:     checks.Msg("Every go command but `go env` stops here: nothing is built."),
			Key:     "syntax",
		}))
		return nil
	}
	env, err := t.GoEnv(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.HasGoMod {
			continue
		}
		for _, judge := range []func(*target.Target, *project.Module, toolchain.Setting, string) *checks.Finding{modFlag, modfileFlag} {
			if f := judge(t, m, setting, env.Vars["GOWORK"]); f != nil {
				f.Service = m.Dir
				report(blame(t, setting, *f))
			}
		}
		b, err := t.Build(ctx)
		if err != nil {
			return err
		}
		if f := tagsFlag(m, setting, b); f != nil {
			f.Service = m.Dir
			report(blame(t, setting, *f))
		}
	}
	return nil
}

// modFlag judges -mod: the rules are those of cmd/go/internal/modload, setDefaultBuildMod and checkVendorConsistency.
func modFlag(t *target.Target, m *project.Module, s toolchain.Setting, work string) *checks.Finding {
	value, written, ok := toolchain.Flag(s.Value, "mod")
	inWorkspace := work != "" && work != "off"
	f := &checks.Finding{Key: "-mod", Help: setTo(s, toolchain.WithoutFlag(s.Value, "mod"))}
	switch {
	case !ok:
		return nil
	case value == "vendor" && !inWorkspace && needsVendor(m):
		f.Message = checks.Msg("GOFLAGS has %s, and there is no vendor folder here", written)
		f.Why = checks.Msg("The go command looks for every dependency in a folder that does not exist: nothing is built.")
	case value == "mod" && inWorkspace:
		f.Message = checks.Msg("GOFLAGS has %s, which a workspace does not allow", written)
		f.Why = checks.Msg("The go command stops at once in the workspace of %s: nothing is built.", t.Rel(work))
	case value == "mod" && vendors(m):
		f.Severity = checks.Warning
		f.Message = checks.Msg("GOFLAGS has %s, so the vendor folder of this project is not used", written)
		f.Why = checks.Msg("Dependencies come from the module cache or the network, and go.mod is rewritten without being asked.")
	default:
		return modReadsBehindYourBack(m, f, value, written)
	}
	return f
}

// modReadsBehindYourBack warns of -mod=mod where the next build is about to change go.mod.
func modReadsBehindYourBack(m *project.Module, f *checks.Finding, value, written string) *checks.Finding {
	if value != "mod" || m.Mod == nil || m.Mod.Go != nil && len(m.Mod.Require) > 0 && m.Sum != nil {
		return nil
	}
	if len(m.Mod.Require) == 0 && !importsOthers(m) {
		return nil
	}
	f.Severity = checks.Warning
	f.Message = checks.Msg("GOFLAGS has %s, and %s is not complete", written, m.File("go.mod"))
	f.Why = checks.Msg("The next build writes go.mod and go.sum without being asked; without this flag, on another machine, it fails.")
	return f
}

// importsOthers tells whether a file of the module imports a package that is neither its own nor of the standard library.
func importsOthers(m *project.Module) bool {
	return slices.ContainsFunc(m.Files, func(f *project.GoFile) bool {
		return slices.ContainsFunc(f.Imports, func(i project.Import) bool {
			return ordinary(i.Path) && i.Path != m.Path() && !hasPrefix(i.Path, m.Path())
		})
	})
}

func hasPrefix(path, module string) bool {
	return len(path) > len(module) && path[:len(module)] == module && path[len(module)] == '/'
}

// needsVendor tells whether -mod=vendor fails for want of vendor/modules.txt: from go 1.14 on each requirement must stand
// there. A module without requirements builds (reports.md, trap 10).
func needsVendor(m *project.Module) bool {
	return m.Vendor == nil && m.Mod != nil && len(m.Mod.Require) > 0 && from114(m)
}

// vendors tells whether the go command would use the vendor folder by itself.
func vendors(m *project.Module) bool {
	return m.Vendor != nil && len(m.Vendor.Modules) > 0 && from114(m)
}

func from114(m *project.Module) bool {
	return m.Mod != nil && m.Mod.Go != nil && semver.Compare("v"+m.Mod.Go.Version, "v1.14") >= 0
}

func modfileFlag(t *target.Target, m *project.Module, s toolchain.Setting, work string) *checks.Finding {
	value, written, ok := toolchain.Flag(s.Value, "modfile")
	if !ok || value == "" {
		return nil
	}
	path := value
	if !filepath.IsAbs(path) {
		path = filepath.Join(m.AbsDir(), path)
	}
	f := &checks.Finding{Key: "-modfile", Help: setTo(s, toolchain.WithoutFlag(s.Value, "modfile"))}
	switch {
	case work != "" && work != "off":
		f.Message = checks.Msg("GOFLAGS has %s, which a workspace does not allow", written)
		f.Why = checks.Msg("The go command stops at once in the workspace of %s: nothing is built.", t.Rel(work))
	case !t.Exists(path):
		f.Message = checks.Msg("GOFLAGS has %s, and there is no such file here", written)
		f.Why = checks.Msg("The go command stops at once: nothing is built.")
	default:
		return nil
	}
	return f
}

// tagsFlag finds tags that leave nothing of the program: its only main package has files, and none with these tags. Where there
// are several programs, one may well be meant for other tags.
func tagsFlag(m *project.Module, s toolchain.Setting, b *project.Build) *checks.Finding {
	_, written, ok := toolchain.Flag(s.Value, "tags")
	if !ok {
		return nil
	}
	plain := *b
	plain.Tags = nil
	programs := mainPackages(m, &plain)
	if len(programs) != 1 || len(mainPackages(m, b)) != 0 {
		return nil
	}
	file := programs[0].Files[slices.IndexFunc(programs[0].Files, func(f *project.GoFile) bool { return compiled(f, &plain) })]
	return &checks.Finding{
		Key:      "-tags",
		Message:  checks.Msg("GOFLAGS has %s, which leaves out every file of the program", written),
		Why:      checks.Msg("The go command finds nothing to build in %s.", programs[0].Dir),
		Help:     setTo(s, toolchain.WithoutFlag(s.Value, "tags")),
		Evidence: []checks.Message{checks.Msg("%s is not built with these tags", file.Path)},
	}
}
