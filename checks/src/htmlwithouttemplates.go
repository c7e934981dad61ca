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
		if len(uses.HTML) == 0 || len(uses.Loads) > 0 {
			return nil
		}
		for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
			if served(e) && len(ops(e, engine.LoadHTML, engine.SetHTML)) == 0 && !option(e, "HTMLRender") {
				p.reportHTML(e, uses.HTML)
			}
		}
		return nil
	},
}

// reportHTML reports the pages that the handlers of an engine want to render.
func (p *Pass) reportHTML(e *engine.Engine, pages []Use) {
	var rendered []Use
	for _, page := range pages {
		if registered(e, page.Func) {
			rendered = append(rendered, page)
		}
	}
	sure := len(e.Lost) == 0
	if len(rendered) == 0 || !sure && !onlyServed(e) {
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
	if !sure {
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
