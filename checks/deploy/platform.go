package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// Platform finds programs that are built for another system or processor than their image.
var Platform = checks.Check{
	ID:       "deploy/platform",
	Title:    "the program is built for another platform than its image",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Run:      platform,
}

func platform(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	asked := false
	for _, i := range images {
		if i.Build == nil {
			continue
		}
		asked = true
		for _, ask := range []func(*target.Image) *checks.Finding{system, processor, undeclared, builderOnly} {
			if f := ask(i); f != nil {
				if i.Deployed != nil {
					f.Service = i.Module.Dir
				}
				report(*f)
				break
			}
		}
	}
	if !asked {
		return noImages()
	}
	return nil
}

// atPlatform places a finding at the variable that says the platform, else at the build.
func atPlatform(i *target.Image, v artefact.Text, f checks.Finding) *checks.Finding {
	atBuild(&f, i, i.Build)
	if v.Line > 0 {
		f.Location = spanAt(i.Dockerfile.Path, v.Span)
	}
	if v.Origin == artefact.Default {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return &f
}

// system judges GOOS: an image of this kind runs Linux programs.
func system(i *target.Image) *checks.Finding {
	v, ok := i.Build.Var("GOOS")
	base, known := i.Base()
	if !ok || !v.Known() || v.Value == "" || v.Value == "linux" || !known || !base.Known() {
		return nil
	}
	return atPlatform(i, v, checks.Finding{
		Message: checks.Msg("%s is built for %s, and %s runs Linux", i.Runs, v.Value, base.Whole),
		Why:     checks.Msg("The container ends at once: “exec %s: exec format error”.", i.Runs),
		Help:    checks.Msg("build with GOOS=linux"),
		Key:     "GOOS",
	})
}

// archOf is the processor of a platform, "arm64" of "linux/arm64/v8"; "" where it is not known.
func archOf(platform string) string {
	fields := strings.Split(strings.TrimSpace(platform), "/")
	arch := fields[len(fields)-1]
	if len(fields) > 1 {
		arch = fields[1]
	}
	switch arch {
	case "x86_64", "x86-64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le":
		return arch
	}
	return ""
}

// processors are those that an image is for, as far as something says so.
func processors(i *target.Image) []string {
	all := i.Platforms
	for _, s := range i.Stage.Chain() {
		if !s.Platform.IsZero() {
			if !s.Platform.Known() {
				return nil
			}
			all = []artefact.Text{s.Platform}
		}
	}
	var out []string
	for _, p := range all {
		if !p.Known() {
			continue
		}
		for _, one := range strings.FieldsFunc(p.Value, func(c rune) bool { return c == ',' || c == '\n' }) {
			if arch := archOf(one); arch != "" && !slices.Contains(out, arch) {
				out = append(out, arch)
			}
		}
	}
	return out
}

// processor judges GOARCH against what the image is built for. A fixed GOARCH alone says nothing: the fleet may be of one kind.
func processor(i *target.Image) *checks.Finding {
	v, ok := i.Build.Var("GOARCH")
	if !ok || !v.Known() || v.Value == "" {
		return nil
	}
	for _, arch := range processors(i) {
		if arch != v.Value {
			return atPlatform(i, v, checks.Finding{
				Message: checks.Msg("%s is built for %s, and the image for %s", i.Runs, v.Value, arch),
				Why:     checks.Msg("On %s the container ends at once: “exec %s: exec format error”.", arch, i.Runs),
				Help:    checks.Msg("write ARG TARGETARCH in the stage and GOARCH=$TARGETARCH before go build"),
				Key:     "GOARCH",
			})
		}
	}
	return nil
}

// undeclared tells of TARGETARCH that the stage does not declare: it is empty then, and GOARCH is that of the builder.
func undeclared(i *target.Image) *checks.Finding {
	text := i.Build.Text()
	if !strings.Contains(text, "$TARGETARCH") && !strings.Contains(text, "${TARGETARCH}") {
		return nil
	}
	for _, s := range i.Build.Stage.Chain() {
		for _, a := range s.Args {
			if a.Name.Value == "TARGETARCH" {
				return nil
			}
		}
		if len(artefact.Named(s.Env, "TARGETARCH")) > 0 {
			return nil
		}
	}
	f := atPlatform(i, artefact.Text{}, checks.Finding{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message: checks.Msg("the stage %s uses TARGETARCH and has no ARG TARGETARCH", i.Build.Stage.Title()),
		Why:     checks.Msg("Without that line the variable is empty, and the program is built for the machine that builds: “exec format error” on any other."),
		Help:    checks.Msg("write ARG TARGETARCH above this line"),
		Key:     "TARGETARCH",
	})
	return f
}

// builderOnly tells of a stage that runs on the builder's platform and does not build for another.
func builderOnly(i *target.Image) *checks.Finding {
	p := artefact.Text{}
	for _, s := range i.Build.Stage.Chain() {
		if !s.Platform.IsZero() {
			p = s.Platform
		}
	}
	if _, set := i.Build.Var("GOARCH"); set || !strings.Contains(p.Raw, "BUILDPLATFORM") || !image.ParseRef(i.Build.Stage.Image().Value).Golang() {
		return nil
	}
	if strings.Contains(i.Build.Text(), "xx-go") || strings.Contains(i.Build.Text(), "GOARCH") {
		return nil
	}
	f := atPlatform(i, artefact.Text{}, checks.Finding{
		Message: checks.Msg("the stage %s runs on the builder's platform, and its go build says no GOARCH", i.Build.Stage.Title()),
		Why:     checks.Msg("An image for another platform gets a program of the builder's: “exec %s: exec format error”.", i.Runs),
		Help:    checks.Msg("write ARG TARGETARCH in the stage and GOARCH=$TARGETARCH before go build"),
		Key:     "BUILDPLATFORM",
	})
	if len(processors(i)) < 2 {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	} else {
		f.Evidence = append(f.Evidence, checks.Msg("it is built for %s", strings.Join(processors(i), ", ")))
	}
	return f
}
