package target

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Watch is one watcher that is meant to run, or runs, on this project, with what it does.
type Watch struct {
	*watcher.Setup
	Running *watcher.Running // the live process, nil where none runs
	Named   *NamedBy         // the script that starts it, nil where none does
	Air     *AirSetup        // for air, which has settings of its own to ask about; nil else
}

// Dir is the folder it is started in, relative to the root.
func (w *Watch) Dir(t *Target) string { return t.Rel(w.Cwd) }

// Watches lists the watchers of this project, whichever tools they are: those that run in it, those that its scripts start,
// and those that a configuration file waits for.
func (t *Target) Watches(ctx context.Context) ([]*Watch, error) { return t.watches.Get(ctx) }

func (t *Target) readWatches(ctx context.Context) ([]*Watch, error) {
	airs, err := t.Airs(ctx)
	if err != nil {
		return nil, err
	}
	var out []*Watch
	for _, a := range airs {
		w, err := t.airWatch(ctx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	starts, err := t.watchStarts(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range starts {
		if setup := s.tool.Read(s.Start); setup != nil {
			out = append(out, &Watch{Setup: setup, Running: s.running, Named: s.named})
		}
	}
	return out, nil
}

// watchStart is a start of a tool other than air before its configuration is read.
type watchStart struct {
	*watcher.Start
	tool    *watcher.Tool
	running *watcher.Running
	named   *NamedBy
}

// same tells whether two starts are one: a running watcher and the command of a script that started it.
func (s *watchStart) same(o *watchStart) bool {
	return s.tool == o.tool && s.Cwd == o.Cwd && slices.EqualFunc(s.Words, o.Words, func(a, b watcher.Word) bool { return a.Text == b.Text })
}

func (t *Target) watchStarts(ctx context.Context) ([]*watchStart, error) {
	starts := t.runningStarts(ctx)
	commands, err := t.StartingCommands(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range commands {
		s := t.scriptedStart(ctx, c)
		if s == nil {
			continue
		}
		if i := slices.IndexFunc(starts, s.same); i >= 0 && starts[i].named == nil {
			s.running, starts[i] = starts[i].running, s
			continue
		}
		starts = append(starts, s)
	}
	configured, err := t.configuredStarts(ctx, starts)
	return append(starts, configured...), err
}

// newStart is a start of a tool in a folder (absolute), with the configuration file that lies there.
func (t *Target) newStart(tool *watcher.Tool, cwd string, words []watcher.Word) *watchStart {
	s := &watcher.Start{Tool: tool, Cwd: cwd, Words: words, Files: watchFiles{t}, Env: t.LookupEnv}
	for _, name := range tool.Configs {
		if abs := filepath.Join(cwd, filepath.FromSlash(name)); project.HasFile(abs) {
			s.Config = abs
			break
		}
	}
	return &watchStart{Start: s, tool: tool}
}

func (t *Target) runningStarts(ctx context.Context) []*watchStart {
	if t.opts.Profile == "ci" {
		return nil
	}
	own, err := t.OwnWatchers(ctx)
	if err != nil {
		return nil // without a process table there is no running one to tell of
	}
	var starts []*watchStart
	for i := range own {
		if own[i].Tool.Read != nil {
			starts = append(starts, t.runningStart(&own[i]))
		}
	}
	return starts
}

func (t *Target) runningStart(r *watcher.Running) *watchStart {
	var words []watcher.Word
	_, args := watcher.Called(r.Process.Args)
	for _, arg := range args {
		words = append(words, watcher.Word{Text: arg, Known: true})
	}
	s := t.newStart(r.Tool, t.Unreal(r.Process.Cwd), words)
	s.running = r
	return s
}

// scriptedStart is the start that a command makes; nil where it starts no watcher.
func (t *Target) scriptedStart(ctx context.Context, c StartingCommand) *watchStart {
	tool, args := watcher.Called(c.Words)
	if tool == nil || tool.Read == nil || t.isOwnProgram(ctx, c.Words[0]) {
		return nil
	}
	words := commandWords(c.File, c.Command)
	s := t.newStart(tool, filepath.Join(t.root, filepath.FromSlash(c.Dir)), words[len(words)-len(args):])
	s.Called = words[:len(words)-len(args)]
	for from := c.From; from != nil; from = from.From {
		s.From = append([][]watcher.Word{commandWords(c.File, *from)}, s.From...)
	}
	s.Place = watcher.Place{File: c.File, Line: c.Pos.Line, Column: c.Pos.Column}
	s.Version = watcher.AskedVersion(c.Words)
	s.named = &NamedBy{File: c.File, Command: c.Command}
	return s
}

// commandWords are the words of a command with their places.
func commandWords(file string, c project.Command) []watcher.Word {
	var out []watcher.Word
	for i, word := range c.Words {
		glob := i < len(c.Globs) && c.Globs[i]
		out = append(out, watcher.Word{Text: word, Known: word != "", Glob: glob, Place: wordPlace(file, c, i)})
	}
	return out
}

// wordPlace is the place of a command's i-th word; that of the command where the word came out of a variable.
func wordPlace(file string, c project.Command, i int) watcher.Place {
	if i >= len(c.Spans) || c.Spans[i].IsZero() {
		return watcher.Place{File: file, Line: c.Pos.Line, Column: c.Pos.Column}
	}
	s := c.Spans[i]
	return watcher.Place{File: file, Line: s.Pos.Line, Column: s.Pos.Column, Start: s.Start, End: s.End}
}

// configuredStarts are those that a tool's own configuration file waits for where no command of the project starts the tool
// there: its user types its name.
func (t *Target) configuredStarts(ctx context.Context, named []*watchStart) ([]*watchStart, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var out []*watchStart
	for _, tool := range watcher.Tools {
		if tool.Read == nil {
			continue
		}
		for _, config := range tool.Configs {
			for _, file := range tree.Named(path.Base(config)) {
				dir, ok := folderOfConfig(file, config)
				cwd := filepath.Join(t.root, filepath.FromSlash(dir))
				abs := filepath.Join(t.root, filepath.FromSlash(file))
				taken := slices.ContainsFunc(append(slices.Clone(named), out...), func(s *watchStart) bool { return s.tool == tool && (s.Cwd == cwd || s.names(abs)) })
				if ok && !taken {
					out = append(out, t.newStart(tool, cwd, nil))
				}
			}
		}
	}
	return out, nil
}

// names tells whether the command of a start names a file (absolute): it is known who reads it then.
func (s *watchStart) names(file string) bool {
	return slices.ContainsFunc(s.Words, func(w watcher.Word) bool {
		name := w.Text
		if strings.HasPrefix(name, "-") {
			_, name, _ = strings.Cut(name, "=")
		}
		return name != "" && below(s.Cwd, name) == file
	})
}

// folderOfConfig is the folder in which a tool has to be started to find a configuration file of that name.
func folderOfConfig(file, config string) (dir string, ok bool) {
	before, ok := strings.CutSuffix("/"+file, "/"+config)
	return path.Join(".", strings.TrimPrefix(before, "/")), ok && !strings.Contains("/"+file, "/testdata/")
}

// watchFiles lets a tool's reader ask about files.
type watchFiles struct{ t *Target }

func (f watchFiles) Read(abs string) ([]byte, error) { return readSmall(abs, maxAirConfig) }
func (f watchFiles) Text(file string) ([]byte, error) {
	return readSmall(filepath.Join(f.t.root, filepath.FromSlash(file)), maxAirConfig)
}
func (f watchFiles) Rel(abs string) string  { return f.t.Rel(abs) }
func (f watchFiles) IsDir(abs string) bool  { return project.HasFolder(abs) }
func (f watchFiles) IsLink(abs string) bool { return isLink(abs) }

// Reacts decides about a change of a file (absolute) by any of its names: a tool that stops at a link may watch what the link leads to
// by its own name.
func (t *Target) Reacts(m watcher.Matcher, file string) watcher.Decision {
	d := m.Reacts(file)
	if d.Reason == watcher.BehindLink {
		if real := m.Reacts(t.Unreal(t.Real(file))); real.Reacts() {
			return real
		}
	}
	return d
}

// Needs is what the program needs that a reaction builds or runs, and what its cycle writes; nil where there is no program, no
// readable go.mod, or the folder lies in no examined module.
func (t *Target) Needs(ctx context.Context, w *Watch, r *watcher.Reaction) (*needs.Program, error) {
	if w.Air != nil {
		return t.AirNeeds(ctx, w.Air)
	}
	return t.needs.Get(ctx, reactionOf{w, r})
}

type reactionOf struct {
	watch    *Watch
	reaction *watcher.Reaction
}

func (t *Target) readNeeds(ctx context.Context, of reactionOf) (*needs.Program, error) {
	all, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	var lines []string
	dir, own := of.watch.Cwd, false
	for i, line := range of.reaction.Lines() {
		lines = append(lines, line.Text)
		own = own || mayRunOwn(line, of.watch.Cwd)
		if i == 0 && line.Dir != "" {
			dir = line.Dir
		}
	}
	im := t.importsBuiltBy(all, lines, dir)
	if im == nil || !own {
		return nil, nil
	}
	return needs.Read(im, needs.Cycle{Root: t.root, Dir: t.Rel(dir), Build: lines}), nil
}
