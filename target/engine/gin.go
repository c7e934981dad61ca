package engine

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/engine/tree"
)

var runs = map[string]bool{"Run": true, "RunTLS": true, "RunUnix": true, "RunFd": true, "RunListener": true, "RunQUIC": true}

var verbs = map[string]bool{"GET": true, "POST": true, "PUT": true, "PATCH": true, "HEAD": true, "OPTIONS": true, "DELETE": true}

// gins is a call of a method of gin's routers.
func (m *machine) gins(fr *frame, n *node, name string, recv *value, args []*value) *value {
	if recv == nil {
		return nothing
	}
	if recv.kind == choice {
		var out []alternative
		for _, a := range recv.alts {
			before := len(m.arms)
			m.arms = append(m.arms, a.arms...)
			out = append(out, alternative{a.arms, m.gins(fr, n, name, a.v, args)})
			m.arms = m.arms[:before]
		}
		return merge(out)
	}
	if recv.kind == handler && name == "ServeHTTP" {
		m.served(fr, n, name, recv, nil)
		return nothing
	}
	if recv.kind != router {
		return nothing
	}
	c := &ginCall{m, fr, n, name, recv, args}
	return c.do()
}

// ginCall is one call of a method of a router.
type ginCall struct {
	*machine
	fr   *frame
	n    *node
	name string
	recv *value
	args []*value
}

func (c *ginCall) do() *value {
	op := Op{Name: c.name}
	switch {
	case verbs[c.name]:
		op.Kind, op.Methods = Route, []string{c.name}
		return c.route(op, 0, 1)
	case c.name == "Any":
		op.Kind, op.Methods = Route, slices.Clone(tree.AnyMethods)
		return c.route(op, 0, 1)
	case c.name == "Handle":
		op.Kind, op.Args = Route, c.values(0, 1)
		if v := c.arg(0); v.kind == fixed_ {
			op.Methods = []string{v.text}
		}
		return c.route(op, 1, 2)
	case c.name == "Match":
		op.Kind, op.Args = Route, c.values(0, 1)
		if v := c.arg(0); v.kind == list {
			for _, e := range v.list {
				if e.kind == fixed_ {
					op.Methods = append(op.Methods, e.text)
				}
			}
		}
		return c.route(op, 1, 2)
	case c.name == "Static" || c.name == "StaticFS" || c.name == "StaticFile" || c.name == "StaticFileFS":
		return c.static(op)
	case c.name == "Use":
		op.Kind = Use
		op.Handlers, op.Spread = c.handlers(0)
		return c.note(op)
	case c.name == "Group":
		return c.group(op)
	case c.name == "NoRoute" || c.name == "NoMethod":
		op.Kind = NoRoute
		op.Handlers, op.Spread = c.handlers(0)
		return c.note(op)
	case c.name == "BasePath":
		if c.recv.group.Known {
			return text(c.recv.group.Prefix)
		}
		return nothing
	case c.name == "Handler":
		return &value{kind: handler, eng: c.recv.eng, group: c.recv.group}
	case c.name == "ServeHTTP":
		c.served(c.fr, c.n, c.name, c.recv, nil)
		return nothing
	case c.name == "With":
		return c.with(c.args)
	case runs[c.name]:
		op.Kind = Run
	case strings.HasPrefix(c.name, "LoadHTML"):
		op.Kind = LoadHTML
	case c.name == "SetHTMLTemplate":
		op.Kind = SetHTML
	case c.name == "SetFuncMap":
		op.Kind = FuncMap
	case c.name == "Delims":
		op.Kind = Delims
	case c.name == "SetTrustedProxies":
		op.Kind = Proxies
	case c.name == "SecureJsonPrefix":
		op.Kind = Option
	default: // Routes, HandleContext, ...
		return nothing
	}
	op.Args = c.values(0, len(c.args))
	op.Spread = c.n.Flag&fSpread != 0
	out := c.note(op)
	if c.name == "Delims" || c.name == "SecureJsonPrefix" {
		return out
	}
	return nothing
}

func (c *ginCall) arg(i int) *value {
	if i < len(c.args) && c.args[i] != nil {
		return c.args[i]
	}
	return nothing
}

// node is the expression of an argument; nil where arguments do not stand in the call one by one.
func (c *ginCall) node(i int) *node {
	if len(c.n.Kids)-1 == len(c.args) && i < len(c.args) {
		return c.n.Kids[i+1]
	}
	return nil
}

func (c *ginCall) note(op Op) *value {
	c.record(c.fr, c.n, c.recv, op)
	return c.recv
}

// values are arguments that are no handlers.
func (c *ginCall) values(from, to int) []Value {
	var out []Value
	for i := from; i < min(to, len(c.args)); i++ {
		v := c.args[i]
		if v.kind == tuple && v.made && len(v.list) == 1 { // addrs...
			v = v.list[0]
		}
		if v.kind == list && (c.name == "SetTrustedProxies" || c.n.Flag&fSpread != 0) {
			for _, e := range v.list {
				out = append(out, c.machine.argument(c.fr, e, c.node(i)))
			}
			continue
		}
		out = append(out, c.machine.argument(c.fr, v, c.node(i)))
	}
	return out
}

