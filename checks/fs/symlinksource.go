package fs

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// SymlinkSource finds code behind a link that Go follows and the watcher does not.
var SymlinkSource = checks.Check{
	ID:       "fs/symlink-source",
	Title:    "source lies behind a link that the watcher does not follow",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"watch/blind-spot", "run/stale-binary"},
	Run:      symlinkSource,
}

func symlinkSource(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := watchers(ctx, t)
	if err != nil {
		return err
	}
	for _, w := range all {
		for _, r := range w.Reactions {
			n, err := t.Needs(ctx, w.Watch, r)
			if err != nil {
				return err
			}
			if n == nil || r.Matcher == nil {
				continue
			}
			for _, b := range w.behind(n) {
				report(linkFinding(w, r, n, b))
			}
		}
	}
	return nil
}

// behind is a link with the files of the program that are reached through it.
type behind struct {
	link  string // absolute
	files []string
}

// behind lists the links that keep files of a program from every reaction of the watcher.
func (w *watched) behind(n *needs.Program) []behind {
	var out []behind
	for _, p := range n.Packages {
		for _, f := range p.Written() {
			link := w.stopped(f.Path)
			if link == "" {
				continue
			}
			i := slices.IndexFunc(out, func(b behind) bool { return b.link == link })
			if i < 0 {
				out, i = append(out, behind{link: link}), len(out)
			}
			out[i].files = append(out[i].files, f.Path)
		}
	}
	return out
}

// stopped is the link at which the watcher stops on its way to a file; "" where it reacts, or something else keeps it away.
func (w *watched) stopped(file string) string {
	link := ""
	for _, r := range w.Reactions {
		switch d := w.t.Reacts(r, w.abs(file)); {
		case d.Reacts():
			return ""
		case d.Reason == watcher.BehindLink:
			link = d.Path
		}
	}
	return link
}

func linkFinding(w *watched, r *watcher.Reaction, n *needs.Program, b behind) checks.Finding {
	rel := w.t.Rel(b.link)
	f := checks.Finding{
		Message:  checks.Msg("%s does not follow the link %s, behind which the server has %s", w.Tool.Name, rel, describe.Count(len(b.files), "source file")),
		Why:      checks.Msg("Go builds what lies behind a link, and %s does not watch it. Saving there changes nothing: no rebuild, no message.", w.Tool.Name),
		Help:     checks.Msg("make %s a folder of the project, or tell %s to watch the folder that it leads to", rel, w.Tool.Name),
		Evidence: []checks.Message{checks.Msg("it leads to %s", w.t.Rel(w.t.Real(b.link))), checks.Msg("files: %s", describe.Some(b.files, 3))},
		Location: whole(rel),
		Service:  w.service,
		Key:      w.Tool.Name,
	}
	if len(b.files) == 1 && b.files[0] == rel {
		f.Help = checks.Msg("make %s a file of the project, or tell %s to watch the folder that it leads to", rel, w.Tool.Name)
	}
	if w.Air != nil && w.Air.Build.FollowSymlink {
		f.Evidence = append(f.Evidence, checks.Msg("follow_symlink alone does not make air watch what lies behind a link"))
	}
	if n.Guessed {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if changes := r.Include(filepath.Join(w.t.Real(b.link), filepath.Base(b.files[0]))); len(changes) > 0 {
		if steps := plan.OfChanges(w.t.ReadConfig, changes); len(steps) > 0 {
			f.Fix = &plan.Plan{Title: changes[0].Says, Safety: plan.Unsafe, Steps: steps, After: []string{plan.RestartWatcher(w.Tool.Name)}}
			f.Help = checks.Msg("%s, and restart %s", changes[0].Says, w.Tool.Name)
		}
	}
	return f
}
