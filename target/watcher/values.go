package watcher

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// kindOfValue is what a value of JSON or YAML is.
type kindOfValue int

const (
	nullValue kindOfValue = iota
	textValue
	numberValue
	boolValue
	listValue
	tableValue
)

func (k kindOfValue) String() string {
	return [...]string{"null", "a string", "a number", "true or false", "a list", "a table"}[k]
}

// value is one value of a configuration file in JSON or YAML.
type value struct {
	doc        *document
	kind       kindOfValue
	text       string // of a string, number or boolean
	start, end int    // equal where the value does not stand in the file as it is
	members    []member
	items      []*value
	block      bool // a list or table of YAML that is written without brackets
}

type member struct {
	name       string
	start, end int // of the key
	*value
}

func (v *value) place() Place { return v.doc.place(v.start, v.end) }

func (m member) keyPlace() Place { return m.doc.place(m.start, m.end) }

// get is the value of a key, nil where it is not there or null. Of a key that stands twice the last counts.
func (v *value) get(name string) *value {
	if v == nil {
		return nil
	}
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			if v.members[i].kind == nullValue {
				return nil
			}
			return v.members[i].value
		}
	}
	return nil
}

func (v *value) string(otherwise string) string {
	if v == nil || v.kind == listValue || v.kind == tableValue || v.kind == nullValue {
		return otherwise
	}
	return v.text
}

func (v *value) bool(otherwise bool) bool {
	if v == nil || v.kind != boolValue {
		return otherwise
	}
	return v.text == "true"
}

// notText is the place where a file stops being JSON or YAML, and why.
type notText struct {
	at     int
	reason string
}

const maxDepth = 200

// readJSON reads a JSON file. JSON that is written by people begins with a byte order mark now and then.
func readJSON(doc *document) (*value, *notText) {
	text := bytes.TrimPrefix(doc.data, []byte("\xef\xbb\xbf"))
	shift := len(doc.data) - len(text)
	var any json.RawMessage
	if err := json.Unmarshal(text, &any); err != nil {
		var syntax *json.SyntaxError
		at := len(text)
		if errors.As(err, &syntax) {
			at = max(int(syntax.Offset)-1, 0)
		}
		return nil, &notText{shift + at, err.Error()}
	}
	r := &jsonReader{doc: doc, dec: json.NewDecoder(bytes.NewReader(text)), shift: shift}
	r.dec.UseNumber()
	v := r.value(0)
	if v == nil {
		return nil, &notText{shift, "it is nested too deeply"}
	}
	return v, nil
}

type jsonReader struct {
	doc   *document
	dec   *json.Decoder
	shift int
}

// token is the next token with its place.
func (r *jsonReader) token() (t json.Token, start, end int) {
	start = r.shift + int(r.dec.InputOffset())
	t, err := r.dec.Token()
	if err != nil {
		return nil, start, start
	}
	for start < len(r.doc.data) && strings.IndexByte(" \t\r\n,:", r.doc.data[start]) >= 0 {
		start++
	}
	return t, start, r.shift + int(r.dec.InputOffset())
}

func (r *jsonReader) value(depth int) *value {
	t, start, end := r.token()
	v := &value{doc: r.doc, start: start, end: end}
	switch t := t.(type) {
	case string:
		v.kind, v.text = textValue, t
	case json.Number:
		v.kind, v.text = numberValue, t.String()
	case bool:
		v.kind, v.text = boolValue, strconv.FormatBool(t)
	case json.Delim:
		if depth > maxDepth || !r.inside(v, t, depth) {
			return nil
		}
	}
	return v
}

// inside reads what stands between brackets.
func (r *jsonReader) inside(v *value, open json.Delim, depth int) bool {
	v.kind = listValue
	if open == '{' {
		v.kind = tableValue
	}
	for r.dec.More() {
		m := member{}
		if v.kind == tableValue {
			var key json.Token
			key, m.start, m.end = r.token()
			m.name, _ = key.(string)
		}
		if m.value = r.value(depth + 1); m.value == nil {
			return false
		}
		if v.kind == tableValue {
			v.members = append(v.members, m)
		} else {
			v.items = append(v.items, m.value)
		}
	}
	_, _, v.end = r.token()
	return true
}

