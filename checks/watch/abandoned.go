package watch

import (
	"context"
	"path/filepath"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// Abandoned finds watchers that nobody maintains any more.
var Abandoned = checks.Check{
	ID:       "watch/abandoned",
	Title:    "nobody maintains the watcher any more",
	Stage:    checks.Notice,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/not-running"},
	Run:      abandoned,
}

// lastRelease says by tool when it was last worked on.
var lastRelease = map[string]string{
	realizeTool: "its last release is 2.0.2 of 2018, its last commit of May 2020",
	freshTool:   "it has no releases, and its code has not changed for years",
	ginCLI:      "it has no releases, and its last commit is of February 2023",
}

func abandoned(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachSetup(ctx, t, report, func(s *setup) error {
		last, old := lastRelease[s.Tool.Name]
		if !old {
			return nil
		}
		f := checks.Finding{
			Message:  checks.Msg("%s is not maintained any more: %s", s.Tool.Name, last),
			Why:      checks.Msg("Faults stay as they are, and a new Go may break it for good."),
			Help:     checks.Msg("gindoctor init --watcher air"),
			Location: s.abandonedAt(),
			Key:      s.Tool.Name,
		}
		if s.Tool.Name == realizeTool && usesModules(t, s) {
			f.Severity = checks.Error
			f.Message = checks.Msg("realize runs nothing in a project with a go.mod: it calls vgo in the place of go")
			f.Why = checks.Msg("It prints \"exec: not started\" in the place of a build; nothing is built and no server starts.")
			f.Evidence = append(f.Evidence, checks.Msg("realize is not maintained any more: %s", last))
		}
		s.report(f)
		return nil
	})
}

// usesModules tells whether a go.mod lies in the folder that the watcher works in, which is where realize looks for one.
func usesModules(t *target.Target, s *setup) bool { return t.Exists(filepath.Join(s.Cwd, "go.mod")) }

func (s *setup) abandonedAt() *checks.Location {
	if l := at(s.Start.Place); l != nil {
		return l
	}
	return s.near()
}
