package fs

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
)

// DeepTree finds folders whose path is longer than the system takes, and trees that are merely very deep.
var DeepTree = checks.Check{
	ID:       "fs/deep-tree",
	Title:    "a path is longer than the system takes",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Run:      deepTree,
}

// deep is how many folders within each other are worth a word. The deepest trees of well-known projects have some twenty.
const deep = 40

func deepTree(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := watchers(ctx, t)
	if err != nil {
		return err
	}
	unlistable, err := t.Unlistable(ctx)
	if err != nil {
		return err
	}
	for _, u := range unlistable {
		if w := first(all, u.Path); w != nil && target.TooLong(u.Err) {
			report(tooLong(w, u.Path))
			return nil // the others have the same cause
		}
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return err
	}
	deepest := ""
	for _, dir := range tree.Dirs {
		if n := strings.Count(dir, "/") + 1; n > deep && n > strings.Count(deepest, "/")+1 && first(all, dir) != nil {
			deepest = dir
		}
	}
	if deepest != "" {
		report(deepFinding(deepest))
	}
	return nil
}

// shorn is a long path with its middle left out.
func shorn(name string) string {
	const most = 60
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most/2]) + "…" + string(runes[len(runes)-most/2:])
}

func top(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

func tooLong(w *watched, dir string) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("the path of a folder in %s is longer than the system takes: %d bytes", top(dir), len(w.abs(dir))),
		Why:      checks.Msg("`go list ./...` fails on it (\"file name too long\"), and what walks the tree ends or stops there: %s does.", w.Tool.Name),
		Help:     checks.Msg("look what grows there and remove that, or leave %s out of what %s watches: find %s -type d | tail -n 1", top(dir), w.Tool.Name, shellword.Path(top(dir))),
		Evidence: []checks.Message{checks.Msg("it is %s", shorn(dir)), checks.Msg("%s within each other", describe.Count(strings.Count(dir, "/")+1, "folder"))},
		Location: whole(top(dir)),
		Service:  w.service,
		Key:      top(dir),
	}
	if w.Tool.Name != "air" {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return f
}

func deepFinding(dir string) checks.Finding {
	return checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("%s holds %d folders within each other", top(dir), strings.Count(dir, "/")+1),
		Why:      checks.Msg("Each takes a watch. Something that copies into itself, a backup or a generator, makes such trees, and they go on growing."),
		Help:     checks.Msg("look whether it is wanted: find %s -type d | tail -n 1", shellword.Path(top(dir))),
		Evidence: []checks.Message{checks.Msg("the deepest is %s", shorn(dir))},
		Location: whole(top(dir)),
		Key:      top(dir),
	}
}
