package fixes

import (
	"fmt"
	"strings"

	"github.com/gindoctor/gindoctor/fixes/journal"
)

// describe puts changes into diffs; by is the command that makes a path what it will be.
func (m *mending) describe(changes []journal.Change, by map[string]string) []FileChange {
	out := []FileChange{}
	for _, c := range changes {
		f := describeChange(c, m.Mask)
		if f.Diff == "" {
			f.Command = by[c.Path]
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

// preview shows the findings of a round, what could not be planned, and all changes.
func (m *mending) preview(s *stage, now []*proposal) {
	for _, p := range now {
		if p.fate != Declined {
			m.finding(p)
		}
	}
	changes := m.describe(s.list(), s.by)
	showChanges(m.screen, changes)
	for _, p := range now {
		switch {
		case p.fate != Declined:
		case !p.waits || len(changes) == 0:
			m.declined(p)
		case m.DryRun:
			m.screen.paragraph("    ", fmt.Sprintf("%s waits until that is done: %s", p.finding.Check, printable(p.reason)))
			p.told = true
		}
	}
	if len(changes) > 0 {
		return
	}
	for _, p := range s.proposals { // its plan changes nothing, and yet it was found
		p.fate, p.reason = Declined, "its plan changes nothing that is not so already"
		m.declined(p)
	}
}

// declined tells that a finding was not mended, and what its user can type instead.
func (m *mending) declined(p *proposal) {
	m.screen.result(false, m.sentence(p))
	m.screen.command("    Or run it yourself:", p.command)
	p.told = true
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
