package mod

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// UnusedRequire finds direct requirements that no file of the module imports and nothing else needs.
var UnusedRequire = checks.Check{
	ID:       "mod/unused-require",
	Title:    "go.mod requires a module that nothing imports",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      unusedRequire,
}

func unusedRequire(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachUse(ctx, t, func(im *project.Imports, used map[string]bool) error {
		unimported, err := splitUnimported(ctx, t, im, used)
		if err != nil {
			return err
		}
		for _, r := range unimported.nobody {
			report(checks.Finding{
				Message:  checks.Msg("%s is required, but nothing imports it: under no build tag or platform, in no test and no tool line", r.Mod.Path),
				Why:      checks.Msg("Every clean checkout downloads it, and it can raise the versions of other modules."),
				Help:     checks.Msg("go mod tidy"),
				Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
				Service:  im.Module.Dir,
				Key:      r.Mod.Path,
				Fix:      dropRequirement(im, r),
			})
		}
		return nil
	})
}

// eachUse asks about the requirements of every module, with the modules that its own imports and tools use. A module of
// which a file does not parse cannot be judged: the imports of that file are not known.
func eachUse(ctx context.Context, t *target.Target, ask func(*project.Imports, map[string]bool) error) error {
	var failed []error
	err := eachModule(ctx, t, func(im *project.Imports) {
		for _, p := range im.Packages {
			for _, f := range p.Files {
				if f.Err != nil {
					failed = append(failed, errors.New("the imports of "+f.Path+" cannot be read: "+cause(f.Err)))
					return
				}
			}
		}
		if err := ask(im, usedModules(im)); err != nil {
			failed = append(failed, err)
		}
	})
	return errors.Join(append(failed, err)...)
}

// usedModules are the modules that the module's own files and its tool lines use.
func usedModules(im *project.Imports) map[string]bool {
	used := map[string]bool{}
	mark := func(r project.Resolution) {
		switch r.Kind {
		case project.Missing, project.NotStd, project.Unsure:
			for _, c := range r.Candidates { // each might be meant
				used[c.Path] = true
			}
		}
		used[r.Module.Path] = true
	}
	for _, i := range im.Paths {
		mark(i.Resolution)
	}
	for _, tw := range twins(im) {
		used[tw.right], used[tw.wrong] = true, true
	}
	for _, tool := range im.Module.Mod.Tool {
		// What the cache shows is followed like the imports of other modules: a tool alone makes no direct requirement.
		if r := im.Resolver.Resolve(tool.Path); r.Kind == project.Unsure {
			mark(r)
		}
	}
	return used
}

// unimported are the direct requirements that no own file imports.
type unimported struct {
	nobody    []*modfile.Require // that nothing needs
	transient []*modfile.Require // that other modules need
}

func splitUnimported(ctx context.Context, t *target.Target, im *project.Imports, used map[string]bool) (unimported, error) {
	var u unimported
	var closure *project.Closure
	for _, r := range im.Module.Mod.Require {
		if r.Indirect || used[r.Mod.Path] {
			continue
		}
		if closure == nil { // worth its time only now
			var err error
			if closure, err = im.ReadClosure(ctx, nil); err != nil {
				return u, err
			}
		}
		if closure.Modules[r.Mod.Path] {
			u.transient = append(u.transient, r)
			continue
		}
		// It may hold a version for the tests of dependencies: that only the go command knows.
		kept, err := t.Tidied(ctx, im.Module)
		_, needed := kept[r.Mod.Path]
		switch {
		case needed:
			u.transient = append(u.transient, r)
		case err == nil || !askedFor(im, r.Mod.Path):
			u.nobody = append(u.nobody, r)
		}
	}
	return u, nil
}

// askedFor tells whether the go.mod of another requirement names the module.
func askedFor(im *project.Imports, modulePath string) bool {
	for _, f := range im.Resolver.Graph().GoMods {
		for _, r := range f.Require {
			if r.Mod.Path == modulePath && !strings.HasPrefix(f.Module.Mod.Path, modulePath) {
				return true
			}
		}
	}
	return false
}
