package engine

import (
	"slices"
	"strconv"
)

// eval gives the value of an expression; never nil.
func (m *machine) eval(fr *frame, n *node) *value {
	if !m.step() {
		return nothing
	}
	v := m.value(fr, n)
	if v == nil {
		v = nothing
	}
	if n.Flag&fObject != 0 && (v.kind == unknown || v.kind == fixed_ && v.null) {
		v = m.imagine(fr, n, v)
	}
	return v
}

// imagine makes a struct of which we know nothing but the type, where one is used that was made out of our sight: so that what
// is put into its fields is found there again.
func (m *machine) imagine(fr *frame, n *node, v *value) *value {
	if v.null && n.Op == xConst {
		return v
	}
	o := &value{kind: object, obj: &record{typ: n.Type}, typ: n.Type, name: v.name, made: v.made, node: v.node, in: v.in}
	switch n.Op {
	case xLocal:
		fr.lookup(n.N).v = o
	case xGlobal:
		m.global(n.Str).v = o
	case xField:
		if base := m.eval(fr, n.Kids[0]); base.kind == object {
			base.obj.field(n.Str).v = o
		}
	case xIndex, xConst:
		return v
	}
	return o
}

func (m *machine) value(fr *frame, n *node) *value {
	switch n.Op {
	case xConst:
		return &value{kind: fixed_, text: n.Str, str: n.Flag&fString != 0, null: n.Flag&fNil != 0}
	case xLocal:
		return fr.lookup(n.N).v
	case xGlobal:
		return m.global(n.Str).v
	case xField:
		return m.field(m.eval(fr, n.Kids[0]), n)
	case xIndex:
		return m.index(m.eval(fr, n.Kids[0]), m.eval(fr, n.Kids[1]))
	case xFunc:
		return &value{kind: function, fn: &callable{key: n.Str}, name: n.Str, node: n, in: fr.fn}
	case xExpr:
		c := &callable{key: n.Str, expr: true}
		if len(n.Names) > 0 {
			c.gin = n.Names[0]
		}
		return &value{kind: function, fn: c, name: n.Str, node: n, in: fr.fn}
	case xBound:
		recv := m.eval(fr, n.Kids[0])
		return &value{kind: function, fn: &callable{key: n.Str, recv: recv}, name: n.Str, node: n, in: fr.fn}
	case xIMethod:
		recv := m.eval(fr, n.Kids[0])
		c := &callable{method: n.Str, signature: n.Names[0], key: n.Names[1], recv: recv}
		return &value{kind: function, fn: c, name: n.Names[1], node: n, in: fr.fn}
	case xGin:
		recv := m.eval(fr, n.Kids[0])
		return &value{kind: function, fn: &callable{gin: n.Str, recv: recv}, name: "", node: n, in: fr.fn}
	case xLiteral:
		return &value{kind: function, fn: &callable{body: n.Fn, env: fr, key: fr.fn.Key}, name: fr.fn.Key + ".func", node: n, in: fr.fn}
	case xCall:
		return m.call(fr, n)
	case xBuiltin:
		return m.builtin(fr, n)
	case xStruct:
		return m.structure(fr, n)
	case xList:
		v := &value{kind: list}
		for _, k := range n.Kids {
			v.list = append(v.list, m.eval(fr, k))
		}
		return v
	case xMap:
		return m.mapped(fr, n)
	case xBinary:
		return binary(n.Str, m.eval(fr, n.Kids[0]), m.eval(fr, n.Kids[1]))
	case xNot:
		if v := m.eval(fr, n.Kids[0]); v.kind == fixed_ && !v.str {
			return boolean(v.text == "false")
		}
		return nothing
	case xSame:
		if len(n.Kids) == 1 {
			return m.eval(fr, n.Kids[0])
		}
	}
	for _, k := range n.Kids {
		m.eval(fr, k)
	}
	return nothing
}

func (m *machine) field(base *value, n *node) *value {
	switch base.kind {
	case router:
		if n.Str == "RouterGroup" {
			return base
		}
	case object:
		if v := base.obj.field(n.Str).v; v != nil {
			return v
		}
	case choice:
		var out []alternative
		for _, a := range base.alts {
			out = append(out, alternative{a.arms, m.field(a.v, n)})
		}
		return merge(out)
	}
	return nothing
}

