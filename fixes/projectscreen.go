package fixes

import (
	"fmt"
	"strings"
)

// describe puts all staged changes into diffs.
func (m *mending) describe(s *stage) []FileChange {
	out := []FileChange{}
	for _, c := range s.list() {
		f := describeChange(c, m.Mask)
		if f.Diff == "" {
			f.Command = s.by[c.Path]
		}
		out = append(out, f)
	}
	return out
}

// finding shows what is wrong and what would be done about it.
func (m *mending) finding(p *proposal) {
	m.screen.printf("%s\n", m.screen.style.strong(p.finding.Check))
	m.screen.paragraph("    ", printable(p.finding.Message.String()))
	m.screen.paragraph("    ", "→ "+printable(p.finding.Fix.Title))
	m.screen.printf("\n")
}

// preview shows the findings, what could not be planned, and all changes.
func (m *mending) preview(s *stage) {
	for _, p := range m.found.edits {
		if p.fate == Declined {
			continue
		}
		m.finding(p)
	}
	showChanges(m.screen, m.report.Files)
	for _, p := range m.found.edits {
		if p.fate == Declined {
			m.screen.result(false, m.sentence(p))
			m.screen.command("    Or run it yourself:", p.command)
		}
	}
	if len(m.report.Files) > 0 {
		return
	}
	for _, p := range s.proposals { // its plan changes nothing, and yet it was found
		p.fate, p.reason = Declined, "its plan changes nothing that is not so already"
		m.screen.result(false, m.sentence(p))
	}
}

// sentence is what became of a finding.
func (m *mending) sentence(p *proposal) string {
	reason := printable(p.reason)
	switch p.fate {
	case Gone:
		return fmt.Sprintf("%s: %s; looked again, it is gone", p.finding.Check, printable(p.finding.Fix.Title))
	case StillThere:
		return fmt.Sprintf("%s is still found: %s", p.finding.Check, reason)
	case Unproved:
		return fmt.Sprintf("%s: changed, but a second look did not work: %s", p.finding.Check, reason)
	}
	return fmt.Sprintf("%s was not mended: %s", p.finding.Check, reason)
}

// rest says what is left: for the user to do now, and what was not touched.
func (m *mending) rest() {
	if m.report.Run != "" {
		m.screen.printf("\n")
		for _, after := range m.report.After {
			m.screen.paragraph("", "Now "+after+".")
		}
		m.screen.command("To put everything back:", "gindoctor undo")
	}
	if len(m.found.unsafe) > 0 {
		m.screen.printf("\nNot done, because it is not always what one wants:\n")
		for _, p := range m.found.unsafe {
			m.screen.paragraph("  ", p.finding.Check+": "+printable(p.finding.Fix.Title))
		}
		m.screen.command("To have it done:", "gindoctor fix --unsafe --only "+strings.Join(ids(m.found.unsafe), ","))
	}
	if len(m.found.noFix) == 0 {
		return
	}
	m.screen.printf("\nFor these there is no fix, only a way by hand:\n")
	for _, p := range m.found.noFix {
		m.screen.paragraph("  ", p.finding.Check+": "+printable(p.finding.Message.String()))
		if help := p.finding.Help.String(); help != "" {
			m.screen.printf("      %s\n", printable(help))
		}
	}
}
