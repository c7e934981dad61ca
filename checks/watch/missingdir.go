package watch

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// MissingDir finds folders that are to be watched and are not there.
var MissingDir = checks.Check{
	ID:       "watch/missing-dir",
	Title:    "a folder that is to be watched does not exist",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Run:      missingDir,
}

func missingDir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return faulty(ctx, t, report, func() error { return missingDirOfAir(ctx, t, report) }, kinds(watcher.MissingFolder))
}

func missingDirOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	tree, err := t.Tree(ctx)
	if err != nil {
		return err
	}
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if a.Doc == nil {
			return nil
		}
		root := a.root
		if e, ok := a.Doc.Find("root"); ok && e.Value.Text != "" && t.Getenv("air_wd") == "" && (!project.HasFolder(root) || madeByAir(t, a, tree, root)) {
			a.report(missingRoot(a, e, tree.Dirs))
			return nil
		}
		e, ok := a.Doc.Find("build", "include_dir")
		if !ok || len(a.Overridden) > 0 {
			return nil
		}
		for i, item := range e.Value.Items {
			dir := strings.TrimSuffix(strings.TrimSpace(item.Text), "/")
			if i < len(a.Build.IncludeDir) { // a container may call it otherwise
				dir = strings.TrimSuffix(strings.TrimSpace(a.Build.IncludeDir[i]), "/")
			}
			if item.Kind != tomldoc.String || dir == "" || project.HasFolder(joined(root, dir)) {
				continue
			}
			a.report(missingInclude(t, a, e, i, dir, root, tree.Dirs))
		}
		return nil
	})
}

// madeByAir tells whether a root holds nothing but the tmp_dir that air makes in a root which is not there.
func madeByAir(t *target.Target, a *airFile, tree *project.Tree, root string) bool {
	base := t.Rel(t.Unreal(root))
	tmp := filepath.ToSlash(filepath.Join(base, a.TmpDir))
	if base == "." || strings.HasPrefix(base, "..") || !project.HasFolder(joined(root, a.TmpDir)) {
		return false
	}
	for _, f := range tree.Files {
		if project.Within(f.Path, base) && !project.Within(f.Path, tmp) {
			return false
		}
	}
	for _, d := range tree.Dirs {
		if project.Within(d, base) && d != base && !project.Within(d, tmp) {
			return false
		}
	}
	return true
}

func missingRoot(a *airFile, e tomldoc.Entry, dirs []string) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("root = %s: there is no such folder, or only the empty one that air has made", a.Raw(e.Value.Span)),
		Why:      checks.Msg("air makes the folder and watches it: it is empty, so no save is ever noticed."),
		Help:     checks.Msg(`write root = "."`),
		Location: a.at(e.Value.Span),
		Key:      "root",
	}
	to := "."
	if near := nearestName(filepath.ToSlash(filepath.Clean(e.Value.Text)), dirs); near != "" && a.Dir == "." && !strings.HasSuffix(near, "/"+a.TmpDir) {
		to = near
	}
	f.Help = checks.Msg("write root = %s", quoted(to))
	f.Fix = mend("write root = "+quoted(to), plan.Safe, a.replace(e.Value.Span, quoted(to)))
	return f
}

func missingInclude(t *target.Target, a *airFile, e tomldoc.Entry, i int, dir, root string, dirs []string) checks.Finding {
	item := e.Value.Items[i]
	f := checks.Finding{
		Message:  checks.Msg("include_dir: there is no folder %s", dir),
		Why:      checks.Msg("air watches only the folders that include_dir names; this entry watches nothing."),
		Help:     checks.Msg("take it out, or write the name of the folder that is meant"),
		Location: a.at(item.Span),
		Key:      "include_dir " + dir,
	}
	var below []string
	base := t.Rel(t.Unreal(root))
	for _, d := range dirs {
		if project.Within(d, base) && d != base {
			below = append(below, relativeDir(d, base))
		}
	}
	switch near := nearestName(strings.TrimPrefix(dir, "./"), below); {
	case near != "":
		f.Help = checks.Msg("write %s", quoted(near))
		f.Fix = mend("write "+quoted(near)+" instead", plan.Safe, a.replace(item.Span, quoted(near)))
	case len(e.Value.Items) > 1:
		f.Help = checks.Msg("take %s out of include_dir", a.Raw(item.Span))
		f.Fix = mend("take "+dir+" out of include_dir", plan.Safe, a.dropItem(e, i))
	default:
		f.Help = checks.Msg("write include_dir = [] to watch all of the root")
		f.Fix = mend("watch all of the root", plan.Safe, a.replace(e.Value.Span, "[]"))
	}
	return f
}

// dropItem takes one element of a list of several out, with the comma that parts it from its neighbour.
func (a *airFile) dropItem(e tomldoc.Entry, i int) plan.Edit {
	items := e.Value.Items
	if i+1 < len(items) {
		return a.replace(tomldoc.Span{Start: items[i].Span.Start, End: items[i+1].Span.Start}, "")
	}
	return a.replace(tomldoc.Span{Start: items[i-1].Span.End, End: items[i].Span.End}, "")
}
