package mod

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// MissingSum finds hashes that go.sum lacks and the build needs.
var MissingSum = checks.Check{
	ID:       "mod/missing-sum",
	Title:    "go.sum lacks a hash that the build needs",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      missingSum,
}

// lackingSum is a module whose hash go.sum lacks.
type lackingSum struct {
	module module.Version
	needed bool
	goMod  bool // the hash of its go.mod
	at     *checks.Location
	pkgs   []string
}

func missingSum(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachModule(ctx, t, func(im *project.Imports) {
		if im.Resolver.Settings.Mod == "mod" {
			return // by GOFLAGS: the go command then adds hashes itself
		}
		all := lackingSums(ctx, t, im)
		if im.Module.Sum == nil && len(all) > 0 {
			report(noSum(im, all))
			return
		}
		for _, l := range all {
			report(l.finding(im))
		}
	})
}

func lackingSums(ctx context.Context, t *target.Target, im *project.Imports) []lackingSum {
	if said, ok := listFailure(ctx, t, im, toolchain.MissingSum); ok {
		return ofGoMods(im, said)
	}
	var all []lackingSum
	for _, c := range complaints(ctx, t, im, toolchain.MissingSum) {
		m := provider(im, c)
		i := slices.IndexFunc(all, func(l lackingSum) bool { return l.module == m })
		if i < 0 {
			all = append(all, lackingSum{module: m, at: c.at})
			i = len(all) - 1
		}
		if c.needed && !all[i].needed {
			all[i].needed, all[i].at = true, c.at
		}
		all[i].pkgs = append(all[i].pkgs, c.about)
	}
	if _, err := t.List(ctx, im.Module); err != nil && all == nil {
		return ofImports(im)
	}
	return all
}

// lacksGoMod are the words of cmd/go/internal/modload, sumMissingError, for a go.mod of the module graph.
var lacksGoMod = lazyregexp.New(`(\S+)@(\S+?)(?:/go\.mod)?: missing go\.sum entry`)

// ofGoMods reads the modules off the complaint at which the go command stopped.
func ofGoMods(im *project.Imports, said string) []lackingSum {
	var all []lackingSum
	for _, found := range lacksGoMod.FindAllStringSubmatch(said, -1) {
		m := module.Version{Path: found[1], Version: found[2]}
		if !slices.ContainsFunc(all, func(l lackingSum) bool { return l.module == m }) {
			all = append(all, lackingSum{module: m, needed: true, goMod: true, at: requireLine(im, m.Path)})
		}
	}
	return all
}

// ofImports tells without the go command what surely lacks: modules that a program imports directly.
func ofImports(im *project.Imports) []lackingSum {
	if im.Module.Vendor != nil || im.Resolver.Workspace() != nil {
		return nil
	}
	var all []lackingSum
	for _, i := range im.Paths {
		_, _, replaced := im.Resolver.Replacement(i.Module)
		known := slices.ContainsFunc(all, func(l lackingSum) bool { return l.module == i.Module })
		if i.Kind == project.Required && i.Needed != nil && !replaced && !known && !im.Module.Sum.HasModule(i.Module) {
			all = append(all, lackingSum{module: i.Module, needed: true, at: at(*i.Needed), pkgs: []string{i.Path}})
		}
	}
	return all
}

// provider is the module that a package comes from whose hash lacks.
func provider(im *project.Imports, c complaint) module.Version {
	if r := im.Resolver.Resolve(c.about); r.Module.Path != "" {
		return r.Module
	}
	selected := im.Resolver.Graph().Selected
	for p := c.about; p != "" && p != "."; p = parentPath(p) {
		if v, ok := selected[p]; ok {
			return module.Version{Path: p, Version: v}
		}
	}
	return module.Version{Path: c.about}
}

func parentPath(p string) string {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)]
}

func requireLine(im *project.Imports, modulePath string) *checks.Location {
	if r := im.Module.Requirement(modulePath); r != nil && r.Syntax != nil {
		return checks.At(im.Module.File("go.mod"), r.Syntax.Start.Line, r.Syntax.Start.LineRune)
	}
	return checks.At(im.Module.File("go.mod"), 1, 1)
}

func (l lackingSum) finding(im *project.Imports) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("go.sum lacks the hash of %s %s", l.module.Path, l.module.Version),
		Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
		Help:     checks.Msg("go mod download %s", l.module.Path),
		Location: l.at,
		Service:  im.Module.Dir,
		Key:      l.module.Path,
		Fix:      completeSums(im),
	}
	if l.goMod || im.Module.Sum.HasModule(l.module) && !im.Module.Sum.HasGoMod(l.module) {
		f.Location = requireLine(im, l.module.Path)
		f.Message = checks.Msg("go.sum lacks the hash of the go.mod of %s %s", l.module.Path, l.module.Version)
	}
	if !l.needed {
		f.Severity, f.Why = checks.Warning, notNeeded
	}
	for n, p := range l.pkgs {
		if n == shownSites {
			f.Evidence = append(f.Evidence, checks.Msg("and %d more", len(l.pkgs)-n))
			break
		}
		f.Evidence = append(f.Evidence, checks.Msg("needed for %s", p))
	}
	return f
}

// noSum is the one finding where there is no go.sum at all.
func noSum(im *project.Imports, all []lackingSum) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("there is no %s, and the build needs the hashes of what it imports", im.Module.File("go.sum")),
		Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
		Help:     checks.Msg("go mod tidy"),
		Location: checks.At(im.Module.File("go.mod"), 1, 1),
		Service:  im.Module.Dir,
		Key:      "no go.sum",
		Fix:      completeSums(im),
	}
	for n, l := range all {
		if n == shownSites {
			f.Evidence = append(f.Evidence, checks.Msg("and %d more", len(all)-n))
			break
		}
		f.Evidence = append(f.Evidence, checks.Msg("none for %s %s", l.module.Path, l.module.Version))
	}
	if !slices.ContainsFunc(all, func(l lackingSum) bool { return l.needed }) {
		f.Severity, f.Why = checks.Warning, notNeeded
	}
	return f
}
