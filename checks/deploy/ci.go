package deploy

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// CI finds pipelines that pass although their tests fail, that test something else than what is shipped, that ask where nobody answers,
// or that fetch and build anew each time.
var CI = checks.Check{
	ID:       "deploy/ci",
	Title:    "the pipeline proves less, or takes longer, than it seems to",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      ci,
}

func ci(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	c := &pipelines{ctx: ctx, t: t, d: d, report: report, all: artefact.Of[*artefact.Pipeline](d.Artefacts)}
	if len(c.all) == 0 {
		return checks.Skip("there is no pipeline here")
	}
	for _, p := range c.all {
		for _, j := range p.Jobs {
			for _, s := range j.Steps {
				c.gate(p, j, s)
				c.cache(p, j, s)
			}
			c.uncached(p, j)
			c.stores(p, j)
			if err := c.requests(p, j); err != nil {
				return err
			}
		}
	}
	return c.tags()
}

type pipelines struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	report checks.Reporter
	all    []*artefact.Pipeline
}

func (c *pipelines) at(p *artefact.Pipeline, span artefact.Span, f checks.Finding) {
	f.Location = spanAt(p.Path, span)
	c.report(f)
}

// gateOf is what a command would stop a pipeline for, "" for one that is no gate.
func gateOf(words []string) string {
	switch {
	case path.Base(words[0]) == "gindoctor" && (len(words) == 1 || words[1] == "check" || strings.HasPrefix(words[1], "-")):
		return "gindoctor"
	case len(words) > 1 && words[0] == "go" && (words[1] == "test" || words[1] == "vet"):
		return "go " + words[1]
	}
	return ""
}

// gate tells of tests whose failure does not stop the pipeline.
func (c *pipelines) gate(p *artefact.Pipeline, j *artefact.PipelineJob, s artefact.Step) {
	const why = "Code that fails there is built and shipped all the same, and the pipeline is green."
	for _, r := range s.Runs() {
		gate := gateOf(r.Words)
		if gate == "" {
			continue
		}
		f := checks.Finding{Why: checks.Msg(why), Key: j.Name.Value + " " + gate}
		switch {
		case s.MayFail.Value == "true":
			f.Key += " step"
			f.Message = checks.Msg("%s may fail here and the job goes on: continue-on-error", gate)
			f.Help = checks.Msg("take continue-on-error away from this step")
			f.Fix = strict(p, s.MayFail)
			c.at(p, s.MayFail.Span, f)
			return
		case j.MayFail.Value == "true" && !j.Manual:
			key := "continue-on-error"
			if p.GitLab {
				key = "allow_failure"
			}
			f.Key += " job"
			f.Message = checks.Msg("%s may fail in the job %s and the pipeline goes on: %s", gate, j.Name.Value, key)
			f.Help = checks.Msg("take %s away from this job", key)
			f.Fix = strict(p, j.MayFail)
			c.at(p, j.MayFail.Span, f)
			return
		case r.Excused:
			f.Key += " ||"
			f.Message = checks.Msg("the failure of %s is thrown away: what follows || succeeds", gate)
			f.Help = checks.Msg("take away what follows ||")
			c.at(p, p.Line(r.At.Line), f)
			return
		case !p.GitLab && (r.Into == "tee" || r.Into == "cat" || r.Into == "grep") && !strings.Contains(s.Run.Value, "pipefail") && !strings.Contains(s.Run.Value, "PIPESTATUS") &&
			s.Shell.IsZero() && j.Shell.IsZero():
			f.Key += " |"
			f.Message = checks.Msg("the failure of %s is lost in the pipe into %s", gate, r.Into)
			f.Why = checks.Msg("A step without `shell: bash` runs as bash -e, without pipefail: what counts is the pipe's last command. %s", why)
			f.Help = checks.Msg("write shell: bash beside run, or set -o pipefail before it")
			f.Confidence = checks.Likely
			c.at(p, p.Line(r.At.Line), f)
			return
		}
	}
}

// strict is a plan that writes false in the place of true: whoever wrote it may have meant it.
func strict(p *artefact.Pipeline, v artefact.Text) *plan.Plan {
	if !v.Plain() {
		return nil
	}
	out := writeInstead(p.Path, v, "false")
	out.Safety = plan.Unsafe
	return out
}

// sourceKey is a part of a cache's key that changes with the code.
var sourceKey = lazyregexp.New(`\.go['"*]|github\.(sha|run_id|run_number)|\*\*/\*['"]`)

