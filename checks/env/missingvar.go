package env

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/typo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// MissingVar finds variables without which the program ends, and that nothing sets where its other variables are set.
var MissingVar = checks.Check{
	ID:       "env/missing-var",
	Title:    "a variable that the program dies without is set nowhere",
	Stage:    checks.Start,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI | checks.Prod,
	Needs:    checks.Modules,
	Run:      missingVar,
}

func missingVar(ctx context.Context, t *target.Target, report checks.Reporter) error {
	givens, err := t.Givens(ctx)
	if err != nil {
		return err
	}
	set, err := t.Artefacts(ctx)
	if err != nil {
		return err
	}
	asked := false
	told := map[string]bool{} // one base may be applied by several overlays
	for _, g := range givens {
		reads, err := t.ReadsOf(ctx, g.Program)
		if err != nil {
			return err
		}
		if reads == nil || !g.Closed || !servesSome(g, reads) {
			continue
		}
		asked = true
		tell := func(f checks.Finding) {
			if place := fmt.Sprint(*f.Location, f.Key); !told[place] {
				told[place] = true
				report(f)
			}
		}
		for _, r := range needed(reads) {
			if s, empty := leftEmpty(g, set, r); empty {
				tell(emptyFinding(g, r, s))
			}
			if !slices.ContainsFunc(slices.Concat(r.Or, []string{r.Name}), func(name string) bool { return g.Sets(name) || setAnywhere(t, set, name) || platform(name) }) {
				tell(missingFinding(g, reads, r))
			}
		}
	}
	if !asked {
		return checks.Skip("no artefact sets variables for a program of this project")
	}
	return nil
}

// servesSome tells whether what is given holds some variable that the program reads: then it is the place where they are set.
func servesSome(g target.Given, p *envvars.Program) bool {
	names := p.Names()
	return slices.ContainsFunc(g.Settings, func(s artefact.Setting) bool {
		return s.Name.Value != "GIN_MODE" && slices.Contains(names, s.Name.Value)
	})
}

// needed are the variables without which each start of the program ends.
func needed(p *envvars.Program) []envvars.Read {
	var out []envvars.Read
	for _, r := range p.Reads {
		if r.Without == envvars.Dies && r.Always && !slices.ContainsFunc(out, func(o envvars.Read) bool { return o.Name == r.Name }) {
			out = append(out, r)
		}
	}
	return out
}

// setAnywhere tells whether any artefact or env file names the variable, examples included; in profile dev the user's own
// environment too.
func setAnywhere(t *target.Target, set *artefact.Set, name string) bool {
	if _, ok := t.LookupEnv(name); ok && t.Profile() != "ci" {
		return true
	}
	return slices.ContainsFunc(set.Files, func(f *artefact.File) bool { return len(artefact.Named(f.Settings(), name)) > 0 })
}

// leftEmpty is the setting that gives a variable an empty value, where the program takes that for none and nothing else gives it one.
func leftEmpty(g target.Given, set *artefact.Set, r envvars.Read) (artefact.Setting, bool) {
	own := artefact.Named(g.Settings, r.Name)
	if !r.NotEmpty || len(own) == 0 || own[0].File == nil {
		return artefact.Setting{}, false
	}
	filled := func(s artefact.Setting) bool { return s.Value.Origin != artefact.Literal || s.Value.Value != "" }
	elsewhere := slices.ContainsFunc(set.Files, func(f *artefact.File) bool {
		return slices.ContainsFunc(artefact.Named(f.Settings(), r.Name), filled)
	})
	return own[0], !elsewhere && !slices.ContainsFunc(own, filled)
}

// platform tells whether those who run containers and services set a variable of themselves.
func platform(name string) bool {
	switch name {
	case "PORT", "HOSTNAME", "HOME", "PATH", "USER", "PWD", "SHELL", "TMPDIR", "LANG", "TZ", "DYNO", "K_SERVICE", "K_REVISION", "K_CONFIGURATION":
		return true
	}
	for _, prefix := range []string{"KUBERNETES_", "AWS_", "GOOGLE_CLOUD_", "GAE_", "FLY_", "RAILWAY_", "RENDER", "HEROKU_", "WEBSITE_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func emptyFinding(g target.Given, r envvars.Read, s artefact.Setting) checks.Finding {
	f := finding(g, r)
	f.Message = checks.Msg("%s gets an empty %s, and the program ends at start without it", g.Who, r.Name)
	f.Why = checks.Msg("%s:%d reads it, and %s:%d ends the program where it is empty.", r.At.File, r.At.Line, r.DiesAt.File, r.DiesAt.Line)
	f.Help = checks.Msg("give %s a value for %s in %s", r.Name, g.Who, s.File.Path)
	f.Location = &checks.Location{File: s.File.Path, Line: s.Name.Line, Column: s.Name.Column, EndLine: s.Name.EndLine, EndColumn: s.Name.EndColumn}
	return f
}

func missingFinding(g target.Given, p *envvars.Program, r envvars.Read) checks.Finding {
	f := finding(g, r)
	if near, ok := misspelt(g, p, r.Name); ok {
		f.Message = checks.Msg("%s gets no %s, without which the program ends at start, but it gets %s", g.Who, r.Name, near.Name.Value)
		f.Help = checks.Msg("rename %s to %s in %s", near.Name.Value, r.Name, near.File.Path)
		f.Evidence = append(f.Evidence, checks.Msg("nothing in the program reads %s", near.Name.Value))
		n := near.Name
		f.Location = &checks.Location{File: near.File.Path, Line: n.Line, Column: n.Column, EndLine: n.EndLine, EndColumn: n.EndColumn}
	}
	return f
}

// finding is one of a variable that lacks, at the place where the variables are set.
func finding(g target.Given, r envvars.Read) checks.Finding {
	f := checks.Finding{
		Message:    checks.Msg("%s gets no %s, and the program ends at start without it", g.Who, r.Name),
		Why:        checks.Msg("%s:%d reads it, and %s:%d ends the program where it is not set.", r.At.File, r.At.Line, r.DiesAt.File, r.DiesAt.Line),
		Help:       checks.Msg("set %s for %s in %s", r.Name, g.Who, g.File),
		Location:   &checks.Location{File: g.File, Line: g.At.Line, Column: g.At.Column, EndLine: g.At.EndLine, EndColumn: g.At.EndColumn},
		Confidence: checks.Likely,
		Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: r.Name},
		Service:    g.Module.Dir,
		Key:        r.Name + " " + g.Who,
	}
	if r.Sure && g.Certain {
		f.Confidence = checks.Certain
	}
	return f
}

// misspelt is a variable that is set, that nothing reads, and whose name is nearly the one that lacks.
func misspelt(g target.Given, p *envvars.Program, name string) (artefact.Setting, bool) {
	names := p.Names()
	for _, s := range g.Settings {
		own := s.Name.Value
		if s.File != nil && !slices.Contains(names, own) && (typo.For(own, name, 3) || butForPrefix(own, name)) {
			return s, true
		}
	}
	return artefact.Setting{}, false
}

// butForPrefix tells whether a name is another one with or without something before it: TOKEN for SHOP_TOKEN.
func butForPrefix(a, b string) bool {
	return strings.HasSuffix(b, "_"+a) || strings.HasSuffix(a, "_"+b)
}
