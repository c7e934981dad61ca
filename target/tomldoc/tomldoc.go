// Package tomldoc reads a TOML file with the place of every key and value, so that findings can point at them and edits can
// be exact. What a program makes of the file is decided by that program's own parser, not here.
package tomldoc

import (
	"bytes"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Document is one TOML file.
type Document struct {
	Data    []byte
	Entries []Entry // in the order of the file
	Tables  []Table // headers, in the order of the file
	// Err is where the file stops being TOML; what stands before it is in Entries and Tables.
	Err *SyntaxError
}

// Span is a range of bytes of the file; the end is exclusive.
type Span struct{ Start, End int }

// Entry is one key with its value.
type Entry struct {
	Path  []string // of tables and keys: ["build", "cmd"]
	Key   Span     // of the last part of the key
	Whole Span     // from the key to the end of the value
	Value Value
}

// Table is one header, [a.b] or [[a.b]].
type Table struct {
	Path  []string
	Name  Span // the dotted name between the brackets
	Array bool
}

// Kind is the kind of a value.
type Kind int

// The kinds of value that TOML has. Other stands for dates and times.
const (
	Other Kind = iota
	String
	Integer
	Float
	Bool
	Array
	Inline // an inline table
)

func (k Kind) String() string {
	return [...]string{"date", "string", "integer", "float", "bool", "array", "table"}[k]
}

// Value is one value.
type Value struct {
	Kind  Kind
	Text  string // of a string its content, of other scalars their text
	Items []Value
	Span  Span
}

// SyntaxError is a place where the file is not TOML.
type SyntaxError struct {
	Line, Column int // from 1, the column in bytes
	Reason       string
}

func (e *SyntaxError) Error() string { return e.Reason }

var bom = []byte("\xef\xbb\xbf")

// Parse reads a file. It never fails as a whole: see Document.Err.
func Parse(data []byte) *Document {
	d := &Document{Data: data}
	text, shift := data, 0
	if bytes.HasPrefix(data, bom) {
		text, shift = data[len(bom):], len(bom)
	}
	p := &unstable.Parser{}
	p.Reset(text)
	r := reader{d: d, p: p, shift: shift}
	for p.NextExpression() {
		r.expression(p.Expression())
	}
	if err := p.Error(); err != nil {
		d.Err = r.syntaxError(err)
	}
	return d
}

type reader struct {
	d     *Document
	p     *unstable.Parser
	shift int
	table []string
}

func (r *reader) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table, unstable.ArrayTable:
		keys, first, last := r.keys(n.Key())
		r.table = keys
		r.d.Tables = append(r.d.Tables, Table{Path: keys, Name: Span{first.Start, last.End}, Array: n.Kind == unstable.ArrayTable})
	case unstable.KeyValue:
		r.keyValue(n, r.table)
	}
}

func (r *reader) keyValue(n *unstable.Node, prefix []string) {
	keys, _, last := r.keys(n.Key())
	path := slices.Concat(prefix, keys)
	whole := r.span(n.Raw)
	value := r.value(n.Value())
	if value.Span.End == 0 || value.Kind == Array || value.Kind == Inline { // the parser gives no range for these
		value.Span = r.valueSpan(whole, last)
	}
	r.d.Entries = append(r.d.Entries, Entry{Path: path, Key: last, Whole: whole, Value: value})
	if n.Value().Kind == unstable.InlineTable {
		for it := n.Value().Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				r.keyValue(it.Node(), path)
			}
		}
	}
}

// valueSpan is what follows the equals sign.
func (r *reader) valueSpan(whole, key Span) Span {
	rest := r.d.Data[key.End:whole.End]
	start := key.End + bytes.IndexByte(rest, '=') + 1
	for start < whole.End && (r.d.Data[start] == ' ' || r.d.Data[start] == '\t') {
		start++
	}
	return Span{start, whole.End}
}

func (r *reader) keys(it unstable.Iterator) (path []string, first, last Span) {
	for it.Next() {
		n := it.Node()
		last = r.span(n.Raw)
		if path == nil {
			first = last
		}
		path = append(path, string(n.Data))
	}
	return path, first, last
}

func (r *reader) span(raw unstable.Range) Span {
	start := int(raw.Offset) + r.shift
	return Span{start, start + int(raw.Length)}
}

func (r *reader) value(n *unstable.Node) Value {
	v := Value{Text: string(n.Data), Span: r.span(n.Raw)}
	switch n.Kind {
	case unstable.String:
		v.Kind = String
	case unstable.Integer:
		v.Kind = Integer
	case unstable.Float:
		v.Kind = Float
	case unstable.Bool:
		v.Kind = Bool
	case unstable.InlineTable:
		v.Kind = Inline
	case unstable.Array:
		v.Kind = Array
		for it := n.Children(); it.Next(); {
			if it.Node().Kind != unstable.Comment {
				v.Items = append(v.Items, r.value(it.Node()))
			}
		}
	}
	return v
}

func (r *reader) syntaxError(err error) *SyntaxError {
	e := &SyntaxError{Line: 1, Column: 1, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	if pe, ok := err.(*unstable.ParserError); ok {
		e.Reason = pe.Message
		offset := len(r.d.Data)
		if len(pe.Highlight) > 0 {
			offset = int(r.p.Range(pe.Highlight).Offset) + r.shift
		}
		e.Line, e.Column = r.d.Position(offset)
	}
	return e
}

// Position gives the line and column of an offset, both from 1, the column in bytes.
func (d *Document) Position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(d.Data))
	before := d.Data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')
}

// Find gives the last entry of that path: where a key is given twice, most parsers refuse the file.
func (d *Document) Find(path ...string) (Entry, bool) {
	for _, e := range slices.Backward(d.Entries) {
		if slices.Equal(e.Path, path) {
			return e, true
		}
	}
	return Entry{}, false
}
