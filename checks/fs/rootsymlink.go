package fs

import (
	"context"
	"path/filepath"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// RootSymlink finds a project that is entered through a link, and commands that then mix its two names.
var RootSymlink = checks.Check{
	ID:       "fs/root-symlink",
	Title:    "the project is entered through a link",
	Stage:    checks.Notice,
	Severity: checks.Info,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary"},
	Run:      rootSymlink,
}

func rootSymlink(ctx context.Context, t *target.Target, report checks.Reporter) error {
	root := t.Root()
	real := t.Real(root)
	if real == root || real == filepath.Join("/private", root) { // macOS: /tmp, /var and /etc are links
		return nil
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return err
	}
	watches, err := t.Watches(ctx)
	if err != nil {
		return err
	}
	told := false
	for _, w := range watches {
		if w.ByLink {
			told = true
			report(linkedStart(t, w))
		}
	}
	for _, s := range scripts {
		for _, c := range mixing(t, s, real) {
			told = true
			report(mixedFinding(t, s, c, real))
		}
	}
	if !told {
		report(checks.Finding{
			Message: checks.Msg("the project is entered through a link: %s leads to %s", root, real),
			Why:     checks.Msg("Go and air 1.67 take that well. Commands that name the project by its other path do not work from here."),
			Help:    checks.Msg("nothing has to be done; to be sure: cd %s", shellword.Path(real)),
			Subject: &checks.Subject{Kind: checks.FileSubject, Name: root},
			Key:     "link",
		})
	}
	return nil
}

// linkedStart tells of a watcher that watches nothing in a folder that was entered through a link. Which name its shell has for the
// folder is not known for certain: that it is ours.
func linkedStart(t *target.Target, w *target.Watch) checks.Finding {
	tool, real := w.Tool.Name, t.Real(w.Cwd)
	f := checks.Finding{
		Severity:   checks.Warning,
		Confidence: checks.Likely,
		Message:    checks.Msg("%s watches nothing of a folder that is entered through a link, as %s is", tool, w.Cwd),
		Why:        checks.Msg("Started here, it builds and runs the server once. No save is noticed after that, and it does not say so."),
		Help:       checks.Msg("start %s in the folder itself: cd %s", tool, shellword.Path(real)),
		Evidence:   []checks.Message{checks.Msg("%s leads to %s", w.Cwd, real)},
		Subject:    &checks.Subject{Kind: checks.FileSubject, Name: w.Cwd},
		Key:        "link " + tool,
	}
	if p := w.Start.Place; p.File != "" {
		f.Location = checks.At(p.File, p.Line, max(p.Column, 1))
	}
	return f
}

// named is a command with a package that it names by the real path.
type named struct {
	project.Command
	dir string
}

// mixing lists the go commands of a script that name a folder of the project by its real path. The go command, started where $PWD
// is the link, takes that folder for one outside of the module. A script that goes to a folder by its path first works by that.
func mixing(t *target.Target, s project.Script, real string) []named {
	var out []named
	for i, c := range s.Commands {
		if c.Name() == "cd" && len(c.Words) > 1 && (c.Words[1] == "" || filepath.IsAbs(c.Words[1])) {
			return nil
		}
		dir, ok := s.Dir(i)
		if !ok {
			continue
		}
		b, ok := gobuild.Of(c, filepath.Join(t.Root(), filepath.FromSlash(dir)))
		if !ok {
			continue
		}
		for _, p := range b.Packages {
			if filepath.IsAbs(p) && project.Within(filepath.ToSlash(filepath.Clean(p)), filepath.ToSlash(real)) && !b.Files() {
				out = append(out, named{c, p})
				break
			}
		}
	}
	return out
}

func mixedFinding(t *target.Target, s project.Script, c named, real string) checks.Finding {
	rel, err := filepath.Rel(real, c.dir)
	if err != nil {
		rel = "."
	}
	short := relativePackage(rel)
	return checks.Finding{
		Severity: checks.Error,
		Message:  checks.Msg("%s builds %s, and the project is entered through the link %s", s.File, c.dir, t.Root()),
		Why:      checks.Msg("The go command refuses it: \"directory … outside main module\". It goes by $PWD, which names the link."),
		Help:     checks.Msg("write %s, or enter the project by its own name: cd %s", short, shellword.Path(real)),
		Location: checks.At(s.File, c.Pos.Line, c.Pos.Column),
		Key:      c.dir,
	}
}

// relativePackage names a folder as the go command wants it, so that it is none of the standard library.
func relativePackage(rel string) string {
	if rel = filepath.ToSlash(rel); rel == "." {
		return "."
	}
	return "./" + rel
}
