package deploy

import (
	"context"
	"fmt"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// TZData finds time zones that the image has no data for, and names of zones that only a file system without case finds.
var TZData = checks.Check{
	ID:       "deploy/tzdata",
	Title:    "a time zone is loaded that the image has no data for",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      tzdata,
}

func tzdata(ctx context.Context, t *target.Target, report checks.Reporter) error {
	asked, err := zoneNames(ctx, t, report)
	if err != nil {
		return err
	}
	images, err := needfuls(ctx, t)
	if err != nil {
		return err
	}
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	for _, n := range images {
		asked = true
		if n.needs.ZoneData || n.Build != nil && n.Build.Tagged("timetzdata") || !n.lacksZones() || n.mounted(d, "/usr/share/zoneinfo") {
			continue
		}
		told := false
		for _, z := range n.needs.Zones {
			if z.Certainty != runtimeneeds.Unresolved && image.ZoneName(z.Name) == z.Name && !told {
				told = true
				report(zoneFinding(n, z))
			}
		}
		if !told {
			localZone(n, report)
		}
	}
	if !asked {
		return noImages()
	}
	return nil
}

// zoneNames judges the names themselves: the zone files of Linux are found by their exact names only.
func zoneNames(ctx context.Context, t *target.Target, report checks.Reporter) (asked bool, err error) {
	imports, err := t.Imports(ctx)
	if err != nil {
		return false, err
	}
	told := map[runtimeneeds.Place]bool{}
	for _, im := range imports {
		programs, err := t.RuntimeNeeds(ctx, im)
		if err != nil {
			return asked, err
		}
		for _, p := range programs {
			for _, z := range p.Zones {
				asked = true
				right := image.ZoneName(z.Name)
				if z.Certainty == runtimeneeds.Unresolved || right == "" || right == z.Name || told[z.At] {
					continue
				}
				told[z.At] = true
				f := checks.Finding{
					Message:  checks.Msg("the time zone %q is written %s", z.Name, right),
					Why:      checks.Msg("Linux finds zones by their exact names: “unknown time zone %s”. On macOS and Windows, and on a disk without case, the same line works.", z.Name),
					Help:     checks.Msg("write %q", right),
					Location: checks.At(z.At.File, z.At.Line, z.At.Column),
					Service:  im.Module.Dir,
					Key:      "zone " + z.Name,
				}
				if z.Certainty != runtimeneeds.Literal {
					f.Severity, f.Confidence = checks.Warning, checks.Likely
				}
				report(f)
			}
		}
	}
	return asked, nil
}

// lacksZones tells whether nothing brings zone files into the image.
func (n needful) lacksZones() bool {
	base := image.ParseRef(n.base().Value)
	return n.base().Known() && base.Lacks("zones") && !n.Opaque() && !n.Loose() && !n.Installed("tzdata", "alpine-conf", "tzdata-legacy") &&
		!n.Covers("/usr/share/zoneinfo") && !n.Covers("/usr/local/go") && len(artefact.Named(n.Stage.Environment(), "ZONEINFO")) == 0
}

func zoneFinding(n needful, z runtimeneeds.Zone) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("the image has no time zones, and the program loads %s", z.Name),
		Why:      checks.Msg("time.LoadLocation fails with “unknown time zone %s”: %s has no zone files, and nothing brings any.", z.Name, n.base().Value),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s", z.At.File, z.At.Line, z.Name)},
		Help:     checks.Msg("write import _ \"time/tzdata\" in package main: it builds the zones in (450 kB), for every image"),
		Key:      "zones " + n.Stage.Title(),
	}
	n.atBase(&f)
	if n.Build != nil {
		// The same as the import, and an edit of one line.
		f.Evidence = append(f.Evidence, checks.Msg("go build -tags timetzdata does the same as the import"))
	}
	f.Fix = zonesFix(n)
	switch z.Certainty {
	case runtimeneeds.Literal:
	case runtimeneeds.Default: // certain, unless a setting names another
		f.Severity, f.Confidence = checks.Warning, checks.Certain
	default:
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	n.surely(&f)
	return f
}

// zonesFix installs the zones where there is a package manager, and else builds them in.
func zonesFix(n needful) *plan.Plan {
	switch base := image.ParseRef(n.base().Value); {
	case base.Official && base.Name() == "alpine":
		return n.afterBase("RUN apk add --no-cache tzdata", "install tzdata")
	case base.Official && base.Name() == "ubuntu":
		return n.afterBase("RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/*", "install tzdata")
	}
	if n.Build == nil || n.Build.Stage.File != n.Stage.File {
		return nil
	}
	for _, w := range n.Build.Command.Words {
		if len(w) > 4 && (w[:5] == "-tags" || w[:5] == "--tag") || w == "" {
			return nil
		}
	}
	pos := n.Build.Command.Pos
	word := "go " + n.Build.Verb
	return n.instead(pos.Line, pos.Column, word, word+" -tags timetzdata", "build the time zones in")
}

// instead replaces a word of the Dockerfile.
func (n needful) instead(line, column int, word, text, title string) *plan.Plan {
	content, _ := plan.Line(n.Dockerfile.Text, line)
	if column < 1 || column-1+len(word) > len(content) || content[column-1:column-1+len(word)] != word {
		return nil
	}
	return &plan.Plan{Title: title, Safety: plan.Unsafe, Steps: []plan.Step{plan.ReplaceAt(n.Dockerfile.Path, line, column, word, text)}}
}

// localZone tells of a TZ that has no effect: without the zone's file the program's local time is UTC.
func localZone(n needful, report checks.Reporter) {
	tell := func(file string, s artefact.Setting, who string) {
		name := s.Value.Value
		if !s.Value.Known() || name == "UTC" || image.ZoneName(name) == "" {
			return
		}
		f := checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message:  checks.Msg("TZ=%s has no effect: %s has no time zones", name, n.base().Value),
			Why:      checks.Msg("The program's local time stays UTC, without a word: logs and dates are hours off."),
			Help:     checks.Msg("install tzdata in the image, or write import _ \"time/tzdata\" in package main"),
			Location: spanAt(file, s.Value.Span), Service: n.Module.Dir, Key: fmt.Sprint("TZ ", who),
		}
		f.Fix = zonesFix(n)
		report(f)
	}
	for _, s := range artefact.Named(n.Stage.Environment(), "TZ") {
		tell(n.Dockerfile.Path, s, n.Stage.Title())
	}
	for _, service := range n.Services {
		for _, s := range artefact.Named(service.Environment, "TZ") {
			tell(service.File.Path, s, service.Name.Value)
		}
	}
}
