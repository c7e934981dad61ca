package src

import (
	"slices"

	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/engine/tree"
)

// clash is a registration that gin refuses.
type clash struct {
	by    registration
	route tree.Route    // the route of it that is refused
	with  *registration // what it clashes with; nil where it is wrong by itself
	other tree.Route    // the route of that
	why   *tree.Panic
	ends  bool // the program certainly ends here, and not at one before
	sure  bool // both happen whenever the engine is made
	empty int  // the place of a nil among the handlers, from 1: not refused, but no better
}

func (c clash) same(d clash) bool {
	return c.by.op.At == d.by.op.At && c.text() == d.text() && (c.with == nil) == (d.with == nil) && (c.with == nil || c.with.op.At == d.with.op.At)
}

func (c clash) text() string {
	if c.why == nil {
		return ""
	}
	return c.why.Text
}

// registration is one call that registers routes, or makes a group.
type registration struct {
	op     engine.Op
	routes []tree.Route
	lost   bool // the engine was somewhere else: it may have middleware that we do not see
}

// certain tells whether what is refused of a registration is refused in every run.
func (r registration) certain() bool {
	return r.op.Always() && !(r.lost && slices.ContainsFunc(r.routes, func(t tree.Route) bool { return t.Handlers == 0 }))
}

// clashes are the registrations on an engine that gin refuses, each as if those before it that are refused were not there.
func clashes(e *engine.Engine, version string) []clash {
	var out []clash
	for _, all := range apart(registrations(e)) {
		out = append(out, clashesOf(all, version, len(out) == 0)...)
	}
	return out
}

// apart are the registrations whose paths are all known, and those below each group whose own path is not: what that is makes no
// difference among them.
func apart(all []registration) [][]registration {
	out := [][]registration{nil}
	at := map[*engine.GroupRef]int{nil: 0}
	for _, reg := range all {
		from := reg.op.From
		if _, ok := at[from]; !ok {
			at[from] = len(out)
			out = append(out, nil)
		}
		out[at[from]] = append(out[at[from]], reg)
	}
	return out
}

// clashesOf are the clashes among registrations; first says that nothing is known to end the program before them.
func clashesOf(all []registration, version string, first bool) []clash {
	var out []clash
	refused := map[int]bool{}
	replay := func(counts func(registration) bool, report func(clash)) {
		r := replayer{version: version, main: tree.New(version)}
		for i, reg := range all {
			if !counts(reg) || refused[i] {
				continue
			}
			if c := r.add(reg); c != nil {
				refused[i] = true
				report(*c)
			}
		}
	}
	// First what certainly happens, so that nothing hides it; then what may.
	replay(registration.certain, func(c clash) {
		c.sure, c.ends = true, first && len(out) == 0
		out = append(out, c)
	})
	replay(func(registration) bool { return true }, func(c clash) { out = append(out, c) })
	for _, reg := range all {
		if i := slices.IndexFunc(reg.op.Handlers, func(h engine.Handler) bool { return h.Src == "nil" }); i >= 0 {
			out = append(out, clash{by: reg, empty: i + 1})
		}
	}
	return out
}

// unknownPath stands for the path of a group that is not known.
const unknownPath = "/..."

// registrations are those whose paths are known, at least below some group, with the lengths of their chains.
func registrations(e *engine.Engine) []registration {
	chains := chains{}
	if e.Default {
		chains.at(nil).add(2, true) // Logger and Recovery
	}
	var out []registration
	for _, op := range e.Ops {
		chain := *chains.at(op.Group)
		chain.take(op)
		switch op.Kind {
		case engine.Use:
			*chains.at(op.Group) = chain
			continue
		case engine.Group:
			if op.Group != nil && op.Group.Parent != nil {
				made := *chains.at(op.Group.Parent)
				made.take(op)
				chains[op.Group] = &made
				chain = made
			}
		case engine.Route:
			if op.PathKnown {
				op.From = nil
			} else if op.From == nil {
				continue
			} else {
				op.Path = unknownPath + op.Rest
			}
		default:
			continue
		}
		out = append(out, registration{op: op, routes: routes(op, chain), lost: len(e.Lost) > 0})
	}
	return out
}

// routes are those of an operation.
func routes(op engine.Op, c chain) []tree.Route {
	handlers := max(1, c.sure)
	if c.most == 0 {
		handlers = 0
	}
	if op.Kind == engine.Group {
		if tree.TooMany(handlers) {
			return []tree.Route{{Call: "Group", Path: op.Group.Prefix, Handlers: handlers}}
		}
		return nil
	}
	given := ""
	if tree.IsStatic(op.Name) {
		handlers = c.sure + 1
		if len(op.Args) > 0 && op.Args[0].Known {
			given = op.Args[0].Text
		}
	}
	var out []tree.Route
	for _, m := range op.Methods {
		out = append(out, tree.Route{Call: op.Name, Given: given, Method: m, Path: op.Path, Handlers: handlers})
	}
	return out
}

// chain is the length of a chain of handlers: how many there are at least, and at most.
type chain struct{ sure, most int }

func (c *chain) add(n int, sure bool) {
	c.most += n
	if sure {
		c.sure += n
	}
}

// take adds the handlers that an operation is given.
func (c *chain) take(op engine.Op) {
	c.add(len(op.Handlers), op.Always() || op.Kind == engine.Route)
	if op.Spread {
		c.most++ // or more: what counts is that it need not be empty
	}
}

// chains are those of the groups; that of the engine itself is nil's.
type chains map[*engine.GroupRef]*chain

func (c chains) at(g *engine.GroupRef) *chain {
	if g != nil && g.Parent == nil {
		g = nil
	}
	if c[g] == nil {
		c[g] = &chain{}
		if g != nil {
			*c[g] = *c.at(g.Parent)
		}
	}
	return c[g]
}

// replayer registers in gin's tree what can be registered together.
type replayer struct {
	version string
	main    *tree.Tree
	added   []entry // by the order in which main has them
	aside   []entry // what has no place in main because of something that excludes it
}

type entry struct {
	reg   registration
	route tree.Route
}

func (r *replayer) add(reg registration) *clash {
	for _, route := range reg.routes {
		b := entry{reg, route}
		p := r.main.Add(route)
		r.added = append(r.added, b)
		if p == nil {
			if c := r.against(b, r.aside); c != nil {
				return c
			}
			continue
		}
		if p.With < 0 {
			return &clash{by: reg, route: route, why: p}
		}
		if a := r.added[p.With]; !engine.Exclusive(a.reg.op, reg.op) {
			return &clash{by: reg, route: route, why: p, with: &a.reg, other: a.route}
		}
		if c := r.against(b, r.added[:len(r.added)-1]); c != nil {
			return c
		}
		r.aside = append(r.aside, b)
	}
	return nil
}

// against compares a route with others one by one: whatever gin refuses it refuses because of one of them.
func (r *replayer) against(b entry, others []entry) *clash {
	for _, a := range others {
		if a.route.Method != b.route.Method || engine.Exclusive(a.reg.op, b.reg.op) {
			continue
		}
		if i, p := tree.First(r.version, []tree.Route{a.route, b.route}); p != nil && i == 1 {
			return &clash{by: b.reg, route: b.route, why: p, with: &a.reg, other: a.route}
		}
	}
	return nil
}
