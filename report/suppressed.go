package report

import (
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/target/mask"
)

// suppressed lists the findings that decisions of the project hide, where they were asked for.
func (s *screen) suppressed() {
	if len(s.r.Suppressed) == 0 {
		return
	}
	s.line()
	s.line(s.paint(bold, "Suppressed"))
	for i := range s.r.Suppressed {
		h := &s.r.Suppressed[i]
		f := &h.Finding
		what := oneLine(mask.Message(words(f.Message)))
		if at := whereabouts(f); at != "" {
			what = at + "  " + what
		}
		s.item(diagnosis.Skipped, 2, what, f.Check)
		s.paragraph(6, faint, h.decision())
	}
}

// decision says what hides a finding, and why, in one line.
func (h *Suppressed) decision() string {
	why := "by the " + h.By
	if h.At != "" {
		why += ", " + h.At
	}
	if h.Reason != "" {
		why += ": " + mask.Message(h.Reason)
	}
	return oneLine(why)
}
