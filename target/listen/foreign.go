package listen

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	ginPath  = "github.com/gin-gonic/gin"
	httpPath = "net/http"
)

var engine = &named{path: ginPath, name: "Engine"}

// foreignConstant is a constant of another module that addresses are made of.
func foreignConstant(path, name string) value {
	if path == httpPath && strings.HasPrefix(name, "Method") {
		return literal(textKind, strings.ToUpper(strings.TrimPrefix(name, "Method")), Place{})
	}
	return nil
}

// foreignCall is a call into another module. What it listens on is noted; its result is computed where we know how.
func (p *program) foreignCall(fn *foreign, c *call) value {
	if fn.recv == nil || isType(fn.recv) {
		if v, ok := p.serveCall(fn, c); ok {
			return v
		}
		if v, ok := p.library(fn, c); ok {
			return v
		}
	} else {
		if v, ok := p.serveMethod(fn, c); ok {
			return v
		}
		if v, ok := p.libraryMethod(fn, c); ok {
			return v
		}
		if v, ok := p.ownMethod(fn, c); ok {
			return v
		}
	}
	return p.elsewhere(fn, c)
}

func isType(v value) bool { _, ok := v.(*named); return ok }

// elsewhere is a call that we know nothing of. A function given to Go or Do is called, any other may be.
func (p *program) elsewhere(fn *foreign, c *call) value {
	if fn.name == "Go" || fn.name == "Do" || fn.name == "TryGo" || fn.name == "Async" || fn.name == "Submit" {
		for _, a := range c.args {
			if f, ok := a.(*closure); ok {
				back := func() {}
				if fn.name != "Do" {
					back = p.newGoroutine()
				}
				p.call(f, nil)
				back()
			}
		}
		return unknown{}
	}
	p.handOver(c.args, fn.name)
	p.expose(fn.name, c)
	if fn.path == ginPath && (fn.name == "Default" || fn.name == "New") {
		return unknown{typ: engine}
	}
	return unknown{gin: carriesGin(c.args) || isGin(fn.recv)}
}

// ownMethod is a method call on a value we lost sight of: where just one type of the project has such a method and it may
// listen, that is the one.
func (p *program) ownMethod(fn *foreign, c *call) (value, bool) {
	u, ok := fn.recv.(unknown)
	if !ok || !p.listenBy[fn.name] || listenNames[fn.name] && isGin(u) || u.typ != nil && u.typ.spec == nil && u.typ.path != "" {
		return nil, false
	}
	var only *closure
	for _, pk := range p.reached() {
		for _, methods := range pk.method {
			if m := methods[fn.name]; m != nil {
				if only != nil {
					return nil, false
				}
				only = m
			}
		}
	}
	if only == nil || len(c.args) > only.typ.Params.NumFields() {
		return nil, false
	}
	return p.call(only, c.args), true
}

// reached lists the parsed packages of this program that may listen.
func (p *program) reached() []*pack {
	var out []*pack
	seen := map[*pack]bool{}
	var visit func(*pack)
	visit = func(pk *pack) {
		if seen[pk] || !pk.listens {
			return
		}
		seen[pk] = true
		out = append(out, pk)
		for _, i := range pk.imports {
			visit(i)
		}
	}
	visit(p.main)
	return out
}

// library computes the functions that addresses and settings are made with.
func (p *program) library(fn *foreign, c *call) (value, bool) {
	switch fn.path {
	case "os":
		return p.osCall(fn.name, c)
	case "fmt":
		return fmtCall(fn.name, c)
	case "strings":
		return stringsCall(fn.name, c)
	case "strconv":
		return strconvCall(fn.name, c)
	case "net":
		if fn.name == "JoinHostPort" {
			return joinHostPort(asText(c.arg(0)), asText(c.arg(1))), true
		}
		if fn.name == "ParseIP" || strings.HasPrefix(fn.name, "ResolveTCPAddr") {
			return tuple{c.arg(len(c.args) - 1), noError}, true
		}
	case "cmp":
		if fn.name == "Or" {
			return firstSet(c.args), true
		}
	case "path", "path/filepath":
		return pathCall(fn.name, c)
	case "errors":
		if fn.name == "New" || fn.name == "Join" {
			return unknown{}, true
		}
	case "flag", "github.com/spf13/pflag", "github.com/namsral/flag":
		return p.flagCall(fn.name, c)
	}
	return p.settingsCall(fn, c)
}

// joinHostPort is net.JoinHostPort.
func joinHostPort(host, port scalar) scalar {
	if text, known := host.text(); known && strings.ContainsAny(text, ":%") {
		return concat(literal(textKind, "[", Place{}), host, literal(textKind, "]:", Place{}), port)
	}
	return concat(host, literal(textKind, ":", Place{}), port)
}

// firstSet is cmp.Or, and what helpers of that kind do: the first value that is not empty.
func firstSet(args []value) value {
	var skipped []scalar
	for _, a := range args {
		s := toScalar(a)
		text, known := s.text()
		if known && (text == "" || s.kind == intKind && text == "0") {
			skipped = append(skipped, s)
			continue
		}
		var v value = s
		for _, sk := range skipped {
			if name, open := sk.setting(); open {
				v = fallback(v, name)
			}
		}
		if !known {
			return unknown{}
		}
		return v
	}
	if len(args) > 0 {
		return args[len(args)-1]
	}
	return unknown{}
}

