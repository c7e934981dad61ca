package report

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/checks"
)

// How much is shown of what repeats itself; -v shows all.
const (
	maxPlaces   = 5
	maxEvidence = 5
	maxEffects  = 5
	maxFurther  = 8
)

// limit is how many of n are shown.
func (s *screen) limit(n, most int) int {
	if s.o.Verbose || n <= most {
		return n
	}
	return most
}

func (s *screen) andMore(indent, left int) {
	if left > 0 {
		s.line(strings.Repeat(" ", indent), s.paint(faint, fmt.Sprintf("and %d more (-v)", left)))
	}
}

// headline introduces the first diagnosis with no more certainty than it has.
func headline(worst checks.Severity, confidence string) string {
	switch {
	case worst == checks.Error:
		return "Most likely cause: "
	case worst == checks.Info:
		return "Worth knowing: "
	case confidence == checks.Likely.String():
		return "Likely cause: "
	case confidence == checks.Possible.String():
		return "Possible cause: "
	}
	return "Worth a look: "
}

// cause draws the first diagnosis in full.
func (s *screen) cause(d *Diagnosis) {
	worst := s.worst(d)
	s.item(stateOf(worst.String()), 0, headline(worst, d.Confidence)+oneLine(words(d.Title)), d.Cause)
	for _, i := range d.Findings {
		s.shown[i] = true
	}
	root, several := &s.r.Findings[d.Findings[0]], len(d.Findings) > 1
	why, oneWhy := s.why(d)
	oneRemedy := s.oneRemedy(d)
	switch {
	case several:
		s.places(d, !oneWhy, !oneRemedy)
	case root.Location != nil: // its sentence is the title
		s.line()
		s.location(4, root.Location)
	}
	if oneWhy && !why.IsZero() {
		s.line()
		s.paragraph(4, lipgloss.NewStyle(), words(why))
	}
	if !several {
		s.evidence(6, root)
	}
	if !d.Remedy.IsZero() && oneRemedy {
		s.line()
		s.remedy(4, root, d.Remedy)
	}
	s.consequences(d)
}

// why is what the cause does to the user, and whether that is said once for all: the findings that say nothing of it leave it to
// those that do.
func (s *screen) why(d *Diagnosis) (why checks.Message, one bool) {
	for _, i := range d.Findings {
		switch own := s.r.Findings[i].Why; {
		case own.IsZero():
		case why.IsZero():
			why = own
		case own.String() != why.String():
			return checks.Message{}, false
		}
	}
	return why, true
}

// oneRemedy tells whether what mends the first place of a diagnosis mends the others too.
func (s *screen) oneRemedy(d *Diagnosis) bool {
	first := d.Remedy.String()
	return !slices.ContainsFunc(d.Findings[1:], func(i int) bool {
		help := s.r.Findings[i].Help
		return !help.IsZero() && help.String() != first
	})
}

// places shows for each of several findings a sentence, its line and what one alone cannot say for all: what it does to the user and
// what mends it, where they differ in that. What was seen stands with the first, since it shows no other.
func (s *screen) places(d *Diagnosis, withWhy, withHelp bool) {
	shown := s.limit(len(d.Findings), maxPlaces)
	for n, i := range d.Findings[:shown] {
		f := &s.r.Findings[i]
		s.line()
		s.paragraph(4, lipgloss.NewStyle(), oneLine(words(f.Message)))
		s.location(4, f.Location)
		if withWhy && !f.Why.IsZero() {
			s.paragraph(6, lipgloss.NewStyle(), words(f.Why))
		}
		if n == 0 || s.o.Verbose {
			s.seen(6, f)
		}
		if withHelp && !f.Help.IsZero() {
			s.remedy(4, f, f.Help)
		}
	}
	s.andMore(4, len(d.Findings)-shown)
}

// location shows the line of source with a mark under the columns that are meant.
func (s *screen) location(indent int, l *checks.Location) {
	if l == nil {
		return
	}
	lead, at := strings.Repeat(" ", indent), place(l)
	e, ok := s.o.excerptOf(l)
	if !ok {
		if l.Line != 0 && l.Column != 0 {
			at = fmt.Sprintf("%s:%d", at, l.Column)
		}
		s.line(lead, at)
		return
	}
	margin := indent + lipgloss.Width(at) + 3
	if margin > s.width/2 { // a long path gets a line of its own
		s.line(lead, at)
		margin = indent + 4
		e = e.cut(s.width - margin)
		s.line(strings.Repeat(" ", margin), e.text)
	} else {
		e = e.cut(s.width - margin)
		s.line(lead, s.paint(faint, at), "   ", e.text)
	}
	if under := e.underline(); under != "" {
		s.line(strings.Repeat(" ", margin), s.paint(badStyle, under))
	}
}

