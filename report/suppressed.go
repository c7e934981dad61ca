package report

import (
	"fmt"

	"github.com/gindoctor/gindoctor/diagnosis"
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
		what := oneLine(mask(words(f.Message)))
		if at := whereabouts(f); at != "" {
			what = at + "  " + what
		}
		s.item(diagnosis.Skipped, 2, what, f.Check)
		why := "by the " + h.By
		if h.At != "" {
			why += ", " + oneLine(h.At)
		}
		if h.Reason != "" {
			why += fmt.Sprintf(": %s", oneLine(mask(h.Reason)))
		}
		s.paragraph(6, faint, why)
	}
}
