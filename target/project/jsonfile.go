package project

import (
	"strings"

	"github.com/tailscale/hujson"
)

// jsonValue is a value of a JSON file that may hold comments and trailing commas; nil is none, and has none below it.
type jsonValue struct {
	src *Source
	v   *hujson.Value
}

type jsonMember struct {
	name  string
	value jsonValue
}

// json parses a JSON file; false where it goes against the format.
func (s *Script) json(src *Source) (jsonValue, bool) {
	text := src.Text[bomWidth(src.Text):]
	if strings.TrimSpace(text) == "" {
		return jsonValue{}, false
	}
	v, err := hujson.Value{}, error(tooNested{})
	if !nestedJSON(text) {
		v, err = hujson.Parse([]byte(strings.Repeat(" ", len(src.Text)-len(text)) + text)) // so that its offsets are those of the file
	}
	if err != nil {
		s.Unknown = append(s.Unknown, Unknown{Reason: BadFormat})
		return jsonValue{}, false
	}
	return jsonValue{src, &v}, true
}

// nestedJSON tells whether brackets lie too deep in each other: the parser needs a stack for each.
func nestedJSON(text string) bool {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			if depth++; depth > maxNested {
				return true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return false
}

// members are those of an object, in order.
func (j jsonValue) members() []jsonMember {
	if j.v == nil {
		return nil
	}
	object, ok := j.v.Value.(*hujson.Object)
	if !ok {
		return nil
	}
	var out []jsonMember
	for i := range object.Members {
		m := &object.Members[i]
		if name, ok := m.Name.Value.(hujson.Literal); ok {
			out = append(out, jsonMember{name.String(), jsonValue{j.src, &m.Value}})
		}
	}
	return out
}

// get is the value of a member, by way of several; of names that stand twice the last.
func (j jsonValue) get(names ...string) jsonValue {
	for _, name := range names {
		next := jsonValue{}
		for _, m := range j.members() {
			if m.name == name {
				next = m.value
			}
		}
		j = next
	}
	return j
}

// items are the elements of a list.
func (j jsonValue) items() []jsonValue {
	if j.v == nil {
		return nil
	}
	list, ok := j.v.Value.(*hujson.Array)
	if !ok {
		return nil
	}
	var out []jsonValue
	for i := range list.Elements {
		out = append(out, jsonValue{j.src, &list.Elements[i]})
	}
	return out
}

// text is a string; nil for anything else.
func (j jsonValue) text() *Text {
	if j.v == nil {
		return nil
	}
	if lit, ok := j.v.Value.(hujson.Literal); !ok || lit.Kind() != '"' {
		return nil
	}
	return j.src.Whole(j.v.StartOffset+1, j.v.EndOffset-1).JSON()
}

// string is the value of a string, empty for anything else.
func (j jsonValue) string() string {
	if t := j.text(); t != nil {
		return t.String()
	}
	return ""
}

// span is where the value stands.
func (j jsonValue) span() Span {
	if j.v == nil {
		return Span{}
	}
	return j.src.Span(j.v.StartOffset, j.v.EndOffset)
}

// text takes down the commands of a string that a shell gets.
func (s *Script) text(j jsonValue, dir string) {
	if t := j.text(); t != nil {
		s.add(t, dir)
	}
}
