package env

import (
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// modFlag judges -mod: the rules are those of cmd/go/internal/modload, setDefaultBuildMod and checkVendorConsistency.
func modFlag(t *target.Target, m *project.Module, s toolchain.Setting, work string) *checks.Finding {
	value, written, ok := toolchain.Flag(s.Value, "mod")
	inWorkspace := work != "" && work != "off"
	f := &checks.Finding{Key: "-mod", Help: setTo(s, toolchain.WithoutFlag(s.Value, "mod")), Fix: keep(s, toolchain.WithoutFlag(s.Value, "mod"))}
	switch {
	case !ok:
		return nil
	case value == "vendor" && !inWorkspace && needsVendor(m) && !t.Exists(filepath.Join(m.AbsDir(), "vendor")):
		f.Message = checks.Msg("GOFLAGS has %s, and there is no vendor folder here", written)
		f.Why = checks.Msg("The go command looks for every dependency in a folder that does not exist: nothing is built.")
	case value == "vendor" && inWorkspace && len(requirements(m)) > 0 && !t.Exists(filepath.Join(filepath.Dir(work), "vendor")):
		f.Message = checks.Msg("GOFLAGS has %s, and there is no vendor folder beside %s", written, t.Rel(work))
		f.Why = checks.Msg("The go command looks for every dependency in a folder that does not exist: nothing is built.")
	case value == "mod" && inWorkspace:
		f.Message = checks.Msg("GOFLAGS has %s, which a workspace does not allow", written)
		f.Why = checks.Msg("The go command stops at once in the workspace of %s: nothing is built.", t.Rel(work))
	case value == "mod" && vendors(m):
		f.Severity = checks.Warning
		f.Message = checks.Msg("GOFLAGS has %s, so the vendor folder of this project is not used", written)
		f.Why = checks.Msg("Dependencies come from the module cache or the network, and go.mod is rewritten without being asked.")
	default:
		return writesGoMod(m, f, value, written)
	}
	return f
}

// writesGoMod warns of -mod=mod where the next build is about to change go.mod.
func writesGoMod(m *project.Module, f *checks.Finding, value, written string) *checks.Finding {
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
// there. A module without requirements builds.
func needsVendor(m *project.Module) bool {
	return m.Vendor == nil && len(requirements(m)) > 0 && from114(m)
}

func requirements(m *project.Module) []*modfile.Require {
	if m.Mod == nil {
		return nil
	}
	return m.Mod.Require
}

// vendors tells whether the go command would use the vendor folder by itself.
func vendors(m *project.Module) bool {
	return m.Vendor != nil && len(m.Vendor.Modules) > 0 && from114(m)
}

func from114(m *project.Module) bool {
	return m.Mod != nil && m.Mod.Go != nil && semver.Compare("v"+m.Mod.Go.Version, "v1.14") >= 0
}
