package report

import (
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/target/mask"
)

// HTML is the report as one page that needs nothing else: no script, no picture, no style from elsewhere. It is made to be attached
// to a pipeline, sent by mail, and printed.
type HTML struct{}

//go:embed page.html
var pageText string

var htmlTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"words":    words,
	"text":     func(s string) string { return mask.Message(neutral(s)) },
	"mark":     unicodeMarks.of,
	"state":    stateOf,
	"verdict":  verdict,
	"counted":  counted,
	"duration": duration,
	"command":  isCommand,
	"length":   length,
}).Parse(pageText))

// Render writes the page.
func (HTML) Render(w io.Writer, r *Report, o Options) error {
	h := htmlPage{Report: r, o: o}
	for i := range r.Diagnoses {
		h.Causes = append(h.Causes, h.cause(&r.Diagnoses[i]))
	}
	for _, c := range r.Checks {
		if c.Status == checks.Unknown {
			h.Open = append(h.Open, c)
		}
	}
	for i := range r.Suppressed {
		h.Hidden = append(h.Hidden, htmlHidden{h.finding(&r.Suppressed[i].Finding), r.Suppressed[i].decision()})
	}
	if r.Series != nil {
		h.Plots, h.Notes = r.Series.htmlPlots(), r.Series.notes()
	}
	if r.Drill != nil {
		h.Trials = h.htmlTrials()
	}
	return htmlTemplate.Execute(w, h)
}

// htmlPage is what the template is filled with.
type htmlPage struct {
	*Report
	Causes []htmlCause
	Open   []Check
	Hidden []htmlHidden
	Plots  []htmlPlot  // of a watch
	Notes  []string    // likewise
	Trials []htmlTrial // of a drill
	o      Options
}

// htmlCause is a diagnosis with its findings.
type htmlCause struct {
	*Diagnosis
	State    diagnosis.State // by the gravest of its findings
	Found    []htmlFinding
	Explains []htmlFinding
}

type htmlFinding struct {
	*Finding
	At              string // file and line, or what it is about
	Line, Underline string // of the source
	Help            string
}

type htmlHidden struct {
	htmlFinding
	Decision string
}

func (h *htmlPage) cause(d *Diagnosis) htmlCause {
	c := htmlCause{Diagnosis: d}
	worst := checks.Info
	for _, i := range slices.Concat(d.Findings, d.Explains) {
		worst = max(worst, severity(&h.Findings[i]))
	}
	c.State = stateOf(worst.String())
	for _, i := range d.Findings {
		c.Found = append(c.Found, h.finding(&h.Findings[i]))
	}
	for _, i := range d.Explains {
		c.Explains = append(c.Explains, h.finding(&h.Findings[i]))
	}
	return c
}

func (h *htmlPage) finding(f *Finding) htmlFinding {
	out := htmlFinding{Finding: f, At: h.o.whereabouts(f), Help: oneLine(helpOf(f))}
	if e, ok := h.o.excerptOf(f.Location); ok {
		e = e.cut(proseWidth)
		out.Line, out.Underline = uncommanded(e.text), e.underline()
	}
	return out
}
