package watch

import (
	"context"
	"path"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
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
		s := newWishes(w.airFile)
		for _, dir := range trees {
			if !w.rules.Dir(filepath.Join(w.root, filepath.FromSlash(dir))).Reacts() {
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

func heavyFinding(w *watched, s *wishes, dir string, n int) checks.Finding {
	rel := w.fromRoot(dir)
	f := checks.Finding{
		Message:  checks.Msg("air watches %s: %s", dir, count(n, "folder")),
		Why:      checks.Msg("Each folder takes one of the watches that the system has, air starts slowly, and every npm install is a storm of events."),
		Help:     checks.Msg("put %s into exclude_dir, and restart air", quoted(rel)),
		Location: w.near("exclude_dir"),
		Key:      dir,
	}
	if f.Location == nil {
		f.Location = checks.At(path.Join(path.Dir(dir), "package.json"), 1, 1)
	}
	if slices.Contains(w.Build.ExcludeDir, path.Base(dir)) && rel != path.Base(dir) {
		f.Evidence = append(f.Evidence, checks.Msg("exclude_dir names \"%s\", which means the one in the root only: names are compared as whole paths", path.Base(dir)))
	}
	if w.Build.Poll {
		f.Why = checks.Msg("air polls: it looks at every file of each folder again and again.")
	}
	s.add("exclude_dir", rel)
	f.Fix = s.mend("put "+quoted(rel)+" into exclude_dir", "exclude_dir")
	return f
}
