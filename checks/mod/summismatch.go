package mod

import (
	"cmp"
	"context"
	"slices"
	"strings"

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
			if stopped && strings.Contains(said, "verifying "+m.Module.Path+"@"+m.Module.Version+ending(m)+":") {
				f.Severity = checks.Error
				f.Why = checks.Msg("The go command refuses the module: nothing is built, so the server that answers is the one built before.")
			}
			report(f)
		}
	})
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
