package report

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/gindoctor/gindoctor/diagnosis"
)

// proofTime is how long a watch has to be before what it shows can be proved (package verdict).
const proofTime = 30_000 // ms

// watchedHeader says what was watched, in place of the header of a project.
func (s *screen) watchedHeader() {
	w := s.r.Series
	parts := []string{s.paint(bold, oneLine(w.Process)), fmt.Sprintf("pid %d", w.PID)}
	if s.r.Target.Port != 0 {
		parts = append(parts, fmt.Sprintf("port %d", s.r.Target.Port))
	}
	s.row("", parts, "   ", s.paint(faint, length(w.Length)))
	s.line()
}

// What the columns of the curves take.
const (
	leastSpark = 8
	mostSpark  = 48
	valueWidth = 8
	leastNames = 19 // all that is left of a screen of 40
)

// watched draws the curves of a series, a line each: what it is, how much now, how it went, and what it was at first.
func (s *screen) watched() {
	plots := s.r.Series.plots()
	for i := range plots {
		plots[i] = withoutSteadyParts(plots[i])
	}
	names, notes := 0, 0
	for _, p := range plots {
		for i, c := range p.curves {
			names = max(names, lipgloss.Width(curveName(c, i)))
			notes = max(notes, lipgloss.Width(curveNote(p, i)))
		}
	}
	names = min(names, max(s.width/3, leastNames))
	room := s.width - 2 - names - 1 - valueWidth - 2
	withNotes := room-2-notes >= 2*leastSpark
	if withNotes {
		room -= 2 + notes
	}
	for _, p := range plots {
		for i, c := range p.curves {
			name := fit(curveName(c, i), names)
			spark := sparkline(c, min(max(room, leastSpark), mostSpark), s.o.ASCII)
			note := ""
			if withNotes {
				note = strings.Repeat(" ", max(0, min(room, mostSpark)-lipgloss.Width(spark))) + "  " + s.paint(faint, curveNote(p, i))
			}
			style := lipgloss.NewStyle()
			if c.bad && c.last() > 0 {
				style = poorText
			}
			s.line("  ", name, " ", s.paint(style, fmt.Sprintf("%*s", valueWidth, p.unit(c.last()))), "  ", spark, note)
		}
	}
	if s.r.Series.Hidden {
		s.line()
		s.paragraph(2, faint, "What it has open may only be seen by its user or by root: this is what can be seen from outside.")
	}
	s.line()
}

// withoutSteadyParts leaves out the parts of a quantity that neither change nor are bad: they take a line and say nothing.
func withoutSteadyParts(p plot) plot {
	kept := p.curves[:1:1]
	for _, c := range p.curves[1:] {
		if c.bad || !c.steady() {
			kept = append(kept, c)
		}
	}
	p.curves = kept
	return p
}

// curveName indents what is a part of the curve above it.
func curveName(c curve, i int) string {
	if i > 0 {
		return "  " + oneLine(c.name)
	}
	return oneLine(c.name)
}

// fit makes a name as wide as its column.
func fit(name string, width int) string {
	name = ansi.Truncate(name, width, ellipsis)
	return name + strings.Repeat(" ", max(0, width-lipgloss.Width(name)))
}

// curveNote is what the line beside it does not show: where a curve began, and what it must not reach.
func curveNote(p plot, i int) string {
	c := p.curves[i]
	note := ""
	if first, last := p.unit(c.first()), p.unit(c.last()); first != last {
		note = "from " + first
	}
	if i == 0 && p.limit > 0 && c.most() >= p.limit/4 {
		if note != "" {
			note += ", "
		}
		note += "limit " + number(p.limit)
	}
	return note
}

// watchedWell is the sentence of a watch that has nothing to show.
func (s *screen) watchedWell() {
	w := s.r.Series
	switch sum := s.r.Summary; {
	case sum.Passed+sum.Found == 0:
		s.item(diagnosis.Unknown, 0, "Nothing can be said about leaks:", "")
	default:
		s.item(diagnosis.OK, 0, fmt.Sprintf("No leak was seen in %s.", length(w.Length)), "")
	}
	s.open()
	for _, note := range s.r.Series.notes() {
		s.paragraph(2, faint, note)
	}
}

// notes are what a watch leaves open: how it ended, and that it was short or saw no load.
func (w *Series) notes() []string {
	var notes []string
	if w.Ended != "" {
		notes = append(notes, fmt.Sprintf("It was watched for %s only: %s.", length(w.Length), w.Ended))
	}
	if w.Length < proofTime && !w.Hidden {
		notes = append(notes, fmt.Sprintf("A leak takes %s of watching to be proved (--for 60s).", length(proofTime)))
	}
	if len(w.Ports) == 0 && !w.Hidden && len(w.Points) > 0 {
		notes = append(notes, "It listens on no TCP port: all its connections are taken for its own.")
	}
	if w.Untold != "" {
		notes = append(notes, "What it tells of itself was not used: "+w.Untold+".")
	}
	if n := len(w.Points); n > 0 && w.Soft > 0 && int64(w.Points[n-1].Descriptors) >= w.Soft {
		notes = append(notes, fmt.Sprintf("It has all of the %d files and connections open that it may have, and takes no more: gindoctor check --pid %d tells what to do.", w.Soft, w.PID))
	}
	if w.alwaysQuiet() {
		notes = append(notes, "Nobody asked it for anything meanwhile: leaks grow under load. Send requests, then watch again.")
	}
	return notes
}

// alwaysQuiet tells whether the server had nothing to do throughout.
func (w *Series) alwaysQuiet() bool {
	if w.Hidden || len(w.Points) < 3 {
		return false
	}
	for _, p := range w.Points[1:] { // the first cannot tell
		if !p.Quiet {
			return false
		}
	}
	return true
}
