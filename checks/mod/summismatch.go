package mod

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// SumMismatch finds hashes in go.sum that are not those of the modules in the module cache.
var SumMismatch = checks.Check{
	ID:       "mod/sum-mismatch",
	Title:    "go.sum has another hash than the module in the cache",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-sum", "run/stale-binary"},
	Run:      sumMismatch,
}

func sumMismatch(ctx context.Context, t *target.Target, report checks.Reporter) error {
	cache, err := t.ModCache(ctx)
	if err != nil {
		return err
	}
	return eachModule(ctx, t, func(im *project.Imports) {
		if im.Module.Vendor != nil {
			return // the vendor folder is built from, and go.sum not looked at
		}
		// The go command stops at the first mismatch of a module that it loads, and names it.
		said, stopped := listFailure(ctx, t, im, toolchain.SumMismatch)
		all := im.Module.Sum.Mismatches(cache)
		slices.SortFunc(all, func(a, b project.Mismatch) int { return cmp.Compare(a.Line, b.Line) })
		for _, m := range all {
			f := checks.Finding{
				Severity: checks.Warning,
				Message:  checks.Msg("go.sum has another hash for %s than the module cache", describe(m)),
				Why:      checks.Msg("The go command refuses the module as soon as a build loads it."),
				Help:     checks.Msg("run: go mod verify; if it calls the cache sound, delete the line and run: go mod tidy"),
				Location: checks.At(im.Module.Sum.File, m.Line, 1),
				Evidence: []checks.Message{
					checks.Msg("go.sum: %s", strings.Join(m.Sum, " ")),
					checks.Msg("module cache: %s", m.Cached),
				},
				Service: im.Module.Dir,
				Key:     describe(m),
			}
			if !loads(im.Resolver, m) {
				f.Severity = checks.Info
				f.Why = checks.Msg("No build loads it as go.mod stands. The go command refuses it as soon as something does.")
				f.Help = checks.Msg("run: go mod tidy, which drops the lines that nothing needs")
			}
			if stopped && strings.Contains(said, "verifying "+m.Module.Path+"@"+m.Module.Version+ending(m)+":") {
				f.Severity = checks.Error
				f.Why = checks.Msg("The go command refuses the module: nothing is built, so the server that answers is the one built before.")
			}
			report(f)
		}
	})
}

// toolchains is the module that the go command takes other toolchains from. No go.mod requires it.
const toolchains = "golang.org/toolchain"

// loads tells whether a build may load what a line of go.sum is about: the go.mod of a module of the graph, or the content of one
// that is selected. Where the graph is not known in full, it may.
func loads(r *project.Resolver, m project.Mismatch) bool {
	g := r.Graph()
	if len(g.Unread) > 0 || m.Module.Path == toolchains {
		return true
	}
	is := func(v module.Version) bool {
		to, local, replaced := r.Replacement(v)
		return replaced && !local && to == m.Module || !replaced && v == m.Module
	}
	for path, version := range g.Selected {
		if is(module.Version{Path: path, Version: version}) {
			return true
		}
	}
	return m.GoMod && slices.ContainsFunc(slices.Collect(maps.Keys(g.GoMods)), is)
}

func describe(m project.Mismatch) string {
	if m.GoMod {
		return "the go.mod of " + m.Module.Path + " " + m.Module.Version
	}
	return m.Module.Path + " " + m.Module.Version
}

// ending is what the go command puts after the version when it speaks of a go.mod.
func ending(m project.Mismatch) string {
	if m.GoMod {
		return "/go.mod"
	}
	return ""
}
