package fs

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// EditorSave finds files that an editor writes beside those that are edited and that the watcher takes for source: builds that
// nobody asked for. An editor that saves by way of a second file does no harm by itself: every watcher of folders sees the rename.
var EditorSave = checks.Check{
	ID:       "fs/editor-save",
	Title:    "the watcher builds at what the editor writes beside the source",
	Stage:    checks.Save,
	Severity: checks.Warning,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Run:      editorSave,
}

func editorSave(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := watchers(ctx, t)
	if err != nil {
		return err
	}
	if all, err = notified(all); err != nil {
		return err
	}
	editors, unread := t.Editors(ctx)
	for _, w := range all {
		for _, r := range w.Reactions {
			n, err := t.Needs(ctx, w.Watch, r)
			if err != nil {
				return err
			}
			if n == nil || r.Matcher == nil || !w.Events.NewFiles {
				continue
			}
			for _, e := range editors {
				if taken := w.taken(r, n, e); len(taken) > 0 {
					report(editorFinding(w, e, taken))
				}
			}
		}
	}
	return unread
}

// taken lists what an editor writes that starts a build of its own. What comes and goes with a save is part of that save where
// the watcher waits for more before it builds.
func (w *watched) taken(r *watcher.Reaction, n *needs.Program, e target.Editor) []target.Beside {
	return slices.DeleteFunc(slices.Clone(e.Writes), func(b target.Beside) bool {
		return b.Saving && r.Debounce > 0 || w.example(r, n, b) == ""
	})
}

// example is a file beside one of the program's that the watcher reacts to; "" where there is none.
func (w *watched) example(r *watcher.Reaction, n *needs.Program, b target.Beside) string {
	for _, p := range n.Packages {
		written := p.Written()
		if len(written) == 0 {
			continue
		}
		// A lock that lies there now is a link that leads nowhere: another name is asked about.
		name := path.Join(p.Dir, b.Name("gindoctor_"+path.Base(written[0].Path)))
		if r.Reacts(w.abs(written[0].Path)).Reacts() && r.Reacts(w.abs(name)).Reacts() {
			return path.Join(p.Dir, b.Name(path.Base(written[0].Path)))
		}
	}
	return ""
}

func editorFinding(w *watched, e target.Editor, taken []target.Beside) checks.Finding {
	var names, what, off []string
	typing := false
	for _, b := range taken {
		names = append(names, b.Name("main.go"))
		what = append(what, b.What)
		off = append(off, b.Off)
		typing = typing || !b.Saving
	}
	f := checks.Finding{
		Message:    checks.Msg("%s builds at %s that %s writes beside the source (%s)", w.Tool.Name, strings.Join(what, " and "), e.Name, strings.Join(names, ", ")),
		Why:        checks.Msg("Each save builds and restarts the server more than once."),
		Help:       checks.Msg("%s; or let %s leave such names out", strings.Join(off, "; "), w.Tool.Name),
		Evidence:   []checks.Message{checks.Msg("%s is used here: %s", e.Name, e.By)},
		Service:    w.service,
		Key:        w.Tool.Name + " " + e.Name,
		Confidence: checks.Likely,
	}
	if typing {
		f.Why = checks.Msg("The server is built and restarted when you begin to type, before anything is saved.")
	}
	if w.Tool.Name == "air" {
		f.Help = checks.Msg("%s; or in .air.toml, under [build]: exclude_regex = [\"_test.go\", '/[.#]+[^/]*$']", strings.Join(off, "; "))
	}
	if e.InProject {
		f.Location = checks.At(e.By, 1, 1)
	} else {
		f.Subject = &checks.Subject{Kind: checks.FileSubject, Name: e.By}
		f.Confidence = checks.Possible
	}
	return f
}
