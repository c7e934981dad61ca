package project

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// YAMLScalar is the text of a scalar of a YAML file. Where our reading of its form differs from the parser's, all of the parser's
// value stands for the place where the scalar begins.
func YAMLScalar(src *Source, n *yaml.Node) *Text {
	y := &yamlText{Text: src.Empty(), at: src.Offset(n.Line, n.Column)}
	y.properties()
	begin := y.at
	switch style := n.Style &^ yaml.TaggedStyle; {
	case style == yaml.DoubleQuotedStyle && y.starts('"'):
		y.quoted('"')
	case style == yaml.SingleQuotedStyle && y.starts('\''):
		y.quoted('\'')
	case style == yaml.LiteralStyle && y.starts('|'):
		y.literal(n.Value)
	case style == yaml.FoldedStyle && y.starts('>'):
		y.folded(n.Value)
	case style == 0:
		y.plain(n.Value)
	}
	if y.String() == n.Value {
		return y.Text
	}
	out := src.Empty()
	out.Put(n.Value, Filled, begin, begin)
	return out
}

// yamlText reads one scalar from the text of its file.
type yamlText struct {
	*Text
	at int
}

func (y *yamlText) starts(c byte) bool { return y.at < len(y.src.Text) && y.src.Text[y.at] == c }

// properties passes over an anchor and a tag.
func (y *yamlText) properties() {
	text := y.src.Text
	for y.starts('&') || y.starts('!') {
		for y.at < len(text) && text[y.at] > ' ' {
			y.at++
		}
		for y.at < len(text) && (text[y.at] == ' ' || text[y.at] == '\t') {
			y.at++
		}
	}
}

// plain reads a scalar without quotes: its value is in the file as it is, but for line breaks.
func (y *yamlText) plain(value string) {
	for len(y.bytes) < len(value) && y.at < len(y.src.Text) {
		if y.lineBreak() {
			continue
		}
		y.Copy(y.at, y.at+1)
		y.at++
	}
}

// lineBreak reads a line break within a scalar, with the blanks around it: it is a blank, and further ones are line breaks
// (YAML 1.2, 6.5). It tells whether there is one here.
func (y *yamlText) lineBreak() bool {
	text, start := y.src.Text, y.at
	end := start
	for end < len(text) && (text[end] == ' ' || text[end] == '\t') {
		end++
	}
	if end == len(text) || text[end] != '\n' && text[end] != '\r' {
		return false
	}
	breaks := 0
	for end < len(text) && strings.IndexByte(" \t\r\n", text[end]) >= 0 {
		if text[end] == '\n' {
			breaks++
		}
		end++
	}
	if breaks <= 1 {
		y.escaped(" ", start, end)
	} else {
		y.escaped(strings.Repeat("\n", breaks-1), start, end)
	}
	y.at = end
	return true
}

func (y *yamlText) quoted(quote byte) {
	text := y.src.Text
	for y.at++; y.at < len(text); {
		switch c := text[y.at]; {
		case c == quote && quote == '\'' && y.at+1 < len(text) && text[y.at+1] == '\'':
			y.escaped("'", y.at, y.at+2)
			y.at += 2
		case c == quote:
			return
		case c == '\\' && quote == '"':
			if !y.escape() {
				return
			}
		case y.lineBreak():
		default:
			y.Copy(y.at, y.at+1)
			y.at++
		}
	}
}