func (m *machine) index(base, at *value) *value {
	if at.kind != fixed_ {
		return nothing
	}
	switch base.kind {
	case list, tuple:
		if i, err := strconv.Atoi(at.text); err == nil && i >= 0 && i < len(base.list) {
			return base.list[i]
		}
	case object:
		if c := base.obj.fields[at.text]; c != nil {
			return c.v
		}
	default:
		if at.text == "0" && base.kind != fixed_ {
			return base // the first of what a call gives
		}
	}
	return nothing
}

func (m *machine) structure(fr *frame, n *node) *value {
	r := &record{typ: n.Type, whole: true}
	for i, k := range n.Kids {
		v := m.eval(fr, k)
		if i < len(n.Names) && n.Names[i] != "" {
			r.field(n.Names[i]).v = v
		}
	}
	v := &value{kind: object, obj: r, typ: n.Type}
	if n.Type == "net/http.Server" {
		if c := r.fields["Handler"]; c != nil {
			m.served(fr, n, n.Type, c.v, r)
		}
	}
	return v
}

func (m *machine) mapped(fr *frame, n *node) *value {
	r := &record{ranged: true}
	for i := 0; i+1 < len(n.Kids); i += 2 {
		k, v := m.eval(fr, n.Kids[i]), m.eval(fr, n.Kids[i+1])
		if k.kind != fixed_ {
			r.ranged = false
			continue
		}
		r.field(k.text).v = v
	}
	return &value{kind: object, obj: r}
}

func binary(op string, a, b *value) *value {
	fixed := a.kind == fixed_ && b.kind == fixed_
	switch op {
	case "+":
		switch {
		case fixed && (a.str || b.str):
			return text(a.text + b.text)
		case a.kind == fixed_ && a.str && b.def:
			return &value{text: a.text + b.text, def: true}
		case b.kind == fixed_ && b.str && a.def:
			return &value{text: a.text + b.text, def: true}
		case a.kind == fixed_ && a.str:
			return &value{text: a.text + b.text}
		}
		return &value{text: a.text}
	case "==", "!=":
		if fixed {
			return boolean((a.text == b.text && a.null == b.null) == (op == "=="))
		}
		if a.null || b.null { // something against nil
			other := a
			if a.null {
				other = b
			}
			switch other.kind {
			case router, handler, function:
				return boolean(op == "!=")
			}
		}
	case "&&":
		switch {
		case a.kind == fixed_ && a.text == "false", b.kind == fixed_ && b.text == "false":
			return boolean(false)
		case fixed:
			return boolean(true)
		}
	case "||":
		switch {
		case a.kind == fixed_ && a.text == "true", b.kind == fixed_ && b.text == "true":
			return boolean(true)
		case fixed:
			return boolean(false)
		}
	}
	return nothing
}

func (m *machine) builtin(fr *frame, n *node) *value {
	var args []*value
	for _, k := range n.Kids {
		args = append(args, m.eval(fr, k))
	}
	switch n.Str {
	case "append":
		if len(args) == 0 {
			return nothing
		}
		first := args[0]
		if first.null || m.unset(fr, n.Kids[0]) {
			first = &value{kind: list}
		}
		if first.kind != list {
			return nothing
		}
		out := &value{kind: list, list: slices.Clone(first.list)}
		if n.Flag&fSpread != 0 {
			if args[len(args)-1].kind != list {
				return nothing
			}
			out.list = append(out.list, args[len(args)-1].list...)
			return out
		}
		out.list = append(out.list, args[1:]...)
		return out
	case "len":
		if len(args) == 1 {
			switch a := args[0]; {
			case a.kind == list:
				return &value{kind: fixed_, text: strconv.Itoa(len(a.list))}
			case a.kind == fixed_ && a.str:
				return &value{kind: fixed_, text: strconv.Itoa(len(a.text))}
			}
		}
	}
	return nothing
}

// unset tells whether an expression is a field of a struct made in our sight, to which nothing was assigned.
func (m *machine) unset(fr *frame, n *node) bool {
	if n.Op != xField {
		return false
	}
	base := m.eval(fr, n.Kids[0])
	return base.kind == object && base.obj.whole && base.obj.field(n.Str).v == nil
}

// Calls.

