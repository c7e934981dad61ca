package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// ToolPin finds tools that an image installs in whatever version is newest, while its Go stays what it is.
var ToolPin = checks.Check{
	ID:       "deploy/tool-pin",
	Title:    "an image with a fixed Go installs a tool that asks for a newer one, or one day will",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Run:      toolPin,
}

// pinnedTool is what is known of a tool: since which of its versions it asks for which Go, oldest first.
type pinnedTool struct {
	path  string // of its module, without the major version
	since []since
}

type since struct{ version, goLine string }

// The go lines of the tools' own go.mod files. What is newest only ever asks for more.
var pinnedTools = []pinnedTool{
	{"github.com/air-verse/air", []since{{"v1.52.0", "1.22"}, {"v1.60.0", "1.23"}, {"v1.62.0", "1.24"}, {"v1.63.0", "1.25"}, {"v1.67.1", "1.26.0"}}},
	{"github.com/golangci/golangci-lint/v2", []since{{"v2.15.0", "1.26.0"}}},
	{"github.com/go-delve/delve", []since{{"v1.27.2", "1.25.0"}}},
	{"golang.org/x/tools/gopls", []since{{"v0.24.0", "1.27.0"}}},
	{"golang.org/x/tools", []since{{"v0.52.0", "1.26.0"}}},
	{"github.com/a-h/templ", []since{{"v0.3.977", "1.23.0"}}},
	{"github.com/pressly/goose/v3", []since{{"v3.29.0", "1.26.0"}}},
	{"honnef.co/go/tools", []since{{"v0.8.2", "1.26.0"}}},
	{"golang.org/x/vuln", []since{{"v1.9.0", "1.26.0"}}},
	{"github.com/sqlc-dev/sqlc", []since{{"v1.31.1", "1.26.0"}}},
	{"github.com/vektra/mockery/v2", []since{{"v2.53.7", "1.25.0"}}},
	{"github.com/golang-migrate/migrate/v4", []since{{"v4.20.1", "1.25.11"}}},
	{"google.golang.org/grpc/cmd/protoc-gen-go-grpc", []since{{"v1.6.2", "1.25.0"}}},
	{"mvdan.cc/gofumpt", []since{{"v0.12.0", "1.26.0"}}},
}

// lastAir is the newest air that builds with a Go.
var lastAir = []since{{"v1.67.0", "1.25"}, {"v1.62.0", "1.24"}, {"v1.61.7", "1.23"}, {"v1.52.3", "1.22"}}

const oldAir = "github.com/cosmtrek/air"

func toolPin(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	asked := false
	told := map[*artefact.Stage]bool{}
	for _, i := range images {
		for _, s := range i.Path() {
			if told[s] {
				continue
			}
			told[s] = true
			for _, c := range i.Commands(s) {
				if c.Name() != "go" || len(c.Words) < 3 || c.Words[1] != "install" && c.Words[1] != "run" && c.Words[1] != "get" {
					continue
				}
				asked = true
				toolInstalled(i, s, c, report)
			}
		}
	}
	if !asked {
		return checks.Skip("no image here installs a tool with go install")
	}
	return nil
}

