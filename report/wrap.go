package report

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// wrap breaks text into lines of at most width columns. Words stay whole, since a path or a command that is cut cannot be
// copied; only scripts that write without blanks (wide characters) are broken within.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, wrapParagraph(paragraph, width)...)
	}
	return lines
}

func wrapParagraph(text string, width int) []string {
	if text = strings.TrimRight(text, " "); lipgloss.Width(text) <= width {
		return []string{text} // with the blanks that line it up
	}
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		if used > 0 && used+1+lipgloss.Width(word) <= width {
			line, used = line+" "+word, used+1+lipgloss.Width(word)
			continue
		}
		if used > 0 && !breakable(word) {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		for _, piece := range pieces(word) {
			if used > 0 && used+lipgloss.Width(piece) > width {
				lines = append(lines, strings.TrimRight(line, " "))
				line, used = "", 0
			}
			line, used = line+piece, used+lipgloss.Width(piece)
		}
	}
	return append(lines, line)
}

func breakable(word string) bool { return len(pieces(word)) > 1 }

// pieces splits a word where it may be broken: before and after every wide character.
func pieces(word string) []string {
	var out []string
	narrow := ""
	for _, r := range word {
		if lipgloss.Width(string(r)) < 2 {
			narrow += string(r)
			continue
		}
		if narrow != "" {
			out = append(out, narrow)
			narrow = ""
		}
		out = append(out, string(r))
	}
	if narrow != "" {
		out = append(out, narrow)
	}
	return out
}
