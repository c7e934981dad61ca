package report

import (
	"fmt"
	"html/template"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/drill/account"
)

// htmlTrial is one trial as a line of time.
type htmlTrial struct {
	*account.Trial
	State    diagnosis.State
	Bars     []htmlBar
	Moments  []htmlMoment
	Clients  []string
	Length   string
	Findings []htmlFinding
}

// htmlBar is a stage of the chain on the line; Left and Width are percent of it.
type htmlBar struct {
	Stage checks.Stage
	State diagnosis.State
	Style template.CSS
	Took  string
}

// htmlMoment is an event on the line.
type htmlMoment struct {
	State diagnosis.State
	Style template.CSS
	At    string
	Stage checks.Stage
	Text  checks.Message
}

// htmlTrials lays every trial out on a line that is as long as itself.
func (h *htmlPage) htmlTrials() []htmlTrial {
	var out []htmlTrial
	for i := range h.Drill.Trials {
		t := &h.Drill.Trials[i]
		line := htmlTrial{Trial: t, State: diagnosis.State(t.State), Length: took(lineLength(t))}
		for _, l := range t.Links {
			line.Bars = append(line.Bars, htmlBar{l.Stage, diagnosis.State(l.State), between(t, l.At, l.Took), took(l.Took)})
		}
		for _, e := range t.Events {
			line.Moments = append(line.Moments, htmlMoment{diagnosis.State(e.State), between(t, e.At, 0), took(e.At), e.Stage, e.Text})
		}
		for _, q := range t.Requests {
			line.Clients = append(line.Clients, requestsLine(q))
		}
		for _, n := range t.Findings {
			if n >= 0 && n < len(h.Findings) {
				line.Findings = append(line.Findings, h.finding(&h.Findings[n]))
			}
		}
		out = append(out, line)
	}
	return out
}

// lineLength is how long the line of a trial has to be to hold all that happened in it.
func lineLength(t *account.Trial) account.Millis {
	end := max(t.Length, 1)
	for _, l := range t.Links {
		end = max(end, l.At+l.Took)
	}
	for _, e := range t.Events {
		end = max(end, e.At)
	}
	return end
}

// between is where a span of time lies on the line of a trial.
func between(t *account.Trial, at, length account.Millis) template.CSS {
	all := float64(lineLength(t))
	left := 100 * float64(max(at, 0)) / all
	return template.CSS(fmt.Sprintf("left:%.2f%%;width:%.2f%%", left, 100*float64(max(length, 0))/all))
}
