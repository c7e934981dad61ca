package stage

import (
	"context"
	"path"
	"path/filepath"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// noteReactions says so where a watcher does something else with a file of the copy than with that of the project: some rules are held
// against absolute paths, such as the exclude_regex of air.
func (s *Stage) noteReactions(ctx context.Context) error {
	theirs, err := s.options.Target.Watches(ctx)
	if err != nil {
		return err
	}
	ours, err := s.Target.Watches(ctx)
	if err != nil {
		return err
	}
	files, err := s.Target.Tree(ctx)
	if err != nil {
		return err
	}
	for _, w := range ours {
		twin := s.twin(w, theirs)
		if twin == nil {
			continue
		}
		for i, r := range w.Reactions {
			if r.Matcher == nil || twin.Reactions[i].Matcher == nil { // nothing is known of what it watches
				continue
			}
			for _, f := range files.Files {
				if path.Ext(f.Path) != ".go" {
					continue
				}
				here, there := s.reacts(s.Target, r, f.Path), s.reacts(s.options.Target, twin.Reactions[i], f.Path)
				if here.Reacts() != there.Reacts() {
					decision := here
					if decision.Reacts() {
						decision = there
					}
					s.Note("%s does something else with %s in the copy than in the project: its rule %s is held against the absolute path", w.Tool.Name, f.Path, decision.Rule)
					break
				}
			}
		}
	}
	return nil
}

// twin is the watcher of the project that one of the copy stands for.
func (s *Stage) twin(w *target.Watch, all []*target.Watch) *target.Watch {
	for _, o := range all {
		if o.Tool == w.Tool && o.Dir(s.options.Target) == w.Dir(s.Target) && o.Place.File == w.Place.File && len(o.Reactions) == len(w.Reactions) {
			return o
		}
	}
	return nil
}

func (s *Stage) reacts(t *target.Target, r *watcher.Reaction, rel string) watcher.Decision {
	return t.Reacts(r.Matcher, filepath.Join(t.Root(), filepath.FromSlash(rel)))
}
