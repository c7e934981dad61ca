package engine

import (
	"go/token"
	"slices"
	"strings"
)

// Bounds: no program that people write comes near them.
const (
	maxSteps = 400_000
	maxDepth = 48
	maxOps   = 20_000
	maxItems = 400
)

// making is an engine that is being put together.
type making struct {
	*Engine
	root  *GroupRef
	arms  []Arm
	loops int
}

// machine runs code with what is known of the values: both sides of each branch, each loop once.
type machine struct {
	pkg     string // under analysis
	funcs   map[string]*fn
	methods map[string][]method // by name
	globals map[string]*cell
	engines []*making

	arms  []Arm
	loops int
	log   map[*cell]*value // what the variables were before the branch that is being taken
	stack []call
	steps int
	spent bool
	ran   map[*fn]bool // functions that ran
	roots []*value     // arguments of the function that the run began with
	seen  string
	// origin is the function of the package under analysis that the run began with.
	origin token.Pos
}

// call is a function that is running, and where it was called.
type call struct {
	fn   *fn // the one called
	from *fn
	at   *node
}

// frame holds the variables of a running function.
type frame struct {
	fn       *fn
	parent   *frame
	vars     map[int]*cell
	returned []alternative
	failed   []alternative      // returned after something failed
	left     []map[*cell]*value // of arms that returned: what they had made of the variables
	leftArms [][]Arm
	deferred []*node
	brace    place // of the block that was entered last
	arms     int   // of the machine when the function began
	failing  int   // how many branches around were taken because something failed
}

// flow is how a statement ends.
type flow uint8

const (
	onward flow = iota
	broke
	returned
	died
)

func newMachine(pkg string, b *bundle) *machine {
	m := &machine{pkg: pkg, funcs: make(map[string]*fn, len(b.Funcs)), methods: map[string][]method{}, ran: map[*fn]bool{}}
	for _, f := range b.Funcs {
		m.funcs[f.Key] = f
	}
	for _, x := range b.Methods {
		m.methods[x.Name] = append(m.methods[x.Name], x)
	}
	m.reset()
	return m
}

// reset forgets what was made, for the next run.
func (m *machine) reset() {
	m.globals, m.engines = map[string]*cell{}, nil
	m.arms, m.loops, m.log, m.stack, m.roots = nil, 0, nil, nil, nil
	m.steps, m.spent = 0, false
}

// start runs a function that nobody known calls: of its parameters we know the types.
func (m *machine) start(f *fn) *value {
	args := make([]*value, len(f.Params))
	for i := range args {
		args[i] = nothing
		if f.Types[i] != "" {
			args[i] = &value{kind: object, obj: &record{typ: f.Types[i]}, typ: f.Types[i]}
		}
	}
	m.roots = append(m.roots, args...)
	return m.enter(f, nil, args, nil, nil)
}

// enter runs the body of a function.
func (m *machine) enter(f *fn, env *frame, args []*value, from *fn, at *node) *value {
	same := 0
	for _, c := range m.stack {
		if c.fn == f {
			same++
		}
	}
	if same > 1 || len(m.stack) > maxDepth || m.spent {
		for _, a := range args {
			m.lose(a, from, at, f.Key)
		}
		return nothing
	}
	m.ran[f] = true
	m.stack = append(m.stack, call{f, from, at})
	fr := &frame{fn: f, parent: env, vars: map[int]*cell{}, arms: len(m.arms)}
	for i, slot := range f.Params {
		v := nothing
		switch {
		case f.Variadic && i == len(f.Params)-1:
			v = variadic(args, i)
		case i < len(args):
			v = args[i]
		}
		fr.vars[slot] = &cell{v}
	}
	for _, slot := range f.Results {
		fr.vars[slot] = &cell{&value{kind: fixed_, text: "nil", null: true}}
	}
	m.block(fr, f.Body)
	for _, d := range slices.Backward(fr.deferred) {
		m.eval(fr, d)
	}
	m.arms = m.arms[:fr.arms]
	m.joinLeft(fr)
	m.stack = m.stack[:len(m.stack)-1]
	return m.result(fr)
}