func (m *machine) call(fr *frame, n *node) *value {
	callee := m.eval(fr, n.Kids[0])
	args := make([]*value, 0, len(n.Kids))
	for _, k := range n.Kids[1:] {
		args = append(args, m.eval(fr, k))
	}
	if len(args) == 1 && args[0].kind == tuple && !args[0].made { // f(g())
		args = args[0].list
	}
	if n.Flag&fSpread != 0 && len(args) > 0 {
		last := args[len(args)-1]
		args = slices.Clone(args)
		args[len(args)-1] = &value{kind: tuple, made: true, list: []*value{last}}
	}
	var out []alternative
	m.each(callee, func(c *value) { out = append(out, alternative{nil, m.apply(fr, n, c, args)}) })
	v := merge(out)
	if callee.kind == choice && v.kind == choice {
		for i := range v.alts {
			v.alts[i].arms = slices.Concat(callee.alts[min(i, len(callee.alts)-1)].arms, v.alts[i].arms)
		}
	}
	return m.told(fr, n, callee, v)
}

// told names a value after the function that gives it, where that is how people know it: a handler, or what we do not know.
func (m *machine) told(fr *frame, n *node, callee, v *value) *value {
	if callee.name == "" || v.kind == router || v.kind == handler || v.kind == tuple || v.kind == list || v.kind == choice {
		return v
	}
	if n.Flag&fHandler != 0 || v.kind == unknown && v.name == "" && !v.def {
		named := *v
		named.name, named.made, named.node, named.in = callee.name, true, n, fr.fn
		return &named
	}
	return v
}

// plain are the arguments with a last one that was spread taken as it is.
func plain(args []*value) []*value {
	if k := len(args) - 1; k >= 0 && args[k].kind == tuple && args[k].made {
		args = slices.Clone(args)
		args[k] = args[k].list[0]
	}
	return args
}

func (m *machine) apply(fr *frame, n *node, callee *value, args []*value) *value {
	c := callee.fn
	if callee.kind != function {
		return m.elsewhere(fr, n, callee, args)
	}
	if c.gin != "" {
		recv := c.recv
		if c.expr {
			if len(args) == 0 {
				return nothing
			}
			recv, args = args[0], args[1:]
		}
		return m.gins(fr, n, c.gin, recv, args)
	}
	if c.body != nil {
		return m.enter(c.body, c.env, args, fr.fn, n)
	}
	if c.method != "" {
		return m.dynamic(fr, n, callee, args)
	}
	if v, done := m.library(fr, n, callee, args); done {
		return v
	}
	f := m.funcs[c.key]
	if f == nil {
		return m.elsewhere(fr, n, callee, args)
	}
	if f.Handler && !slices.ContainsFunc(args, holdsEngine) {
		return nothing
	}
	if f.Method && !c.expr {
		recv := c.recv
		if recv == nil {
			recv = nothing
		}
		if recv.kind == choice {
			var out []alternative
			for _, a := range recv.alts {
				n0 := len(m.arms)
				m.arms = append(m.arms, a.arms...)
				out = append(out, alternative{a.arms, m.enter(f, nil, append([]*value{a.v}, args...), fr.fn, n)})
				m.arms = m.arms[:n0]
			}
			return merge(out)
		}
		args = append([]*value{recv}, args...)
	}
	return m.enter(f, nil, args, fr.fn, n)
}

func holdsEngine(v *value) bool {
	found := false
	v.engines(func(*making) { found = true })
	return found
}

// dynamic calls a method of an interface: of the type that the value is known to have, or of the only one that has the method.
func (m *machine) dynamic(fr *frame, n *node, callee *value, args []*value) *value {
	c := callee.fn
	var out []alternative
	m.each(c.recv, func(recv *value) {
		out = append(out, alternative{nil, m.dispatch(fr, n, callee, recv, args)})
	})
	return merge(out)
}

func (m *machine) dispatch(fr *frame, n *node, callee, recv *value, args []*value) *value {
	c := callee.fn
	if recv.kind == router {
		return m.gins(fr, n, c.method, recv, args)
	}
	if recv.kind == handler && c.method == "ServeHTTP" {
		m.served(fr, n, "ServeHTTP", recv, nil)
		return nothing
	}
	typ := recv.typ
	if recv.kind == object {
		typ = recv.obj.typ
	}
	var found []method
	for _, x := range m.methods[c.method] {
		if typ != "" && x.Type == typ || typ == "" && x.Signature == c.signature {
			found = append(found, x)
		}
	}
	if len(found) != 1 {
		return m.elsewhere(fr, n, callee, append([]*value{recv}, args...))
	}
	for _, name := range found[0].Path {
		recv = m.field(recv, &node{Op: xField, Str: name})
	}
	if f := m.funcs[found[0].Key]; f != nil {
		return m.enter(f, nil, append([]*value{recv}, args...), fr.fn, n)
	}
	return m.elsewhere(fr, n, callee, append([]*value{recv}, args...))
}