// argument is a value as an Op tells it.
func (m *machine) argument(fr *frame, v *value, n *node) Value {
	out := Value{}
	if n != nil {
		out.Pos, out.Text = fr.fn.position(n.At), n.Src
	}
	switch {
	case v == nil:
	case v.kind == fixed_:
		out.Text, out.Known = v.text, true
	case v.def:
		out.Text, out.Default = v.text, true
	}
	return out
}

// route registers. The path is the argument number at.
func (c *ginCall) route(op Op, at, handlers int) *value {
	op.Path, op.PathKnown = join(c.recv.group, c.arg(at))
	op.From, op.Rest = joinBelow(c.recv.group, c.arg(at))
	op.Handlers, op.Spread = c.handlers(handlers)
	return c.note(op)
}

func (c *ginCall) static(op Op) *value {
	op.Kind, op.Methods = Route, []string{"GET", "HEAD"}
	p := c.arg(0)
	if p.kind == fixed_ && (c.name == "Static" || c.name == "StaticFS") {
		p = text(path.Join(p.text, "/*filepath"))
	}
	op.Path, op.PathKnown = join(c.recv.group, p)
	op.From, op.Rest = joinBelow(c.recv.group, p)
	op.Args = c.values(0, len(c.args))
	return c.note(op)
}

func (c *ginCall) group(op Op) *value {
	e := c.recv.eng
	g := &GroupRef{Parent: c.recv.group, Made: c.fr.fn.position(c.n.At), Uses: len(e.Ops)}
	g.Prefix, g.Known = join(c.recv.group, c.arg(0))
	if g.From, g.Rest = joinBelow(c.recv.group, c.arg(0)); !g.Known && g.From == nil {
		g.From, g.Rest = g, "/"
	}
	op.Kind = Group
	op.Handlers, op.Spread = c.handlers(1)
	op.Args = c.values(0, 1)
	made := &value{kind: router, eng: e, group: g}
	c.record(c.fr, c.n, made, op)
	return made
}

// with calls the options that gin.New and Engine.With take.
func (c *ginCall) with(args []*value) *value {
	for _, a := range plain(args) {
		options := []*value{a}
		if a.kind == list {
			options = a.list
		}
		for _, o := range options {
			if o.kind == function {
				c.apply(c.fr, c.n, o, []*value{c.recv})
			} else if o.kind == unknown {
				c.lose(c.recv, c.fr.fn, c.n, c.n.Kids[0].Src)
			}
		}
	}
	return c.recv
}

// join joins a path to that of a group, where both are known.
func join(g *GroupRef, relative *value) (string, bool) {
	if relative.kind != fixed_ || !g.Known {
		return g.Prefix, false
	}
	return tree.Join(g.Prefix, relative.text), true
}

// joinBelow joins a path to that of a group from the group down whose own path is not a constant.
func joinBelow(g *GroupRef, relative *value) (*GroupRef, string) {
	if relative.kind != fixed_ || g.From == nil {
		return nil, ""
	}
	return g.From, tree.Join(g.Rest, relative.text)
}

// handlers are the arguments from one on.
func (c *ginCall) handlers(from int) (out []Handler, spread bool) {
	for i := from; i < len(c.args); i++ {
		v, n := c.args[i], c.node(i)
		if v.kind == tuple && v.made && len(v.list) == 1 {
			if v.list[0].kind != list {
				spread = true
				continue
			}
			for _, e := range v.list[0].list {
				out = append(out, c.handler(e, n))
			}
			continue
		}
		out = append(out, c.handler(v, n))
	}
	return out, spread
}

func (c *ginCall) handler(v *value, n *node) Handler {
	h := Handler{Name: v.name, Made: v.made}
	switch {
	case v.node != nil && v.name != "":
		h.At, h.Src = v.in.position(v.node.At), v.node.Src
	case n != nil:
		h.At, h.Src = c.fr.fn.position(n.At), n.Src
	}
	if v.null {
		h.Src = "nil"
	}
	return h
}

// option is an assignment to a field of an engine.
func (m *machine) option(fr *frame, to *value, l *node, v *value, from *node) {
	op := Op{Kind: Option, Name: l.Str, Args: []Value{m.argument(fr, v, from)}}
	if l.Str == "HTMLRender" {
		op.Kind = SetHTML
	}
	m.record(fr, l, to, op)
}

// served notes that a router becomes the handler of a server.
func (m *machine) served(fr *frame, n *node, name string, v *value, server *record) {
	var args []Value
	if server != nil {
		if c := server.fields["Addr"]; c != nil && c.v != nil {
			args = []Value{m.argument(fr, c.v, nil)}
		}
	}
	m.servedAt(fr, n, name, v, args)
}

func (m *machine) servedAt(fr *frame, n *node, name string, v *value, args []Value) {
	m.each(v.asHandler(), func(v *value) {
		if v.kind == router || v.kind == handler {
			m.record(fr, n, v, Op{Kind: Serve, Name: name, Args: args})
		}
	})
}