// variadic is the parameter that takes all arguments from the i-th on. A list that was handed over as it is comes as one.
func variadic(args []*value, i int) *value {
	if i >= len(args) {
		return &value{kind: list}
	}
	if last := args[len(args)-1]; last != nil && last.kind == tuple && last.made { // f(x...)
		if i == len(args)-1 {
			if len(last.list) == 1 {
				return last.list[0]
			}
		}
		return nothing
	}
	return &value{kind: list, list: args[i:]}
}

func (m *machine) result(fr *frame) *value {
	alts := fr.returned
	if len(alts) == 0 {
		alts = fr.failed
	}
	n := 0
	for _, a := range alts {
		n = max(n, len(a.v.list))
	}
	if n > 1 {
		out := &value{kind: tuple}
		for i := range n {
			var of []alternative
			for _, a := range alts {
				if i < len(a.v.list) {
					of = append(of, alternative{a.arms, a.v.list[i]})
				}
			}
			out.list = append(out.list, merge(of))
		}
		return out
	}
	var of []alternative
	for _, a := range alts {
		if len(a.v.list) == 1 {
			of = append(of, alternative{a.arms, a.v.list[0]})
		}
	}
	return merge(of)
}

// joinLeft makes what arms that returned have changed one of the possibilities of what is there after the function.
func (m *machine) joinLeft(fr *frame) {
	for i, left := range fr.left {
		for c, v := range left {
			if c.v == nil || c.v.kind == unknown || c.v.null {
				m.set(c, merge([]alternative{{nil, c.v}, {fr.leftArms[i], v}}))
			}
		}
	}
}

func (m *machine) step() bool {
	m.steps++
	if m.steps > maxSteps && !m.spent {
		m.spent = true
		for _, e := range m.engines {
			e.Lost = append(e.Lost, Lost{At: e.Made, To: "more code than can be followed"})
		}
	}
	return !m.spent
}

func (m *machine) set(c *cell, v *value) {
	if m.log != nil {
		if _, known := m.log[c]; !known {
			m.log[c] = c.v
		}
	}
	c.v = v
}

func (fr *frame) lookup(slot int) *cell {
	for f := fr; f != nil; f = f.parent {
		if c := f.vars[slot]; c != nil {
			return c
		}
	}
	c := &cell{}
	fr.vars[slot] = c
	return c
}

// Statements.

func (m *machine) block(fr *frame, list []*node) flow {
	for _, n := range list {
		if f := m.exec(fr, n); f != onward {
			return f
		}
	}
	return onward
}

func (m *machine) exec(fr *frame, n *node) flow {
	if !m.step() {
		return returned
	}
	switch n.Op {
	case sExpr:
		m.eval(fr, n.Kids[0])
	case sAssign:
		m.assign(fr, n)
	case sReturn:
		return m.leave(fr, n)
	case sIf:
		return m.branch(fr, n)
	case sSwitch:
		return m.choose(fr, n)
	case sFor:
		m.exec(fr, n.Kids[0])
		m.eval(fr, n.Kids[1])
		return m.loop(fr, n)
	case sRange:
		return m.ranged(fr, n)
	case sBlock:
		fr.brace = n.At
		return m.block(fr, n.Kids)
	case sDefer:
		fr.deferred = append(fr.deferred, n.Kids[0])
	case sBreak:
		return broke
	case sDie:
		for _, k := range n.Kids {
			m.eval(fr, k)
		}
		return died
	}
	return onward
}

func (m *machine) leave(fr *frame, n *node) flow {
	v := &value{kind: tuple}
	if len(n.Kids) == 0 {
		for _, slot := range fr.fn.Results {
			v.list = append(v.list, fr.lookup(slot).v)
		}
	}
	for _, k := range n.Kids {
		v.list = append(v.list, m.eval(fr, k))
	}
	if len(n.Kids) == 1 && v.list[0] != nil && v.list[0].kind == tuple {
		v = v.list[0]
	}
	a := alternative{slices.Clone(m.arms[min(fr.arms, len(m.arms)):]), v}
	if fr.failing > 0 {
		fr.failed = append(fr.failed, a)
	} else {
		fr.returned = append(fr.returned, a)
	}
	return returned
}