// toolInstalled judges the tools that one command installs.
func toolInstalled(i *target.Image, s *artefact.Stage, c image.Placed, report checks.Reporter) {
	base := s.Image()
	ref := image.ParseRef(base.Value)
	have, _, fixed := ref.Go()
	fixed = fixed && base.Known() && ref.Official && staysLocal(c.Var("GOTOOLCHAIN"))
	for _, w := range c.Words[2:] {
		name, wanted, ok := strings.Cut(w, "@")
		if !ok || strings.HasPrefix(w, "-") {
			continue
		}
		f := checks.Finding{Key: "tool " + name, Location: wordAt(i.Dockerfile, c, w)}
		if i.Deployed != nil {
			f.Service = i.Module.Dir
		}
		moved := name == oldAir && !before(wanted, "v1.52.0")
		known := name
		if moved {
			known = "github.com/air-verse/air"
		}
		needs := goOf(known, wanted)
		switch {
		case moved:
			version := wanted
			if fixed && needs != "" && image.Older(have, needs) {
				version = airFor(have)
			}
			f.Message = checks.Msg("%s has another path since v1.52: github.com/air-verse/air", w)
			f.Why = checks.Msg("The image does not build: “module declares its path as: github.com/air-verse/air but was required as: %s”.", oldAir)
			if version == "" {
				f.Help = checks.Msg("install github.com/air-verse/air, in a version that Go %s builds", have)
				break
			}
			f.Help = checks.Msg("write github.com/air-verse/air@%s", version)
			f.Fix = toolFix(f.Location, w, "github.com/air-verse/air@"+version)
		case fixed && needs != "" && image.Older(have, needs):
			f.Message = checks.Msg("%s asks for Go %s, and %s has %s", w, needs, base.Value, have)
			f.Why = checks.Msg("The image does not build: “%s requires go >= %s (running go %s; GOTOOLCHAIN=local)”. What is built already keeps it from being seen, until the cache is gone.", name, needs, have)
			f.Help = checks.Msg("pin a version that Go %s builds, or raise the image's Go", have)
			if version := airFor(have); known == "github.com/air-verse/air" && version != "" {
				f.Help = checks.Msg("write %s@%s, or raise the image's Go", name, version)
				f.Fix = toolFix(f.Location, w, name+"@"+version)
			}
			if base.Origin == artefact.Default {
				f.Severity, f.Confidence = checks.Warning, checks.Likely
			}
		case fixed && (wanted == "latest" || wanted == "master" || wanted == "main"):
			f.Severity, f.Confidence = checks.Warning, checks.Likely
			f.Message = checks.Msg("%s is not pinned, and %s stays at Go %s", w, base.Value, have)
			f.Why = checks.Msg("The day the tool asks for a newer Go the image no longer builds, though nobody has touched it: the golang image sets GOTOOLCHAIN=local.")
			f.Help = checks.Msg("name a version in place of %s", wanted)
		default:
			continue
		}
		report(f)
	}
}

// goOf is the Go that a version of a tool asks for, as far as it is known; "" where it is not.
func goOf(name, version string) string {
	for _, k := range pinnedTools {
		if name != k.path && !strings.HasPrefix(name, k.path+"/") {
			continue
		}
		last := k.since[len(k.since)-1]
		if version == "latest" || version == "master" || version == "main" {
			return last.goLine
		}
		for _, s := range slices.Backward(k.since) {
			if strings.HasPrefix(version, "v") && !before(version, s.version) {
				return s.goLine
			}
		}
		return ""
	}
	return ""
}

// before tells whether a version is older than another, both as vA.B.C. latest is older than none.
func before(version, than string) bool {
	a, aok := numbers(version)
	b, bok := numbers(than)
	return aok && bok && slices.Compare(a[:], b[:]) < 0
}

func numbers(version string) (out [3]int, ok bool) {
	n, _ := fmt.Sscanf(version, "v%d.%d.%d", &out[0], &out[1], &out[2])
	return out, n == 3
}

func airFor(have string) string {
	for _, s := range lastAir {
		if !image.Older(have, s.goLine) {
			return s.version
		}
	}
	return ""
}

// wordAt is the place of a word of a command, or of the command where the word stands on another line.
func wordAt(d *artefact.Dockerfile, c image.Placed, word string) *checks.Location {
	if c.Through != nil {
		at, length := c.Through.At, len(c.Name())
		if i := slices.Index(c.Words, word); !c.Spans[i].IsZero() {
			at, length = c.Spans[i].Pos, c.Spans[i].End-c.Spans[i].Start
		}
		return checks.Span(c.Through.File, at.Line, at.Column, length)
	}
	line, _ := plan.Line(d.Text, c.Pos.Line)
	if from := min(max(c.Pos.Column-1, 0), len(line)); strings.Contains(line[from:], word) {
		return checks.Span(d.Path, c.Pos.Line, from+strings.Index(line[from:], word)+1, len(word))
	}
	return checks.Span(d.Path, c.Pos.Line, c.Pos.Column, len(c.Name()))
}

// toolFix writes another version, where the word stands in the command's own line.
func toolFix(at *checks.Location, word, text string) *plan.Plan {
	if at.EndColumn-at.Column != len(word) {
		return nil
	}
	return &plan.Plan{Title: "install " + text, Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(at.File, at.Line, at.Column, word, text)}}
}
