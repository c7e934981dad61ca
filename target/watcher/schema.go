package watcher

import (
	"slices"
	"strings"
)

// schema is what a tool reads of a configuration in JSON or YAML.
type schema struct {
	kinds []kindOfValue      // that the tool takes; none for any
	keys  map[string]*schema // of a table; nil where any are taken
	item  *schema            // of a list
	fold  bool               // capital and small letters of keys are the same
}

func aTable(keys map[string]*schema) *schema {
	return &schema{kinds: []kindOfValue{tableValue}, keys: keys}
}

func aListOf(item *schema) *schema { return &schema{kinds: []kindOfValue{listValue}, item: item} }

var (
	anyValue  = &schema{}
	aText     = &schema{kinds: []kindOfValue{textValue, numberValue, boolValue}}
	aNumber   = &schema{kinds: []kindOfValue{numberValue}}
	aBool     = &schema{kinds: []kindOfValue{boolValue}}
	someTexts = aListOf(aText)
)

// names are the keys that are taken here.
func (c *schema) names() []string {
	var out []string
	for name := range c.keys {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// key is the schema of a key; nil for one that the tool does not know.
func (c *schema) key(name string) *schema {
	if of := c.keys[name]; of != nil || !c.fold {
		return of
	}
	for own, of := range c.keys {
		if strings.EqualFold(own, name) {
			return of
		}
	}
	return nil
}

// checkSchema notes the keys that a tool does not know and the values that it does not take; it passes both over.
func (s *Setup) checkSchema(v *value, c *schema, name string) {
	does := s.Tool.Name + " passes it over"
	if len(c.kinds) > 0 && v.kind != nullValue && !slices.Contains(c.kinds, v.kind) {
		s.fault(Fault{Kind: WrongType, Place: v.place(), Name: name, Value: v.text, Does: does + ": it wants " + c.kinds[0].String() + " here, and not " + v.kind.String()})
		return
	}
	for _, m := range v.members {
		switch of := c.key(m.name); {
		case c.keys == nil:
		case of == nil:
			s.fault(Fault{Kind: UnknownName, Place: m.keyPlace(), Name: m.name, Known: c.names(), Does: does})
		default:
			s.checkSchema(m.value, of, m.name)
		}
	}
	if c.item != nil {
		for _, item := range v.items {
			s.checkSchema(item, c.item, name)
		}
	}
}
