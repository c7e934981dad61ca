package deploy

import (
	"fmt"
	"go/version"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// raised gives a finding the tag that is new enough, and the plan that writes it.
func raised(f *checks.Finding, i *target.Image, root *artefact.Stage, ref image.Ref, have, variant string, line goLine) {
	wanted := newTag(have, line.version)
	tag := wanted + newVariant(variant, line.version)
	f.Help = checks.Msg("write %s", strings.Replace(root.Base.Value, ":"+ref.Tag, ":"+tag, 1))
	if ref.Digest != "" {
		f.Help = checks.Msg("write %s:%s, with the digest of that image", strings.TrimSuffix(ref.Whole[:strings.IndexByte(ref.Whole, '@')], ":"+ref.Tag), tag)
		return
	}
	file := i.Dockerfile.Path
	at, old, text := root.Base.Span, root.Base.Raw, strings.Replace(root.Base.Raw, ":"+ref.Tag, ":"+tag, 1)
	if text == old { // the version stands in a build argument
		found := false
		for _, a := range i.Dockerfile.Args {
			named := strings.Contains(root.Base.Raw, "${"+a.Name.Value+"}") || strings.HasSuffix(root.Base.Raw, "$"+a.Name.Value) || strings.Contains(root.Base.Raw, "$"+a.Name.Value+"-")
			if !named || a.Value.IsZero() || a.Value.Raw != a.Value.Value {
				continue
			}
			switch a.Value.Value {
			case have:
				at, old, text, found = a.Value.Span, a.Value.Raw, wanted, newVariant(variant, line.version) == variant
			case ref.Tag:
				at, old, text, found = a.Value.Span, a.Value.Raw, tag, true
			}
		}
		if !found {
			return
		}
		f.Help = checks.Msg("write %s in line %d", text, at.Line)
	}
	f.Fix = &plan.Plan{
		Title:  fmt.Sprintf("write %s in the place of %s", text, old),
		Safety: plan.Safe,
		Steps:  []plan.Step{plan.ReplaceAt(file, at.Line, at.Column, old, text)},
	}
}

// newTag is the version to write: as exact as the old one was.
func newTag(have, goLine string) string {
	lang := strings.TrimPrefix(version.Lang("go"+goLine), "go")
	if strings.Count(have, ".") < 2 || strings.Count(goLine, ".") < 2 || strings.HasSuffix(goLine, ".0") {
		return lang
	}
	return goLine
}

var alpineVariant = lazyregexp.New(`^-alpine3\.(\d+)$`)

// newVariant is the variant of a newer golang image: the one that was used where there is such an image. Each Go comes on the two
// newest releases of Alpine and of Debian of its day (docker-library/golang, versions.json).
func newVariant(variant, goLine string) string {
	minor, _ := strconv.Atoi(strings.TrimPrefix(version.Lang("go"+goLine), "go1."))
	if m := alpineVariant.FindStringSubmatch(variant); m != nil {
		oldest := map[int]int{21: 17, 22: 18, 23: 19, 24: 20, 25: 21, 26: 22}[minor]
		if alpine, _ := strconv.Atoi(m[1]); oldest == 0 || alpine < oldest {
			return "-alpine"
		}
	}
	switch {
	case variant == "-buster" && minor >= 21, variant == "-stretch", variant == "-bullseye" && minor >= 25:
		return "-bookworm"
	}
	return variant
}

// airImage is the Go version of an image of air; "" for one that is new enough for all, or no such image. Its Dockerfile begins with
// a golang image, which each release of air raises.
func airImage(r image.Ref) string {
	if r.Repo != "cosmtrek/air" && r.Repo != "ghcr.io/air-verse/air" && r.Repo != "air-verse/air" {
		return ""
	}
	var major, minor int
	if n, _ := fmt.Sscanf(strings.TrimPrefix(r.Tag, "v"), "%d.%d", &major, &minor); n != 2 || major != 1 {
		return ""
	}
	for _, step := range []struct {
		from int
		has  string
	}{{65, ""}, {63, "1.25"}, {62, "1.24"}, {60, "1.23"}, {51, "1.22"}, {45, "1.21"}, {44, "1.20"}, {41, "1.19"}, {40, "1.18"}} {
		if minor >= step.from {
			return step.has
		}
	}
	return ""
}
