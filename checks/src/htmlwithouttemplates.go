package src

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
)

// HTMLWithoutTemplates finds c.HTML in programs that load no templates.
var HTMLWithoutTemplates = &Rule{
	Check: checks.Check{
		ID:       "src/html-without-templates",
		Title:    "c.HTML, and no template is loaded",
		Stage:    checks.Serve,
		Severity: checks.Error,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer, programUses},
	Look: func(p *Pass) error {
		uses := p.ResultOf[programUses].(*Uses)
		engines := p.ResultOf[engine.Analyzer].(*engine.Result).Engines
		if len(uses.HTML) == 0 || !loadedOn(engines, uses.Loads) {
			return nil
		}
		for _, e := range engines {
			if served(e) && len(ops(e, engine.LoadHTML, engine.SetHTML)) == 0 && !option(e, "HTMLRender") {
				p.reportHTML(e, uses)
			}
		}
		return nil
	},
}

// loadedOn tells whether it is known for which engine each of some templates is loaded.
func loadedOn(engines []*engine.Engine, loads []Use) bool {
	return !slices.ContainsFunc(loads, func(l Use) bool {
		return !slices.ContainsFunc(engines, func(e *engine.Engine) bool {
			return slices.ContainsFunc(ops(e, engine.LoadHTML, engine.SetHTML), func(o engine.Op) bool {
				return o.At.Filename == l.At.Filename && o.At.Line == l.At.Line
			})
		})
	})
}

// reportHTML reports the pages that the handlers of an engine want to render, by themselves or by functions that they call.
func (p *Pass) reportHTML(e *engine.Engine, uses *Uses) {
	var rendered []Use
	direct := false
	for _, page := range uses.HTML {
		own := registered(e, page.Func)
		if own || slices.ContainsFunc(uses.leadsTo(page.Func), func(fn string) bool { return registered(e, fn) }) {
			rendered = append(rendered, page)
			direct = direct || own || !page.Branch
		}
	}
	sure := len(e.Lost) == 0
	if len(rendered) == 0 || !sure && !onlyServed(e) || !direct && len(uses.Loads) > 0 { // what has templates may be on another engine
		return
	}
	first := rendered[0]
	f := Finding{Finding: checks.Finding{
		Message: checks.Msg("c.HTML, and nothing loads a template"),
		Why:     checks.Msg("The engine has no renderer: each such request ends in a panic (nil pointer), not in a page."),
		Help:    checks.Msg("call LoadHTMLGlob, LoadHTMLFiles or SetHTMLTemplate on the engine before it runs"),
		Key:     first.Func,
	}, Also: []Also{{e.Made, checks.Msg("the engine is made here")}}}
	for i, more := range rendered[1:] {
		if i == 3 {
			break
		}
		f.Also = append(f.Also, Also{more.At, checks.Msg("rendered here too")})
	}
	if !sure || !direct { // a function for all kinds of answers may never be asked for this one
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	f.place(p, e.MadePos, first.At)
	if first.Pos.IsValid() {
		f.place(p, first.Pos, first.At)
	}
	p.Report(f)
}

// onlyServed tells whether an engine is lost to the standard library only, which loads no templates.
func onlyServed(e *engine.Engine) bool {
	return !slices.ContainsFunc(e.Lost, func(l engine.Lost) bool { return !strings.HasPrefix(l.To, "http.") })
}
