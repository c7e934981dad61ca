package env

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// BadValue finds values of the environment that the server dies of, or takes for something else.
var BadValue = checks.Check{
	ID:       "env/bad-value",
	Title:    "a variable has a value that the server dies of",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI | checks.Prod,
	Explains: []string{"run/stale-binary", "port/*", "deploy/port-agreement"},
	Run:      badValue,
}

func badValue(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	all, err := environments(ctx, t, d)
	if err != nil {
		return err
	}
	found, asked := modesInCode(d)
	modes := modeVariables(d)
	if len(all) == 0 && !asked {
		return checks.Skip("nothing here sets variables for a program of this project")
	}
	for _, e := range all {
		found = append(found, judge(ctx, t, e, all, modes[e.program])...)
	}
	for i, f := range found {
		told := slices.ContainsFunc(found[:i], func(o checks.Finding) bool { return same(o, f) && !worse(f, o) })
		if !told && !slices.ContainsFunc(found[i+1:], func(o checks.Finding) bool { return same(o, f) && worse(o, f) }) {
			report(f)
		}
	}
	return nil
}

// same tells whether two findings are of one value: one line may be that of several services.
func same(a, b checks.Finding) bool {
	if a.Location == nil || b.Location == nil {
		return a.Location == b.Location && a.Key == b.Key
	}
	return *a.Location == *b.Location
}

// worse tells whether a finding says more than another; the default severity is an error.
func worse(a, b checks.Finding) bool { return a.Severity == 0 && b.Severity != 0 }

// judge looks at the variables of one environment; modes are those that the program gives to gin.SetMode.
func judge(ctx context.Context, t *target.Target, e environment, all []environment, modes map[string]modeUse) []checks.Finding {
	var out []checks.Finding
	for _, s := range e.settings {
		if !s.Value.Known() || s.Name.Value == "" {
			continue
		}
		var f checks.Finding
		var bad bool
		if use, given := modes[s.Name.Value]; given && !isMode(s.Value.Value) {
			f, bad = use.badValue(s), true
		} else if s.Name.Value == "GIN_MODE" {
			f, bad = badMode(e, s)
		} else {
			f, bad = badAddress(ctx, t, e, s)
		}
		if !bad {
			continue
		}
		f.Service = e.program.Module.Dir
		f.Key = s.Name.Value
		if f.Severity == 0 && (!e.sure || s.Value.Origin != artefact.Literal || overridden(e, s, all)) {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
		if s.File == nil {
			f.Subject = &checks.Subject{Kind: checks.EnvSubject, Name: s.Name.Value}
		} else {
			f.Location = valueAt(s)
		}
		out = append(out, f)
	}
	return out
}

// overridden tells whether what runs an image gives the variable another value than the image does.
func overridden(image environment, s artefact.Setting, all []environment) bool {
	if image.stage == nil {
		return false
	}
	for _, e := range all {
		if e.stage != nil || e.program != image.program || !e.overImage {
			continue
		}
		for _, other := range artefact.Named(e.settings, s.Name.Value) {
			if other.Value.Value != s.Value.Value || !other.Value.Known() {
				return true
			}
		}
	}
	return false
}

// valueAt is where the value stands, else the name.
func valueAt(s artefact.Setting) *checks.Location {
	at := s.Value.Span
	if at.IsZero() {
		at = s.Name.Span
	}
	return &checks.Location{File: s.File.Path, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn}
}

// replaceValue is a plan that puts a value in the place of what stands in the artefact; nil where that is not to be found there
// plainly.
func replaceValue(s artefact.Setting, value string) *plan.Plan {
	old, text := s.Value.Raw, value
	if s.Value.Origin == artefact.Default {
		if old, text = defaultIn(s.Value, value); old == "" {
			return nil
		}
	}
	if s.File == nil || old == "" || value == "" {
		return nil
	}
	title := "write " + s.Name.Value + "=" + value
	if s.Name.Value != "GIN_MODE" {
		title = "write " + assigned(s.Name.Value, value) + " as the program takes it"
	}
	return &plan.Plan{
		Title:  title,
		Safety: plan.Safe,
		Steps:  []plan.Step{plan.ReplaceAt(s.File.Path, s.Value.Line, s.Value.Column, old, text)},
	}
}
