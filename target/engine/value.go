package engine

import "slices"

type kind uint8

const (
	unknown  kind = iota
	fixed_        // text
	router        // eng, group
	handler       // an http.Handler around a router
	object        // obj
	function      // fn
	list
	tuple
	choice // alts: one of them, by the arms taken
)

// value is what an expression is, as far as it is known. Values do not change; objects do.
type value struct {
	kind  kind
	text  string // of a constant; of other strings what they begin with
	str   bool   // a constant string
	null  bool   // nil
	def   bool   // text is what the code falls back to; kind is unknown
	typ   string // the named type, where it matters for methods
	eng   *making
	group *GroupRef
	obj   *record
	fn    *callable
	list  []*value
	alts  []alternative

	// Where it comes from, for handlers: the full name, and the expression.
	name string
	made bool
	node *node
	in   *fn
}

type alternative struct {
	arms []Arm
	v    *value
}

// record is a struct or map in memory.
type record struct {
	typ    string
	fields map[string]*cell
	order  []string
	ranged bool // a map all of whose entries are known
	whole  bool // made in our sight, and not handed to code that we do not know
}

// cell is a variable.
type cell struct{ v *value }

func (r *record) field(name string) *cell {
	c := r.fields[name]
	if c == nil {
		c = &cell{}
		if r.fields == nil {
			r.fields = map[string]*cell{}
		}
		r.fields[name] = c
		r.order = append(r.order, name)
	}
	return c
}

// callable is a function value.
type callable struct {
	key       string // of a declared function or method
	gin       string // a method of gin's
	method    string // a method of an interface; key is its full name
	signature string
	expr      bool // a method as a function: the receiver is the first argument
	body      *fn  // of a literal
	env       *frame
	recv      *value
}

// isRouter tells whether a value is a router, or one of several.
func (v *value) isRouter() bool {
	if v == nil {
		return false
	}
	if v.kind == choice {
		return slices.ContainsFunc(v.alts, func(a alternative) bool { return a.v.isRouter() })
	}
	return v.kind == router || v.kind == handler
}

// wrapped is an http.Handler around a router.
func (v *value) wrapped() *value {
	if v.kind != choice {
		return &value{kind: handler, eng: v.eng, group: v.group}
	}
	out := &value{kind: choice}
	for _, a := range v.alts {
		if a.v.isRouter() {
			out.alts = append(out.alts, alternative{a.arms, a.v.wrapped()})
		}
	}
	return out
}

// asHandler is the router that serves for a value as an http.Handler: that of a struct which embeds *gin.Engine is the engine.
func (v *value) asHandler() *value {
	if v == nil || v.kind != object {
		return v
	}
	if c := v.obj.fields["Engine"]; c != nil && c.v.isRouter() {
		return c.v
	}
	return v
}

var nothing = &value{}

func text(s string) *value { return &value{kind: fixed_, text: s, str: true} }

func boolean(b bool) *value {
	if b {
		return &value{kind: fixed_, text: "true"}
	}
	return &value{kind: fixed_, text: "false"}
}

// same tells whether two values are evidently one.
func same(a, b *value) bool {
	switch {
	case a == b:
		return true
	case a == nil || b == nil || a.kind != b.kind:
		return false
	case a.kind == fixed_:
		return a.text == b.text && a.str == b.str && a.null == b.null
	case a.kind == router || a.kind == handler:
		return a.eng == b.eng && a.group == b.group
	case a.kind == object:
		return a.obj == b.obj
	case a.kind == unknown:
		return a.def == b.def && a.text == b.text && a.name == b.name && a.typ == b.typ
	}
	return false
}

// merge is the value of a variable after a branch.
func merge(alts []alternative) *value {
	var flat []alternative
	for _, a := range alts {
		switch {
		case a.v == nil:
			flat = append(flat, alternative{a.arms, nothing})
		case a.v.kind == choice:
			for _, inner := range a.v.alts {
				flat = append(flat, alternative{concat(a.arms, inner.arms), inner.v})
			}
		default:
			flat = append(flat, a)
		}
	}
	if len(flat) == 0 {
		return nothing
	}
	all := true
	for _, a := range flat[1:] {
		all = all && same(a.v, flat[0].v)
	}
	if all {
		return flat[0].v
	}
	var useful, named []alternative
	var fixed []*value
	open := false
	for _, a := range flat {
		switch {
		case a.v.kind == fixed_ && !a.v.null || a.v.def:
			if !slices.ContainsFunc(fixed, func(f *value) bool { return f.text == a.v.text }) {
				fixed = append(fixed, a.v)
			}
			open = open || a.v.def
		case a.v.kind == unknown:
			open = true
			if a.v.name != "" {
				named = append(named, a)
			}
		case a.v.null:
		default:
			useful = append(useful, a)
		}
	}
	if len(fixed) > 0 && len(useful) == 0 {
		nonempty := slices.DeleteFunc(slices.Clone(fixed), func(f *value) bool { return f.text == "" })
		if open && len(nonempty) == 1 {
			return &value{text: nonempty[0].text, def: true}
		}
		return nothing
	}
	if useful = append(useful, named...); len(useful) == 0 {
		return nothing
	}
	if len(useful) > 16 {
		useful = useful[:16]
	}
	return &value{kind: choice, alts: useful, typ: flat[0].v.typ}
}

func concat(a, b []Arm) []Arm { return slices.Concat(a, b) }

// engines visits the engines that a value holds.
func (v *value) engines(visit func(*making)) { v.reach(map[any]bool{}, 0, visit, nil, nil) }

// reach visits the engines, functions and structs that a value holds, however deep within reason.
func (v *value) reach(seen map[any]bool, depth int, engine func(*making), fn func(*value), record_ func(*record)) {
	if v == nil || depth > 5 {
		return
	}
	switch v.kind {
	case router, handler:
		if engine != nil {
			engine(v.eng)
		}
	case object:
		if seen[v.obj] {
			return
		}
		seen[v.obj] = true
		if record_ != nil {
			record_(v.obj)
		}
		for _, name := range v.obj.order {
			v.obj.fields[name].v.reach(seen, depth+1, engine, fn, record_)
		}
	case list, tuple:
		for _, e := range v.list {
			e.reach(seen, depth+1, engine, fn, record_)
		}
	case choice:
		for _, a := range v.alts {
			a.v.reach(seen, depth+1, engine, fn, record_)
		}
	case function:
		if fn != nil {
			fn(v)
		}
		if v.fn.recv != nil && v.fn.gin != "" {
			v.fn.recv.reach(seen, depth+1, engine, nil, nil)
		}
	}
}
