package report

import (
	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/diagnosis"
)

// marks are the signs that a state is shown with. They differ in form, so that they are told apart without colour.
type marks struct{ ok, broken, warned, unknown, skipped string }

var (
	unicodeMarks = marks{ok: "✔", broken: "✘", warned: "!", unknown: "?", skipped: "·"}
	asciiMarks   = marks{ok: "+", broken: "x", warned: "!", unknown: "?", skipped: "."}
)

func (m marks) of(state diagnosis.State) string {
	switch state {
	case diagnosis.OK:
		return m.ok
	case diagnosis.Broken:
		return m.broken
	case diagnosis.Warned:
		return m.warned
	case diagnosis.Unknown:
		return m.unknown
	}
	return m.skipped
}

// The styles use the sixteen colours of the terminal's own palette: they fit light and dark screens alike, and mean nothing
// that a mark or a word does not say too.
var (
	bold     = lipgloss.NewStyle().Bold(true)
	faint    = lipgloss.NewStyle().Faint(true)
	badStyle = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red)
	poorText = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow)
	goodText = lipgloss.NewStyle().Foreground(lipgloss.Green)
)

func styleOf(state diagnosis.State) lipgloss.Style {
	switch state {
	case diagnosis.OK:
		return goodText
	case diagnosis.Broken:
		return badStyle
	case diagnosis.Warned, diagnosis.Unknown:
		return poorText
	}
	return faint
}

// stateOf gives a finding's severity the mark of the state it puts its stage in.
func stateOf(severity string) diagnosis.State {
	switch severity {
	case "error":
		return diagnosis.Broken
	case "warning":
		return diagnosis.Warned
	}
	return diagnosis.Skipped
}
