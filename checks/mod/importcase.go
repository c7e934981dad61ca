package mod

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// ImportCase finds a module that is named in two spellings which differ by case.
var ImportCase = checks.Check{
	ID:       "mod/import-case",
	Title:    "one module is spelt in two ways that differ by case",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-sum", "mod/sum-mismatch", "run/stale-binary"},
	Run:      importCase,
}

// twin is a wrong spelling of a required module and the imports that use it.
type twin struct {
	wrong, right string
	items        []*project.Imported
	collide      bool // both spellings are required and imported
}

func importCase(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachModule(ctx, t, func(im *project.Imports) {
		for _, tw := range twins(im) {
			site := first(tw.items)
			severity, why := breaking(tw.items)
			f := checks.Finding{
				Severity: severity, Why: why,
				Message:  checks.Msg("%s is imported, but the module is called %s", tw.wrong, tw.right),
				Help:     checks.Msg("write %s in every import", tw.right),
				Location: at(site),
				Evidence: sites(tw.items, site),
				Service:  im.Module.Dir,
				Key:      tw.wrong,
				Fix:      correctCase(im, tw),
			}
			if r := im.Module.Requirement(tw.right); r != nil {
				f.Evidence = append(f.Evidence, checks.Msg("%s:%d requires %s", im.Module.File("go.mod"), project.LineOf(r.Syntax).Line, tw.right))
			}
			if tw.collide {
				f.Message = checks.Msg("%s and %s are both imported: to the go command one module in two spellings is a collision", tw.right, tw.wrong)
				f.Help = checks.Msg("write %s in every import, then run: go mod tidy", tw.right)
			}
			report(f)
		}
	})
}

// twins lists the wrong spellings of a module.
func twins(im *project.Imports) []twin {
	var out []twin
	add := func(wrong, right string, collide bool, i *project.Imported) {
		at := slices.IndexFunc(out, func(tw twin) bool { return tw.wrong == wrong && tw.right == right })
		if at < 0 {
			out = append(out, twin{wrong: wrong, right: right, collide: collide})
			at = len(out) - 1
		}
		out[at].items = append(out[at].items, i)
	}
	for _, i := range im.Paths {
		switch i.Kind {
		case project.Missing, project.NotStd:
			for _, r := range im.Module.Mod.Require {
				if wrong, ok := sameButCase(i.Path, r.Mod.Path); ok {
					add(wrong, r.Mod.Path, false, i)
					break
				}
			}
		case project.Required, project.Unsure, project.Vendored:
			if right, ok := properSpelling(im, i.Module.Path); ok {
				add(i.Module.Path, right, true, i)
			}
		}
	}
	return out
}

// sameButCase tells whether an import path lies in a module but for the case of letters, and gives that part as written.
func sameButCase(importPath, modulePath string) (string, bool) {
	n := len(modulePath)
	if len(importPath) < n || len(importPath) > n && importPath[n] != '/' {
		return "", false
	}
	written := importPath[:n]
	return written, written != modulePath && strings.EqualFold(written, modulePath)
}

// properSpelling tells whether a module that is imported is a wrong spelling of another one that is imported too. Of two,
// the one that the module calls itself is right; where its go.mod is not in the cache, the one in lower case.
func properSpelling(im *project.Imports, modulePath string) (string, bool) {
	for _, r := range im.Module.Mod.Require {
		other := r.Mod.Path
		if other == modulePath || !strings.EqualFold(other, modulePath) || !imported(im, other) {
			continue
		}
		own := im.Module.Requirement(modulePath)
		if own != nil && calls(im, own.Mod) == modulePath {
			return "", false
		}
		if calls(im, r.Mod) == other || other == strings.ToLower(other) || modulePath != strings.ToLower(modulePath) && other > modulePath {
			return other, true
		}
	}
	return "", false
}

func calls(im *project.Imports, m module.Version) string {
	if f := im.Resolver.Settings.Cache.GoMod(m); f != nil && f.Module != nil {
		return f.Module.Mod.Path
	}
	return ""
}

func imported(im *project.Imports, modulePath string) bool {
	return slices.ContainsFunc(im.Paths, func(i *project.Imported) bool { return i.Module.Path == modulePath && i.Kind != project.Implicit })
}
