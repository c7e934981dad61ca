package deploy

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// Libc finds programs that are linked against another C library than their image has.
var Libc = checks.Check{
	ID:       "deploy/libc",
	Title:    "the program is linked against a C library that its image does not have",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      libc,
}

func libc(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := needfuls(ctx, t)
	if err != nil {
		return err
	}
	asked := false
	for _, n := range images {
		if n.Build == nil {
			continue
		}
		asked = true
		on, known, _ := n.Build.Cgo()
		static, staticKnown := n.Build.Static()
		if !on || !known || static || !staticKnown || !linksC(n) {
			continue
		}
		if f := libcFinding(n); f != nil {
			report(*f)
		}
	}
	if !asked {
		return noImages()
	}
	return nil
}

// linksC tells whether a build with cgo on makes a program that needs the C library where it runs: package net and os/user look up
// names by it.
func linksC(n needful) bool {
	net := (n.needs.Net || n.Gin) && !n.Build.Tagged("netgo")
	user := n.needs.User && !n.Build.Tagged("osusergo")
	return net || user || len(n.cgo()) > 0
}

func libcFinding(n needful) *checks.Finding {
	build, base := image.ParseRef(n.Build.Stage.Image().Value), image.ParseRef(n.base().Value)
	from, to := build.Libc(), base.Libc()
	if !n.base().Known() || from == image.UnknownLibc || to == image.UnknownLibc || n.OwnLibc() {
		return nil
	}
	var f checks.Finding
	switch {
	case from == to:
		if f = newerGlibc(n, build, base); f.Message.IsZero() {
			return nil
		}
	case to == image.NoLibc:
		f.Message = checks.Msg("%s is linked against %s of %s, and %s has no C library", n.Runs, from, build.Whole, base.Whole)
		f.Why = checks.Msg("The container ends at once: “exec %s: no such file or directory”. The file is there; the loader that it names is not.", n.Runs)
	default:
		f.Message = checks.Msg("%s is linked against %s of %s, and %s has %s", n.Runs, from, build.Whole, base.Whole, to)
		f.Why = checks.Msg("The container ends at once: “exec %s: no such file or directory”, status 127. The file is there; the loader that it names is not.", n.Runs)
	}
	n.atBuild(&f)
	f.Key = "libc " + n.Runs
	f.Evidence = append(f.Evidence, checks.Msg("%s:%d  FROM %s", n.Dockerfile.Path, n.Stage.Chain()[0].Line, base.Whole))
	if from == image.Glibc {
		f.Evidence = append(f.Evidence, checks.Msg("cgo is on: %s has gcc, and nothing sets CGO_ENABLED=0", build.Whole))
	}
	libcRemedy(n, &f, from)
	n.surely(&f)
	if n.Opaque() {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return &f
}

// libcRemedy takes cgo away where nothing needs it.
func libcRemedy(n needful, f *checks.Finding, from image.Libc) {
	for _, c := range n.cgo() {
		if c.Without != "pure" {
			f.Help = checks.Msg("build and run on the same C library (%s needs cgo), or link it in: -ldflags '-linkmode external -extldflags \"-static\"'", c.Package)
			f.Evidence = append(f.Evidence, cgoEvidence(c))
			return
		}
	}
	f.Help = checks.Msg("write CGO_ENABLED=0 %s: nothing in the program needs cgo", buildText(n.Build))
	if v, ok := n.Build.Var("CGO_ENABLED"); ok {
		if v.Plain() && v.Value == "1" {
			f.Fix = writeInstead(n.Dockerfile.Path, v, "0")
		}
		return
	}
	pos, word := n.Build.Command.Pos, n.Build.Word()
	f.Fix = n.before(pos.Line, pos.Column, strings.Fields(word)[0], "CGO_ENABLED=0 ", "build with CGO_ENABLED=0", plan.Safe)
}

func cgoEvidence(c runtimeneeds.Cgo) checks.Message {
	if c.At.File == "" {
		return checks.Msg("%s has C code; %s imports it", c.Package, c.By)
	}
	return checks.Msg("%s:%d  %s has C code", c.At.File, c.At.Line, c.Package)
}

// newerGlibc tells of a program that is linked where glibc is newer. Two steps are known to matter: since 2.34 the threads are in libc
// itself, under new versions of their names, which every program with cgo asks for; since 2.38 C code asks for the C23 strtol family.
func newerGlibc(n needful, build, base image.Ref) (f checks.Finding) {
	from, to := build.GlibcMinor(), base.GlibcMinor()
	if from == 0 || to == 0 || from <= to {
		return f
	}
	step := 0
	if from >= 34 && to < 34 {
		step = 34
	} else if from >= 38 && to < 38 && len(n.cgo()) > 0 {
		step = 38
	}
	if step == 0 {
		return f
	}
	f.Message = checks.Msg("%s is linked against glibc 2.%d of %s, and %s has 2.%d", n.Runs, from, build.Whole, base.Whole, to)
	f.Why = checks.Msg("The container ends at once: “version `GLIBC_2.%d' not found”.", step)
	f.Severity, f.Confidence = checks.Warning, checks.Likely
	return f
}
