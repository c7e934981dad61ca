package artefact

import (
	"bytes"
	"sort"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Span is a range of a file: lines and columns count from 1, columns in bytes; the end is exclusive. The zero Span is none.
type Span struct{ Line, Column, EndLine, EndColumn int }

// IsZero tells whether there is no such range.
func (s Span) IsZero() bool { return s.Line == 0 }

// Text is a value that stands in an artefact.
type Text struct {
	Value string // what the tool that reads the artefact makes of it: without quotes, escapes and continued lines
	Raw   string // what stands in the file at Span
	Span
	Origin Origin
	// File is the file that a value of a YAML artefact stands in: what belongs together may come from several. It is nil for others.
	File *File
	// Type is what YAML 1.1 takes a scalar without quotes for where it is no text: Number, Bool, Base60. It is empty for a text.
	Type string
}

// Origin says where a value comes from, and so how sure it is.
type Origin int

// The origins. Of an Open or Referred value nothing is known.
const (
	Literal  Origin = iota // it stands in the file
	Default                // what stands in the file for the case that whoever builds or starts it says nothing else
	Open                   // it is computed: ${X}, $(X), a template
	Passed                 // from the environment of whoever starts it
	Referred               // from a Secret, a vault, a ConfigMap that is not in the repository
)

// Known tells whether Value is what the file says, be it as a default.
func (t Text) Known() bool { return t.Origin == Literal || t.Origin == Default }

// Plain tells whether the value stands in the file as it is, so that what is put in its place is that value too.
func (t Text) Plain() bool { return !t.IsZero() && t.Origin == Literal && t.Raw == t.Value }

func (t Text) String() string { return t.Value }

// source is the text of a file, and where its lines begin.
type source struct {
	text   []byte
	starts []int
	shell  *project.Source // the same text, for what is read as a shell's
	filled map[int]filling // by line: what a template's references become; nil for all but templates
}

// forShell is the text for reading parts of it as a shell does. It is asked for only while the file is read.
func (s *source) forShell() *project.Source {
	if s.shell == nil {
		s.shell = project.NewSource(string(s.text))
	}
	return s.shell
}

func newSource(text []byte) *source {
	s := &source{text: text, starts: []int{0}}
	for i, c := range text {
		if c == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

// standing is a text that begins with a line of the file; nil where it does not stand there so.
func (s *source) standing(line int, text string) *project.Text {
	from := s.offset(line, 1)
	if !bytes.HasPrefix(s.text[from:], []byte(text)) {
		return nil
	}
	return s.forShell().Whole(from, from+len(text))
}

// at is the line and column of an offset.
func (s *source) at(offset int) (line, column int) {
	line = sort.SearchInts(s.starts, offset+1)
	return line, offset - s.starts[line-1] + 1
}

// offset is the counterpart of at; it stays within the text.
func (s *source) offset(line, column int) int {
	if line < 1 {
		return 0
	}
	if line > len(s.starts) {
		return len(s.text)
	}
	return min(s.starts[line-1]+max(column, 1)-1, len(s.text))
}

func (s *source) span(from, to int) Span {
	var out Span
	out.Line, out.Column = s.at(from)
	out.EndLine, out.EndColumn = s.at(to)
	return out
}

// whole is what stands between two offsets, as it is.
func (s *source) whole(from, to int) Text {
	raw := string(s.text[from:to])
	return Text{Value: raw, Raw: raw, Span: s.span(from, to)}
}

// line is the range of a line's text, without the blanks around it.
func (s *source) line(number int) Span {
	if number < 1 || number > len(s.starts) {
		return Span{}
	}
	from, to := s.starts[number-1], len(s.text)
	if number < len(s.starts) {
		to = s.starts[number]
	}
	text := s.text[from:to]
	to = from + len(bytes.TrimRight(text, " \t\r\n"))
	from += len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
	return s.span(min(from, to), to)
}

// physical calls visit for each line: its number, and the offsets of its text without the line's end.
func (s *source) physical(visit func(number, from, to int)) {
	for i, from := range s.starts {
		to := len(s.text)
		if i+1 < len(s.starts) {
			to = s.starts[i+1] - 1
		}
		if to > from && s.text[to-1] == '\r' {
			to--
		}
		visit(i+1, from, to)
	}
}

// folded is text that a format joins from several lines, with the place of each byte in the file.
type folded struct {
	text []byte
	at   []int
}

// add puts the bytes between two offsets behind what there is.
func (f *folded) add(s *source, from, to int) {
	for i := from; i < to; i++ {
		f.text = append(f.text, s.text[i])
		f.at = append(f.at, i)
	}
}

// put adds a byte that stands for the one at an offset.
func (f *folded) put(c byte, at int) {
	f.text = append(f.text, c)
	f.at = append(f.at, at)
}

// cut is the part between two indices, blanks at its ends left out. The value is value.
func (f *folded) cut(s *source, from, to int, value string) Text {
	if from >= to {
		at := len(s.text)
		if from < len(f.at) {
			at = f.at[from]
		} else if len(f.at) > 0 {
			at = f.at[len(f.at)-1] + 1
		}
		return Text{Value: value, Span: s.span(at, at)}
	}
	start, end := f.at[from], f.at[to-1]+1
	return Text{Value: value, Raw: string(s.text[start:end]), Span: s.span(start, end)}
}

// shell is the part between two indices, as a shell gets it. What stands between two bytes in the file is left out by the format.
func (f *folded) shell(s *source, from, to int) *project.Text {
	out := s.forShell().Empty()
	for i := from; i < to; i++ {
		out.DropTo(f.at[i])
		out.Copy(f.at[i], f.at[i]+1)
	}
	return out
}

// trimmed are the indices of text[from:to] without the blanks around it.
func trimmed(text []byte, from, to int) (int, int) {
	const blanks = " \t\r\n\v\f"
	for from < to && strings.IndexByte(blanks, text[from]) >= 0 {
		from++
	}
	for to > from && strings.IndexByte(blanks, text[to-1]) >= 0 {
		to--
	}
	return from, to
}

// unquoted takes one pair of quotes away from the range, where it stands in one.
func unquoted(text []byte, from, to int) (int, int) {
	if to-from >= 2 && (text[from] == '"' || text[from] == '\'') && text[to-1] == text[from] {
		return from + 1, to - 1
	}
	return from, to
}
