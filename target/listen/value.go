package listen

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// A value is what the walk knows of one value of the program: a scalar, an *object (a struct or map, always by reference),
// a *cell (a pointer to a variable), a *closure, a list, a tuple, a *socket, a document, ... or unknown.
type value any

// unknown is a value that only the running program knows. Its type is kept where it was declared.
type unknown struct {
	typ  *named
	gin  bool     // it is, or wraps, a gin engine
	from *outside // what gave it
}

// outside is a function of a package of the project that the walk has no business in.
type outside struct {
	pack *pack
	name string
}

// kind is the kind of a scalar.
type kind int

const (
	textKind kind = iota
	intKind
	boolKind
	errKind // "" for nil, else the error's text
)

// scalar is a string, a number, a truth value or an error, put together from parts that remember where they come from.
type scalar struct {
	kind  kind
	parts []part
}

// part is a piece of a scalar.
type part struct {
	text  string
	known bool
	unset bool // it stands for a variable, key or flag (name) that has no value
	cert  Certainty
	name  string
	at    Place
}

func literal(k kind, text string, at Place) scalar {
	return scalar{k, []part{{text: text, known: true, at: at}}}
}

func truth(b bool) scalar { return literal(boolKind, strconv.FormatBool(b), Place{}) }

var noError = literal(errKind, "", Place{})

// text is the whole of a scalar, and whether all of it is known.
func (s scalar) text() (string, bool) {
	if len(s.parts) == 1 {
		return s.parts[0].text, s.parts[0].known
	}
	var b strings.Builder
	for _, p := range s.parts {
		if !p.known {
			return "", false
		}
		b.WriteString(p.text)
	}
	return b.String(), true
}

// setting names what the user may set to get another value, if there is such a thing.
func (s scalar) setting() (name string, ok bool) {
	for _, p := range s.parts {
		if p.unset || p.cert != Literal {
			return p.name, true
		}
	}
	return "", false
}

// derive makes a scalar that was computed from others: it is as certain as the least certain of them.
func derive(k kind, text string, from ...scalar) scalar {
	d := part{text: text, known: len(text) <= maxText}
	if !d.known {
		return scalar{k, []part{{}}}
	}
	for _, s := range from {
		for _, p := range s.parts {
			if !p.known {
				return scalar{k, []part{{}}}
			}
			switch {
			case p.unset && !d.unset, !d.unset && p.cert > d.cert:
				d.unset, d.cert, d.name, d.at = p.unset, p.cert, p.name, p.at
			case d.at.IsZero() && d.name == p.name:
				d.at = p.at
			}
		}
	}
	return scalar{k, []part{d}}
}

// toScalar sees a value as a scalar; what is none becomes one unknown part.
func toScalar(v value) scalar {
	switch v := v.(type) {
	case scalar:
		return v
	case *cell:
		return toScalar(v.get())
	}
	return scalar{textKind, []part{{}}}
}

// asText is the scalar as a string.
func asText(v value) scalar {
	s := toScalar(v)
	s.kind = textKind
	return s
}

func concat(all ...value) scalar {
	var out scalar
	for _, v := range all {
		out.parts = append(out.parts, toScalar(v).parts...)
	}
	if len(out.parts) > maxParts {
		out.parts = []part{{}}
	}
	return out
}

// No address has as many parts, or is as long. Beyond that a text counts as unknown, so that a program which doubles one
// again and again cannot fill the memory.
const (
	maxParts = 64
	maxText  = 16 << 10
)

// fallback marks a value as what holds while a setting has none: a literal becomes a default that name overrides.
func fallback(v value, name string) value {
	switch v := v.(type) {
	case scalar:
		s := scalar{v.kind, slices.Clone(v.parts)}
		for i, p := range s.parts {
			if p.known && !p.unset && p.cert == Literal {
				s.parts[i].cert, s.parts[i].name = Default, name
			}
		}
		return s
	case tuple:
		out := make(tuple, len(v))
		for i := range v {
			out[i] = fallback(v[i], name)
		}
		return out
	}
	return v
}

// join is what is known of a value that is one of two, by a condition that nobody knows.
func join(a, b value) value {
	if isUnknown(a) || isUnknown(b) {
		if isUnknown(a) {
			a, b = b, a
		}
		return fallback(a, "")
	}
	if x, ok := a.(tuple); ok {
		y, ok := b.(tuple)
		if !ok || len(x) != len(y) {
			return b
		}
		out := make(tuple, len(x))
		for i := range x {
			out[i] = join(x[i], y[i])
		}
		return out
	}
	x, isX := a.(scalar)
	y, isY := b.(scalar)
	if !isX || !isY {
		return b
	}
	tx, _ := x.text()
	ty, _ := y.text()
	if tx == ty {
		return derive(x.kind, tx, x, y)
	}
	return unknown{}
}

func isUnknown(v value) bool {
	switch v := v.(type) {
	case nil, unknown, *foreign:
		return true
	case scalar:
		_, known := v.text()
		return !known
	}
	return false
}

// cell is a variable. Package variables are computed when they are first read.
type cell struct {
	v    value
	init func() value
}

func (c *cell) get() value {
	if init := c.init; init != nil {
		c.init, c.v = nil, unknown{} // an initialization that comes back to itself ends here
		c.v = init()
	}
	return c.v
}

// object is a struct or a map. A struct of the project's own has its declaration in typ.
type object struct {
	typ    *named
	fields map[string]*cell
	isMap  bool
	loaded bool // foreign code filled it in, in a way we cannot follow
}

// list is a slice or array; tuple what a call with several results gives.
type (
	list  []value
	tuple []value
)

// closure is a function of the project, bound to its receiver and to the variables it closes over.
type closure struct {
	pkg  *pack
	file *source
	name string // empty for a function literal
	typ  *ast.FuncType
	body *ast.BlockStmt
	recv *ast.FieldList
	self value
	env  *scope
}

// foreign is a function of a foreign package, or a method of a foreign value, taken as a value.
type foreign struct {
	path, name string
	recv       value
}

// scope holds the variables of a block.
type scope struct {
	vars  map[string]*cell
	outer *scope
}

func (s *scope) find(name string) *cell {
	for ; s != nil; s = s.outer {
		if c := s.vars[name]; c != nil {
			return c
		}
	}
	return nil
}

func (s *scope) define(name string, v value) {
	if name == "_" {
		return
	}
	if s.vars == nil {
		s.vars = map[string]*cell{}
	}
	s.vars[name] = &cell{v: v}
}
