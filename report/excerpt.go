package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/mask"
)

const (
	maxSource = 8 << 20  // how much of a file is read to show a line of it
	maxLine   = 16 << 10 // a longer line was written by a program; nobody looks for a place in it
)

// SourceFrom reads the files that locations name below a root folder. It remembers the last one: findings come in heaps.
func SourceFrom(root string) func(file string) ([]byte, error) {
	var last string
	var data []byte
	var err error
	return func(file string) ([]byte, error) {
		if file != last || data == nil {
			last = file
			data, err = readSource(root, file)
		}
		return data, err
	}
}

func readSource(root, file string) ([]byte, error) {
	name := filepath.Join(root, filepath.FromSlash(file))
	if info, err := os.Stat(name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // a pipe would keep us waiting
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSource))
}

// excerpt is a line of source made fit for the screen, with the columns that the location points at.
type excerpt struct {
	text       string
	start, end int // screen columns of the underline; start == end where the location names no column
}

// place is how a location is written: file:line, without columns, which the caret shows.
func place(l *checks.Location) string {
	if l.Line == 0 {
		return oneLine(l.File)
	}
	return fmt.Sprintf("%s:%d", oneLine(l.File), l.Line)
}

// excerptOf reads the line that a location names; ok is false when there is none to show.
func (o Options) excerptOf(l *checks.Location) (e excerpt, ok bool) {
	if o.Source == nil || l == nil || l.Line == 0 {
		return e, false
	}
	data, err := o.Source(l.File)
	if err != nil {
		return e, false
	}
	line, removed, ok := lineOf(data, l.Line)
	if !ok || len(line) > maxLine || strings.TrimSpace(line) == "" {
		return e, false
	}
	start, end := columns(l, removed, len(line))
	return layOut(line, mask.Secrets(l.File, line), start, end), true
}

const byteOrderMark = "\ufeff"

// lineOf returns a line without its end, and how many bytes of it (a byte order mark) were taken off its front.
func lineOf(data []byte, number int) (line string, removed int, ok bool) {
	for range number - 1 {
		_, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			return "", 0, false
		}
		data = rest
	}
	raw, _, _ := bytes.Cut(data, []byte("\n"))
	line = strings.TrimSuffix(string(raw), "\r")
	if bare, found := strings.CutPrefix(line, byteOrderMark); found && number == 1 {
		return bare, len(byteOrderMark), true
	}
	return line, 0, true
}

// columns turns a location into offsets within its line: start == end where it names no column, one past the last byte at
// most, and to the end of the line where it goes on in the next.
func columns(l *checks.Location, removed, length int) (start, end int) {
	if l.Column == 0 {
		return 0, 0
	}
	start = min(max(l.Column-1-removed, 0), length)
	switch {
	case l.EndLine > l.Line:
		end = length
	case l.EndLine == l.Line && l.EndColumn > l.Column:
		end = min(l.EndColumn-1-removed, length)
	}
	return start, max(end, start+1)
}

const tabWidth = 4

// layOut turns bytes into columns: tabs to blanks, wide characters to two columns, secrets to ***, whatever would act on
// the terminal to what it is spelt. What points into the middle of one of these points at all of it.
func layOut(line string, hidden []mask.Span, start, end int) excerpt {
	var text strings.Builder
	e := excerpt{start: -1}
	column := 0
	for at := 0; at < len(line); {
		shown, size := nextCell(line, at, column, hidden)
		if e.start < 0 && at+size > start {
			e.start = column
		}
		if at < end {
			e.end = column + lipgloss.Width(shown)
		}
		text.WriteString(shown)
		column += lipgloss.Width(shown)
		at += size
	}
	switch {
	case start == end:
		e.start, e.end = 0, 0
	case e.start < 0: // behind the last character
		e.start, e.end = column, column+1
	}
	e.text = text.String()
	return e.trimmed()
}

// nextCell returns what is shown for the bytes of the line from at on, and how many bytes that is.
func nextCell(line string, at, column int, hidden []mask.Span) (shown string, size int) {
	for _, h := range hidden {
		if h.Start == at {
			return mask.Masked, h.End - h.Start
		}
	}
	if line[at] == '\t' {
		return strings.Repeat(" ", tabWidth-column%tabWidth), 1
	}
	cluster, _ := ansi.FirstGraphemeCluster(line[at:], ansi.GraphemeWidth)
	for _, h := range hidden { // a secret may begin within what the eye takes for one character
		if h.Start > at && h.Start < at+len(cluster) {
			cluster = cluster[:h.Start-at]
		}
	}
	return spell(cluster), len(cluster)
}

// trimmed takes the blanks off both ends.
func (e excerpt) trimmed() excerpt {
	bare := strings.TrimLeft(e.text, " ")
	removed := len(e.text) - len(bare)
	e.text = strings.TrimRight(bare, " ")
	if e.end > 0 {
		e.start, e.end = max(0, e.start-removed), max(1, e.end-removed)
	}
	return e
}

// underline is the second line of an excerpt: a caret for one column, a wave for more.
func (e excerpt) underline() string {
	switch e.end - e.start {
	case 0:
		return ""
	case 1:
		return strings.Repeat(" ", e.start) + "^"
	}
	return strings.Repeat(" ", e.start) + strings.Repeat("~", e.end-e.start)
}

const ellipsis = "..."

// cut narrows a line that is too long to what stands around the underline.
func (e excerpt) cut(width int) excerpt {
	total := lipgloss.Width(e.text)
	if total <= width || width < 4*len(ellipsis) {
		if e.end > width+1 { // under blanks at the end, which are not shown
			e.start, e.end = min(e.start, width), width+1
		}
		return e
	}
	room := width - 2*len(ellipsis)
	from := max(0, min(e.start-room/3, total-room))
	lead := ellipsis
	if from <= len(ellipsis) { // it would hide no more than it takes
		from, room, lead = 0, width-len(ellipsis), ""
	}
	kept := ansi.TruncateLeft(e.text, from, "")
	shift := total - lipgloss.Width(kept) - len(lead)
	shown := ansi.Truncate(kept, room, "")
	e.text = lead + shown
	if e.end > 0 {
		last := lipgloss.Width(e.text)
		e.start = min(max(e.start-shift, len(lead)), last)
		e.end = max(min(e.end-shift, last), e.start+1)
	}
	if shown != kept {
		e.text += ellipsis
	}
	return e
}
