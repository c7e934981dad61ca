package src

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/opens"
)

// Templates finds templates and served files that are not there, seen from where the program will stand.
var Templates = checks.Check{
	ID:       "src/templates",
	Title:    "a template or static path matches nothing from where the program will stand",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      templates,
}

func templates(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachOpening(ctx, t, func(o opening) error {
		if o.Kind != opens.Templates && o.Kind != opens.Folder && o.Kind != opens.Served {
			return nil
		}
		for _, n := range o.relative() {
			f, err := absent(ctx, t, o, n)
			if err != nil {
				return err
			}
			if f != nil {
				report(*f)
			}
		}
		return nil
	})
}

// absent is the finding about a name that means nothing where the program stands; nil where there is none. Where nothing says
// how the program is started, a name is fine that means something from one of the folders in which one would start it.
func absent(ctx context.Context, t *target.Target, o opening, n opens.Name) (*checks.Finding, error) {
	said := o.said()
	missing := missingFrom(t, o.stands, o, n)
	missingSaid := missingFrom(t, said, o, n)
	if len(said) > 0 && len(missingSaid) == 0 || len(said) == 0 && len(missing) < len(o.stands) {
		return nil, nil
	}
	f := checks.Finding{
		Message:  checks.Msg("%s: there is no %s", o.Call, shown(n)),
		Location: o.at(n),
		Service:  o.program.Module.Dir,
		Key:      o.Call + " " + n.Text,
		Help:     checks.Msg("put it there, or mend the path"),
	}
	if o.Pattern {
		f.Message = checks.Msg("%s: no file matches %s", o.Call, shown(n))
	}
	f.Severity, f.Confidence, f.Why = breaks(o)
	if len(missingSaid) > 0 && len(missing) < len(o.stands) {
		elsewhere(t, o, n, &f, said, missingSaid)
		return &f, nil
	}
	for _, s := range missing[:min(len(missing), 3)] {
		f.Evidence = append(f.Evidence, standing(t, s))
	}
	later, err := madeLater(ctx, t, o, n)
	if err != nil {
		return nil, err
	}
	from, err := t.FoundFrom(ctx, n.Text)
	if err != nil {
		return nil, err
	}
	switch {
	case later == runtimeOutput:
		return nil, nil
	case later != "":
		f.Severity, f.Confidence = min(f.Severity, checks.Warning), checks.Likely
		f.Evidence = append(f.Evidence, checks.Msg("%s", later))
		f.Help = checks.Msg("make it first, then start the program")
	case len(from) > 0:
		meant := path.Join(from[0], strings.TrimLeft(path.Clean(n.Text), "./"))
		f.Help = checks.Msg("did you mean %s?", fromModule(o, meant))
		if len(missingSaid) == 0 { // who starts it there would have what it asks for
			f.Severity, f.Confidence = min(f.Severity, checks.Warning), checks.Likely
			f.Evidence = append(f.Evidence, checks.Msg("it is there from %s", strings.Join(from[:min(len(from), 3)], ", ")))
		}
	default:
		if level := oneLevel(t, o, n); level != "" {
			f.Help = checks.Msg("in Go ** means one folder, like *: did you mean %s?", level)
		}
	}
	return &f, nil
}

// breaks grades a name that means nothing by what that does to the program.
func breaks(o opening) (checks.Severity, checks.Confidence, checks.Message) {
	severity, confidence := checks.Error, checks.Certain
	if o.When == opens.Perhaps {
		severity, confidence = checks.Warning, checks.Likely
	}
	switch {
	case o.When == opens.PerRequest:
		return checks.Warning, checks.Certain, checks.Msg("Each request that comes here fails.")
	case o.Kind == opens.Folder:
		return checks.Warning, confidence, checks.Msg("The program starts, and all that is asked for below it is a 404.")
	case o.Kind == opens.Served:
		return checks.Warning, confidence, checks.Msg("The program starts, and asking for it is a 404.")
	case o.Must:
		return severity, confidence, checks.Msg("The program panics at start, in debug mode and in release mode.")
	case o.MustInRelease:
		return severity, confidence, checks.Msg("In debug mode each page that is made with it fails; in release mode the program panics at start.")
	}
	return checks.Warning, confidence, checks.Msg("The call gives an error at start.")
}

// elsewhere words a finding about a name that means something from one folder and nothing from where the program is started.
func elsewhere(t *target.Target, o opening, n opens.Name, f *checks.Finding, said, missing []target.Stand) {
	f.Message = checks.Msg("%s: there is no %s from %s, where %s starts the program", o.Call, shown(n), folder(t, missing[0].Dir), missing[0].By)
	if len(missing) < len(said) {
		f.Severity, f.Confidence = min(f.Severity, checks.Warning), checks.Certain
	}
	for _, s := range o.stands {
		if !slices.Contains(missing, s) && len(t.Match(s.Dir, n.Text, o.Pattern)) > 0 {
			f.Evidence = append(f.Evidence, checks.Msg("it is there from %s", folder(t, s.Dir)))
			f.Help = checks.Msg("start it in %s, or write the path as it is seen from %s", folder(t, s.Dir), folder(t, missing[0].Dir))
		}
	}
	for _, s := range missing {
		f.Evidence = append(f.Evidence, standing(t, s))
	}
}

// runtimeOutput stands for a folder that the program itself fills while it runs.
const runtimeOutput = "-"

// madeLater tells why a name may mean nothing yet by design; empty where nothing says so.
func madeLater(ctx context.Context, t *target.Target, o opening, n opens.Name) (string, error) {
	clean := path.Clean(n.Text)
	fixed := clean
	if i := strings.IndexAny(fixed, `*?[`); o.Pattern && i >= 0 {
		fixed = path.Dir(fixed[:i] + "x")
	}
	if o.Kind == opens.Folder && slices.ContainsFunc(strings.Split(clean, "/"), func(part string) bool {
		return slices.Contains([]string{"upload", "uploads", "storage", "data", "media", "files", "tmp", "temp", "cache", "logs"}, part)
	}) {
		return runtimeOutput, nil
	}
	for _, s := range o.stands {
		abs := filepath.Join(s.Dir, filepath.FromSlash(fixed))
		ignored, err := t.GitIgnored(ctx, abs, filepath.Join(abs, "x.html"))
		if err != nil {
			return "", err
		}
		if ignored {
			return "git ignores " + fixed + ": it is an output that a fresh checkout lacks", nil
		}
	}
	by, err := t.BroughtBy(ctx, fixed)
	if by == "" || err != nil {
		return "", err
	}
	return by + " speaks of " + fixed + ", and may make it", nil
}

// fromModule is a path of the tree as seen from the module's folder.
func fromModule(o opening, rel string) string {
	if o.program.Module.Dir == "." {
		return rel
	}
	return strings.TrimPrefix(rel, o.program.Module.Dir+"/")
}

// oneLevel is a pattern without its "**" that does match something; empty where there is none.
func oneLevel(t *target.Target, o opening, n opens.Name) string {
	if !o.Pattern || !strings.Contains(n.Text, "**") {
		return ""
	}
	less := strings.ReplaceAll(n.Text, "**/", "")
	if len(missingFrom(t, o.stands[:1], o, opens.Name{Text: less})) > 0 {
		return ""
	}
	return less
}
