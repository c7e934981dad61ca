package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target/mask"
)

// SetDrill adds what a drill has measured to the report of the checks that foretold it. failed says that nothing could be tried, for
// a reason that is none of the report's findings; what broke and is no finding of any check fails the run too.
func (r *Report) SetDrill(a *account.Account, failed bool) {
	clean := cleanAccount(a)
	r.Drill = &clean
	if a.Port != 0 {
		r.Target.Port = a.Port
	}
	if a.Tool != "" {
		r.Target.Watcher = cleanText(a.Tool)
	}
	judged := false
	for i := range clean.Trials {
		t := &clean.Trials[i]
		judged = judged || t.State != account.Unknown
		t.Findings = r.proved(t)
		failed = failed || t.State == account.Broken && len(t.Findings) == 0
		r.mark(t)
	}
	if r.Summary.ExitCode == 0 && (failed || !judged) {
		r.Summary.ExitCode = 2
	}
}

// proved are the places of the findings that a trial proves, or, where it proves none of its own, of the errors at the link that broke.
func (r *Report) proved(t *account.Trial) []int {
	var out []int
	for i, f := range r.Findings {
		if slices.ContainsFunc(t.Proves, func(p checks.Finding) bool { return p.Check == f.Check && p.Fingerprint() == f.Fingerprint }) {
			out = append(out, i)
		}
	}
	if len(t.Proves) > 0 || t.State != account.Broken {
		return out
	}
	for i, f := range r.Findings {
		if f.Stage == t.Stage && severity(&f) == checks.Error {
			out = append(out, i)
		}
	}
	return out
}

// broke tells whether a trial broke of what a diagnosis holds.
func (r *Report) broke(d *Diagnosis) bool {
	return r.Drill != nil && slices.ContainsFunc(r.Drill.Trials, func(t account.Trial) bool {
		return t.State == account.Broken && slices.ContainsFunc(t.Findings, func(i int) bool { return slices.Contains(d.Findings, i) || slices.Contains(d.Explains, i) })
	})
}

// mark draws what a trial has seen into the chain: a link that broke, and one that held and of which no check knows anything.
func (r *Report) mark(t *account.Trial) {
	for i := range r.Chain {
		l := &r.Chain[i]
		held := slices.ContainsFunc(t.Links, func(k account.Link) bool { return k.Stage == l.Stage && k.State == account.OK })
		switch {
		case t.State == account.Broken && t.Stage == l.Stage:
			l.State = diagnosis.Broken
		case held && l.State == diagnosis.Skipped:
			l.State = diagnosis.OK
		}
	}
}

// cleanAccount is an account without what no report may hold.
func cleanAccount(a *account.Account) account.Account {
	out := *a
	out.Command, out.Tool = cleanText(a.Command), cleanText(a.Tool)
	out.Notes = cleanMessages(a.Notes)
	out.Trials = slices.Clone(a.Trials)
	if out.Trials == nil {
		out.Trials = []account.Trial{}
	}
	for i := range out.Trials {
		t := &out.Trials[i]
		t.Name, t.Said = cleanMessage(t.Name), cleanMessage(t.Said)
		t.Events = slices.Clone(t.Events)
		for j := range t.Events {
			t.Events[j].Text = cleanMessage(t.Events[j].Text)
		}
		if t.Shutdown != nil {
			s := *t.Shutdown
			s.InFlight.Path, s.InFlight.Error = cleanText(s.InFlight.Path), cleanText(s.InFlight.Error)
			s.Left = slices.Clone(s.Left)
			for j := range s.Left {
				s.Left[j].Command = cleanText(s.Left[j].Command)
			}
			t.Shutdown = &s
		}
	}
	return out
}

func cleanMessages(all []checks.Message) []checks.Message {
	out := slices.Clone(all)
	for i := range out {
		out[i] = cleanMessage(out[i])
	}
	return out
}

// drilled draws the trials, a line each.
func (s *screen) drilled() {
	a := s.r.Drill
	if a.Command != "" {
		s.paragraph(2, faint, "In a copy: "+oneLine(mask.Message(a.Command)))
		s.line()
	}
	if stages := linksOf(a); len(stages) > 0 {
		s.linkTable(a, stages)
	} else {
		for i := range a.Trials {
			s.trial(&a.Trials[i])
		}
	}
	s.line()
}

// linksOf are the stages that were measured in any trial, in the order of the chain.
func linksOf(a *account.Account) []checks.Stage {
	var out []checks.Stage
	for _, stage := range checks.Stages {
		if slices.ContainsFunc(a.Trials, func(t account.Trial) bool {
			return slices.ContainsFunc(t.Links, func(l account.Link) bool { return l.Stage == stage })
		}) {
			out = append(out, stage)
		}
	}
	return out
}

// What the columns take, and what the names beside them may take at most.
const (
	linkWidth    = 7
	totalWidth   = 9
	mostNameRoom = 44
)

// linkTable has a line for each trial with the milliseconds of each stage, and a sentence below where something broke. A name that
// does not fit beside them stands above.
func (s *screen) linkTable(a *account.Account, stages []checks.Stage) {
	lead := 0
	for i := range a.Trials {
		lead = max(lead, lipgloss.Width(oneLine(words(a.Trials[i].Name))))
	}
	lead = max(0, min(lead, mostNameRoom, s.width-4-linkWidth*len(stages)-totalWidth))
	head := fit("ms", lead)
	for _, stage := range stages {
		head += fmt.Sprintf("%*s", linkWidth, stage)
	}
	s.line("    ", s.paint(faint, head+fmt.Sprintf("%*s", totalWidth, "total")))
	for i := range a.Trials {
		s.linkRow(&a.Trials[i], stages, lead)
	}
}

