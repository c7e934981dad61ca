package mod

import (
	"context"
	"errors"
	goversion "go/version"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// outdated tells whether the go command refuses a module's go.mod as it is: "updates to go.mod needed". It does not say
// which; what the updates are is found by following the module graph and the imports of other modules.
func outdated(ctx context.Context, t *target.Target, m *project.Module) bool {
	_, err := t.List(ctx, m)
	failed, ok := errors.AsType[*toolchain.ListFailure](err)
	return ok && strings.Contains(failed.Said, "updates to go.mod needed")
}

// notListed finds modules that packages of other modules need and that go.mod does not list: since Go 1.17 it has to.
func notListed(ctx context.Context, im *project.Imports) ([]checks.Finding, error) {
	build := im.Resolver.Settings.Build
	closure, err := im.ReadClosure(ctx, func(f *project.GoFile) bool { return f.Possible() && build.Has(f) })
	if err != nil {
		return nil, err
	}
	var out []checks.Finding
	seen := map[string]bool{}
	for _, d := range closure.Implicit {
		if seen[d.Module.Path] {
			continue
		}
		seen[d.Module.Path] = true
		out = append(out, checks.Finding{
			Message:  checks.Msg("%s imports %s, and go.mod does not list %s", d.By, d.Package, d.Module.Path),
			Why:      checks.Msg("Since Go 1.17 go.mod lists every module that the build needs; the go command stops with \"updates to go.mod needed\"."),
			Help:     checks.Msg("go mod tidy"),
			Evidence: []checks.Message{checks.Msg("the line that lacks: %s %s // indirect", d.Module.Path, d.Module.Version)},
			Location: requireLine(im, d.ByMod.Path),
			Service:  im.Module.Dir,
			Key:      d.Module.Path,
		})
	}
	return out, nil
}

// tooOld finds requirements on an older version than another requirement needs.
func tooOld(im *project.Imports) []checks.Finding {
	g := im.Resolver.Graph()
	var out []checks.Finding
	for _, r := range im.Module.Mod.Require {
		selected := g.Selected[r.Mod.Path]
		by := g.Wants[r.Mod.Path].By
		if by.Path == "" || semver.Compare(selected, r.Mod.Version) <= 0 {
			continue
		}
		out = append(out, checks.Finding{
			Message:  checks.Msg("go.mod requires %s %s, and %s needs at least %s", r.Mod.Path, r.Mod.Version, by.Path, selected),
			Why:      checks.Msg("The go command would have to change the line and stops with \"updates to go.mod needed\"."),
			Help:     checks.Msg("go get %s@%s", r.Mod.Path, selected),
			Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
			Service:  im.Module.Dir,
			Key:      r.Mod.Path,
		})
	}
	return out
}

// needsNewerGo finds the requirement with the newest go line above the module's own, which must not be older. Lines of
// before 1.21 do not bind.
func needsNewerGo(im *project.Imports) (by module.Version, wanted string) {
	wanted = im.Module.GoVersion()
	mods := im.Resolver.Graph().GoMods
	for _, m := range slices.SortedFunc(maps.Keys(mods), func(a, b module.Version) int { return strings.Compare(a.Path, b.Path) }) {
		if f := mods[m]; f.Go != nil && strict(f.Go.Version) && goversion.Compare("go"+f.Go.Version, "go"+wanted) > 0 {
			by, wanted = m, f.Go.Version
		}
	}
	return by, wanted
}
