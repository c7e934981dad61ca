package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// SlowBuild finds a build command that does again at each save what the build cache has.
var SlowBuild = checks.Check{
	ID:       "watch/slow-build",
	Title:    "each save builds from nothing",
	Stage:    checks.Build,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI,
	Run:      slowBuild,
}

func slowBuild(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return airSlowBuild(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			for _, line := range r.Lines() {
				for _, c := range project.ParseShell(line.Text, project.Position{Line: 1, Column: 1}) {
					if f, ok := slow(c); ok {
						f.Location, f.Key = s.near(line.Place, r.Place), s.Tool.Name+" "+f.Key
						f.Fix = s.withoutFlag(line, f.Key)
						s.report(f)
					}
				}
			}
		}
		return nil
	})
}

// withoutFlag takes -a out of a line, where it stands in a file as a word of its own.
func (s *setup) withoutFlag(line watcher.Line, key string) *plan.Plan {
	i := slices.IndexFunc(line.Words, func(w watcher.Word) bool { return w.Text == "-a" })
	if !strings.HasSuffix(key, " -a") || i < 1 || !line.Words[i].Place.Editable() || !line.Words[i-1].Place.Editable() {
		return nil
	}
	p := line.Words[i].Place
	p.Start = line.Words[i-1].Place.End
	return s.plan("take -a out", plan.Safe, []watcher.Change{{Place: p}})
}

func airSlowBuild(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if e, ok := a.entry("cmd"); ok {
			for _, c := range project.ParseShell(a.Build.Cmd, project.Position{Line: 1, Column: 1}) {
				if f, ok := slow(c); ok {
					f.Location, f.Key = a.at(e.Value.Span), "cmd "+f.Key
					f.Fix = quicker(a, e, c)
					a.report(f)
				}
			}
		}
		if e, ok := a.entry("pre_cmd"); ok {
			for i, item := range e.Value.Items {
				for _, c := range project.ParseShell(item.Text, project.Position{Line: 1, Column: 1}) {
					f, ok := slow(c)
					if !ok {
						continue
					}
					f.Location, f.Key = a.at(item.Span), "pre_cmd "+f.Key
					if item.Text == strings.Join(c.Words, " ") && f.Key != "pre_cmd -a" {
						edit := a.replace(item.Span, "")
						if len(e.Value.Items) > 1 {
							edit = a.dropItem(e, i)
						}
						f.Fix = mend("take "+item.Text+" out of pre_cmd", plan.Safe, edit)
					}
					a.report(f)
				}
			}
		}
		return nil
	})
}

// slow says what a command of the build throws away.
func slow(c project.Command) (checks.Finding, bool) {
	f := checks.Finding{Help: checks.Msg("take it out of the watcher's configuration")}
	is := func(words ...string) bool {
		return len(c.Words) >= len(words) && slices.Equal(c.Words[:len(words)], words)
	}
	flags := c.Words
	if i := slices.Index(flags, "--"); i >= 0 {
		flags = flags[:i]
	}
	switch {
	case slices.Contains(c.Assigns, "GOCACHE=off"):
		f.Message = checks.Msg("GOCACHE=off: the go command refuses to build without its cache")
		f.Why = checks.Msg("Since Go 1.12 each build ends with: build cache is disabled by GOCACHE=off, but required.")
		f.Key = "GOCACHE"
	case is("go", "build") && slices.Contains(flags, "-a"):
		f.Message = checks.Msg("go build -a compiles every package anew at each save, the standard library among them")
		f.Why = checks.Msg("A reload takes as long as a first build; the cache already knows what has changed.")
		f.Key = "-a"
	case is("go", "clean") && slices.ContainsFunc(flags, func(w string) bool { return w == "-cache" || w == "-modcache" }):
		f.Message = checks.Msg("%s empties the cache at each save", strings.Join(c.Words, " "))
		f.Why = checks.Msg("A reload takes as long as a first build.")
		f.Key = "clean"
	case is("go", "mod", "tidy"), is("go", "mod", "download"), is("go", "get", "-u"):
		f.Message = checks.Msg("%s runs at each save", strings.Join(c.Words, " "))
		f.Why = checks.Msg("It reads all modules, may ask the network, and may change go.mod; a reload waits for it.")
		f.Key = strings.Join(c.Words[:3], " ")
		f.Help = checks.Msg("take it out, and run it by hand when an import was added")
	default:
		return f, false
	}
	return f, true
}

// quicker takes the slow part out of cmd, where it stands there plainly.
func quicker(a *airFile, e tomldoc.Entry, c project.Command) *plan.Plan {
	raw := a.Raw(e.Value.Span)
	cut := strings.Join(c.Words, " ") + " && "
	if c.Words[1] == "build" {
		cut = "-a "
	}
	if slices.Contains(c.Assigns, "GOCACHE=off") {
		cut = "GOCACHE=off "
	}
	if strings.Count(raw, cut) != 1 {
		return nil
	}
	i := strings.Index(raw, cut)
	if cut == "-a " && raw[i-1] != ' ' {
		return nil
	}
	start := e.Value.Span.Start + i
	return mend("take "+strings.TrimSpace(strings.TrimSuffix(cut, "&& "))+" out of cmd", plan.Safe, a.replace(tomldoc.Span{Start: start, End: start + len(cut)}, ""))
}
