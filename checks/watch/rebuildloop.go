package watch

import (
	"context"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
)

// RebuildLoop finds files that the build or the running program writes and that the watcher reacts to.
var RebuildLoop = checks.Check{
	ID:       "watch/rebuild-loop",
	Title:    "what the build or the program writes makes the watcher build again",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"watch/debounce"},
	Run:      rebuildLoop,
}

func rebuildLoop(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachWatched(ctx, t, report, func(w *watched) error {
		byWriter := map[string][]needs.Write{}
		var writers []string
		for _, write := range w.needs.Writes {
			// With exclude_unchanged air builds only when the content differs from the last time.
			if write.Same && w.Build.ExcludeUnchanged || !w.decide(write.File).Reacts() {
				continue
			}
			key := write.By + "\x00" + path.Dir(write.File)
			if byWriter[key] == nil {
				writers = append(writers, key)
			}
			byWriter[key] = append(byWriter[key], write)
		}
		s := newWishes(w.airFile)
		for _, key := range writers {
			s.hold(loopFinding(w, s, byWriter[key]))
		}
		s.tell()
		return nil
	})
}

func loopFinding(w *watched, s *wishes, writes []needs.Write) checks.Finding {
	first := writes[0]
	var files []string
	for _, write := range writes {
		files = append(files, write.File)
	}
	f := checks.Finding{Key: first.By + " " + path.Dir(first.File)}
	if first.Command != "" {
		f.Message = checks.Msg("%s writes %s, which air watches", first.By, some(files, 3))
		f.Why = checks.Msg("Each build writes it, and each write starts a build: air never comes to rest.")
		f.Location = w.command(first.Command)
		f.Evidence = append(f.Evidence, checks.Msg("before each build air runs: %s", first.Command))
	} else {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("the program writes %s, %s that air watches", some(files, 3), first.By)
		f.Why = checks.Msg("Each time it does, air builds and restarts the server, in the middle of what it was doing.")
		f.Evidence = append(f.Evidence, checks.Msg("it is opened for writing at %s:%d", first.At.File, first.At.Line))
		f.Location = w.near("include_ext")
	}
	if f.Location == nil {
		f.Location = checks.At(first.At.File, first.At.Line, first.At.Column)
	}
	f.Fix, f.Help = w.mendLoop(s, files)
	return f
}

// command is the place of a command in the configuration.
func (w *watched) command(text string) *checks.Location {
	for _, key := range []string{"pre_cmd", "cmd"} {
		e, ok := w.entry(key)
		if !ok {
			continue
		}
		if e.Value.Text == text {
			return w.at(e.Value.Span)
		}
		for _, item := range e.Value.Items {
			if item.Text == text {
				return w.at(item.Span)
			}
		}
	}
	return w.near("cmd")
}

// mendLoop keeps air from what is written: from the folder, where nothing is written by hand in it, else from the files.
func (w *watched) mendLoop(s *wishes, files []string) (*plan.Plan, checks.Message) {
	dir := w.fromRoot(path.Dir(files[0]))
	if dir != "." && !strings.HasPrefix(dir, "../") && !w.byHand(path.Dir(files[0])) {
		s.add("exclude_dir", dir)
		return s.mend("put "+quoted(dir)+" into exclude_dir", "exclude_dir"), checks.Msg("put %s into exclude_dir, and restart air", quoted(dir))
	}
	var added []string
	for _, file := range files {
		pattern := "/" + regexp.QuoteMeta(w.fromRoot(file)) + "$"
		if name, ok := strings.CutSuffix(path.Base(file), "_templ.go"); ok && name != "" {
			pattern = `_templ\.go$` // all that templ writes ends so
		}
		if !slices.Contains(added, quoted(pattern)) {
			added = append(added, quoted(pattern))
		}
		s.add("exclude_regex", pattern)
	}
	return s.mend("put "+some(added, 3)+" into exclude_regex", "exclude_regex"), checks.Msg("put %s into exclude_regex, and restart air", some(added, 3))
}

// byHand tells whether the program needs something of a folder, or of one below it, that is not generated.
func (w *watched) byHand(dir string) bool {
	for _, p := range w.needs.Packages {
		if within(p.Dir, dir) && len(p.Written()) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(w.needs.Assets, func(a needs.Asset) bool {
		return slices.ContainsFunc(a.Files, func(f string) bool { return within(f, dir) && !slices.Contains(writtenFiles(w.needs), f) })
	})
}

func writtenFiles(n *needs.Program) []string {
	var out []string
	for _, w := range n.Writes {
		out = append(out, w.File)
	}
	return out
}

func within(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, filepath.ToSlash(dir)+"/")
}
