package mod

import (
	"cmp"
	"context"
	"path/filepath"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// CompileError finds code that does not compile. Tests are left out: a reload does not build them.
var CompileError = checks.Check{
	ID:       "mod/compile-error",
	Title:    "the program does not compile",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary"},
	Run:      compileError,
}

// shownPackages bounds the findings: the first errors are the ones to mend, the rest may be their consequences.
const shownPackages = 10

// unexplained are the complaints that no other check speaks of.
var unexplained = map[toolchain.Problem]bool{
	toolchain.Compile: true, toolchain.Syntax: true, toolchain.MixedPackages: true, toolchain.Ambiguous: true,
	toolchain.BadImportPath: true, toolchain.CaseCollision: true, toolchain.Embed: true, toolchain.Other: true,
}

func compileError(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if err := t.StartLists(ctx); err != nil {
		return err
	}
	var open error
	found := 0
	err := eachModule(ctx, t, func(im *project.Imports) {
		broken, err := t.Broken(ctx, im)
		open = cmp.Or(open, err)
		for _, b := range broken {
			if unexplained[b.Errors[0].Problem] && !embedsHere(t, im, b) && found < shownPackages {
				found++
				report(brokenPackage(t, im, b))
			}
		}
	})
	return cmp.Or(err, open)
}

// embedsHere tells whether a package of this module fails for a go:embed pattern: mod/embed-missing speaks of those.
func embedsHere(t *target.Target, im *project.Imports, b target.BrokenPackage) bool {
	rel, err := filepath.Rel(im.Module.AbsDir(), b.Dir)
	return b.Errors[0].Problem == toolchain.Embed && err == nil && im.Packages[filepath.ToSlash(rel)] != nil
}

func brokenPackage(t *target.Target, im *project.Imports, b target.BrokenPackage) checks.Finding {
	first := b.Errors[0]
	f := checks.Finding{
		Message:  checks.Msg("package %s does not compile: %s", packageName(t, b), first.Text),
		Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
		Help:     checks.Msg("mend it, then run: %s", recheck(im, b)),
		Service:  im.Module.Dir,
		Key:      b.ImportPath + " " + first.Text,
		Evidence: furtherErrors(t, b),
	}
	if first.File != "" {
		f.Location = checks.At(t.Rel(first.File), first.Line, first.Column)
	} else {
		f.Location = checks.At(im.Module.File("go.mod"), 1, 1) // a dependency: what to edit is its version
	}
	if tag := missingTag(t, im, b.Errors); tag != "" {
		// The program may be meant to be built with -tags, by a command that is not known here.
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("A build without -tags=%s stops here.", tag)
	} else if !b.Needed {
		f.Severity = checks.Warning
		f.Why = checks.Msg("No program here is built from it; `go build ./...` stops at it.")
	}
	return f
}

func furtherErrors(t *target.Target, b target.BrokenPackage) []checks.Message {
	var out []checks.Message
	for n, e := range b.Errors {
		if n > shownSites {
			out = append(out, checks.Msg("and %d more", len(b.Errors)-n))
			break
		}
		if n > 0 {
			out = append(out, checks.Msg("%s:%d:%d: %s", t.Rel(e.File), e.Line, e.Column, e.Text))
		}
		for _, detail := range e.Detail {
			out = append(out, checks.Msg("%s", detail))
		}
		if e.Elsewhere != "" {
			out = append(out, checks.Msg("%s declares it, and is left out of this build by its name or its //go:build line", t.Rel(e.Elsewhere)))
		}
	}
	return out
}

// missingTag names a tag without which none of the errors would be there: files that are left out for want of a -tags
// declare all that is missing.
func missingTag(t *target.Target, im *project.Imports, errs []toolchain.CodeError) string {
	tag := ""
	for _, e := range errs {
		tags := ownTags(t, im, e.Elsewhere)
		if len(tags) == 0 {
			return ""
		}
		tag = tags[0]
	}
	return tag
}

func ownTags(t *target.Target, im *project.Imports, file string) []string {
	for _, f := range im.Module.Files {
		if file != "" && f.Path == t.Rel(file) {
			return f.OwnTags()
		}
	}
	return nil
}

func packageName(t *target.Target, b target.BrokenPackage) string {
	if rel := t.Rel(b.Dir); b.Errors[0].File != "" && rel != "." {
		return rel
	}
	return b.ImportPath
}

func recheck(im *project.Imports, b target.BrokenPackage) string {
	rel, err := filepath.Rel(im.Module.AbsDir(), b.Dir)
	if err != nil || !filepath.IsLocal(rel) {
		return "go vet " + b.ImportPath
	}
	if rel == "." {
		return "go vet ."
	}
	return "go vet ./" + filepath.ToSlash(rel)
}