func (m *machine) assign(fr *frame, n *node) {
	if n.N >= len(n.Kids) {
		return
	}
	left, right := n.Kids[:n.N], n.Kids[n.N:]
	values := make([]*value, len(left))
	switch {
	case len(right) == len(left):
		for i, r := range right {
			values[i] = m.eval(fr, r)
		}
	case len(right) == 1:
		v := m.eval(fr, right[0])
		for i := range values {
			values[i] = nothing
			if v.kind == tuple && i < len(v.list) {
				values[i] = v.list[i]
			} else if i == 0 {
				values[i] = v
			}
		}
	}
	for i, l := range left {
		from := right[0]
		if len(right) == len(left) {
			from = right[i]
		}
		m.store(fr, l, values[i], from)
	}
}

// store assigns a value, which is that of an expression.
func (m *machine) store(fr *frame, l *node, v *value, from *node) {
	if v == nil {
		v = nothing
	}
	switch l.Op {
	case xLocal:
		if l.Flag&fDefine != 0 {
			fr.vars[l.N] = &cell{}
			m.set(fr.vars[l.N], v)
			return
		}
		m.set(fr.lookup(l.N), v)
	case xGlobal:
		m.set(m.global(l.Str), v)
	case xField:
		base := m.eval(fr, l.Kids[0])
		m.each(base, func(b *value) {
			switch b.kind {
			case router:
				m.option(fr, b, l, v, from)
			case object:
				m.set(b.obj.field(l.Str), v)
				if b.obj.typ == "net/http.Server" && l.Str == "Handler" {
					m.served(fr, l, "net/http.Server", v, b.obj)
				}
			}
		})
	case xIndex:
		base, at := m.eval(fr, l.Kids[0]), m.eval(fr, l.Kids[1])
		m.each(base, func(b *value) {
			if b.kind != object {
				return
			}
			if at.kind == fixed_ {
				m.set(b.obj.field(at.text), v)
			} else {
				b.obj.ranged = false
			}
		})
	case xSame: // *p = v
		if len(l.Kids) == 1 && l.Kids[0].Op == xLocal {
			if p := fr.lookup(l.Kids[0].N).v; p != nil && p.kind == object && v.kind == object {
				for _, name := range v.obj.order {
					m.set(p.obj.field(name), v.obj.fields[name].v)
				}
			}
		}
	}
}

// each visits a value, or all that it may be, each under its arms.
func (m *machine) each(v *value, visit func(*value)) {
	if v == nil {
		return
	}
	if v.kind != choice {
		visit(v)
		return
	}
	for _, a := range v.alts {
		n := len(m.arms)
		m.arms = append(m.arms, a.arms...)
		visit(a.v)
		m.arms = m.arms[:n]
	}
}

// arm is one side of a branch.
type arm struct {
	index   int
	run     func() flow
	failure bool
}

// take runs all sides of a branch from the same beginning, and joins what they leave behind.
func (m *machine) take(fr *frame, at token.Position, arms []arm) flow {
	before, outer := len(m.arms), m.log
	type end struct {
		flow flow
		log  map[*cell]*value // what the variables are after it
		old  map[*cell]*value
		arm  Arm
		fail bool
	}
	var ends []end
	var persist []Arm
	for _, a := range arms {
		m.log = map[*cell]*value{}
		m.arms = append(m.arms, Arm{Branch: at, Index: a.index})
		if a.failure {
			fr.failing++
		}
		f := a.run()
		if a.failure {
			fr.failing--
		}
		if len(m.arms) > before+1 {
			persist = append(persist, m.arms[before+1:]...)
		}
		m.arms = m.arms[:before]
		e := end{f, map[*cell]*value{}, m.log, Arm{Branch: at, Index: a.index}, a.failure}
		for c, old := range m.log {
			e.log[c], c.v = c.v, old
		}
		ends = append(ends, e)
	}
	m.log = outer
	var going []int
	left := false // an arm has left, not because something failed
	for i, e := range ends {
		switch e.flow {
		case onward:
			going = append(going, i)
		case returned:
			left = left || !e.fail
			fr.left, fr.leftArms = append(fr.left, e.log), append(fr.leftArms, []Arm{e.arm})
		case broke:
			left = left || !e.fail
		}
	}
	m.arms = append(m.arms, persist...)
	if len(going) == 0 {
		out := died
		for _, e := range ends {
			switch {
			case e.flow == broke:
				out = broke // variables changed before a break count as unchanged
			case e.flow == returned && out == died:
				out = returned
			}
		}
		return out
	}
	changed := map[*cell]bool{}
	for _, i := range going {
		for c := range ends[i].log {
			changed[c] = true
		}
	}
	for c := range changed {
		var alts []alternative
		for _, i := range going {
			v, ok := ends[i].log[c]
			if !ok {
				v = c.v
			}
			alts = append(alts, alternative{[]Arm{ends[i].arm}, v})
		}
		m.set(c, merge(alts))
	}
	if left {
		rest := Arm{Branch: at, Index: -1}
		if len(going) == 1 {
			rest = ends[going[0]].arm
		}
		m.arms = append(m.arms, rest)
	}
	return onward
}

