package listen

import (
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// socket is what net.Listen gives. It counts when something is served on it: some programs only try whether a port is free.
type socket struct {
	listener Address
	skip     bool // no TCP, or closed again
	used     bool
}

// serveCall is a function of another module that listens or serves.
func (p *program) serveCall(fn *foreign, c *call) (value, bool) {
	switch fn.path {
	case httpPath:
		switch fn.name {
		case "ListenAndServe", "ListenAndServeTLS":
			p.note(c, 0, service{gin: carriesGin(c.args), blocks: true, tls: strings.HasSuffix(fn.name, "TLS")})
			return unknown{}, true
		case "Serve", "ServeTLS":
			p.serveOn(c.arg(0), carriesGin(c.args))
			return unknown{}, true
		}
		return nil, false
	case "net":
		switch fn.name {
		case "Listen", "ListenTCP":
			return p.open(c, 0), true
		}
		return nil, false
	case "crypto/tls":
		switch fn.name {
		case "Listen":
			return p.open(c, 0), true
		case "NewListener":
			return c.arg(0), true
		}
		return nil, false
	case "github.com/gin-gonic/autotls":
		// autotls serves on :https and redirects from :http (gin-gonic/autotls, autotls.go).
		for i, port := range []string{":443", ":80"} {
			s := p.address(c, concat(literal(textKind, port, c.place())), service{gin: i == 0, blocks: i == 0})
			s.Expr = fn.name
			s.Secondary = i > 0
			p.keepAddress(s)
		}
		return unknown{}, true
	}
	switch fn.name {
	case "ListenAndServe", "ListenAndServeTLS": // endless, manners, grace, graceful, ...
		if _, ok := c.arg(0).(scalar); !ok {
			return nil, false
		}
		p.note(c, 0, service{gin: carriesGin(c.args), blocks: true, tls: strings.HasSuffix(fn.name, "TLS")})
		return unknown{}, true
	case "NewServer", "NewWithServer":
		if strings.Contains(fn.path, "endless") || strings.Contains(fn.path, "grace") || strings.Contains(fn.path, "manners") {
			return p.foreignServer(c), true
		}
	case "Listen":
		if len(c.args) >= 2 { // reuseport and others of net.Listen's shape
			return p.open(c, 0), true
		}
	case "Serve": // gracehttp.Serve(&http.Server{...}, ...)
		for i, a := range c.args {
			if o, ok := a.(*object); ok && serverOf(o) != nil {
				p.noteServer(serverOf(o), c, c.argExpr(i), false)
			}
		}
	}
	for _, a := range c.args { // a listener in a wrapper is still that listener
		if s, ok := a.(*socket); ok && strings.Contains(fn.name, "Listener") {
			return s, true
		}
	}
	return nil, false
}

// foreignServer is endless.NewServer(addr, handler) and its like.
func (p *program) foreignServer(c *call) value {
	for _, a := range c.args {
		if o, ok := a.(*object); ok && serverOf(o) != nil {
			return o
		}
	}
	o := &object{typ: &named{path: httpPath, name: "Server"}, fields: map[string]*cell{}}
	o.fields["Addr"] = &cell{v: c.arg(0)}
	o.fields["Handler"] = &cell{v: c.arg(1)}
	return o
}

// serverOf finds the http.Server that a value is or holds.
func serverOf(o *object) *object {
	if o.typ != nil && o.typ.path == httpPath && o.typ.name == "Server" {
		return o
	}
	if o.typ != nil && o.typ.spec != nil {
		return nil
	}
	if c := o.fields["Server"]; c != nil {
		if inner, ok := c.v.(*object); ok && inner != o {
			return serverOf(inner)
		}
	}
	if o.fields["Addr"] != nil && o.fields["Handler"] != nil {
		return o
	}
	return nil
}

// serveMethod is a method of something foreign that listens or serves.
func (p *program) serveMethod(fn *foreign, c *call) (value, bool) {
	switch recv := fn.recv.(type) {
	case *socket:
		switch fn.name {
		case "Close":
			recv.skip = true
		case "Accept", "AcceptTCP":
			p.serveOn(recv, false)
		}
		return unknown{}, true
	case *object:
		if s := serverOf(recv); s != nil {
			return p.serverMethod(s, fn.name, c)
		}
		if recv.typ != nil && recv.typ.path == "net" && recv.typ.name == "ListenConfig" && fn.name == "Listen" {
			return p.open(c, 1), true
		}
	}
	switch fn.name {
	case "Run", "RunTLS":
		return p.runMethod(fn, c)
	case "RunListener":
		p.serveOn(c.arg(0), true)
		return unknown{}, true
	case "ListenAndServe", "ListenAndServeTLS":
		if u, ok := fn.recv.(unknown); ok && u.typ != nil && u.typ.spec != nil {
			return nil, false
		}
		a := p.address(c, scalar{textKind, []part{{}}}, service{gin: isGin(fn.recv), blocks: true})
		if a.Expr = types.ExprString(c.expr.Fun); len(c.args) > 0 {
			a = p.address(c, asText(c.arg(0)), service{gin: isGin(fn.recv), blocks: true})
			a.Expr = c.argExpr(0)
		}
		p.keepAddress(a)
		return unknown{}, true
	case "Serve", "ServeTLS":
		for _, a := range c.args {
			if s, ok := a.(*socket); ok {
				p.serveOn(s, isGin(fn.recv) || carriesGin(c.args))
			}
		}
		return unknown{}, true
	case "Listen":
		if network, known := c.text(0); known && strings.HasPrefix(network, "tcp") && len(c.args) >= 2 {
			return p.open(c, 0), true
		}
	}
	return nil, false
}

// serverMethod is a method of an http.Server.
func (p *program) serverMethod(s *object, name string, c *call) (value, bool) {
	switch name {
	case "ListenAndServe", "ListenAndServeTLS":
		p.noteServer(s, c, types.ExprString(c.expr.Fun), strings.HasSuffix(name, "TLS"))
	case "Serve", "ServeTLS":
		p.serveOn(c.arg(0), isGin(s.get("Handler")))
	default:
		return nil, false
	}
	return unknown{}, true
}

// get is a field of a foreign struct; nil when it was not set.
func (o *object) get(name string) value {
	if c := o.fields[name]; c != nil {
		return c.get()
	}
	return nil
}

func (p *program) noteServer(s *object, c *call, expr string, tls bool) {
	addr := s.get("Addr")
	if addr == nil && s.loaded {
		addr = unknown{}
	} else if addr == nil {
		addr = literal(textKind, "", c.place())
	}
	a := p.address(c, asText(addr), service{gin: isGin(s.get("Handler")), blocks: true, tls: tls})
	a.Expr = expr
	p.keepAddress(a)
}

// runMethod is Run of a gin engine. On a value we lost sight of, it counts when its argument is an address.
func (p *program) runMethod(fn *foreign, c *call) (value, bool) {
	if !isCertainlyEngine(fn.recv) {
		u, lost := fn.recv.(unknown)
		if !lost || u.typ != nil || !addressLike(asText(c.arg(0))) {
			return nil, false
		}
	}
	s := service{gin: true, blocks: true, tls: fn.name == "RunTLS"}
	if len(c.args) == 0 || len(c.expr.Args) == 0 {
		a := p.address(c, p.ginDefault(c), s)
		a.Expr = types.ExprString(c.expr)
		p.keepAddress(a)
		return unknown{}, true
	}
	p.note(c, 0, s)
	return unknown{}, true
}

func isCertainlyEngine(v value) bool {
	switch v := v.(type) {
	case unknown:
		return isEngine(v.typ) || v.from != nil && v.from.makesEngine()
	case *object:
		return isEngine(v.typ)
	case *cell:
		return isCertainlyEngine(v.v)
	}
	return false
}

// addressLike tells whether a text has the colon of an address in it.
func addressLike(s scalar) bool {
	for _, p := range s.parts {
		if p.known && strings.Contains(p.text, ":") {
			return true
		}
	}
	return false
}

// ginDefault is where Run listens without an argument: PORT, else :8080 (gin, utils.go, resolveAddress).
func (p *program) ginDefault(c *call) scalar {
	port := p.getenv("PORT")
	if text, _ := port.text(); text != "" {
		return concat(literal(textKind, ":", Place{}), port)
	}
	return fallback(literal(textKind, ":8080", c.place()), "PORT").(scalar)
}

func (c *call) argExpr(i int) string {
	if i < len(c.expr.Args) {
		return types.ExprString(c.expr.Args[i])
	}
	return types.ExprString(c.expr)
}

// service says how an address is served.
type service struct{ gin, blocks, tls bool }

// note keeps the address that is the i-th argument of a call.
func (p *program) note(c *call, i int, s service) {
	a := p.address(c, asText(c.arg(i)), s)
	a.Expr = c.argExpr(i)
	p.keepAddress(a)
}

// open is net.Listen: the i-th argument is the network, the next one the address.
func (p *program) open(c *call, i int) value {
	a := p.address(c, asText(c.arg(i+1)), service{})
	a.Expr = c.argExpr(i + 1)
	s := &socket{listener: a}
	switch network, known := c.text(i); {
	case known && !strings.HasPrefix(network, "tcp"):
		s.skip = true
	case network == "tcp4":
		s.listener.Family = 4
	case network == "tcp6":
		s.listener.Family = 6
	}
	return tuple{s, unknown{}}
}

// serveOn notes that something is served on a listener.
func (p *program) serveOn(v value, gin bool) {
	if t, ok := v.(tuple); ok && len(t) > 0 {
		v = t[0]
	}
	s, ok := v.(*socket)
	if !ok || s.skip {
		return
	}
	if s.used {
		for i := range p.found {
			if p.found[i].Call == s.listener.Call {
				p.found[i].Gin = p.found[i].Gin || gin
			}
		}
		return
	}
	s.used = p.mute == 0
	a := s.listener
	a.Gin, a.blocks = gin, true
	a.goroutine, a.path, a.Conditional = p.gor, p.path, a.Conditional || p.unsure > 0
	p.keepAddress(a)
}

// keepAddress adds an address to what was found, unless nobody is meant to know it (port 0: the system picks one).
func (p *program) keepAddress(a Address) {
	if p.mute > 0 || a.Port < 0 {
		return
	}
	a.order = len(p.found)
	p.found = append(p.found, a)
}

// noPort marks an address that is none: the system picks the port, or there is no such address.
const noPort = -1

var namedPorts = map[string]int{"http": 80, "https": 443, "http-alt": 8080}

// address makes an Address of what is known of its text.
func (p *program) address(c *call, addr scalar, s service) Address {
	a := Address{Call: c.place(), Main: p.main.dir, Module: p.main.module.Dir, Gin: s.gin, Conditional: p.unsure > 0,
		blocks: s.blocks, goroutine: p.gor, path: slices.Clone(p.path)}
	if text, known := addr.text(); known && text == "" {
		if _, open := addr.setting(); !open { // net/http's own default
			port := ":http"
			if s.tls {
				port = ":https"
			}
			addr = literal(textKind, port, c.place())
		}
	}
	host, port, ok := split(addr.parts)
	if !ok {
		if text, known := addr.text(); known && text != "" {
			a.Port = noPort // it cannot be bound: no colon
			return a
		}
		a.unresolved(addr.parts)
		return a
	}
	a.setPort(port)
	a.setHost(host)
	if a.Certainty == Default && a.At.IsZero() || a.Certainty == Literal && a.At.IsZero() {
		a.At = a.Call
	}
	return a
}

// split cuts an address at its last colon. Without one in what is known, it is not ok.
func split(parts []part) (host, port []part, ok bool) {
	for i := len(parts) - 1; i >= 0; i-- {
		if !parts[i].known {
			return nil, nil, false
		}
		if at := strings.LastIndexByte(parts[i].text, ':'); at >= 0 {
			left, right := parts[i], parts[i]
			left.text, right.text = left.text[:at], right.text[at+1:]
			host = append(slices.Clone(parts[:i]), left)
			port = append([]part{right}, parts[i+1:]...)
			return host, port, true
		}
	}
	return nil, nil, false
}

func (a *Address) unresolved(parts []part) {
	a.Certainty = Unresolved
	for _, p := range parts {
		if p.unset || p.name != "" {
			a.Name = p.name
			if a.At = p.at; p.unset {
				return
			}
		}
	}
}

func (a *Address) setPort(parts []part) {
	var text string
	var decides part
	found := false
	for _, p := range parts {
		text += p.text
		if !p.known || p.unset && p.text != "" {
			a.unresolved(parts)
			return
		}
		if p.text != "" && (!found || p.cert > decides.cert) {
			decides, found = p, true
		}
		if p.unset && decides.cert == Literal {
			decides.cert, decides.name = Default, p.name // it may be set, and then stands beside the rest
		}
	}
	if text == "" {
		a.unresolved(parts)
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = namedPorts[text]
	}
	if n <= 0 || n > 65535 {
		a.Port = noPort
		return
	}
	a.Port, a.Certainty, a.Name, a.At = n, decides.cert, decides.name, decides.at
}

func (a *Address) setHost(parts []part) {
	var b strings.Builder
	a.HostFixed = true
	for _, p := range parts {
		if !p.known {
			a.HostUnknown, a.HostFixed, a.HostAt = true, false, Place{}
			return
		}
		if p.unset || p.cert != Literal {
			a.HostFixed = false
		}
		if p.text != "" && a.HostAt.IsZero() {
			a.HostAt = p.at
		}
		b.WriteString(p.text)
	}
	a.Host = strings.TrimSuffix(strings.TrimPrefix(b.String(), "["), "]")
}
