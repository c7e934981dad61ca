package mod

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// BuildTags finds packages that a program needs and of which nothing is left for this platform and these tags.
var BuildTags = checks.Check{
	ID:       "mod/build-tags",
	Title:    "build constraints leave out every file of a package",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      buildTags,
}

func buildTags(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var failed error
	err := eachGraph(ctx, t, func(im *project.Imports, g *project.PackageGraph) {
		told := map[string]bool{}
		for _, p := range g.Packages {
			for _, i := range p.Uses {
				if i.To == nil || len(i.To.Files) > 0 || told[i.To.ImportPath] {
					continue
				}
				told[i.To.ImportPath] = true
				given, err := tagGiven(ctx, t, im, i.To.Excluded)
				failed = cmp.Or(failed, err)
				if given {
					continue
				}
				f := emptyPackage(im, i.To, i.Import.Path, p.Needed)
				f.Location = importSite(i)
				if p.Needed && len(g.Programs()) == 1 {
					knownBuild(t, im, &f)
				}
				report(f)
			}
		}
		for _, c := range complaints(ctx, t, im, toolchain.ConstraintsExclude) {
			if g.Package(c.about) == nil {
				f := emptyPackage(im, nil, c.about, c.needed)
				f.Location = c.at
				report(f)
			}
		}
		if p := emptyProgram(g); p != nil {
			given, err := tagGiven(ctx, t, im, p.Excluded)
			failed = cmp.Or(failed, err)
			if given {
				return
			}
			f := emptyPackage(im, p, p.ImportPath, t.Air(im.Module.Dir) != nil)
			f.Location = checks.At(p.Excluded[0].Path, 1, 1)
			if f.Severity == checks.Warning && f.Confidence == checks.Certain {
				f.Why = checks.Msg("Nothing here can be built as a program.")
			}
			report(f)
		}
	})
	return cmp.Or(failed, err)
}

// tagGiven tells whether a command of the project's artefacts and scripts builds with a tag that some of these files want: then a
// build without it is nobody's. Where air builds, its own command counts alone: it is the build that was looked at.
func tagGiven(ctx context.Context, t *target.Target, im *project.Imports, files []*project.GoFile) (bool, error) {
	if t.Air(im.Module.Dir) != nil {
		return false, nil
	}
	for _, f := range files {
		for _, tag := range f.OwnTags() {
			given, err := t.ArtefactsSay(ctx, lazyregexp.New(`(?i)\btags["']?[ \t]*[:?+]?[ \t=]*["']?[\w., ]*\b`+regexp.QuoteMeta(tag)+`\b`))
			if err != nil || given {
				return given, err
			}
		}
	}
	return false, nil
}

// emptyPackage is the finding on a package without a file for this build; its own files where it is of this module.
func emptyPackage(im *project.Imports, p *project.BuildPackage, importPath string, needed bool) checks.Finding {
	b := im.Resolver.Settings.Build
	f := checks.Finding{
		Message: checks.Msg("%s has no file for %s/%s%s", importPath, b.GOOS, b.GOARCH, withTags(b)),
		Why:     checks.Msg("The build stops here, so the server that answers is the one built before."),
		Help:    checks.Msg("give the package a file for this platform, or move the import into a file that has the same constraint"),
		Service: im.Module.Dir,
		Key:     importPath,
	}
	if !needed {
		f.Severity, f.Why = checks.Warning, notNeeded
	}
	if p == nil {
		return f
	}
	var tags []string
	for n, file := range p.Excluded {
		if n < shownSites {
			f.Evidence = append(f.Evidence, checks.Msg("%s is left out: %s", file.Path, whyLeftOut(file)))
		}
		for _, tag := range file.OwnTags() {
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
	}
	if len(tags) > 0 {
		// The program may be meant to be built with -tags, by a command that is not known here.
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("A build without -tags=%s stops here.", tags[0])
		f.Help = checks.Msg("build with -tags=%s, or take the constraint out of one file", tags[0])
	}
	return f
}

// knownBuild takes the doubt out of a finding where air's own command builds the only program: that command says its tags.
func knownBuild(t *target.Target, im *project.Imports, f *checks.Finding) {
	air := t.Air(im.Module.Dir)
	if air == nil || f.Severity != checks.Warning || !strings.HasPrefix(strings.TrimSpace(air.Cmd), "go build ") {
		return
	}
	f.Severity, f.Confidence = checks.Error, checks.Certain
	f.Why = checks.Msg("The build stops here, so the server that answers is the one built before.")
	f.Evidence = append(f.Evidence, checks.Msg("%s builds by: %s", t.Rel(air.File), strings.TrimSpace(air.Cmd)))
}

// emptyProgram finds the one program of a module that has none for this build; nil where there is another one.
func emptyProgram(g *project.PackageGraph) *project.BuildPackage {
	if len(g.Programs()) > 0 {
		return nil
	}
	var only *project.BuildPackage
	for _, p := range g.Packages {
		if len(p.Files) == 0 && slices.ContainsFunc(p.Excluded, isProgramFile) {
			if only != nil {
				return nil
			}
			only = p
		}
	}
	return only
}

// isProgramFile tells a program's file from one that is kept out of every build, as generators are.
func isProgramFile(f *project.GoFile) bool {
	return f.Package == "main" && f.Possible()
}

func whyLeftOut(f *project.GoFile) string {
	switch {
	case f.Constraint != nil:
		return "//go:build " + f.Constraint.String()
	case f.Cgo():
		return "it imports \"C\", and CGO_ENABLED is 0"
	}
	return "by its name"
}

func withTags(b project.Build) string {
	if len(b.Tags) == 0 {
		return ""
	}
	return fmt.Sprintf(" with -tags=%s", strings.Join(b.Tags, ","))
}
