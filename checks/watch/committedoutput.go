package watch

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/gobuild"
)

// CommittedOutput finds what air builds and logs among the files that git tracks.
var CommittedOutput = checks.Check{
	ID:       "watch/committed-output",
	Title:    "the watcher's output is committed to git",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      committedOutput,
}

func committedOutput(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		outputs := outputsOf(t, a)
		if len(outputs) == 0 {
			return nil
		}
		tracked, err := t.Git().Tracked(ctx, outputs...)
		if errors.Is(err, git.ErrNoGit) {
			return checks.Skip("there is no git here")
		}
		if err != nil {
			return err
		}
		tracked = slices.DeleteFunc(tracked, harmless)
		if len(tracked) > 0 {
			a.report(committedFinding(t, a, outputs, tracked))
		}
		return nil
	})
}

// outputsOf lists, as absolute paths, the folder that air works in and the files that its build writes. The folder counts
// only as one of its own: a project may well name one that holds sources too.
func outputsOf(t *target.Target, a *airFile) []string {
	var out []string
	root := filepath.Join(a.Cwd, filepath.FromSlash(a.Root))
	if rel := path.Clean(filepath.ToSlash(a.TmpDir)); !filepath.IsAbs(a.TmpDir) && rel != "." && !strings.HasPrefix(rel, "..") {
		out = append(out, filepath.Join(root, filepath.FromSlash(rel)))
	}
	for _, b := range gobuild.Parse(a.Build.Cmd, a.Cwd).Builds {
		if file, ok := b.Output(t.IsFolder, func(string) string { return "" }); ok && b.Out != "" {
			out = append(out, file)
		}
	}
	return out
}

// harmless tells whether a tracked file is none of air's: sources, and what keeps an empty folder in git.
func harmless(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || base == "README.md" || path.Ext(base) == ".go"
}

func committedFinding(t *target.Target, a *airFile, outputs, tracked []string) checks.Finding {
	ignores := missingIgnores(t, outputs, tracked)
	help := "git rm --cached " + strings.Join(tracked[:min(len(tracked), 3)], " ")
	for _, line := range ignores {
		help += " && echo '" + line + "' >> .gitignore"
	}
	return checks.Finding{
		Message:  checks.Msg("git tracks %s, which the build writes", describe.Some(tracked, 3)),
		Why:      checks.Msg("Every build changes tracked files, and after a failed first build air starts the committed binary: old code that answers."),
		Help:     checks.Msg("%s", help),
		Evidence: []checks.Message{checks.Msg("%s tracked", describe.Count(len(tracked), "file"))},
		Location: a.near("cmd"),
		Key:      strings.Join(tracked, " "),
		Fix:      untrack(t, ignores, tracked),
	}
}