var yamlErrorLine = lazyregexp.New(`^line (\d+): `)

// readYAML reads the first document of a YAML file; nil, nil for an empty one.
func readYAML(doc *document) (*value, *notText) {
	var n yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(doc.data)).Decode(&n)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		at := 0
		if m := yamlErrorLine.FindStringSubmatch(text); m != nil {
			line, _ := strconv.Atoi(m[1])
			at, text = doc.offset(line, 1), text[len(m[0]):]
		}
		return nil, &notText{at, text}
	}
	if len(n.Content) == 0 {
		return nil, nil
	}
	budget := 200_000
	v := yamlValue(doc, n.Content[0], 0, &budget)
	if v == nil {
		return nil, &notText{0, "it is nested too deeply, or its aliases grow without end"}
	}
	return v, nil
}

// yamlValue turns a node into a value; nil where it is nested too deeply or grows past the budget.
func yamlValue(doc *document, n *yaml.Node, depth int, budget *int) *value {
	if *budget--; depth > maxDepth || *budget < 0 {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return yamlValue(doc, n.Alias, depth+1, budget)
	}
	v := &value{doc: doc, text: n.Value, block: n.Style&yaml.FlowStyle == 0}
	v.start, v.end = yamlRange(doc, n)
	switch n.Kind {
	case yaml.SequenceNode:
		v.kind = listValue
		for _, c := range n.Content {
			item := yamlValue(doc, c, depth+1, budget)
			if item == nil {
				return nil
			}
			v.items = append(v.items, item)
		}
	case yaml.MappingNode:
		v.kind = tableValue
		return yamlTable(v, n, depth, budget)
	default:
		v.kind = yamlScalar(n)
		if v.kind == boolValue {
			v.text = strconv.FormatBool(strings.EqualFold(v.text, "true") || strings.EqualFold(v.text, "yes") || strings.EqualFold(v.text, "on"))
		}
	}
	return v
}

func yamlTable(v *value, n *yaml.Node, depth int, budget *int) *value {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		of := yamlValue(v.doc, n.Content[i+1], depth+1, budget)
		if of == nil {
			return nil
		}
		if key.Tag == "!!merge" {
			for _, from := range append([]*value{of}, of.items...) {
				v.members = append(from.members[:len(from.members):len(from.members)], v.members...)
			}
			continue
		}
		m := member{name: key.Value, value: of}
		m.start, m.end = yamlRange(v.doc, key)
		v.members = append(v.members, m)
	}
	return v
}

// yamlScalar is the kind of a scalar. Programs in Go read YAML 1.1 here, in which yes and on are true.
func yamlScalar(n *yaml.Node) kindOfValue {
	switch n.Tag {
	case "!!null":
		return nullValue
	case "!!bool":
		return boolValue
	case "!!int", "!!float":
		return numberValue
	}
	if n.Style == 0 && yaml11Bool.MatchString(n.Value) {
		return boolValue
	}
	return textValue
}

var yaml11Bool = lazyregexp.New(`^(yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$`)

// yamlRange is where a node stands with its quotes; an empty range where it does not stand there as it is.
func yamlRange(doc *document, n *yaml.Node) (start, end int) {
	at := doc.offset(n.Line, n.Column)
	if n.Line == 1 && bytes.HasPrefix(doc.data, []byte("\xef\xbb\xbf")) {
		at = min(at+3, len(doc.data))
	}
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || n.Kind != yaml.ScalarNode {
		return at, at
	}
	rest := doc.data[at:]
	switch {
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && len(rest) > 0:
		if whole := string(rest[:1]) + n.Value + string(rest[:1]); bytes.HasPrefix(rest, []byte(whole)) {
			return at, at + len(whole)
		}
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && bytes.HasPrefix(rest, []byte(n.Value)):
		return at, at + len(n.Value)
	}
	return at, at
}

