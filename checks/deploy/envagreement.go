package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// EnvAgreement finds variables that artefacts set and nothing reads, names that are spelt differently in two places, and Gin programs that
// are deployed without a mode.
var EnvAgreement = checks.Check{
	ID:       "deploy/env-agreement",
	Title:    "the variables that are set are not those that the program reads",
	Stage:    checks.Start,
	Severity: checks.Warning,
	Profiles: checks.CI | checks.Prod,
	Needs:    checks.Modules,
	Run:      envAgreement,
}

// source is variables that something gives to a program.
type envSource struct {
	target.Given
	reads *envvars.Program
	// loose says that the variables may be for others too: those of an env file.
	loose func(artefact.Setting) bool
}

func envAgreement(ctx context.Context, t *target.Target, report checks.Reporter) error {
	sources, open, err := envSources(ctx, t)
	if err != nil {
		return err
	}
	set, err := t.Artefacts(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	var found []unread
	for _, s := range sources {
		found = append(found, s.unread()...)
	}
	mentioned, err := mentionedNames(ctx, t, set, found)
	if err != nil {
		return err
	}
	for _, u := range found {
		if mentioned[u.setting.Name.Value] || u.near != "" && u.leftToMissing(set) {
			continue
		}
		if u.near != "" {
			report(misspeltFinding(u))
		} else if !u.source.loose(u.setting) && u.source.Certain {
			report(unreadFinding(u))
		}
	}
	asked := interpolationNames(set, sources, report)
	told, err := modeless(ctx, t, report)
	if err != nil {
		return err
	}
	switch {
	case len(sources) > 0 || asked || told:
		return nil
	case open != "":
		return checks.Skip("which variables the program reads is computed: %s", open)
	}
	return checks.Skip("nothing here sets variables for a program of this project")
}

// envSources are what sets variables for programs of which all reads are known; open is a reason why those of some are not.
func envSources(ctx context.Context, t *target.Target) (out []envSource, open string, err error) {
	givens, err := t.Givens(ctx)
	if err != nil {
		return nil, "", err
	}
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, "", err
	}
	known := map[*target.Deployed]*envvars.Program{}
	for _, p := range d.Programs {
		reads, why, err := closedReads(ctx, t, p)
		if err != nil {
			return nil, "", err
		}
		if known[p] = reads; reads == nil && why != "" {
			open = why
			continue
		}
		if reads != nil {
			out = append(out, loadedFiles(d, p, reads)...)
		}
	}
	for _, g := range givens {
		if reads := known[g.Deployed]; reads != nil {
			of := func(s artefact.Setting) bool {
				return s.File == nil || s.File.Kind == "env file" || s.File.Kind == "Dockerfile"
			}
			out = append(out, envSource{g, reads, of})
		}
	}
	return out, open, nil
}

// everything matches code by which any variable may be read.
var everything = lazyregexp.New(`\.AutomaticEnv\(|\bos\.Environ\(\)|env\.Provider\(|\bgotenv\b.*Environ`)

// closedReads are the variables that a program reads, where the code tells them all; else why not.
func closedReads(ctx context.Context, t *target.Target, p *target.Deployed) (*envvars.Program, string, error) {
	reads, err := t.ReadsOf(ctx, p.Program)
	if err != nil {
		return nil, "", err
	}
	switch {
	case reads == nil || len(reads.Reads) == 0:
		return nil, "", nil
	case len(reads.Open) > 0:
		o := reads.Open[0]
		return nil, o.At.File + " reads " + o.Expr, nil
	case t.CodeHas(p.Program, everything):
		return nil, "the program takes in the whole environment", nil
	}
	return reads, "", nil
}

// loadedFiles are the env files that the program loads, and the examples that lie beside its module.
func loadedFiles(d *target.Deployment, p *target.Deployed, reads *envvars.Program) []envSource {
	var out []envSource
	for _, f := range artefact.Of[*artefact.EnvFile](d.Artefacts) {
		if dir, base, _ := cutLast(f.Path); dir != p.Module.Dir || base != ".env" && !f.Example() {
			continue
		}
		loads := slices.ContainsFunc(reads.Loads, func(l envvars.Load) bool { return slices.Contains(l.Files, ".env") })
		if !loads {
			continue
		}
		g := target.Given{Match: target.Match{Deployed: p, Certain: true}, Who: "the program", File: f.Path, Settings: f.Settings()}
		out = append(out, envSource{g, reads, func(artefact.Setting) bool { return true }})
	}
	return out
}

// cutLast splits a path at its last slash; the folder of a bare name is ".".
func cutLast(name string) (dir, base string, ok bool) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i], name[i+1:], true
	}
	return ".", name, false
}

func misspeltFinding(u unread) checks.Finding {
	n := u.setting.Name
	f := checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("%s gets %s, which nothing reads; the program reads %s, which it does not get", u.source.Who, n.Value, u.near),
		Why:        checks.Msg("The value never arrives: the program goes on as if it were not set."),
		Help:       checks.Msg("rename %s to %s in %s", n.Value, u.near, u.setting.File.Path),
		Location:   spanAt(u.setting.File.Path, n.Span),
		Service:    u.source.Module.Dir,
		Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: n.Value},
		Key:        n.Value,
	}
	if r := u.source.reads.Of(u.near); len(r) > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  reads %s", r[0].At.File, r[0].At.Line, u.near))
	}
	return f
}

func unreadFinding(u unread) checks.Finding {
	n := u.setting.Name
	return checks.Finding{
		Severity:   checks.Info,
		Confidence: checks.Possible,
		Message:    checks.Msg("%s gets %s, which nothing here reads", u.source.Who, n.Value),
		Why:        checks.Msg("It is left over, or meant for a name that the code has no more. Only a library could read it."),
		Help:       checks.Msg("take it out, or write the name that the code reads"),
		Location:   spanAt(u.setting.File.Path, n.Span),
		Service:    u.source.Module.Dir,
		Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: n.Value},
		Key:        n.Value,
	}
}