// elsewhere is a call of a function that we cannot look into, or that has nothing to do with routers. What is given to others is
// lost to us; functions that they are given are taken to be called.
func (m *machine) elsewhere(fr *frame, n *node, callee *value, args []*value) *value {
	args = plain(args)
	name, to := callee.name, n.Kids[0].Src
	static := callee.kind == function && callee.fn.method == ""
	var wraps *value
	for i, a := range args {
		serves := n.N&(1<<i) != 0
		if serves {
			a = a.asHandler()
		}
		if a.kind == function && a.fn.gin == "ServeHTTP" && a.fn.recv.isRouter() {
			a, serves = a.fn.recv.wrapped(), true
		}
		if a.isRouter() {
			if serves {
				if servesIt(name) {
					m.servedAt(fr, n, name, a, beside(args, i))
				}
				wraps = a
				continue
			}
			m.lose(a, fr.fn, n, to)
			continue
		}
		if !static || n.Flag&(fStd|fOwn) == 0 {
			m.lose(a, fr.fn, n, to)
		}
		a.reach(map[any]bool{}, 0, nil, nil, func(r *record) { r.whole = false })
	}
	all := args
	if callee.kind != function && n.Kids[0].Op == xField { // a method of a type that we do not know
		all = append([]*value{m.eval(fr, n.Kids[0].Kids[0])}, args...)
	}
	if callee.kind == function && callee.fn.recv != nil {
		if !static {
			m.lose(callee.fn.recv, fr.fn, n, to)
		} else if n.Flag&fOwn == 0 {
			all = append([]*value{callee.fn.recv}, args...)
		}
	}
	m.callbacks(fr, n, all, onceOnly[name], to)
	switch {
	case wraps != nil && n.Flag&fServes != 0:
		return wraps.wrapped()
	case n.Flag&fEngine != 0:
		v := m.make(fr, n, false)
		m.lose(v, fr.fn, n, to)
		return v
	}
	return nothing
}

// callbacks runs the functions among the arguments, or in the fields of those, that have to do with routers.
func (m *machine) callbacks(fr *frame, n *node, args []*value, once bool, to string) {
	var fns []*value
	seen := map[any]bool{}
	for _, a := range args {
		a.reach(seen, 0, nil, func(f *value) {
			if !slices.ContainsFunc(fns, func(x *value) bool { return x.fn == f.fn }) {
				fns = append(fns, f)
			}
		}, nil)
	}
	for _, f := range fns {
		body := f.fn.body
		if body == nil && f.fn.gin == "" && f.fn.method == "" && !f.fn.expr {
			body = m.funcs[f.fn.key]
		}
		if body == nil || body.Handler || m.ran[body] && f.fn.body == nil {
			continue
		}
		counts := m.counts()
		if !once {
			m.loops++
		}
		args := make([]*value, 0, len(body.Params))
		for i := range body.Params {
			v := nothing
			if i == 0 && body.Method && f.fn.recv != nil {
				v = f.fn.recv
			}
			args = append(args, v)
		}
		before := len(m.arms)
		result := m.enter(body, f.fn.env, args, fr.fn, n)
		m.arms = m.arms[:min(before, len(m.arms))]
		if !once {
			m.loops--
			m.loseChanged(counts, fr, n, to)
		}
		m.lose(result, fr.fn, n, to)
	}
}

// counts is how much was done to each engine.
func (m *machine) counts() map[*making]int {
	out := map[*making]int{}
	for _, e := range m.engines {
		out[e] = len(e.Ops)
	}
	return out
}

// loseChanged notes, of the engines that a function handed elsewhere works on, that we do not know when it is called.
func (m *machine) loseChanged(before map[*making]int, fr *frame, n *node, to string) {
	for e, count := range before {
		if slices.ContainsFunc(e.Ops[count:], func(o Op) bool { return o.Kind != Run && o.Kind != Serve }) {
			m.lose(&value{kind: router, eng: e}, fr.fn, n, to)
		}
	}
}