func (s *screen) linkRow(t *account.Trial, stages []checks.Stage, lead int) {
	state := diagnosis.State(t.State)
	name := oneLine(words(t.Name))
	first := "  " + s.paint(styleOf(state), s.marks.of(state)) + " "
	if lipgloss.Width(name) > lead {
		s.line(first, ansi.Truncate(name, s.width-4, ellipsis))
		first, name = "    ", ""
	}
	cells := fit(name, lead)
	for _, stage := range stages {
		cells += s.linkCell(t, stage)
	}
	if t.State != account.Broken && t.Length > 0 {
		cells += fmt.Sprintf("%*s", totalWidth, took(t.Length))
	}
	if len(t.Links) > 0 || name != "" {
		s.line(first, cells)
	}
	if t.State != account.OK && !t.Said.IsZero() {
		s.paragraph(4, lipgloss.NewStyle(), words(t.Said))
	}
}

// linkCell is the time of one stage, or the mark of the one that broke.
func (s *screen) linkCell(t *account.Trial, stage checks.Stage) string {
	i := slices.IndexFunc(t.Links, func(l account.Link) bool { return l.Stage == stage })
	if i < 0 {
		if t.State == account.Broken && t.Stage == stage {
			return strings.Repeat(" ", linkWidth-1) + s.paint(badStyle, s.marks.broken)
		}
		return strings.Repeat(" ", linkWidth-1) + s.paint(faint, s.marks.skipped)
	}
	l := t.Links[i]
	if l.State == account.Broken || l.State == account.Unknown {
		state := diagnosis.State(l.State)
		return strings.Repeat(" ", linkWidth-1) + s.paint(styleOf(state), s.marks.of(state))
	}
	cell := fmt.Sprintf("%*d", linkWidth, l.Took.Duration().Round(time.Millisecond).Milliseconds())
	if l.State == account.Warning {
		return s.paint(poorText, cell)
	}
	return cell
}

// trial tells one that has no links: what was tried, what happened, what the clients saw.
func (s *screen) trial(t *account.Trial) {
	s.item(diagnosis.State(t.State), 2, oneLine(words(t.Name)), "")
	if !t.Said.IsZero() {
		s.paragraph(4, lipgloss.NewStyle(), words(t.Said))
	}
	for _, q := range t.Requests {
		s.paragraph(4, faint, requestsLine(q))
	}
	if t.State == account.OK && !s.o.Verbose {
		return
	}
	for _, e := range t.Events {
		if e.Stage == "" { // no moment of the chain, but what a program said
			s.hanging(6, words(e.Text))
			continue
		}
		state := diagnosis.State(e.State)
		mark := s.marks.skipped
		if e.State != "" {
			mark = s.marks.of(state)
		}
		lines := wrap(words(e.Text), s.width-18)
		s.line("    ", fmt.Sprintf("%9s", took(e.At)), "  ", s.paint(styleOf(state), mark), " ", lines[0])
		for _, more := range lines[1:] {
			s.line(strings.Repeat(" ", 17), more)
		}
	}
}

// requestsLine counts what one kind of client sent and lost.
func requestsLine(q account.Requests) string {
	text := fmt.Sprintf("%s: %s sent, ", q.Client, number(float64(q.Sent)))
	if q.Lost == 0 {
		return text + "none lost"
	}
	var errors []string
	for what, n := range q.Errors {
		errors = append(errors, fmt.Sprintf("%s %s", number(float64(n)), what))
	}
	slices.Sort(errors)
	return text + fmt.Sprintf("%s lost (%s)", number(float64(q.Lost)), strings.Join(errors, ", "))
}

// took is a measured time: "3 ms", "1.25 s".
func took(m account.Millis) string {
	switch d := m.Duration(); {
	case d < 0:
		return "never"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.2f s", d.Seconds())
	default:
		return duration(d.Milliseconds())
	}
}

// drilledWell is the sentence of a drill that has nothing to complain of.
func (s *screen) drilledWell() {
	broken, unknown := s.r.Drill.Broken(), s.r.Drill.Count(account.Unknown)
	switch total := len(s.r.Drill.Trials); {
	case broken > 0:
		s.item(diagnosis.Broken, 0, fmt.Sprintf("%d of %s broke.", broken, counted(total, "trial")), "")
	case unknown == total:
		s.item(diagnosis.Unknown, 0, "Nothing could be judged.", "")
	case unknown > 0:
		s.item(diagnosis.OK, 0, fmt.Sprintf("What could be judged works: %d of %s.", total-unknown, counted(total, "trial")), "")
	default:
		s.item(diagnosis.OK, 0, "All of it works.", "")
	}
	s.open()
}

// drillNotes are what was decided, and what the copy cannot show.
func (s *screen) drillNotes() {
	if len(s.r.Drill.Notes) > 0 {
		s.line()
	}
	for _, n := range s.r.Drill.Notes {
		s.paragraph(2, faint, words(n))
	}
}
