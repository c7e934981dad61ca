package mod

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

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
	told := map[string]bool{} // dependencies: what several packages need is one thing to mend
	err := eachModule(ctx, t, func(im *project.Imports) {
		broken, err := t.Broken(ctx, im)
		all := len(broken)
		broken, tagErr := without(broken, func(b target.BrokenPackage) (bool, error) { return tagGiven(ctx, t, im, wanting(t, im, b)) })
		tagged := all - len(broken)
		broken, laterErr := without(broken, func(b target.BrokenPackage) (bool, error) { return madeLater(ctx, t, im, b) })
		if errors.Is(err, toolchain.ErrNotLoaded) && all > 0 && len(broken) == 0 {
			err = checks.Skip("what it imports is generated first, and is not there yet")
			if tagged > 0 {
				err = checks.Skip("it is built with -tags, which a plain build lacks: what needs them was not looked at")
			}
		}
		open = cmp.Or(open, tagErr, laterErr, err)
		for _, b := range broken {
			if !unexplained[b.Errors[0].Problem] || embedsHere(t, im, b) || found >= shownPackages {
				continue
			}
			f := brokenPackage(t, im, b)
			if d := dependencyOf(ctx, t, im, b); d != nil {
				if told[d.name()] {
					continue
				}
				told[d.name()] = true
				d.words(im, b, &f)
			}
			found++
			report(f)
		}
	})
	return cmp.Or(err, open)
}

// without leaves out the packages that are broken for a reason which is known and in order.
func without(broken []target.BrokenPackage, inOrder func(target.BrokenPackage) (bool, error)) ([]target.BrokenPackage, error) {
	var failed error
	return slices.DeleteFunc(broken, func(b target.BrokenPackage) bool {
		ok, err := inOrder(b)
		failed = cmp.Or(failed, err)
		return ok
	}), failed
}

// madeLater tells whether a package of the module's own is missing and made before the build by something of the project: of that
// mod/package-missing speaks.
func madeLater(ctx context.Context, t *target.Target, im *project.Imports, b target.BrokenPackage) (bool, error) {
	rel, own := strings.CutPrefix(b.ImportPath, im.Module.Path()+"/")
	if p := b.Errors[0].Problem; !own || p != toolchain.NoPackage && p != toolchain.NoGoFiles {
		return false, nil
	}
	made, err := t.MadeLater(ctx, im.Module, im.Module.File(rel))
	return made != "", err
}

// wanting are the files without which a package does not compile, and that its build lacks for want of a tag alone.
func wanting(t *target.Target, im *project.Imports, b target.BrokenPackage) []*project.GoFile {
	if b.Errors[0].Problem == toolchain.ConstraintsExclude {
		return slices.DeleteFunc(slices.Clone(im.Module.Files), func(f *project.GoFile) bool {
			return f.Test() || f.Dir() != t.Rel(b.Dir)
		})
	}
	var files []*project.GoFile
	if missingTag(t, im, b.Errors) != "" {
		for _, e := range b.Errors {
			files = append(files, fileAt(t, im, e.Elsewhere))
		}
	}
	return files
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
	if f := fileAt(t, im, file); f != nil {
		return f.OwnTags()
	}
	return nil
}

// fileAt is the module's file of an absolute name; nil where it has none.
func fileAt(t *target.Target, im *project.Imports, abs string) *project.GoFile {
	for _, f := range im.Module.Files {
		if abs != "" && f.Path == t.Rel(abs) {
			return f
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
