// Package tomledit makes edits of TOML files that touch nothing but what they are about: writing the file anew from its data
// would lose comments and order. What an edit needs to know of the file is in its tomldoc.Document.
package tomledit

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/tomldoc"
)

// File is a TOML file to edit.
type File struct {
	Name string // as plans call it
	Doc  *tomldoc.Document
}

// Quote writes a string as a TOML value: in single quotes where it holds what would need escapes, as paths of Windows and regular
// expressions do.
func Quote(s string) string {
	if strings.ContainsAny(s, `\"`) && !strings.ContainsAny(s, "'\n\r") {
		return "'" + s + "'"
	}
	return strconv.Quote(s)
}

// Replace writes another value, given as TOML, behind a key.
func (f File) Replace(e tomldoc.Entry, value string) plan.Edit {
	return plan.Replace(f.Name, f.Doc.Data, e.Value.Span.Start, e.Value.Span.End, value)
}

// Rename gives a key another name within its table.
func (f File) Rename(e tomldoc.Entry, name string) plan.Edit {
	return plan.Replace(f.Name, f.Doc.Data, e.Key.Start, e.Key.End, name)
}

// Remove takes a key out with its value, and with the whole lines where nothing else stands in them but a comment. Comments above
// it stay.
func (f File) Remove(e tomldoc.Entry) plan.Edit {
	if f.alone(e.Whole) {
		return f.cut(e.Whole)
	}
	data, s := f.Doc.Data, e.Whole // in an inline table, with the comma behind it or before it
	if end := f.afterComma(s.End, len(data)); end > s.End {
		for s.End = end; s.End < len(data) && data[s.End] == ' '; {
			s.End++
		}
	} else if before := bytes.TrimRight(data[:s.Start], " \t"); bytes.HasSuffix(before, []byte(",")) {
		s.Start = len(before) - 1
	}
	return f.cut(s)
}

// Set writes a value, given as TOML, for a key: behind the key if it is there, else as a new line of its table, which is made if
// it lacks.
func (f File) Set(value string, path ...string) plan.Edit {
	if e, ok := f.Doc.Find(path...); ok {
		return f.Replace(e, value)
	}
	table, key := path[:len(path)-1], path[len(path)-1]
	line := key + " = " + value
	if e, ok := f.Doc.Find(table...); ok && len(table) > 0 && e.Value.Kind == tomldoc.Inline {
		return f.intoBraces(e, line)
	}
	i := slices.IndexFunc(f.Doc.Tables, func(t tomldoc.Table) bool { return !t.Array && slices.Equal(t.Path, table) })
	from, to := f.body(i)
	last := tomldoc.Span{}
	for _, e := range f.Doc.Entries {
		if e.Whole.Start >= from && e.Whole.End <= to && (i >= 0 || len(table) == 0 || within(e.Path, table)) {
			if last = e.Whole; i < 0 && len(table) > 0 { // dotted keys: [table] must not be opened beside them
				line = strings.Join(append(slices.Clone(table), key), ".") + " = " + value
			}
		}
	}
	switch {
	case last.End > 0:
		return f.below(last.End, f.indent(last.Start)+line)
	case i >= 0:
		return f.below(f.Doc.Tables[i].Name.End, line)
	case len(table) == 0:
		return plan.InsertAfterLine(f.Name, f.Doc.Data, 0, line)
	}
	return f.newTable(table, line)
}

func within(path, table []string) bool {
	return len(path) > len(table) && slices.Equal(path[:len(table)], table)
}

// body is the range in which the keys of a table stand; -1 is the top of the file.
func (f File) body(table int) (from, to int) {
	to = len(f.Doc.Data)
	if table >= 0 {
		from = f.Doc.Tables[table].Name.End
	}
	if table+1 < len(f.Doc.Tables) {
		to = f.Doc.Tables[table+1].Name.Start
	}
	return from, to
}

func (f File) newTable(table []string, line string) plan.Edit {
	text := "[" + strings.Join(table, ".") + "]\n" + line
	data := f.Doc.Data
	if len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))) > 0 {
		text = "\n" + text
	}
	return plan.InsertAfterLine(f.Name, data, f.line(len(bytes.TrimRight(data, "\r\n\t "))), text)
}

func (f File) intoBraces(e tomldoc.Entry, line string) plan.Edit {
	data := f.Doc.Data
	end := e.Value.Span.End - 1 // the closing brace
	for end > 0 && (data[end-1] == ' ' || data[end-1] == '\t') {
		end--
	}
	if data[end-1] == '{' {
		return plan.Insert(f.Name, data, end, " "+line)
	}
	return plan.Insert(f.Name, data, end, ", "+line)
}