// cache tells of a built program that is taken from a cache whose key does not change with the code.
func (c *pipelines) cache(p *artefact.Pipeline, j *artefact.PipelineJob, s artefact.Step) {
	key := s.With["key"]
	if !strings.HasPrefix(s.Uses.Value, "actions/cache") || key.IsZero() || sourceKey.MatchString(key.Value) {
		return
	}
	for _, cached := range strings.Fields(s.With["path"].Value) {
		cached = path.Clean(cached)
		for _, other := range j.Steps {
			for _, cmd := range other.Commands {
				out := builtTo(cmd.Words)
				if out == "" || path.IsAbs(cached) || cached == "." || out != cached && !strings.HasPrefix(out, cached+"/") {
					continue
				}
				c.at(p, key.Span, checks.Finding{
					Message:  checks.Msg("the cache holds the built program (%s), and its key does not change with the code", out),
					Why:      checks.Msg("A cache is saved once for a key. Later runs get the program of the first one back, and may test or ship that."),
					Help:     checks.Msg("take %s out of the cache, or put ${{ hashFiles('**/*.go', '**/go.sum') }} into its key", cached),
					Evidence: []checks.Message{checks.Msg("%s:%d  builds it", p.Path, cmd.Pos.Line)},
					Key:      j.Name.Value + " cache " + cached,
				})
				return
			}
		}
	}
}

// builtTo is where `go build -o` puts what it builds, "" where it says nothing.
func builtTo(words []string) string {
	if len(words) < 2 || words[0] != "go" || words[1] != "build" {
		return ""
	}
	for i, w := range words[2:] {
		if out, ok := strings.CutPrefix(w, "-o="); ok {
			return path.Clean(out)
		}
		if w == "-o" && i+3 < len(words) && words[i+3] != "" {
			return path.Clean(words[i+3])
		}
	}
	return ""
}

// tagsOf are the build tags that a go command is given.
func tagsOf(words []string) []string {
	var out []string
	for i, w := range words {
		list, ok := strings.CutPrefix(strings.TrimLeft(w, "-"), "tags=")
		if !ok && (w == "-tags" || w == "--tags") && i+1 < len(words) {
			list, ok = words[i+1], true
		}
		if ok && strings.HasPrefix(w, "-") {
			out = append(out, strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })...)
		}
	}
	return out
}

// tags tells of a build tag that an image is built with and no test of the pipelines.
func (c *pipelines) tags() error {
	for _, f := range artefact.Of[*artefact.Dockerfile](c.d.Artefacts) {
		for _, stage := range f.Stages {
			for _, run := range stage.Runs {
				for _, cmd := range run.Commands {
					if len(cmd.Words) < 2 || cmd.Words[0] != "go" || cmd.Words[1] != "build" && cmd.Words[1] != "install" {
						continue
					}
					for _, tag := range tagsOf(cmd.Words) {
						if err := c.untested(tag, f.Path, cmd.Pos.Line); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	return nil
}

// delegates are commands whose own files say what they run.
var delegates = []string{"make", "task", "just", "mage", "goreleaser", "docker", "earthly", "dagger", "bazel", "nix", "sh", "bash", "gotestsum", "ginkgo"}

func (c *pipelines) untested(tag, file string, line int) error {
	gated := ""
	for _, p := range c.d.Programs {
		for _, f := range p.Module.Files {
			if slices.Contains(f.OwnTags(), tag) && !f.Test() && gated == "" {
				gated = f.Path
			}
		}
	}
	if gated == "" {
		return nil // it changes nothing of this project's own code
	}
	elsewhere, err := c.t.ArtefactsSay(c.ctx, lazyregexp.New(`go (test|vet)[^\n]*\b`+regexp.QuoteMeta(tag)+`\b|GOFLAGS[^\n]*\b`+regexp.QuoteMeta(tag)+`\b`))
	if err != nil || elsewhere {
		return err
	}
	for _, p := range c.all {
		for _, j := range p.Jobs {
			for _, s := range j.Steps {
				for _, cmd := range s.Commands {
					if slices.Contains(delegates, path.Base(cmd.Words[0])) && path.Base(cmd.Words[0]) != "docker" || strings.HasSuffix(cmd.Words[0], ".sh") || cmd.Words[0] == "" {
						return nil
					}
				}
			}
		}
	}
	for _, p := range c.all {
		for _, j := range p.Jobs {
			for _, s := range j.Steps {
				for _, cmd := range s.Commands {
					if len(cmd.Words) < 2 || cmd.Words[0] != "go" || cmd.Words[1] != "test" {
						continue
					}
					c.at(p, p.Line(cmd.Pos.Line), checks.Finding{
						Message:  checks.Msg("the image is built with -tags %s, and nothing is tested with it", tag),
						Why:      checks.Msg("Files with that tag are part of what is shipped, and no test has seen them: %s is one.", gated),
						Help:     checks.Msg("write go test -tags %s ./... here, or run it beside this", tag),
						Evidence: []checks.Message{checks.Msg("%s:%d  builds with it", file, line)},
						Key:      "tag " + tag,
					})
					return nil
				}
			}
		}
	}
	return nil
}
