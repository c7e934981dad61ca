package plan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Edit replaces an exact range of a file. The range is given by what stands in it, so that an edit can never hit anything
// but what the check has seen.
type Edit struct {
	File string
	At   Place
	Old  string // what stands there now; empty for an insertion
	New  string // a line break in it takes the form that the file uses
	// Before is what must stand right before the place: it holds an insertion where it belongs.
	Before string
	// WholeLine says that Old is all of a line (or of several), and that the line's end goes with it.
	WholeLine bool
	// Beside says that other insertions at the same place may stand beside this one, in the order of their texts: lines of
	// a list whose order means nothing.
	Beside bool
}

// Place is a position in a file: line and column from 1, the column in bytes; or, where Line is 0, an offset in bytes.
type Place struct{ Line, Column, Offset int }

// ReplaceAt replaces old, which begins at a line and column, by text.
func ReplaceAt(file string, line, column int, old, text string) Edit {
	return Edit{File: file, At: Place{Line: line, Column: column}, Old: old, New: text}
}

// Replace replaces the bytes from start to end of a file whose content is src.
func Replace(file string, src []byte, start, end int, text string) Edit {
	return Edit{File: file, At: Place{Offset: start}, Old: string(src[start:end]), New: text}
}

// Insert puts text at an offset of a file whose content is src. The line that leads to the offset must still be there.
func Insert(file string, src []byte, offset int, text string) Edit {
	from := bytes.LastIndexByte(src[:max(offset-1, 0)], '\n') + 1
	return Edit{File: file, At: Place{Offset: offset}, Before: string(src[from:offset]), New: text}
}

// InsertAfterLine puts a line (without its end) below a line of a file whose content is src; below line 0 is the top.
func InsertAfterLine(file string, src []byte, line int, text string) Edit {
	if line < 1 || len(src) == len(bom(src)) {
		return Edit{File: file, At: Place{Offset: len(bom(src))}, New: text + "\n"}
	}
	_, end, next := lineBounds(src, line)
	if next == end { // the last line, and it has no end
		return Insert(file, src, end, "\n"+text)
	}
	return Insert(file, src, next, text+"\n")
}

// RemoveLine removes a line of a file whose content is src, with its end.
func RemoveLine(file string, src []byte, line int) Edit { return RemoveLines(file, src, line, line) }

// RemoveLines removes the lines from first to last, with their ends.
func RemoveLines(file string, src []byte, first, last int) Edit {
	start, _, _ := lineBounds(src, first)
	_, end, _ := lineBounds(src, last)
	return Edit{File: file, At: Place{Offset: start}, Old: string(src[start:end]), WholeLine: true}
}

// Line gives a line of src without its end, and its offset. It is empty, at the end, where there is no such line.
func Line(src []byte, line int) (text string, offset int) {
	start, end, _ := lineBounds(src, line)
	return string(src[start:end]), start
}

// lineBounds tells where a line starts, where its text ends, and where the next line starts. A mark at the top of the file
// (BOM) belongs to the first line, as it does to the parsers that count columns.
func lineBounds(src []byte, line int) (start, end, next int) {
	for ; line > 1; line-- {
		i := bytes.IndexByte(src[start:], '\n')
		if i < 0 {
			return len(src), len(src), len(src)
		}
		start += i + 1
	}
	i := bytes.IndexByte(src[start:], '\n')
	if i < 0 {
		return start, len(src), len(src)
	}
	next = start + i + 1
	end = next - 1
	if end > start && src[end-1] == '\r' {
		end--
	}
	return start, end, next
}

func bom(src []byte) []byte {
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(src, mark) {
		return mark
	}
	return nil
}

// Mismatch says that a file does not hold what an edit expects there.
type Mismatch struct{ Edit Edit }

