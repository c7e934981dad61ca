package deploy

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// SQLiteStub finds images whose program is built without the cgo that one of its packages needs.
var SQLiteStub = checks.Check{
	ID:       "deploy/sqlite-stub",
	Title:    "the image builds the program without the cgo that it needs",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      sqliteStub,
}

func sqliteStub(ctx context.Context, t *target.Target, report checks.Reporter) error {
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
		on, known, said := n.Build.Cgo()
		if !known {
			continue
		}
		if on {
			noCompiler(n, said, report)
			continue
		}
		for _, c := range n.cgo() {
			if c.Without == "stub" || c.Without == "broken" {
				report(stubFinding(n, c, said))
				break
			}
		}
	}
	if !asked {
		return noImages()
	}
	return nil
}

func stubFinding(n needful, c runtimeneeds.Cgo, said artefact.Text) checks.Finding {
	f := checks.Finding{Evidence: []checks.Message{cgoEvidence(c)}, Key: "cgo " + c.Package}
	n.atBuild(&f)
	said, explicit := n.Build.Var("CGO_ENABLED")
	if !explicit {
		f.Evidence = append(f.Evidence, checks.Msg("%s has no C compiler, so that cgo is off", n.Build.Stage.Image().Value))
	} else if said.Line > 0 {
		f.Location = spanAt(n.Dockerfile.Path, said.Span)
	}
	switch {
	case c.Without == "stub" && explicit:
		f.Message = checks.Msg("%s is built with CGO_ENABLED=0, and %s works only with cgo", n.Runs, c.Package)
	case c.Without == "stub":
		f.Message = checks.Msg("%s is built without a C compiler, and %s works only with cgo", n.Runs, c.Package)
	case explicit:
		f.Message = checks.Msg("%s is built with CGO_ENABLED=0, and %s does not compile without cgo", n.Runs, c.Package)
	default:
		f.Message = checks.Msg("%s is built without a C compiler, and %s does not compile without cgo", n.Runs, c.Package)
	}
	f.Why = checks.Msg("The image builds; the program ends when it opens the database: “Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub”.")
	if c.Without == "broken" {
		f.Why = checks.Msg("The image does not build: the package's Go files are left out without cgo, and what they declare is undefined.")
	}
	f.Help = checks.Msg("build with CGO_ENABLED=1 and a C compiler, on the C library that the image runs on, or take a driver without C (modernc.org/sqlite, github.com/glebarez/sqlite)")
	stubFix(n, &f, explicit, said)
	n.surely(&f)
	if said.Origin == artefact.Default {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return f
}

// stubFix switches cgo on where builder and image have the same C library.
func stubFix(n needful, f *checks.Finding, explicit bool, said artefact.Text) {
	stage := n.Build.Stage
	from, to := image.ParseRef(stage.Image().Value), image.ParseRef(n.base().Value)
	if !n.base().Known() || from.Libc() != to.Libc() || from.Libc() == image.UnknownLibc {
		return
	}
	p := &plan.Plan{Title: "build with cgo", Safety: plan.Unsafe}
	if explicit {
		if said.Line == 0 { // it stands before the command
			pos := n.Build.Command.Pos
			content, _ := plan.Line(n.Dockerfile.Text, pos.Line)
			at := strings.LastIndex(content[:min(pos.Column-1, len(content))], "CGO_ENABLED=0")
			if at < 0 {
				return
			}
			p.Steps = append(p.Steps, plan.ReplaceAt(n.Dockerfile.Path, pos.Line, at+1, "CGO_ENABLED=0", "CGO_ENABLED=1"))
		} else {
			if !said.Plain() {
				return
			}
			p.Steps = append(p.Steps, plan.ReplaceAt(n.Dockerfile.Path, said.Line, said.Column, said.Raw, "1"))
		}
	}
	if from.Libc() == image.Musl && !n.Build.Before.HasCompiler() {
		p.Steps = append(p.Steps, insertLine(n.Dockerfile.Path, n.Dockerfile.Text, stage.EndLine, "RUN apk add --no-cache build-base"))
	}
	f.Fix = p
}

// noCompiler tells of cgo that is asked for where nothing compiles C: the image does not build.
func noCompiler(n needful, said artefact.Text, report checks.Reporter) {
	ref := image.ParseRef(n.Build.Stage.Image().Value)
	if _, explicit := n.Build.Var("CGO_ENABLED"); !explicit || ref.Libc() != image.Musl || !ref.Golang() || !ref.Official || n.Build.Before.HasCompiler() || n.Build.Before.Opaque() || !linksC(n) {
		return
	}
	f := checks.Finding{
		Message: checks.Msg("%s is built with CGO_ENABLED=1, and %s has no C compiler", n.Runs, ref.Whole),
		Why:     checks.Msg("The image does not build: “cgo: C compiler \"gcc\" not found: exec: \"gcc\": executable file not found in $PATH”."),
		Help:    checks.Msg("write RUN apk add --no-cache build-base before the build"),
		Key:     "no compiler " + n.Runs,
		Fix: &plan.Plan{Title: "install a C compiler", Safety: plan.Unsafe,
			Steps: []plan.Step{insertLine(n.Dockerfile.Path, n.Dockerfile.Text, n.Build.Stage.EndLine, "RUN apk add --no-cache build-base")}},
	}
	n.atBuild(&f)
	if said.Line > 0 {
		f.Location = spanAt(n.Dockerfile.Path, said.Span)
	}
	n.surely(&f)
	report(f)
}
