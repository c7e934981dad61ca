package target

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// airWatch is what an air does, told as of every other tool. What its file has wrong is asked of AirSetup: air's own
// releases differ in what they make of it.
func (t *Target) airWatch(ctx context.Context, a *AirSetup) (*Watch, error) {
	m, err := t.Matcher(ctx, a)
	if err != nil {
		return nil, err
	}
	s := &watcher.Setup{
		Start:  &watcher.Start{Tool: watcher.Air, Version: string(a.Version), Cwd: a.Cwd, Files: watchFiles{t}, Env: t.LookupEnv},
		Events: watcher.Events{NewFolders: true, NewFiles: true, PollFlag: "poll = true"},
	}
	if a.File != "" {
		s.File = &watcher.ConfigFile{Path: a.File, Err: a.Err}
	}
	if a.Doc != nil {
		s.File.Data = a.Doc.Data
	}
	if a.Build.Poll {
		s.Events.Kind, s.Events.Interval = watcher.Polling, time.Duration(max(a.Build.PollInterval, 500))*time.Millisecond
	}
	if a.Named != nil {
		s.Place = watcher.Place{File: a.Named.File, Line: a.Named.Command.Pos.Line, Column: a.Named.Command.Pos.Column}
	}
	switch {
	case a.Err != nil && !a.Ignored:
	case a.Running == nil && filepath.IsAbs(a.Root) && !project.HasFolder(a.Root):
		s.Unsure = "there is no " + a.Root + " on this system, and a container may have it"
	default:
		s.Reactions = []*watcher.Reaction{airReaction(a, m)}
	}
	return &Watch{Setup: s, Running: a.Running, Named: a.Named, Air: a}, nil
}

func airReaction(a *AirSetup, m *air.Matcher) *watcher.Reaction {
	r := &watcher.Reaction{
		Matcher:      &airMatcher{setup: a, rules: m},
		Restarts:     true,
		StopsFirst:   !a.Version.AtLeast("v1.61.6"),
		KeepsOnError: !a.Build.StopOnError,
		Debounce:     time.Duration(a.Build.Delay) * time.Millisecond,
		Stop:         watcher.Stop{Signal: "SIGKILL", Group: true},
	}
	if a.Build.SendInterrupt {
		r.Stop.Signal, r.Stop.Kill = "SIGINT", a.Build.KillDelay.Duration(a.Version)
	}
	for _, cmd := range append(append([]string{}, a.Build.PreCmd...), a.Build.Cmd) {
		r.Build = append(r.Build, watcher.Line{Text: cmd, Dir: a.Cwd, Shell: true})
	}
	r.Run = &watcher.Line{Text: a.runs(), Dir: a.Cwd, Shell: true}
	return r
}

// runs is the command line by which air starts the server: full_bin, entrypoint or bin, with args_bin.
func (a *AirSetup) runs() string {
	b := a.Build
	words := []string{b.Bin}
	switch {
	case b.FullBin != "":
		words = []string{b.FullBin}
	case len(b.Entrypoint) > 0:
		words = b.Entrypoint
	}
	return strings.Join(append(append([]string{}, words...), b.ArgsBin...), " ")
}

// airMatcher tells air's decisions as those of every other tool. Air's own matcher keeps notes, so one asks it at a time.
type airMatcher struct {
	mu    sync.Mutex
	setup *AirSetup
	rules *air.Matcher
}

var airReasons = map[air.Reason]watcher.Reason{
	air.Watched: watcher.Watched, air.Outside: watcher.Outside, air.BehindLink: watcher.BehindLink, air.TmpDir: watcher.DirExcluded,
	air.TestData: watcher.DirExcluded, air.Hidden: watcher.Hidden, air.ExcludeDir: watcher.DirExcluded, air.IncludeDir: watcher.DirNotIncluded,
	air.ByRule: watcher.Extension, air.ExcludeFile: watcher.FileExcluded, air.ExcludeRegex: watcher.FileExcluded, air.Extension: watcher.Extension,
}

func (m *airMatcher) Reacts(file string) watcher.Decision {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told(m.rules.Reacts(file))
}

func (m *airMatcher) Folder(dir string) watcher.Decision {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told(m.rules.Dir(dir))
}

// Include and Exclude are nil: a change of air's lists is made from all that is wished of them together.
func (m *airMatcher) Include(string) []watcher.Change { return nil }

// Exclude is nil, as Include is.
func (m *airMatcher) Exclude(string) []watcher.Change { return nil }

func (m *airMatcher) told(d air.Decision) watcher.Decision {
	out := watcher.Decision{Reason: airReasons[d.Reason], Path: d.Path, Rule: strings.Join(d.Reason.Key(), ".")}
	if element := m.setup.Element(d); element != "" {
		out.Rule += " " + strconv.Quote(element)
	}
	doc := m.setup.Doc
	if doc == nil || len(d.Reason.Key()) == 0 {
		return out
	}
	e, ok := doc.Find(d.Reason.Key()...)
	if !ok {
		return out
	}
	span := e.Value.Span
	if d.Item >= 0 && d.Item < len(e.Value.Items) {
		span = e.Value.Items[d.Item].Span
	}
	out.Place = tomlPlace(m.setup.File, doc, span)
	return out
}

// Element is the element of a list of the configuration that decided, "" where none did.
func (a *AirSetup) Element(d air.Decision) string {
	lists := map[air.Reason][]string{air.ExcludeDir: a.Build.ExcludeDir, air.ExcludeFile: a.Build.ExcludeFile, air.ExcludeRegex: a.Build.ExcludeRegex}
	if l := lists[d.Reason]; d.Item >= 0 && d.Item < len(l) {
		return l[d.Item]
	}
	return ""
}

// tomlPlace is the place of a range of a TOML file.
func tomlPlace(file string, doc *tomldoc.Document, s tomldoc.Span) watcher.Place {
	line, column := doc.Position(s.Start)
	return watcher.Place{File: file, Line: line, Column: column, Start: s.Start, End: s.End}
}