// RemoveItem takes an item out of an array, with its comma, and with its line where it has one to itself. It says no where the
// place of an item is not known: of an array or a table within the array.
func (f File) RemoveItem(e tomldoc.Entry, i int) (edit plan.Edit, ok bool) {
	data, items := f.Doc.Data, e.Value.Items
	if !placed(items) {
		return plan.Edit{}, false
	}
	item := items[i].Span
	comma := tomldoc.Span{Start: item.Start, End: f.afterComma(item.End, e.Value.Span.End)}
	switch {
	case f.alone(comma):
		return f.cut(comma), true
	case i+1 < len(items):
		return plan.Replace(f.Name, data, item.Start, items[i+1].Span.Start, ""), true
	case i > 0:
		return plan.Replace(f.Name, data, items[i-1].Span.End, item.End, ""), true
	}
	return plan.Replace(f.Name, data, comma.Start, comma.End, ""), true
}

func placed(items []tomldoc.Value) bool {
	return !slices.ContainsFunc(items, func(v tomldoc.Value) bool {
		return v.Span.End == 0 || v.Kind == tomldoc.Array || v.Kind == tomldoc.Inline
	})
}

// AppendItem adds an item, given as TOML, behind the last one of an array: on a line of its own if that one has one. It says no
// where RemoveItem does.
func (f File) AppendItem(e tomldoc.Entry, value string) (edit plan.Edit, ok bool) {
	data, items := f.Doc.Data, e.Value.Items
	if !placed(items) {
		return plan.Edit{}, false
	}
	if len(items) == 0 {
		edit = plan.Insert(f.Name, data, e.Value.Span.Start+1, value)
	} else {
		last := items[len(items)-1].Span
		end := f.afterComma(last.End, e.Value.Span.End)
		switch {
		case !f.alone(tomldoc.Span{Start: last.Start, End: end}):
			edit = plan.Insert(f.Name, data, last.End, ", "+value)
		case end > last.End: // a comma stands behind it, and perhaps a comment
			edit = f.below(end, f.indent(last.Start)+value+",")
		default: // the comma goes before what follows on the line
			rest := data[last.End:f.endOfLine(last.End)]
			edit = plan.Replace(f.Name, data, last.End, last.End+len(rest), ","+string(rest)+"\n"+f.indent(last.Start)+value)
			return edit, true
		}
	}
	edit.Beside = true
	return edit, true
}

// afterComma is the offset behind the comma that follows an item, or the item's end where none does.
func (f File) afterComma(end, limit int) int {
	for i := end; i < limit; i++ {
		switch f.Doc.Data[i] {
		case ' ', '\t':
		case ',':
			return i + 1
		default:
			return end
		}
	}
	return end
}

// alone tells whether a span has its lines to itself, a comment behind it aside.
func (f File) alone(s tomldoc.Span) bool {
	data := f.Doc.Data
	start := bytes.LastIndexByte(data[:s.Start], '\n') + 1
	before := bytes.TrimSpace(bytes.TrimPrefix(data[start:s.Start], []byte("\xef\xbb\xbf")))
	after := bytes.TrimSpace(data[s.End:f.endOfLine(s.End)])
	return len(before) == 0 && (len(after) == 0 || after[0] == '#')
}

// cut removes a span, with its lines where it has them to itself.
func (f File) cut(s tomldoc.Span) plan.Edit {
	if f.alone(s) {
		return plan.RemoveLines(f.Name, f.Doc.Data, f.line(s.Start), f.line(s.End))
	}
	return plan.Replace(f.Name, f.Doc.Data, s.Start, s.End, "")
}

// below puts a line under the one that an offset stands in.
func (f File) below(offset int, line string) plan.Edit {
	e := plan.InsertAfterLine(f.Name, f.Doc.Data, f.line(offset), line)
	e.Beside = true
	return e
}

func (f File) line(offset int) int { return bytes.Count(f.Doc.Data[:offset], []byte("\n")) + 1 }

func (f File) endOfLine(offset int) int {
	if i := bytes.IndexByte(f.Doc.Data[offset:], '\n'); i >= 0 {
		end := offset + i
		if end > offset && f.Doc.Data[end-1] == '\r' {
			end--
		}
		return end
	}
	return len(f.Doc.Data)
}

// indent is the white space that the line of an offset begins with.
func (f File) indent(offset int) string {
	start := bytes.LastIndexByte(f.Doc.Data[:offset], '\n') + 1
	text := bytes.TrimPrefix(f.Doc.Data[start:offset], []byte("\xef\xbb\xbf"))
	return string(text[:len(text)-len(bytes.TrimLeft(text, " \t"))])
}
