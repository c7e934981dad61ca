package fs

import (
	"context"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
)

// SymlinkBroken finds links to what is not there.
var SymlinkBroken = checks.Check{
	ID:       "fs/symlink-broken",
	Title:    "a link in the watched tree leads nowhere",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Run:      symlinkBroken,
}

func symlinkBroken(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLink(ctx, t, func(w *watched, l target.Link) {
		if !l.Missing || passing(l) {
			return
		}
		report(checks.Finding{
			Message:  checks.Msg("%s is a link to %s, which is not there", l.Path, l.Target),
			Why:      checks.Msg("%s; no watcher sees a change of what it stands for.", ends(l)),
			Help:     checks.Msg("put back what it leads to, or remove it: rm %s", shellword.Path(l.Path)),
			Location: whole(l.Path),
			Service:  w.service,
			Key:      l.Path,
		})
	})
}

// ends says what a link that leads nowhere does to who opens it.
func ends(l target.Link) string {
	if strings.HasSuffix(l.Path, ".go") {
		return "The go command ends at a package with such a file"
	}
	return "What opens it fails: a template or file that the program reads, an embedded folder, a copy into an image"
}

// eachLink asks about every link in a folder that a watcher looks into, with the first that does. Links that others make for
// purposes of their own are left out.
func eachLink(ctx context.Context, t *target.Target, ask func(*watched, target.Link)) error {
	all, err := watchers(ctx, t)
	if err != nil {
		return err
	}
	links, err := t.Links(ctx)
	if err != nil {
		return err
	}
	mounts := configMounts(links)
	for _, l := range links {
		if mounts[path.Dir(l.Path)] || inTestdata(l.Path) {
			continue
		}
		if w := first(all, path.Dir(l.Path)); w != nil {
			ask(w, l)
		}
	}
	return nil
}

// configMounts are the folders that Kubernetes has filled from a ConfigMap or Secret: each file is a link by way of ..data.
func configMounts(links []target.Link) map[string]bool {
	dirs := map[string]bool{}
	for _, l := range links {
		if path.Base(l.Path) == "..data" || strings.HasPrefix(l.Target, "..data/") {
			dirs[path.Dir(l.Path)] = true
		}
	}
	return dirs
}

func inTestdata(name string) bool {
	return strings.Contains("/"+name, "/testdata/") || strings.Contains("/"+name, "/node_modules/")
}

// passing tells whether a link comes and goes by itself: the lock of an editor or a browser, what Bazel and Nix leave in the
// folder when their stores are emptied.
func passing(l target.Link) bool {
	base := path.Base(l.Path)
	return base[0] == '.' || strings.HasPrefix(base, "bazel-") || strings.HasPrefix(l.Target, "/nix/store/") ||
		base == "result" || strings.HasPrefix(base, "result-") || base == "lock" || strings.HasPrefix(base, "Singleton")
}
