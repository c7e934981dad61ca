package mod

import (
	"context"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// RetractedGin finds a gin that its authors took back, gin under its old path, and two gins in one program.
var RetractedGin = checks.Check{
	ID:       "mod/retracted-gin",
	Title:    "a withdrawn gin, or gin under its old path",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error"},
	Run:      retractedGin,
}

const (
	gin    = "github.com/gin-gonic/gin"
	oldGin = "gopkg.in/gin-gonic/gin.v1" // the path before modules; its last release is 1.3.0
)

// retractions are the versions that the authors of gin took back, with the release that says so.
var retractions = map[string]string{"v1.7.5": "v1.7.7"}

func retractedGin(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachModule(ctx, t, func(im *project.Imports) {
		for _, r := range im.Module.Mod.Require {
			f := checks.Finding{
				Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
				Service:  im.Module.Dir,
				Key:      r.Mod.Path,
			}
			switch {
			case r.Mod.Path == oldGin && uses(im, oldGin) && uses(im, gin):
				f.Message = checks.Msg("%s and %s are both imported: two copies of gin in one program", oldGin, gin)
				f.Why = checks.Msg("They are two packages to Go: a *gin.Context of one does not fit a handler of the other.")
				f.Help = checks.Msg("import %s everywhere, then run: go mod tidy", gin)
			case r.Mod.Path == oldGin && !r.Indirect:
				f.Severity = checks.Info
				f.Message = checks.Msg("%s is the old path of gin", oldGin)
				f.Why = checks.Msg("Nothing was released there since 1.3.0; middleware of today wants %s.", gin)
				f.Help = checks.Msg("import %s instead, then run: go get %s@latest && go mod tidy", gin, gin)
			case r.Mod.Path == gin && retractedBy(im, r) != "":
				f.Message = checks.Msg("gin %s was taken back by its authors", r.Mod.Version)
				f.Why = checks.Msg("%s retracts it: what it does is not what was meant to be released.", retractedBy(im, r))
				if r.Mod.Version == "v1.7.5" {
					f.Why = checks.Msg("%s retracts it: it does not compile.", retractedBy(im, r))
				}
				f.Help = checks.Msg("go get %s@latest", gin)
			default:
				continue
			}
			report(f)
		}
	})
}

func uses(im *project.Imports, modulePath string) bool {
	for _, i := range im.Paths {
		if i.Module.Path == modulePath {
			return true
		}
	}
	return false
}

// retractedBy gives the release whose go.mod retracts the required version: a known one, or one in the module cache.
func retractedBy(im *project.Imports, r *modfile.Require) string {
	if to, _, replaced := im.Resolver.Replacement(r.Mod); replaced && to != r.Mod {
		return ""
	}
	if by := retractions[r.Mod.Version]; by != "" {
		return by
	}
	cache := im.Resolver.Settings.Cache
	for _, v := range cache.Versions(r.Mod.Path) {
		f := cache.GoMod(module.Version{Path: r.Mod.Path, Version: v})
		if f == nil || semver.Compare(v, r.Mod.Version) < 0 {
			continue
		}
		for _, x := range f.Retract {
			if semver.Compare(x.Low, r.Mod.Version) <= 0 && semver.Compare(r.Mod.Version, x.High) <= 0 {
				return v
			}
		}
	}
	return ""
}
