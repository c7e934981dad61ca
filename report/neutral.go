package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/mask"
)

// neutral makes foreign text (a file name, a line of source, what a command printed) harmless on a terminal: whatever would
// move the cursor, change colours or turn the reading direction is spelt out, as is what is not UTF-8. Line ends stay.
func neutral(s string) string {
	if !isHarmless(s) {
		s = spell(strings.ReplaceAll(s, "\r\n", "\n"))
	}
	return uncommanded(s)
}

// What the runners of pipelines take for commands in a log: a line that begins with ::word …::
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands), and ##[word], ##vso[word] and
// ##teamcity[word wherever they stand.
var (
	lineCommand   = lazyregexp.New(`(?m)^([ \t]*):(:[A-Za-z-]+(?:[ \t].*)?::)`)
	inlineCommand = lazyregexp.New(`##(\w*)\[`)
)

// uncommanded spells a character of what a runner would obey.
func uncommanded(s string) string {
	if strings.Contains(s, "::") {
		s = lineCommand.ReplaceAllString(s, `${1}\x3a${2}`)
	}
	if strings.Contains(s, "##") {
		s = inlineCommand.ReplaceAllString(s, `##${1}\x5b`)
	}
	return s
}

// spell writes every character as it may be seen.
func spell(s string) string {
	if isHarmless(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		b.WriteString(visible(r, s[:size]))
		s = s[size:]
	}
	return b.String()
}

func isHarmless(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r != '\n' && mustSpell(r) }) < 0
}

// visible is what stands for one character on the screen. raw is how it is written in the text.
func visible(r rune, raw string) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r == '\n':
		return raw
	case r == '\t':
		return " "
	case !mustSpell(r):
		return raw
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// mustSpell names the characters that act instead of being seen: controls (C0, DEL, C1), line and paragraph separators, and
// invisible formatting such as the bidi overrides of https://trojansource.codes. The two joiners are left alone: Persian and
// emoji are written with them.
func mustSpell(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// oneLine is neutral text without line ends, for places that have room for one line.
func oneLine(s string) string {
	return strings.Join(strings.Fields(neutral(s)), " ")
}

// Plain is foreign text for a line of its own: harmless on a terminal, and without secrets.
func Plain(text string) string { return mask.Message(oneLine(text)) }