// without is the change that takes the i-th item out of a list; nil where that is no edit.
func (v *value) without(i int, says string) []Change {
	item := v.items[i]
	if item.end <= item.start || item.doc != v.doc {
		return nil
	}
	if v.block {
		from, to := v.doc.lineStart(item.start), v.doc.lineEnd(item.end)
		if strings.Trim(string(v.doc.data[from:item.start]), " \t") != "-" {
			return nil
		}
		if to < len(v.doc.data) {
			to += len(v.doc.data[to:]) - len(bytes.TrimPrefix(bytes.TrimPrefix(v.doc.data[to:], []byte("\r")), []byte("\n")))
		}
		return []Change{{Place: v.doc.place(from, to), Says: says}}
	}
	from, to := item.start, item.end
	switch {
	case i > 0 && v.items[i-1].end > v.items[i-1].start:
		from = v.items[i-1].end
	case i == 0 && len(v.items) > 1 && v.items[1].end > v.items[1].start:
		to = v.items[1].start
	case len(v.items) > 1:
		return nil
	default:
		from, to = v.widened(from, to)
	}
	return []Change{{Place: v.doc.place(from, to), Says: says}}
}

// widened takes in the blanks around what is cut out of a list of which nothing is left.
func (v *value) widened(from, to int) (int, int) {
	if inner := v.start + 1; v.start < v.end && v.end <= len(v.doc.data) && strings.TrimSpace(string(v.doc.data[inner:from])+string(v.doc.data[to:v.end-1])) == "" {
		return inner, v.end - 1
	}
	return from, to
}

// withoutAll are the changes that take several items out of a list. Those that it begins with go in one piece: each alone would take
// the comma behind it, which is the one before the next.
func (v *value) withoutAll(items []int) []Change {
	slices.Sort(items)
	first := 0
	for first < len(items) && items[first] == first {
		first++
	}
	if v.block || first < 2 {
		first = 0
	}
	var out []Change
	for _, i := range items[first:] {
		out = append(out, v.without(i, "take `"+v.items[i].text+"` out")...)
	}
	if first == 0 {
		return out
	}
	var names []string
	for _, item := range v.items[:first] {
		if item.end <= item.start || item.doc != v.doc {
			return nil
		}
		names = append(names, "`"+item.text+"`")
	}
	from, to := v.items[0].start, v.items[first-1].end
	if first < len(v.items) {
		to = v.items[first].start
	} else {
		from, to = v.widened(from, to)
	}
	return append([]Change{{Place: v.doc.place(from, to), Says: "take " + strings.Join(names, " and ") + " out"}}, out...)
}

// with is the change that adds an item to a list; nil where that is no edit. written is how the item is written there.
func (v *value) with(written, says string) []Change {
	if len(v.items) == 0 {
		if v.block || v.start >= len(v.doc.data) || v.doc.data[v.start] != '[' {
			return nil
		}
		return aloneIn(v.doc.data, []Change{{Place: v.doc.place(v.start+1, v.start+1), Text: written, Says: says}}) // a second one needs a comma
	}
	last := v.items[len(v.items)-1]
	if last.end <= last.start || last.doc != v.doc {
		return nil
	}
	if v.block {
		from := v.doc.lineStart(last.start)
		dash := string(v.doc.data[from:last.start])
		if strings.Trim(dash, " \t") != "-" {
			return nil
		}
		at := v.doc.lineEnd(last.end)
		return []Change{{Place: v.doc.place(at, at), Text: "\n" + dash + written, Says: says}}
	}
	sep := ", "
	if before := len(v.items) - 2; before >= 0 && v.items[before].end > v.items[before].start {
		between := string(v.doc.data[v.items[before].end:last.start])
		if strings.Trim(between, " \t\r\n,") == "" && strings.Count(between, ",") == 1 {
			sep = between
		}
	}
	return []Change{{Place: v.doc.place(last.end, last.end), Text: sep + written, Says: says}}
}

// inJSON is a text as JSON has it.
func inJSON(text string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(text) != nil {
		return strconv.Quote(text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var plainYAML = lazyregexp.New(`^[A-Za-z_./][A-Za-z0-9_./-]*$`)

// inYAML is a text as YAML has it.
func inYAML(text string) string {
	if plainYAML.MatchString(text) && !yaml11Bool.MatchString(text) && text != "true" && text != "false" && text != "null" {
		return text
	}
	return inJSON(text)
}
