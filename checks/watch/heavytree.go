package watch

import (
	"context"
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// HeavyTree finds installed npm packages that the watcher watches: thousands of folders in which nobody edits.
var HeavyTree = checks.Check{
	ID:       "watch/heavy-tree",
	Title:    "the watcher watches thousands of folders that hold no source of the server",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"limit/inotify-watches"},
	Run:      heavyTree,
}

// heavy is how many folders are worth a word. A watcher takes one watch for each.
const heavy = 200

func heavyTree(ctx context.Context, t *target.Target, report checks.Reporter) error {
	trees, err := t.NodeModules(ctx)
	if err != nil {
		return err
	}
	return eachWatched(ctx, t, report, func(w *watched) error {
		s := w.ways()
		for _, dir := range trees {
			if !w.Folder(w.abs(dir)).Reacts() {
				continue
			}
			n, err := t.CountFolders(ctx, dir)
			if err != nil {
				return err
			}
			if n >= heavy {
				s.hold(heavyFinding(w, s, dir, n))
			}
		}
		s.tell()
		return nil
	})
}

func heavyFinding(w *watched, s ways, dir string, n int) checks.Finding {
	f := checks.Finding{
		Message: checks.Msg("%s watches %s: %s", w.Tool.Name, dir, describe.Count(n, "folder")),
		Why:     checks.Msg("Each folder takes one of the watches that the system has, %s starts slowly, and every npm install is a storm of events.", w.Tool.Name),
		Key:     dir,
	}
	switch {
	case w.Events.Kind == watcher.Polling:
		f.Why = checks.Msg("%s polls: it looks at every file of each folder again and again.", w.Tool.Name)
	case w.Events.InstancePerFolder:
		f.Why = checks.Msg("%s opens an inotify instance for each folder, of which a user has 128 as a rule: it ends with \"too many open files\".", w.Tool.Name)
	}
	if w.air != nil {
		rel := path.Base(dir)
		if slices.Contains(w.air.Build.ExcludeDir, rel) {
			f.Evidence = append(f.Evidence, checks.Msg("exclude_dir names \"%s\", which means the one in the root only: names are compared as whole paths", rel))
		}
		f.Location = w.air.near("exclude_dir")
	} else {
		f.Location = w.setup.near(w.Reaction.Place)
	}
	if f.Location == nil {
		f.Location = checks.At(path.Join(path.Dir(dir), "package.json"), 1, 1)
	}
	f.Fix, f.Help = s.leaveTree(dir)
	return f
}

// leaveTree keeps air from a folder.
func (s *wishes) leaveTree(dir string) (*plan.Plan, checks.Message) {
	rel := s.fromRoot(dir)
	s.add("exclude_dir", rel)
	return s.mend("put "+quoted(rel)+" into exclude_dir", "exclude_dir"), checks.Msg("put %s into exclude_dir, and restart air", quoted(rel))
}
