package project

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Span is a range of a file as it is written there, quotes included: byte offsets, the end exclusive, and where it begins and
// ends by line and column. The zero Span is none.
type Span struct {
	Start, End  int
	Pos, EndPos Position
}

// IsZero tells whether there is no such range.
func (s Span) IsZero() bool { return s.End == 0 }

// Source is the text of a file, with its lines.
type Source struct {
	Text   string
	starts []int
	filled int                            // bytes that variables were filled in with
	last   struct{ line, column, at int } // the latest answer of Offset
}

// maxFilled bounds the text that variables of one file are filled in with: what people write stays far below.
const maxFilled = 1 << 20

// room tells whether so much text can still be filled in.
func (s *Source) room(bytes int) bool { return s.filled+bytes <= maxFilled }

// NewSource takes the text of a file.
func NewSource(text string) *Source {
	s := &Source{Text: text, starts: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

// Position is the line and column of an offset.
func (s *Source) Position(offset int) Position {
	line := sort.SearchInts(s.starts, offset+1)
	return Position{line, offset - s.starts[line-1] + 1}
}

// Offset is the offset of a line and a column that counts characters, as YAML's parser does; it stays within the text.
func (s *Source) Offset(line, column int) int {
	if line < 1 || line > len(s.starts) {
		return len(s.Text)
	}
	at, from := s.starts[line-1], 1
	if at == 0 {
		at = bomWidth(s.Text)
	}
	if s.last.line == line && s.last.column <= column {
		from, at = s.last.column, s.last.at
	}
	s.last.line, s.last.column = line, max(column, 1)
	for column -= from - 1; column > 1 && at < len(s.Text) && s.Text[at] != '\n'; column-- {
		_, width := utf8.DecodeRuneInString(s.Text[at:])
		at += width
	}
	s.last.at = at
	return at
}

// at is the offset of a position.
func (s *Source) at(p Position) int { return s.starts[p.Line-1] + p.Column - 1 }

// Span is the range between two offsets.
func (s *Source) Span(start, end int) Span {
	return Span{Start: start, End: end, Pos: s.Position(start), EndPos: s.Position(end)}
}

func bomWidth(text string) int {
	if len(text) >= 3 && text[:3] == "\ufeff" {
		return 3
	}
	return 0
}

// Nature says how a byte that a shell gets stands in the file.
type Nature uint8

// The natures of a byte.
const (
	Written Nature = iota // it stands there, maybe escaped
	Filled                // what stands there is filled in with it: the value of a variable that the file sets
	Hidden                // what stands there is computed by the tool that reads the file; the byte is only a sign of it
	Added                 // the tool that reads the file puts it there: the quotes around an argument
)

// Text is text as a tool or a shell gets it: each byte knows the range of the file that it comes from.
type Text struct {
	src   *Source
	bytes []byte
	from  []origin
}

type origin struct {
	start, end int32
	nature     Nature
}

// Empty is a text that nothing has been added to.
func (s *Source) Empty() *Text { return &Text{src: s} }

// Whole is the text between two offsets, as it is.
func (s *Source) Whole(start, end int) *Text {
	t := s.Empty()
	t.Copy(start, end)
	return t
}

// Copy adds what stands between two offsets.
func (t *Text) Copy(start, end int) {
	t.bytes = slices.Grow(t.bytes, end-start)
	t.from = slices.Grow(t.from, end-start)
	for i := start; i < end; i++ {
		t.bytes = append(t.bytes, t.src.Text[i])
		t.from = append(t.from, origin{int32(i), int32(i + 1), Written})
	}
}

// Put adds bytes that each stand for the whole range between two offsets.
func (t *Text) Put(text string, nature Nature, start, end int) {
	if nature == Filled || nature == Hidden {
		t.src.filled += len(text)
	}
	for i := range len(text) {
		t.bytes = append(t.bytes, text[i])
		t.from = append(t.from, origin{int32(start), int32(end), nature})
	}
}

// escaped adds the text that an escape between two offsets means. A first byte takes the range, what follows has none of its own.
func (t *Text) escaped(text string, start, end int) {
	for i := range len(text) {
		t.Put(text[i:i+1], Written, start, end)
		start = end
	}
}

// hide adds a word of unknown content for the range between two offsets.
func (t *Text) hide(start, end int) { t.Put(hiddenWord, Hidden, start, end) }

// hiddenWord is what the shell's parser takes for a word that only the shell knows.
const hiddenWord = "${_}"

// Hides tells whether a word has a part that only the tool knows which reads its file: within single quotes that is no variable to the
// shell.
func Hides(word string) bool { return strings.Contains(word, hiddenWord) }

// DropTo says that what stands between the last byte and an offset is left out by the rules of the file.
func (t *Text) DropTo(offset int) {
	if n := len(t.from); n > 0 && t.from[n-1].nature == Written {
		t.from[n-1].end = int32(offset)
	}
}

// Replace is the text with other text in the place of what a pattern matches. value is given the match and its groups.
func (t *Text) Replace(use *lazyregexp.Regexp, value func(groups []string) (string, Nature)) *Text {
	out := t.src.Empty()
	from := 0
	for _, m := range use.FindAllSubmatchIndex(t.bytes, -1) {
		groups := make([]string, len(m)/2)
		for i := range groups {
			if m[2*i] >= 0 {
				groups[i] = string(t.bytes[m[2*i]:m[2*i+1]])
			}
		}
		out.Append(t.Part(from, m[0]))
		place := t.around(m[0], m[1])
		text, nature := value(groups)
		switch {
		case nature == Written && t.span(m[0], m[1]).IsZero():
			out.Put(text, Filled, place.Start, place.End)
		case nature == Written:
			out.escaped(text, place.Start, place.End)
		case nature == Hidden || !t.src.room(len(text)):
			out.hide(place.Start, place.End)
		default:
			out.Put(text, nature, place.Start, place.End)
		}
		from = m[1]
	}
	out.Append(t.Part(from, len(t.bytes)))
	return out
}

// Append adds another text of the same file.
func (t *Text) Append(other *Text) {
	t.bytes = append(t.bytes, other.bytes...)
	t.from = append(t.from, other.from...)
}

// Part is the text between two indices.
func (t *Text) Part(from, to int) *Text {
	return &Text{src: t.src, bytes: t.bytes[from:to:to], from: t.from[from:to:to]}
}

func (t *Text) String() string { return string(t.bytes) }

// at is the offset in the file of an index of the text.
func (t *Text) at(i int) int {
	switch {
	case i < len(t.from):
		return int(t.from[i].start)
	case len(t.from) > 0:
		return int(t.from[len(t.from)-1].end)
	}
	return 0
}

// span is where bytes from..to are written in the file, with nothing between them that is not; the zero Span where they are not.
func (t *Text) span(from, to int) Span {
	for from < to && t.from[from].nature == Added && t.from[to-1].nature == Added {
		from, to = from+1, to-1
	}
	if from >= to {
		return Span{}
	}
	for i := from; i < to; i++ {
		if t.from[i].nature != Written || i > from && t.from[i].start != t.from[i-1].end {
			return Span{}
		}
	}
	return t.src.Span(int(t.from[from].start), int(t.from[to-1].end))
}

// around is the part of the file that bytes from..to come from, however they do.
func (t *Text) around(from, to int) Span {
	if from >= to || to > len(t.from) {
		return t.src.Span(t.at(from), t.at(from))
	}
	start, end := t.from[from].start, t.from[from].end
	for _, o := range t.from[from:to] {
		start, end = min(start, o.start), max(end, o.end)
	}
	return t.src.Span(int(start), int(end))
}

// Place is the part of the file that the text comes from.
func (t *Text) Place() Span { return t.around(0, len(t.bytes)) }

// hidden tells whether one of the bytes from..to is not known.
func (t *Text) hidden(from, to int) bool {
	return slices.ContainsFunc(t.from[from:to], func(o origin) bool { return o.nature == Hidden })
}
