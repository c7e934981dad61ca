package src

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/opens"
)

// TemplateGlob finds template patterns that match what is no template: folders, and what editors leave behind.
var TemplateGlob = checks.Check{
	ID:       "src/template-glob",
	Title:    "a template pattern also matches folders or editors' files",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      templateGlob,
}

func templateGlob(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachOpening(ctx, t, func(o opening) error {
		if o.Kind != opens.Templates || !o.Pattern {
			return nil
		}
		for _, n := range o.relative() {
			if f := tooWide(t, o, n); f != nil {
				report(*f)
			}
		}
		return nil
	})
}

// tooWide is the finding about a pattern that matches more than templates; nil where it does not. It is judged from the first
// folder that it matches anything from.
func tooWide(t *target.Target, o opening, n opens.Name) *checks.Finding {
	var dir string
	var matched []target.Matched
	for _, s := range o.stands {
		if matched = t.Match(s.Dir, n.Text, true); len(matched) > 0 {
			dir = s.Dir
			break
		}
	}
	var folders, left, files []string
	for _, m := range matched {
		switch {
		case m.Folder:
			folders = append(folders, m.Path)
		case m.Broken || leftBehind(path.Base(m.Path)):
			left = append(left, m.Path)
		default:
			files = append(files, m.Path)
		}
	}
	f := checks.Finding{Location: o.at(n), Service: o.program.Module.Dir, Key: o.Call + " " + n.Text}
	switch {
	case len(folders) > 0:
		f.Message = checks.Msg("%s: %s also matches the folder %s", o.Call, shown(n), folders[0])
		f.Severity, f.Confidence, f.Why = folderBreaks(o, folders[0])
		for _, other := range folders[1:min(len(folders), 5)] {
			f.Evidence = append(f.Evidence, checks.Msg("it matches the folder %s too", other))
		}
	case len(left) > 0:
		f.Message = checks.Msg("%s: %s also matches %s", o.Call, shown(n), left[0])
		f.Why = checks.Msg("What is no template is read as one: it may take a template's place, or stop the program at start.")
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	default:
		return nil
	}
	f.Help = checks.Msg("name the templates by their extension, as in %s", path.Join(path.Dir(n.Text), "*.html"))
	if narrow := narrower(t, dir, n.Text, files); narrow != "" {
		f.Help = checks.Msg("write %s: it matches the same templates and nothing else", narrow)
		if n.Literal {
			f.Fix = &plan.Plan{Title: "narrow the pattern to " + narrow, Safety: plan.Safe, Steps: []plan.Step{
				plan.ReplaceAt(o.File, n.At.Line, n.At.Column, n.Raw, quotedAs(n.Raw, narrow)),
			}}
		}
	}
	return &f
}

// folderBreaks grades a folder among the templates: html/template reads it, and cannot.
func folderBreaks(o opening, dir string) (checks.Severity, checks.Confidence, checks.Message) {
	switch {
	case o.When == opens.PerRequest:
		return checks.Warning, checks.Certain, checks.Msg("Each request that comes here fails: read %s: is a directory.", dir)
	case !o.Must && !o.MustInRelease:
		return checks.Warning, checks.Certain, checks.Msg("The call gives an error: read %s: is a directory.", dir)
	case o.When == opens.Perhaps:
		return checks.Warning, checks.Likely, checks.Msg("Where the program comes here it panics: read %s: is a directory.", dir)
	case o.MustInRelease:
		return checks.Error, checks.Certain, checks.Msg("In debug mode each page fails, in release mode the program panics at start: read %s: is a directory.", dir)
	}
	return checks.Error, checks.Certain, checks.Msg("The program panics at start: read %s: is a directory.", dir)
}

// leftBehind tells whether a file is what an editor, a merge or a system leaves behind. The files that keep a folder in git do
// no harm: they are empty.
func leftBehind(base string) bool {
	switch base {
	case ".DS_Store", "Thumbs.db", "desktop.ini", "4913":
		return true
	}
	if strings.HasPrefix(base, ".#") || strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#") || strings.HasSuffix(base, "~") {
		return true
	}
	ext := strings.ToLower(path.Ext(base))
	return slices.Contains([]string{".swp", ".swo", ".swn", ".swx", ".orig", ".rej", ".bak", ".tmp"}, ext) || strings.HasPrefix(base, "._")
}

// narrower is a pattern that matches exactly some files from a folder; empty where none is found.
func narrower(t *target.Target, dir, pattern string, files []string) string {
	base := path.Base(pattern)
	if len(files) == 0 || !strings.HasSuffix(base, "*") {
		return ""
	}
	ext := path.Ext(files[0])
	for _, end := range []string{"*" + ext, "*.*", "[^.]*" + ext, "[^.]*.*"} {
		if strings.Contains(end, "[") && base != "*" {
			break
		}
		try := strings.TrimSuffix(pattern, "*") + end
		var got []string
		for _, m := range t.Match(dir, try, true) {
			got = append(got, m.Path)
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(files))
		if slices.Equal(got, want) && try != pattern {
			return try
		}
	}
	return ""
}

// quotedAs quotes text in the way that a literal is quoted.
func quotedAs(raw, text string) string {
	if strings.HasPrefix(raw, "`") {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}