func (e *Mismatch) Error() string {
	at := fmt.Sprintf("line %d", e.Edit.At.Line)
	if e.Edit.At.Line == 0 {
		at = fmt.Sprintf("byte %d", e.Edit.At.Offset)
	}
	return fmt.Sprintf("%s does not hold what it held when it was looked at (%s)", e.Edit.File, at)
}

// Conflict says that two edits want different things of the same place.
type Conflict struct{ A, B Edit }

func (e *Conflict) Error() string {
	return fmt.Sprintf("two changes of %s want different things of the same place", e.A.File)
}

// Splice is an edit found in a file: its range, and the bytes that take its place.
type Splice struct {
	Start, End int
	Text       string
	edit       Edit
}

// Locate finds the range of an edit in a file whose content is src. The error is a *Mismatch where the file holds something
// else there.
func Locate(src []byte, e Edit) (Splice, error) {
	start := e.At.Offset
	if e.At.Line > 0 {
		from, end, _ := lineBounds(src, e.At.Line)
		if start = from + e.At.Column - 1; start > end || e.At.Column < 1 {
			return Splice{}, &Mismatch{e}
		}
	}
	if start < 0 || start > len(src) || !bytes.HasPrefix(src[start:], []byte(e.Old)) || !bytes.HasSuffix(src[:start], []byte(e.Before)) {
		return Splice{}, &Mismatch{e}
	}
	s := Splice{Start: start, End: start + len(e.Old), Text: e.New, edit: e}
	if e.WholeLine {
		if !s.wholeLines(src) {
			return Splice{}, &Mismatch{e}
		}
	}
	if strings.Contains(s.Text, "\n") && usesCRLF(src, start) {
		s.Text = strings.ReplaceAll(strings.ReplaceAll(s.Text, "\r\n", "\n"), "\n", "\r\n")
	}
	return s, nil
}

// wholeLines takes the line's end into the range. At the end of a file that ends without one, the end of the line before
// goes instead, so that the file ends as it did.
func (s *Splice) wholeLines(src []byte) bool {
	if s.Start > 0 && src[s.Start-1] != '\n' {
		return false
	}
	rest := src[s.End:]
	switch {
	case bytes.HasPrefix(rest, []byte("\r\n")):
		s.End += 2
	case bytes.HasPrefix(rest, []byte("\n")):
		s.End++
	case len(rest) > 0:
		return false
	case s.Start > 0:
		s.Start--
		if s.Start > 0 && src[s.Start-1] == '\r' {
			s.Start--
		}
	}
	return true
}

// usesCRLF tells whether the lines around an offset end in \r\n: a file may mix both, and a new line is to look like its
// neighbours.
func usesCRLF(src []byte, offset int) bool {
	if i := bytes.LastIndexByte(src[:offset], '\n'); i >= 0 {
		return i > 0 && src[i-1] == '\r'
	}
	i := bytes.IndexByte(src[offset:], '\n')
	return i > 0 && src[offset+i-1] == '\r'
}

// Apply makes all edits of one file, each as if it stood alone. Edits that say the same count once; others that touch the
// same bytes are a *Conflict.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	var splices []Splice
	for _, e := range edits {
		s, err := Locate(src, e)
		if err != nil {
			return nil, err
		}
		splices = append(splices, s)
	}
	slices.SortStableFunc(splices, func(a, b Splice) int {
		return cmp.Or(a.Start-b.Start, a.End-b.End, cmp.Compare(a.Text, b.Text))
	})
	out := make([]byte, 0, len(src)+256)
	done := 0
	for i, s := range splices {
		if i > 0 {
			before := splices[i-1]
			same := s.Start == before.Start && s.End == before.End
			if same && s.Text == before.Text {
				splices[i] = before
				continue
			}
			beside := same && s.Start == s.End && s.edit.Beside && before.edit.Beside
			if s.Start < before.End || same && !beside {
				return nil, &Conflict{before.edit, s.edit}
			}
		}
		out = append(out, src[done:s.Start]...)
		out = append(out, s.Text...)
		done = s.End
	}
	return append(out, src[done:]...), nil
}
