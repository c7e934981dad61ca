package artefact

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// document is one document of a YAML file.
type document struct {
	file *File
	src  *source
	root *yaml.Node // the mapping or list at its top; nil for an empty one
}

// documents parses a YAML file. Each document is parsed by itself, so that one that is broken does not cost the others.
func documents(f *File) []document { return documentsIn(f, f.src) }

// documentsIn parses a text of the file: its own, or what a template becomes.
func documentsIn(f *File, src *source) []document {
	var out []document
	for _, part := range parts(src) {
		var node yaml.Node
		err := yaml.NewDecoder(bytes.NewReader(src.text[part.from:part.to])).Decode(&node)
		if errors.Is(err, io.EOF) {
			continue
		}
		if err != nil {
			at := yamlError(src, err, part.line)
			if line := brokenLine(src.text[part.from:part.to], at.Reason); line > 0 {
				at.Span = f.src.line(part.line + line)
			}
			f.fail(at)
			continue
		}
		if len(node.Content) == 0 {
			continue
		}
		d := document{file: f, src: src, root: node.Content[0]}
		d.settle(f, d.root, part.line)
		out = append(out, d)
	}
	return out
}

// fail keeps the first error of a file; a key that stands twice gives way to one that costs more.
func (f *File) fail(err error) {
	var before *ParseError
	if f.Err == nil || errors.As(f.Err, &before) && before.Repeated {
		var now *ParseError
		if f.Err == nil || errors.As(err, &now) && !now.Repeated {
			f.Err = err
		}
	}
}

type part struct{ from, to, line int } // line is the number of lines before it

// parts splits a file at its document markers. A marker stands at the beginning of a line, and ends whatever text stands before it.
func parts(s *source) []part {
	out := []part{{}}
	s.physical(func(number, from, to int) {
		line := s.text[from:to]
		if bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || line[3] == ' ' || line[3] == '\t') {
			out[len(out)-1].to = from
			out = append(out, part{from: from, line: number - 1})
		}
	})
	out[len(out)-1].to = len(s.text)
	return out
}

var errorLine = lazyregexp.New(`^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): (.*)`)

func yamlError(s *source, err error, before int) *ParseError {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := errorLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	return &ParseError{Span: s.line(min(max(line+before, 1), len(s.starts))), Reason: text}
}

// maxSearched bounds the text in which the line is looked for that breaks it.
const maxSearched = 256 << 10

// brokenLine is the line of a document with which it goes wrong: the last one of the shortest beginning that goes wrong in the same
// way. The parser itself names the line where what is broken begins. 0 where there is no better one.
func brokenLine(text []byte, reason string) int {
	if len(text) > maxSearched || strings.Contains(reason, "end of stream") {
		return 0
	}
	s := newSource(text)
	fails := func(lines int) bool {
		var node yaml.Node
		err := yaml.NewDecoder(bytes.NewReader(text[:s.offset(lines+1, 1)])).Decode(&node)
		return err != nil && !errors.Is(err, io.EOF) && strings.HasSuffix(err.Error(), reason)
	}
	line := 1 + sort.Search(len(s.starts), func(i int) bool { return fails(i + 1) })
	if line > len(s.starts) {
		return 0
	}
	return line
}

// settle gives the nodes of a document their lines in the file, and tells of keys that stand twice.
func (d document) settle(f *File, n *yaml.Node, before int) {
	n.Line += before
	for _, c := range n.Content {
		d.settle(f, c, before)
	}
	if n.Kind != yaml.MappingNode || len(n.Content) < 4 {
		return
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Value == "<<" {
			continue
		}
		if seen[key.Value] {
			f.fail(&ParseError{Span: d.text(key).Span, Reason: "the key " + strconv.Quote(key.Value) + " stands twice", Repeated: true})
		}
		seen[key.Value] = true
	}
}

// node is a node of a document; the zero node is none, and has none below it.
type node struct {
	d document
	n *yaml.Node
}

func (d document) top() node { return node{d, d.root} }

// deref follows an alias.
func (n node) deref() node {
	for range 10 {
		if n.n == nil || n.n.Kind != yaml.AliasNode {
			return n
		}
		n.n = n.n.Alias
	}
	return node{}
}

func (n node) is(kind yaml.Kind) bool { m := n.deref(); return m.n != nil && m.n.Kind == kind }

func (n node) isMap() bool    { return n.is(yaml.MappingNode) }
func (n node) isList() bool   { return n.is(yaml.SequenceNode) }
func (n node) isScalar() bool { return n.is(yaml.ScalarNode) }
func (n node) isNull() bool {
	m := n.deref()
	return m.n == nil || m.n.Kind == yaml.ScalarNode && m.n.Tag == "!!null"
}

type entry struct {
	key   Text
	value node
}

// entries are the keys of a mapping in order, those that it merges in (<<) included.
func (n node) entries() []entry { return n.merged(0) }