func (m *machine) branch(fr *frame, n *node) flow {
	m.exec(fr, n.Kids[0])
	cond := m.eval(fr, n.Kids[1])
	yes := func() flow { return m.exec(fr, n.Kids[2]) }
	no := func() flow { return m.exec(fr, n.Kids[3]) }
	if cond.kind == fixed_ {
		switch cond.text {
		case "true":
			return yes()
		case "false":
			return no()
		}
	}
	failure := n.Flag&fAbort != 0
	return m.take(fr, fr.fn.position(n.At), []arm{{0, yes, failure}, {1, no, false}})
}

func (m *machine) choose(fr *frame, n *node) flow {
	m.exec(fr, n.Kids[0])
	tag := m.eval(fr, n.Kids[1])
	body := func(c *node) flow {
		if c.N > 0 {
			fr.vars[c.N] = &cell{tag}
		}
		f := m.exec(fr, c.Kids[len(c.Kids)-1])
		if f == broke { // break leaves the switch; continue is the same for us but for what follows in the loop
			return onward
		}
		return f
	}
	var arms []arm
	for i, c := range n.Kids[2:] {
		verdict := m.matches(fr, tag, c, n.Str)
		if verdict == "no" {
			continue
		}
		if verdict == "yes" && len(arms) == 0 {
			return body(c)
		}
		arms = append(arms, arm{i, func() flow { return body(c) }, false})
		if verdict == "yes" {
			return m.take(fr, fr.fn.position(n.At), arms)
		}
	}
	if n.Flag&fDefault == 0 {
		arms = append(arms, arm{len(n.Kids), func() flow { return onward }, false})
	}
	if len(arms) == 0 {
		return onward
	}
	return m.take(fr, fr.fn.position(n.At), arms)
}

// matches tells whether a case is taken: "yes", "no" or "" where that is not known.
func (m *machine) matches(fr *frame, tag *value, c *node, how string) string {
	if how != "" || tag.kind != fixed_ || c.Flag&fDefault != 0 {
		return ""
	}
	verdict := "no"
	for _, k := range c.Kids[:len(c.Kids)-1] {
		v := m.eval(fr, k)
		switch {
		case v.kind != fixed_:
			verdict = ""
		case v.text == tag.text:
			return "yes"
		}
	}
	return verdict
}

// loop runs the body of a loop once, with nothing known of the variables that the loop assigns to.
func (m *machine) loop(fr *frame, n *node) flow {
	for _, k := range n.Kids[4:] {
		if c := fr.lookup(k.N); c.v != nil && (c.v.kind == fixed_ || c.v.kind == list) {
			m.set(c, nothing)
		}
	}
	before := len(m.arms)
	m.loops++
	f := m.exec(fr, n.Kids[3])
	m.loops--
	m.arms = m.arms[:min(before, len(m.arms))]
	for _, k := range n.Kids[4:] {
		if c := fr.lookup(k.N); c.v != nil && (c.v.kind == fixed_ || c.v.kind == list) {
			m.set(c, nothing)
		}
	}
	if f == died && n.Op == sFor {
		return died
	}
	return onward
}

