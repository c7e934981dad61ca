package src

import (
	"context"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/engine"
)

// TemplateReload finds templates that take the place of others, and what templates need that comes too late for them.
var TemplateReload = &Rule{
	Check: checks.Check{
		ID:       "src/template-reload",
		Title:    "templates that replace others, or a function map set too late",
		Stage:    checks.Start,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer},
	Look: func(p *Pass) error {
		for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
			p.replaced(e)
			p.tooLate(e)
		}
		return nil
	},
	Weigh: weighTooLate,
}

// replaced reports loads that silently take the place of an earlier one.
func (p *Pass) replaced(e *engine.Engine) {
	loads := ops(e, engine.LoadHTML, engine.SetHTML)
	for i, second := range loads[min(1, len(loads)):] {
		first := loads[i]
		if !first.Always() || !second.Always() || first.At == second.At {
			continue // the one that happens in some cases is the exception from the other
		}
		f := Finding{Finding: checks.Finding{
			Message: checks.Msg("%s replaces the templates that %s has loaded", second.Name, first.Name),
			Why:     checks.Msg("Gin keeps the last set only. Pages of the first one come out empty, with status 200 and no message."),
			Help:    checks.Msg("load all templates with one call"),
			Key:     second.Name,
		}, Also: []Also{{first.At, checks.Msg("%s, without effect", first.Name)}}}
		f.place(p, second.Pos, second.At)
		p.Report(f)
	}
}

// tooLate reports function maps and delimiters that are set when the templates are parsed already.
func (p *Pass) tooLate(e *engine.Engine) {
	for i, o := range e.Ops {
		if o.Kind != engine.FuncMap && o.Kind != engine.Delims || !o.Always() {
			continue
		}
		load, before := lastLoad(e.Ops[:i])
		if _, after := lastLoad(e.Ops[i:]); !before || after || happened(e.Ops[:i], o.Kind) || option(e, "FuncMap") {
			continue
		}
		f := Finding{Finding: checks.Finding{
			Message: checks.Msg("%s comes after %s: too late for the templates", o.Name, load.Name),
			Why:     checks.Msg("The templates are parsed with what is set by then. One that uses such a function panics at start: function not defined."),
			Help:    checks.Msg("call %s before %s", o.Name, load.Name),
			Key:     o.Name,
		}, Also: []Also{{load.At, checks.Msg("the templates are loaded here")}}}
		if o.Kind == engine.Delims {
			f.Why = checks.Msg("The templates are parsed with the delimiters that are set by then: what stands between the new ones comes out as text.")
		}
		if o.Kind == engine.FuncMap && load.Always() && !happened(e.Ops[:i], engine.Delims) {
			f.About = load
		}
		f.place(p, o.Pos, o.At)
		p.Report(f)
	}
}

// weighTooLate makes an error of it where a template that is loaded calls a function that is not defined by then.
func weighTooLate(ctx context.Context, t *target.Target, found Finding, f *checks.Finding) error {
	load, ok := found.About.(engine.Op)
	if !ok || load.Name != "LoadHTMLGlob" && load.Name != "LoadHTMLFiles" || f.Confidence == checks.Likely {
		return nil
	}
	programs, err := t.Programs(ctx)
	if err != nil {
		return err
	}
	for _, p := range programs {
		if p.Module.Dir != f.Service {
			continue
		}
		stands, err := t.Stands(ctx, p)
		if err != nil {
			return err
		}
		for _, s := range stands {
			if file, name := undefinedIn(t, s.Dir, load); file != "" {
				f.Severity = checks.Error
				f.Why = checks.Msg("%s calls %s, which is not defined when it is parsed: the program panics at start.", file, name)
				if load.Name == "LoadHTMLFiles" {
					f.Why = checks.Msg("%s calls %s, which is not defined when it is parsed: in release mode the program panics at start, in debug mode each page.", file, name)
				}
				return nil
			}
		}
	}
	return nil
}

// undefinedIn is the first of the templates that a call loads, from a folder, which calls a function that not every template has.
func undefinedIn(t *target.Target, dir string, load engine.Op) (file, name string) {
	for _, a := range load.Args {
		if !a.Known {
			continue
		}
		for _, m := range t.Match(dir, a.Text, load.Name == "LoadHTMLGlob") {
			if names, err := t.TemplateFuncs(m.Path); err == nil && len(names) > 0 {
				return m.Path, names[0]
			}
		}
	}
	return "", ""
}

// lastLoad is the last operation that parses templates.
func lastLoad(before []engine.Op) (engine.Op, bool) {
	for i := len(before) - 1; i >= 0; i-- {
		if before[i].Kind == engine.LoadHTML {
			return before[i], true
		}
	}
	return engine.Op{}, false
}

// happened tells whether an operation of a kind happened.
func happened(before []engine.Op, kind engine.Kind) bool {
	for _, o := range before {
		if o.Kind == kind {
			return true
		}
	}
	return false
}
