package fs

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
)

// SymlinkLoop finds links that lead to themselves, or to a folder in which they lie.
var SymlinkLoop = checks.Check{
	ID:       "fs/symlink-loop",
	Title:    "a link in the watched tree leads to itself",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Run:      symlinkLoop,
}

func symlinkLoop(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLink(ctx, t, func(w *watched, l target.Link) {
		f := checks.Finding{Location: whole(l.Path), Service: w.service, Key: l.Path}
		switch {
		case l.Loop:
			f.Message = checks.Msg("%s is a link to %s, and that leads back to it", l.Path, l.Target)
			f.Why = checks.Msg("Whatever opens it fails (\"too many levels of symbolic links\"): the go command, a copy into an image, a program that reads the folder.")
			f.Help = checks.Msg("remove it: rm %s", shellword.Path(l.Path))
		case l.Above(t.Root()) && !workspace(l):
			f.Message = checks.Msg("%s is a link to a folder in which it lies itself", l.Path)
			f.Why = checks.Msg("Whoever follows it finds the same folders again and again below it: %s, a search, a copy, an archive.", follower(w))
			f.Help = checks.Msg("remove it: rm %s", shellword.Path(l.Path))
		default:
			return
		}
		report(f)
	})
}

// workspace tells whether a link makes the project a package of a GOPATH inside of it, as was usual before modules.
func workspace(l target.Link) bool { return strings.Contains("/"+l.Path, "/src/") }

// follower names the watcher where it follows links, and else watchers that do.
func follower(w *watched) string {
	if w.Tool.Name == "nodemon" {
		return "nodemon"
	}
	return "a watcher that follows links (nodemon)"
}