func fmtCall(name string, c *call) (value, bool) {
	switch name {
	case "Sprintf":
		return sprintf(toScalar(c.arg(0)), c.args[min(1, len(c.args)):]), true
	case "Sprint":
		s := concat(c.args...)
		s.kind = textKind
		return s, true
	case "Sscanf", "Sscan", "Errorf":
		return unknown{}, true
	}
	return nil, false
}

// sprintf fills the verbs that addresses are written with; any other is unknown.
func sprintf(format scalar, args []value) value {
	text, known := format.text()
	if !known {
		return unknown{}
	}
	at := format.parts[0]
	piece := func(s string) scalar {
		p := at
		p.text = s
		return scalar{textKind, []part{p}}
	}
	var out scalar
	for n := 0; text != ""; {
		i := strings.IndexByte(text, '%')
		if i < 0 || i+1 >= len(text) {
			out = concat(out, piece(text))
			break
		}
		if i > 0 {
			out = concat(out, piece(text[:i]))
		}
		verb := text[i+1]
		text = text[i+2:]
		switch {
		case verb == '%':
			out = concat(out, piece("%"))
		case n < len(args) && strings.IndexByte("sdv", verb) >= 0:
			out = concat(out, args[n])
			n++
		default:
			out = concat(out, unknown{})
			n++
		}
	}
	if len(out.parts) == 0 {
		out = piece("")
	}
	out.kind = textKind
	return out
}

func stringsCall(name string, c *call) (value, bool) {
	a, b := toScalar(c.arg(0)), toScalar(c.arg(1))
	s, known := a.text()
	t, knownT := b.text()
	if name == "NewReplacer" {
		return list(c.args), true
	}
	if !known {
		return unknown{}, true
	}
	switch name {
	case "TrimSpace":
		return derive(textKind, strings.TrimSpace(s), a), true
	case "ToLower":
		return derive(textKind, strings.ToLower(s), a), true
	case "ToUpper":
		return derive(textKind, strings.ToUpper(s), a), true
	}
	if !knownT {
		return unknown{}, true
	}
	switch name {
	case "TrimPrefix":
		return derive(textKind, strings.TrimPrefix(s, t), a), true
	case "TrimSuffix":
		return derive(textKind, strings.TrimSuffix(s, t), a), true
	case "Trim":
		return derive(textKind, strings.Trim(s, t), a), true
	case "TrimLeft":
		return derive(textKind, strings.TrimLeft(s, t), a), true
	case "TrimRight":
		return derive(textKind, strings.TrimRight(s, t), a), true
	case "HasPrefix":
		return derive(boolKind, strconv.FormatBool(strings.HasPrefix(s, t)), a), true
	case "HasSuffix":
		return derive(boolKind, strconv.FormatBool(strings.HasSuffix(s, t)), a), true
	case "Contains":
		return derive(boolKind, strconv.FormatBool(strings.Contains(s, t)), a), true
	case "EqualFold":
		return derive(boolKind, strconv.FormatBool(strings.EqualFold(s, t)), a, b), true
	case "Split":
		var l list
		for _, piece := range strings.Split(s, t) {
			l = append(l, derive(textKind, piece, a))
		}
		return l, true
	case "ReplaceAll":
		if u, ok := c.text(2); ok {
			return derive(textKind, strings.ReplaceAll(s, t, u), a), true
		}
	}
	return unknown{}, true
}

func strconvCall(name string, c *call) (value, bool) {
	a := toScalar(c.arg(0))
	s, known := a.text()
	switch name {
	case "Itoa", "FormatInt", "FormatUint":
		a.kind = textKind
		return a, true
	case "Atoi", "ParseInt", "ParseUint":
		if !known {
			return tuple{scalar{intKind, a.parts}, unknown{}}, true
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return tuple{derive(intKind, "0", a), derive(errKind, "not a number", a)}, true
		}
		return tuple{derive(intKind, strconv.FormatInt(n, 10), a), derive(errKind, "", a)}, true
	case "ParseBool":
		b, err := strconv.ParseBool(s)
		if known && err == nil {
			return tuple{derive(boolKind, strconv.FormatBool(b), a), derive(errKind, "", a)}, true
		}
		if known && s == "" {
			return tuple{derive(boolKind, "false", a), unknown{}}, true
		}
	}
	return unknown{}, true
}

func pathCall(name string, c *call) (value, bool) {
	switch name {
	case "Join":
		var known []string
		for _, a := range c.args {
			text, ok := toScalar(a).text()
			if !ok { // a folder found at run time: mostly the program's own
				known = nil
				continue
			}
			known = append(known, filepath.ToSlash(text))
		}
		if len(known) == 0 {
			return unknown{}, true
		}
		return literal(textKind, path.Join(known...), Place{}), true
	case "Abs", "EvalSymlinks":
		return tuple{c.arg(0), noError}, true
	case "Clean", "FromSlash", "ToSlash":
		return c.arg(0), true
	}
	return unknown{}, true
}
