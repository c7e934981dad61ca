package watch

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/watcher"
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
			if w.endures(write) || !w.reacts(write.File).Reacts() {
				continue
			}
			key := write.By + "\x00" + path.Dir(write.File)
			if w.startLoops(write) {
				key += "\x00at the start"
			}
			if byWriter[key] == nil {
				writers = append(writers, key)
			}
			byWriter[key] = append(byWriter[key], write)
		}
		s := w.ways()
		for _, key := range writers {
			s.hold(loopFinding(w, s, byWriter[key]))
		}
		s.tell()
		return nil
	})
}

// endures tells whether a write leaves the watcher at rest: with exclude_unchanged air builds only when the content differs from
// the last time, and gin looks for changes since the end of its build alone.
func (w *watched) endures(write needs.Write) bool {
	if w.Events.SinceBuild && write.Command != "" {
		return true
	}
	return w.air != nil && write.Same && w.air.Build.ExcludeUnchanged
}

// startLoops tells of what the program writes that it makes a loop: each start writes it, each write starts a build, each build starts
// the program. It does not where the tool may find the same content, or looks for changes since its last build alone and waits for a
// request before it starts the program.
func (w *watched) startLoops(write needs.Write) bool {
	return write.Starts && w.Run != nil && w.Restarts && !w.Events.SinceBuild && !w.needs.Guessed && (w.air == nil || !w.air.Build.ExcludeUnchanged)
}

func loopFinding(w *watched, s ways, writes []needs.Write) checks.Finding {
	first := writes[0]
	var files []string
	for _, write := range writes {
		files = append(files, write.File)
	}
	f := checks.Finding{Key: first.By + " " + path.Dir(first.File)}
	if first.Command != "" {
		f.Message = checks.Msg("%s writes %s, which %s watches", first.By, describe.Some(files, 3), w.Tool.Name)
		f.Why = checks.Msg("Each build writes it, and each write starts a build: %s never comes to rest.", w.Tool.Name)
		f.Location = w.command(first.Command)
		f.Evidence = append(f.Evidence, checks.Msg("at each change %s runs: %s", w.Tool.Name, first.Command))
		if first.Settles && w.Events.Kind != watcher.Polling { // one that polls goes by the times
			f.Severity = checks.Warning
			f.Why = checks.Msg("Its write is a change too: a save may build and restart the server twice. It ends there, since the second build finds nothing new.")
		}
	} else if w.startLoops(first) {
		f.Message = checks.Msg("the program writes %s when it starts, %s that %s watches", describe.Some(files, 3), first.By, w.Tool.Name)
		f.Why = checks.Msg("Each build starts it, each start writes the file, and each write starts a build: %s never comes to rest.", w.Tool.Name)
		f.Evidence = append(f.Evidence, checks.Msg("main writes it at %s:%d", first.At.File, first.At.Line))
		f.Location = w.takes()
	} else {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("the program writes %s, %s that %s watches", describe.Some(files, 3), first.By, w.Tool.Name)
		f.Why = checks.Msg("Each time it does, %s builds and restarts the server, in the middle of what it was doing.", w.Tool.Name)
		f.Evidence = append(f.Evidence, checks.Msg("it is opened for writing at %s:%d", first.At.File, first.At.Line))
		f.Location = w.takes()
	}
	if f.Location == nil {
		f.Location = checks.At(first.At.File, first.At.Line, first.At.Column)
	}
	f.Fix, f.Help = s.leave(files)
	return f
}

// takes is the place that says which files are watched.
func (w *watched) takes() *checks.Location {
	if w.air != nil {
		return w.air.near("include_ext")
	}
	return w.setup.near(w.Reaction.Place)
}

// command is the place of a command in the configuration.
func (w *watched) command(text string) *checks.Location {
	if w.air == nil {
		for _, line := range w.Lines() {
			if line.Text == text {
				return w.setup.near(line.Place, w.Reaction.Place)
			}
		}
		return w.takes()
	}
	return w.air.command(text)
}

func (a *airFile) command(text string) *checks.Location {
	for _, key := range []string{"pre_cmd", "cmd"} {
		e, ok := a.entry(key)
		if !ok {
			continue
		}
		if e.Value.Text == text {
			return a.at(e.Value.Span)
		}
		for _, item := range e.Value.Items {
			if item.Text == text {
				return a.at(item.Span)
			}
		}
	}
	return a.near("cmd")
}

// leave keeps air from what is written: from the folder, where nothing is written by hand in it, else from the files.
func (s *wishes) leave(files []string) (*plan.Plan, checks.Message) {
	dir := s.fromRoot(path.Dir(files[0]))
	if dir != "." && !strings.HasPrefix(dir, "../") && !s.w.byHand(path.Dir(files[0])) {
		s.add("exclude_dir", dir)
		return s.mend("put "+quoted(dir)+" into exclude_dir", "exclude_dir"), checks.Msg("put %s into exclude_dir, and restart air", quoted(dir))
	}
	var added []string
	for _, file := range files {
		pattern := "/" + regexp.QuoteMeta(s.fromRoot(file)) + "$"
		if name, ok := strings.CutSuffix(path.Base(file), "_templ.go"); ok && name != "" {
			pattern = `_templ\.go$` // all that templ writes ends so
		}
		if !slices.Contains(added, quoted(pattern)) {
			added = append(added, quoted(pattern))
		}
		s.add("exclude_regex", pattern)
	}
	return s.mend("put "+describe.Some(added, 3)+" into exclude_regex", "exclude_regex"), checks.Msg("put %s into exclude_regex, and restart air", describe.Some(added, 3))
}

func writtenFiles(n *needs.Program) []string {
	var out []string
	for _, w := range n.Writes {
		out = append(out, w.File)
	}
	return out
}
