package run

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/server"
)

// WrongCwd finds servers that look for their templates and static files in a folder that does not have them.
var WrongCwd = checks.Check{
	ID:       "run/wrong-cwd",
	Title:    "the server runs in a folder that lacks the files it opens",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Modules | checks.Processes,
	Explains: []string{"src/cwd-relative"},
	Run:      wrongCwd,
}

func wrongCwd(ctx context.Context, t *target.Target, report checks.Reporter) error {
	asked, err := servers(ctx, t)
	if err != nil {
		return err
	}
	var skipped error
	for _, h := range asked {
		p, err := t.ProgramOf(ctx, h)
		if err != nil {
			return err
		}
		switch {
		case p == nil:
			skipped = checks.Skip("the code that pid %d was built from is not here", h.Process.PID)
		case h.InContainer:
			skipped = checks.Skip("pid %d runs in a container: look from inside it", h.Process.PID)
		case h.Process.Cwd == "":
			skipped = checks.Skip("the working folder of pid %d cannot be seen", h.Process.PID)
		case !t.CanList(h.Process.Cwd):
			skipped = checks.Skip("the working folder of pid %d cannot be read: %s", h.Process.PID, h.Process.Cwd)
		case opens.ChangesFolder(p.Package):
			skipped = checks.Skip("the program changes its working folder itself (os.Chdir)")
		default:
			if err := askOf(ctx, t, h, *p, report); err != nil {
				return err
			}
		}
	}
	return skipped
}

// lost is a file that is in the project and not where the server looks for it.
type lost struct {
	opens.Open
	name string
	from string // the folder, relative to the root, that has it
}

func askOf(ctx context.Context, t *target.Target, h server.Holder, p target.Program, report checks.Reporter) error {
	all, err := t.Opens(ctx, p.Package)
	if err != nil {
		return err
	}
	stands, err := t.Stands(ctx, p)
	if err != nil {
		return err
	}
	var found []lost
	for _, o := range all {
		if !looksWhileItRuns(o) {
			continue
		}
		for _, n := range o.Names {
			if !n.Relative() || n.Default || len(t.Match(h.Process.Cwd, n.Text, o.Pattern)) > 0 {
				continue
			}
			for _, s := range stands {
				if len(t.Match(s.Dir, n.Text, o.Pattern)) > 0 {
					found = append(found, lost{o, n.Text, t.Rel(s.Dir)})
					break
				}
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b lost) int { return surer(a.When) - surer(b.When) })
	f := lostFinding(ctx, t, h, found)
	if newest, err := t.NewestSource(ctx, h); err != nil {
		return err
	} else if outdated(h, newest, time.Now()) { // it may be of other code, that embeds them
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	report(f)
	return nil
}

// looksWhileItRuns tells whether the program opens templates or static files while it serves. What ends it at start where it is
// not there has been there, or the program would not run.
func looksWhileItRuns(o opens.Open) bool {
	switch o.Kind {
	case opens.Folder, opens.Served:
		return o.When != opens.Unknown
	case opens.Templates:
		return o.When == opens.PerRequest || o.MustInRelease && o.When != opens.Unknown
	}
	return false
}

func surer(w opens.When) int {
	return map[opens.When]int{opens.AtStart: 0, opens.PerRequest: 0, opens.Perhaps: 1}[w]
}

func lostFinding(ctx context.Context, t *target.Target, h server.Holder, found []lost) checks.Finding {
	one, now := found[0], time.Now()
	cwd := h.Process.Cwd
	if rel, ok := inside(t, cwd); ok {
		cwd = rel
	}
	right := one.from
	if right == "." {
		right = "the project's folder"
	}
	f := checks.Finding{
		Message:  checks.Msg("the server (pid %d) looks for %s in %s, which has no such thing", h.Process.PID, filepath.ToSlash(one.name), cwd),
		Why:      checks.Msg("It is in %s. Pages that need it fail, and files below it are a 404.", right),
		Help:     checks.Msg("stop it, and start it again in %s", right),
		Evidence: describe.Evidence(h, now),
		Location: checks.At(one.File, one.At.Line, one.At.Column),
		Subject:  subject(h),
		Service:  describe.Service(ctx, t, h),
		Key:      h.Program,
	}
	if one.When == opens.Perhaps {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	for i, other := range found[1:] {
		if i == 4 {
			f.Evidence = append(f.Evidence, checks.Msg("and %d more", len(found)-1-i))
			break
		}
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s %s is not there either", other.File, other.At.Line, other.Call, other.name))
	}
	return f
}

// inside names a folder of the project.
func inside(t *target.Target, abs string) (string, bool) {
	rel := t.Locate(abs)
	if rel == "." {
		return "the project's folder", true
	}
	return rel, rel != ".." && len(rel) > 0 && (len(rel) < 3 || rel[:3] != "../")
}
