package deploy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// selfHosted is a runner that keeps Go's caches from one run to the next by itself.
var selfHosted = lazyregexp.New(`self-hosted`)

// uncached tells of a job that fetches every module and builds every package anew: actions/setup-go caches by default from version 4 on
// (https://github.com/actions/setup-go#caching-dependency-files-and-build-outputs).
func (c *pipelines) uncached(p *artefact.Pipeline, j *artefact.PipelineJob) {
	if !slices.ContainsFunc(j.Steps, buildsGo) || slices.ContainsFunc(j.Steps, cachesElsewhere) || selfHosted.Match(p.Text) {
		return
	}
	for _, s := range j.Steps {
		m := actionAt.FindStringSubmatch(s.Uses.Value)
		if !strings.HasPrefix(s.Uses.Value, "actions/setup-go@") || m == nil {
			continue
		}
		f := checks.Finding{
			Severity: checks.Info,
			Why:      checks.Msg("Each run fetches every module and builds every package anew."),
			Key:      j.Name.Value + " no cache",
		}
		at := s.Uses
		switch major, _ := strconv.Atoi(m[1]); {
		case s.With["cache"].Value == "false":
			at = s.With["cache"]
			f.Message = checks.Msg("the job %s keeps nothing of what Go fetches and builds: cache is false", j.Name.Value)
			f.Help = checks.Msg("take cache: false away")
		case major < 4 && s.With["cache"].IsZero():
			f.Message = checks.Msg("the job %s keeps nothing of what Go fetches and builds: setup-go caches by itself from v4 on", j.Name.Value)
			f.Help = checks.Msg("write a newer version of actions/setup-go, or with v3 cache: true")
		default:
			continue
		}
		c.at(p, at.Span, f)
		return
	}
}

// buildsGo tells whether a step builds with the go command.
func buildsGo(s artefact.Step) bool {
	for _, cmd := range s.Commands {
		if len(cmd.Words) > 1 && cmd.Name() == "go" && slices.Contains([]string{"build", "test", "vet", "install", "run"}, cmd.Words[1]) {
			return true
		}
	}
	return false
}

// cachesElsewhere tells whether a step keeps Go's folders, or may do so: any action for caches but one of actions/cache that says which
// other paths it keeps.
func cachesElsewhere(s artefact.Step) bool {
	if !strings.Contains(s.Uses.Value, "cache") {
		return false
	}
	kept := s.With["path"]
	return !strings.HasPrefix(s.Uses.Value, "actions/cache") || !kept.Known() || strings.Contains(kept.Value, "go-build") || strings.Contains(kept.Value, "go/")
}