// yamlEscapes are those of one character (YAML 1.2, 5.7).
var yamlEscapes = map[byte]string{'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029"}

func (y *yamlText) escape() bool {
	text, start := y.src.Text, y.at
	if start+1 >= len(text) {
		return false
	}
	if c := text[start+1]; c == '\n' || c == '\r' { // joins the lines
		for y.at++; y.at < len(text) && strings.IndexByte(" \t\r\n", text[y.at]) >= 0; y.at++ {
		}
		y.DropTo(y.at)
		return true
	}
	if one, ok := yamlEscapes[text[start+1]]; ok {
		y.escaped(one, start, start+2)
		y.at += 2
		return true
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[start+1]]
	if digits == 0 || start+2+digits > len(text) {
		return false
	}
	code, err := strconv.ParseUint(text[start+2:start+2+digits], 16, 32)
	if err != nil {
		return false
	}
	y.at = start + 2 + digits
	y.escaped(string(rune(code)), start, y.at)
	return true
}

// header passes over the line of a block's indicator, and gives how deep the block is indented: as deep as its first line that is
// not empty, or as the indicator says from the value's.
func (y *yamlText) header(value string) (indent int) {
	text := y.src.Text
	for y.at < len(text) && text[y.at] != '\n' {
		y.at++
	}
	y.at = min(y.at+1, len(text))
	blanks := 0
	for _, c := range []byte(value) { // a value that itself begins with blanks says how many of them are indent
		if c == '\n' {
			blanks = 0
		} else if c != ' ' {
			break
		} else {
			blanks++
		}
	}
	for at := y.at; at < len(text); {
		line, _, _ := strings.Cut(text[at:], "\n")
		if trimmed := strings.TrimLeft(line, " "); strings.TrimRight(trimmed, "\r") != "" {
			return max(len(line)-len(trimmed)-blanks, 0)
		}
		at += len(line) + 1
	}
	return 0
}

// literal reads a block of which the lines stay as they are, indent taken away.
func (y *yamlText) literal(value string) {
	indent := y.header(value)
	for len(y.bytes) < len(value) && y.at < len(y.src.Text) {
		end, next := y.blockLine(indent)
		y.DropTo(y.at) // the indent belongs to the line break before it
		y.Copy(y.at, end)
		if len(y.bytes) < len(value) {
			y.Put("\n", Written, end, next)
		}
		y.at = next
	}
}

// blockLine passes over the indent of a line, and gives where its text ends and where the next line begins.
func (y *yamlText) blockLine(indent int) (end, next int) {
	text := y.src.Text
	for i := 0; i < indent && y.starts(' '); i++ {
		y.at++
	}
	end = y.at
	for end < len(text) && text[end] != '\n' {
		end++
	}
	next = min(end+1, len(text))
	if end > y.at && text[end-1] == '\r' {
		end--
	}
	return end, next
}

// folded reads a block of which the lines are joined: a line break is a blank, unless the line or the next one is indented deeper;
// one before empty lines is nothing, and theirs are line breaks (YAML 1.2, 8.1.3).
func (y *yamlText) folded(value string) {
	indent := y.header(value)
	deeper := func(line string) bool { return strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") }
	text := y.src.Text
	before := ""
	first := true
	breakAt, breaks := y.at, 0
	for len(y.bytes) < len(value) && y.at < len(text) {
		start := y.at
		end, next := y.blockLine(indent)
		line := text[y.at:end]
		if line == "" {
			breaks++
			y.at = next
			continue
		}
		switch kept := first || deeper(before) || deeper(line); {
		case first:
			y.Put(strings.Repeat("\n", breaks), Added, start, start)
		case kept:
			y.escaped(strings.Repeat("\n", breaks+1), breakAt, y.at)
		case breaks == 0:
			y.escaped(" ", breakAt, y.at)
		default:
			y.escaped(strings.Repeat("\n", breaks), breakAt, y.at)
		}
		y.Copy(y.at, end)
		first, before, breaks, breakAt, y.at = false, line, 0, end, next
	}
	if missing := len(value) - len(y.bytes); missing > 0 && missing <= breaks+1 {
		y.Put(strings.Repeat("\n", missing), Added, len(text), len(text))
	}
}

// JSON is what the text means as the inside of a JSON string; nil where it can be none.
func (t *Text) JSON() *Text {
	out := t.src.Empty()
	for i := 0; i < len(t.bytes); {
		if t.bytes[i] != '\\' {
			out.Append(t.Part(i, i+1))
			i++
			continue
		}
		value, width := jsonEscape(string(t.bytes[i:min(i+12, len(t.bytes))]))
		if width == 0 {
			return nil
		}
		place := t.around(i, i+width)
		out.escaped(value, place.Start, place.End)
		i += width
	}
	return out
}

// jsonEscape reads an escape (RFC 8259, 7); the width of what is none is 0.
func jsonEscape(s string) (value string, width int) {
	if len(s) < 2 {
		return "", 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return "\"\\/\b\f\n\r\t"[i : i+1], 2
	}
	r, ok := jsonUnit(s)
	if !ok {
		return "", 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := jsonUnit(s[6:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return string(both), 12
			}
		}
		r = utf8.RuneError
	}
	return string(r), 6
}

func jsonUnit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(code), err == nil
}

// xmlText is the text between two offsets of an XML file, entities resolved: those of XML itself and of characters.
func xmlText(src *Source, from, to int) *Text {
	text := src.Text
	out := src.Empty()
	for i := from; i < to; {
		if text[i] == '\r' && i+1 < to && text[i+1] == '\n' {
			out.escaped("\n", i, i+2)
			i += 2
			continue
		}
		end := strings.IndexByte(text[i:min(to, i+12)], ';')
		if text[i] != '&' || end < 0 {
			out.Copy(i, i+1)
			i++
			continue
		}
		value, ok := xmlEntity(text[i+1 : i+end])
		if !ok {
			out.Copy(i, i+1)
			i++
			continue
		}
		out.escaped(value, i, i+end+1)
		i += end + 1
	}
	return out
}

func xmlEntity(name string) (string, bool) {
	switch name {
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "amp":
		return "&", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return "", false
	}
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	return string(rune(code)), err == nil
}