func (m *machine) ranged(fr *frame, n *node) flow {
	x := m.eval(fr, n.Kids[2])
	items, known := entries(x)
	if !known {
		m.store(fr, n.Kids[0], nothing, n.Kids[2])
		m.store(fr, n.Kids[1], nothing, n.Kids[2])
		return m.loop(fr, n)
	}
	before := len(m.arms)
	for _, item := range items {
		m.store(fr, n.Kids[0], item[0], n.Kids[2])
		m.store(fr, n.Kids[1], item[1], n.Kids[2])
		f := m.exec(fr, n.Kids[3])
		m.arms = m.arms[:min(before, len(m.arms))]
		if f == returned || f == died {
			return f
		}
	}
	return onward
}

// entries are what a loop over a value goes through, where all of that is known.
func entries(x *value) (out [][2]*value, known bool) {
	switch {
	case x.kind == list && len(x.list) <= maxItems:
		for _, v := range x.list {
			out = append(out, [2]*value{nothing, v})
		}
		return out, true
	case x.kind == object && x.obj.ranged && len(x.obj.order) <= maxItems:
		for _, name := range x.obj.order {
			out = append(out, [2]*value{text(name), x.obj.fields[name].v})
		}
		return out, true
	}
	return nil, false
}

// global is a package variable, with its initial value.
func (m *machine) global(key string) *cell {
	if c := m.globals[key]; c != nil {
		return c
	}
	c := &cell{}
	m.globals[key] = c
	f := m.funcs[key]
	if f == nil {
		return c
	}
	log, arms, loops := m.log, m.arms, m.loops
	m.log, m.arms, m.loops = nil, nil, 0
	c.v = m.enter(f, nil, nil, nil, nil)
	m.log, m.arms, m.loops = log, arms, loops
	if c.v != nil && c.v.kind == fixed_ && !c.v.null && len(f.Body) > 0 && f.Body[0].Flag&fAssigned != 0 {
		c.v = &value{text: c.v.text, def: c.v.text != ""}
	}
	return c
}

// Positions.

// own finds the node of the package under analysis that leads to a call: the call itself, or one further out.
func (m *machine) own(f *fn, n *node) (pos token.Pos, itself bool) {
	if f != nil && f.Pkg == m.pkg && n != nil {
		return n.pos, true
	}
	for _, c := range slices.Backward(m.stack) {
		if c.from != nil && c.from.Pkg == m.pkg && c.at != nil {
			return c.at.pos, false
		}
	}
	return m.origin, false
}

// record adds an operation to an engine.
func (m *machine) record(fr *frame, n *node, v *value, o Op) {
	e := v.eng
	if len(e.Ops) >= maxOps {
		return
	}
	o.Group = v.group
	o.At, o.End = fr.fn.position(n.At), fr.fn.position(n.End)
	if fr.brace.Line+1 == n.At.Line {
		o.Brace = fr.brace.Line
	}
	o.Pos, o.Own = m.own(fr.fn, n)
	o.Func = fr.fn.Key
	if i := strings.Index(o.Func, "#"); i > 0 {
		o.Func = o.Func[:i]
	}
	for _, a := range m.arms {
		if !slices.Contains(e.arms, a) && !slices.Contains(o.Arms, a) {
			o.Arms = append(o.Arms, a)
		}
	}
	o.Loop = m.loops > e.loops
	e.Ops = append(e.Ops, o)
}

// lose notes that what a value holds goes where we cannot follow.
func (m *machine) lose(v *value, from *fn, at *node, to string) {
	if v == nil {
		return
	}
	var all []*making
	v.engines(func(e *making) {
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	})
	for _, e := range all {
		l := Lost{To: to}
		if at != nil {
			l.At = from.position(at.At)
		}
		if !slices.Contains(e.Lost, l) && len(e.Lost) < 64 {
			e.Lost = append(e.Lost, l)
		}
	}
}

// make begins an engine.
func (m *machine) make(fr *frame, n *node, def bool) *value {
	e := &making{Engine: &Engine{Made: fr.fn.position(n.At), Default: def, Seen: m.seen}, root: &GroupRef{Prefix: "/", Known: true}}
	e.MadePos, _ = m.own(fr.fn, n)
	e.arms, e.loops = slices.Clone(m.arms), m.loops
	m.engines = append(m.engines, e)
	return &value{kind: router, eng: e, group: e.root}
}