func (n node) merged(depth int) []entry {
	m := n.deref()
	if m.n == nil || m.n.Kind != yaml.MappingNode || depth > 10 {
		return nil
	}
	var own, from []entry
	for i := 0; i+1 < len(m.n.Content); i += 2 {
		k, v := m.n.Content[i], node{n.d, m.n.Content[i+1]}
		if k.Kind != yaml.ScalarNode {
			continue
		}
		if k.Value != "<<" || k.Tag == "!!str" {
			own = append(own, entry{n.d.text(k), v})
			continue
		}
		if v.isList() {
			for _, item := range v.items() {
				from = append(from, item.merged(depth+1)...)
			}
		} else {
			from = append(from, v.merged(depth+1)...)
		}
	}
	if len(from) == 0 {
		return own
	}
	seen := map[string]bool{}
	var out []entry
	for _, e := range append(own, from...) {
		if !seen[e.key.Value] {
			seen[e.key.Value] = true
			out = append(out, e)
		}
	}
	return out
}

// get is the value of a key, by way of several keys; the zero node where one of them is missing.
func (n node) get(keys ...string) node {
	for _, key := range keys {
		n = n.value(key, 0)
	}
	return n
}

// value is that of one key: the mapping's own, else that of what it merges in.
func (n node) value(key string, depth int) node {
	m := n.deref()
	if m.n == nil || m.n.Kind != yaml.MappingNode || depth > 10 {
		return node{}
	}
	merges := node{}
	for i := 0; i+1 < len(m.n.Content); i += 2 {
		k, v := m.n.Content[i], node{n.d, m.n.Content[i+1]}
		if k.Kind != yaml.ScalarNode {
			continue
		}
		if k.Value == "<<" && k.Tag != "!!str" {
			merges = v
		} else if k.Value == key {
			return v
		}
	}
	if merges.n == nil {
		return node{}
	}
	if !merges.isList() {
		return merges.value(key, depth+1)
	}
	for _, item := range merges.items() {
		if v := item.value(key, depth+1); v.n != nil {
			return v
		}
	}
	return node{}
}

// items are the elements of a list.
func (n node) items() []node {
	m := n.deref()
	if m.n == nil || m.n.Kind != yaml.SequenceNode {
		return nil
	}
	var out []node
	for _, c := range m.n.Content {
		out = append(out, node{n.d, c})
	}
	return out
}

// text is a scalar; the zero Text for anything else.
func (n node) text() Text {
	m := n.deref()
	if m.n == nil || m.n.Kind != yaml.ScalarNode {
		return Text{}
	}
	return n.d.text(m.n)
}

// span is where a node begins.
func (n node) span() Span {
	if n.n == nil {
		return Span{}
	}
	if n.n.Kind == yaml.ScalarNode {
		return n.d.text(n.n).Span
	}
	at := n.d.offset(n.n)
	return n.d.src.span(at, at)
}

// offset is where a node begins. The parser counts columns in characters.
func (d document) offset(n *yaml.Node) int {
	at, end := d.src.offset(n.Line, 1), d.src.offset(n.Line+1, 1)
	if bytes.HasPrefix(d.src.text[at:end], []byte("\xef\xbb\xbf")) && at == 0 {
		at += 3
	}
	for range n.Column - 1 {
		if at >= end {
			break
		}
		_, width := utf8.DecodeRune(d.src.text[at:end])
		at += width
	}
	return at
}

// text finds a scalar in the file. The Span of a quoted one lies within the quotes; that of a block is its indicator.
func (d document) text(n *yaml.Node) Text {
	t := Text{Value: n.Value, File: d.file}
	if n.Style == 0 {
		t.Type = yaml11(n.Value)
	}
	s := d.src
	at := d.offset(n)
	for at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') { // an anchor, a tag
		for at < len(s.text) && s.text[at] > ' ' {
			at++
		}
		for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == '\t') {
			at++
		}
	}
	end := at
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		if at < len(s.text) && (s.text[at] == '"' || s.text[at] == '\'') {
			at, end = at+1, closingQuote(s.text, at)
		}
	case yaml.LiteralStyle, yaml.FoldedStyle:
	default:
		if bytes.HasPrefix(s.text[at:], []byte(n.Value)) {
			end = at + len(n.Value)
		}
	}
	t.Raw, t.Span = string(s.text[at:end]), s.span(at, end)
	if f, ok := s.filled[t.Line]; ok && t.Column >= f.column {
		return f.text
	}
	return t
}

// What YAML 1.1 takes scalars without quotes for.
const (
	Number = "number"
	Bool   = "bool"
	Base60 = "number in base sixty"
)

var (
	// https://yaml.org/type/int.html, float.html and bool.html; y and n are what readers of 1.1 differ in, and left out.
	number11 = lazyregexp.New(`^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*|([0-9][0-9_]*)?\.[0-9_]+([eE][-+]?[0-9]+)?|[0-9][0-9_]*\.([0-9_]*([eE][-+]?[0-9]+)?)?|[0-9]+[eE][-+]?[0-9]+|\.(inf|Inf|INF))$`)
	base60   = lazyregexp.New(`^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	bool11   = lazyregexp.New(`^(true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$`)
)

func yaml11(value string) string {
	switch {
	case value == "" || len(value) > 64:
		return ""
	case number11.MatchString(value):
		return Number
	case bool11.MatchString(value):
		return Bool
	case base60.MatchString(value):
		return Base60
	}
	return ""
}

// closingQuote is the offset of the quote that closes the one at an offset; that offset where none does.
func closingQuote(text []byte, open int) int {
	quote := text[open]
	for i := open + 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		case text[i] == quote:
			return i
		}
	}
	return open + 1
}