// evidence lists what was seen.
func (s *screen) evidence(indent int, f *Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	s.line()
	s.seen(indent, f)
}

func (s *screen) seen(indent int, f *Finding) {
	shown := s.limit(len(f.Evidence), maxEvidence)
	for _, m := range f.Evidence[:shown] {
		s.hanging(indent, words(m))
	}
	s.andMore(indent, len(f.Evidence)-shown)
}

// remedy is what to type or to do, and beside it what a fix would do.
func (s *screen) remedy(indent int, root *Finding, m checks.Message) {
	text := oneLine(words(m))
	note := ""
	if root.Fix != nil && root.Fix.Title != "" {
		note = "      " + oneLine(root.Fix.Title)
	}
	if isCommand(text) { // a command is not broken over lines: it could not be copied
		if indent+lipgloss.Width(text)+lipgloss.Width(note) > s.width {
			note = ""
		}
		s.line(strings.Repeat(" ", indent), s.paint(bold, text), note)
		return
	}
	s.paragraph(indent, bold, text)
}

// consequences are the findings that the cause explains.
func (s *screen) consequences(d *Diagnosis) {
	var effects []int
	for _, i := range d.Explains {
		if severity(&s.r.Findings[i]) >= s.o.show() {
			effects = append(effects, i)
			s.shown[i] = true
		}
	}
	if len(effects) == 0 {
		return
	}
	s.line()
	s.line("  which explains")
	shown := s.limit(len(effects), maxEffects)
	for _, i := range effects[:shown] {
		f := &s.r.Findings[i]
		s.item(stateOf(f.Severity), 2, oneLine(words(f.Message)), f.Check)
		s.brief(6, f)
	}
	s.andMore(4, len(effects)-shown)
}

// brief shows the place of a finding in one line, else the first thing that was seen; -v shows all of both.
func (s *screen) brief(indent int, f *Finding) {
	switch {
	case s.o.Verbose:
		s.location(indent, f.Location)
		s.seen(indent, f)
	case f.Location != nil:
		s.sourceLine(indent, f.Location)
	case len(f.Evidence) > 0:
		s.hanging(indent, words(f.Evidence[0]))
	}
}

// sourceLine is a location in one line, without the mark under it.
func (s *screen) sourceLine(indent int, l *checks.Location) {
	at := place(l)
	room := s.width - indent - lipgloss.Width(at) - 3
	e, ok := s.o.excerptOf(l)
	if !ok || room < s.width/4 {
		s.line(strings.Repeat(" ", indent), at)
		return
	}
	s.line(strings.Repeat(" ", indent), s.paint(faint, at), "   ", e.cut(room).text)
}

// further lists the other diagnoses: a sentence, its place, what to do.
func (s *screen) further(rest []*Diagnosis) {
	if len(rest) == 0 {
		return
	}
	s.line()
	s.line("Also")
	shown := s.limit(len(rest), maxFurther)
	for _, d := range rest[:shown] {
		s.furtherCause(d)
	}
	s.andMore(2, len(rest)-shown)
}

func (s *screen) furtherCause(d *Diagnosis) {
	s.item(stateOf(s.worst(d).String()), 2, oneLine(words(d.Title)), d.Cause)
	shown := s.limit(len(d.Findings), maxPlaces)
	oneRemedy := s.oneRemedy(d)
	for n, i := range d.Findings {
		s.shown[i] = true
		if n >= shown {
			continue
		}
		f := &s.r.Findings[i]
		s.brief(6, f)
		if !oneRemedy && !f.Help.IsZero() {
			s.hanging(8, oneLine(words(f.Help)))
		}
	}
	s.andMore(6, len(d.Findings)-shown)
	if oneRemedy && !d.Remedy.IsZero() {
		s.hanging(6, oneLine(words(d.Remedy)))
	}
	s.consequences(d)
}
