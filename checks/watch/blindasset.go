package watch

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// BlindAsset finds templates, embedded files and settings that the program reads and whose changes go unnoticed.
var BlindAsset = checks.Check{
	ID:       "watch/blind-asset",
	Title:    "a file that the program reads changes without the watcher noticing",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      blindAsset,
}

func blindAsset(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachWatched(ctx, t, report, func(w *watched) error {
		s, outputs := w.ways(), writtenFiles(w.needs)
		for _, a := range w.needs.Assets {
			if a.Kind == needs.Reread {
				continue // in debug mode Gin parses them again for each request
			}
			unseen, d := w.unseen(a, outputs)
			if len(unseen) > 0 && !strings.HasPrefix(d.Rule, "build.rules") { // which takes it for a command of its own
				s.hold(assetFinding(w, s, a, unseen, d))
			}
		}
		s.tell()
		return nil
	})
}

// unseen lists the files of an asset that nothing reacts to, and why it does not to the first. What the cycle itself
// writes changes with what it is made from.
func (w *watched) unseen(a needs.Asset, outputs []string) ([]string, watcher.Decision) {
	var (
		out []string
		why watcher.Decision
	)
	for _, file := range a.Files {
		if slices.Contains(outputs, file) || Bulky(file) {
			continue
		}
		if d := w.notices(file); !d.Reacts() {
			if out == nil {
				why = d
			}
			out = append(out, file)
		}
	}
	return out, why
}

// Bulky tells whether a file is most likely the output of another tool chain, which has a watcher of its own, or a picture:
// nobody edits these and waits for the server.
func Bulky(file string) bool {
	for part := range strings.SplitSeq(path.Dir(file), "/") {
		if slices.Contains([]string{"dist", "build", "node_modules", "out", ".next", "vendor", "public", "static"}, part) {
			return true
		}
	}
	return slices.Contains([]string{"", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".svg", ".webp", ".woff", ".woff2", ".ttf", ".map", ".gz", ".zip", ".pem", ".crt", ".key", ".mmdb", ".gitkeep", ".keep", ".db"},
		strings.ToLower(path.Ext(file)))
}

func assetFinding(w *watched, s ways, a needs.Asset, unseen []string, d watcher.Decision) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s does not notice a change of %s, which %s:%d reads", w.Tool.Name, describe.Some(unseen, 3), a.At.File, a.At.Line),
		Why:      checks.Msg("It is read when the program starts: an edit shows only after a restart."),
		Location: s.blame(d),
		Key:      a.Pattern,
	}
	switch a.Kind {
	case needs.Embedded:
		f.Message = checks.Msg("%s does not notice a change of %s, which %s:%d embeds", w.Tool.Name, describe.Some(unseen, 3), a.At.File, a.At.Line)
		f.Why = checks.Msg("An embedded file is part of the binary: an edit shows only after the next build.")
	case needs.Setting:
		f.Severity = checks.Info
	}
	if f.Location == nil {
		f.Location = checks.At(a.At.File, a.At.Line, a.At.Column)
	}
	f.Fix, f.Help = s.notice(unseen, d)
	return f
}

// notice makes air react to the files: by their extension, or, where that says too little, by their names.
func (s *wishes) notice(files []string, d watcher.Decision) (*plan.Plan, checks.Message) {
	if d.Reason != watcher.Extension {
		key, _, _ := strings.Cut(d.Rule, " ")
		return nil, checks.Msg("let %s leave it in, and restart air", key)
	}
	var exts, names []string
	for _, file := range files {
		ext := strings.TrimPrefix(path.Ext(file), ".")
		named := ext == "" || path.Base(file) == "."+ext || slices.Contains([]string{"json", "yaml", "yml", "toml", "env", "txt", "csv"}, ext)
		rel := s.fromRoot(file)
		switch {
		case named && s.a.Version.AtLeast("v1.61.0") && !slices.Contains(names, rel):
			names = append(names, rel)
		case !named && !slices.Contains(exts, ext):
			exts = append(exts, ext)
		}
	}
	s.add("include_ext", exts...)
	s.add("include_file", names...)
	switch {
	case len(names) > 0:
		return s.mend("make air notice "+describe.Some(files, 2), "include_ext", "include_file"), checks.Msg("put %s into include_file, and restart air", list(names))
	case len(exts) > 0:
		return s.mend("make air notice "+describe.Some(files, 2), "include_ext"), checks.Msg("put %s into include_ext, and restart air", list(exts))
	}
	return nil, checks.Msg("restart air after each edit of it")
}
