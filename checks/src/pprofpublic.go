package src

import (
	"go/ast"
	"go/types"
	"net"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
)

// PprofPublic finds profiles that everybody can ask for.
var PprofPublic = &Rule{
	Check: checks.Check{
		ID:       "src/pprof-public",
		Title:    "pprof on the public listener",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.CI | checks.Prod,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer, programUses},
	Look: func(p *Pass) error {
		uses := p.ResultOf[programUses].(*Uses)
		if p.example() {
			return nil
		}
		for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
			p.pprofOnEngine(e, uses)
		}
		if len(uses.Pprof) > 0 {
			for c, call := range p.Calls() {
				p.defaultMux(c, call, uses.Pprof[0])
			}
		}
		return nil
	},
}

var pprofWhy = checks.Msg("Profiles show code paths, command lines and memory to whoever asks, and each costs processor time.")

// pprofOnEngine reports the first profile that an engine serves without a guard.
func (p *Pass) pprofOnEngine(e *engine.Engine, uses *Uses) {
	if !served(e) || onLoopback(e) {
		return
	}
	for i, o := range e.Ops {
		if !servesPprof(o) || len(o.Arms) > 0 || guarded(e, i, uses) {
			continue
		}
		f := Finding{Finding: checks.Finding{
			Message: checks.Msg("pprof answers everybody on the engine that serves the application"),
			Why:     pprofWhy,
			Help:    checks.Msg("serve it on a listener of its own on 127.0.0.1, or register it on a group with authentication"),
			Key:     o.Name + " " + o.Path,
		}}
		if !slices.ContainsFunc(e.Ops, func(o engine.Op) bool { return o.Kind == engine.Route && !servesPprof(o) }) {
			f.Severity = checks.Info // an engine for profiles only: whether its port is open to all is not said here
			f.Message = checks.Msg("pprof is served on more than the loopback address")
			f.Help = checks.Msg("listen on 127.0.0.1, or keep the port closed to the outside")
		}
		f.place(p, o.Pos, o.At)
		p.Report(f)
		return
	}
}

// servesPprof tells whether an operation makes an engine answer with profiles.
func servesPprof(o engine.Op) bool {
	switch o.Kind {
	case engine.Library:
		return strings.HasPrefix(o.Name, "github.com/gin-contrib/pprof.")
	case engine.Route:
		return slices.ContainsFunc(o.Handlers, func(h engine.Handler) bool {
			return strings.HasPrefix(h.Name, "net/http/pprof.") || strings.Contains(h.Src, "pprof.") ||
				strings.Contains(o.Path, "/debug/pprof") && (strings.Contains(h.Src, "DefaultServeMux") || h.Name == ginPath+".WrapF" || h.Name == ginPath+".WrapH")
		})
	}
	return false
}

// guarded tells whether some middleware may keep strangers from the i-th operation: one that stands on its group or on one above,
// and is not known to let everybody through.
func guarded(e *engine.Engine, i int, uses *Uses) bool {
	o := e.Ops[i]
	guards := func(handlers []engine.Handler) bool {
		return slices.ContainsFunc(handlers, func(h engine.Handler) bool { return mayGuard(h, uses) })
	}
	if o.Kind == engine.Route && len(o.Handlers) > 1 && guards(o.Handlers[:len(o.Handlers)-1]) {
		return true
	}
	for g := o.Group; g != nil; g = g.Parent {
		for j, other := range e.Ops[:i] {
			if (other.Kind == engine.Use || other.Kind == engine.Group) && other.Group != nil && (other.Group == g || *other.Group == *g) &&
				(other.Spread || guards(other.Handlers)) && j < i {
				return true
			}
		}
	}
	return false
}

// openMiddleware is middleware of gin and its kin that lets everybody through.
var openMiddleware = []string{
	ginPath + ".Logger", ginPath + ".Recovery", ginPath + ".CustomRecovery", ginPath + ".ErrorLogger", "github.com/gin-contrib/cors.", "github.com/gin-contrib/gzip.",
	"github.com/gin-contrib/zap.", "github.com/gin-contrib/logger.", "github.com/gin-contrib/requestid.", "github.com/gin-contrib/sessions.",
	"github.com/gin-contrib/static.", "github.com/gin-contrib/timeout.", "github.com/gin-contrib/secure.", "go.opentelemetry.io/",
	"github.com/zsais/go-gin-prometheus.", "github.com/getsentry/sentry-go/gin.", "github.com/rs/cors/",
}

func mayGuard(h engine.Handler, uses *Uses) bool {
	if slices.ContainsFunc(openMiddleware, func(p string) bool { return strings.HasPrefix(h.Name, p) }) {
		return false
	}
	return !handlerIn(h, uses.Handlers) || handlerIn(h, uses.Guards) || namesGuard(h)
}

// namesGuard tells whether a middleware has the name of one that asks who is there.
func namesGuard(h engine.Handler) bool {
	name := strings.ToLower(h.Name + " " + h.Src)
	for _, word := range []string{"auth", "jwt", "login", "admin", "token", "permission", "guard", "secur", "allow", "whitelist", "internal", "acl", "rbac"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// onLoopback tells whether an engine listens where only this machine can ask, or where that is not known to be otherwise.
func onLoopback(e *engine.Engine) bool {
	for _, o := range ops(e, engine.Run, engine.Serve) {
		for _, a := range o.Args {
			if host, _, err := net.SplitHostPort(a.Text); err == nil && (a.Known || a.Default) && loopback(host) {
				return true
			}
		}
	}
	return false
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// defaultMux reports a listener that serves http.DefaultServeMux, where net/http/pprof registers itself: behind gin alone the
// import opens nothing.
func (p *Pass) defaultMux(c inspector.Cursor, call *ast.CallExpr, imported Use) {
	addr, ok := p.servesDefaultMux(call)
	host, _, err := net.SplitHostPort(addr)
	if !ok || err != nil || loopback(host) || underCondition(c) {
		return
	}
	p.Report(Finding{
		Finding: checks.Finding{
			Message: checks.Msg("%s serves pprof to everybody", addr),
			Why:     pprofWhy,
			Help:    checks.Msg("listen on 127.0.0.1%s", addr[strings.LastIndex(addr, ":"):]),
			Key:     "DefaultServeMux",
		},
		Pos: call.Pos(), End: call.End(),
		Also: []Also{{imported.At, checks.Msg("this import registers pprof on http.DefaultServeMux")}},
	})
}

// servesDefaultMux is the constant address at which a call serves http.DefaultServeMux.
func (p *Pass) servesDefaultMux(call *ast.CallExpr) (addr string, ok bool) {
	switch fn := p.Callee(call); {
	case isFunc(fn, "net/http", "ListenAndServe") && len(call.Args) == 2:
		if !p.isNil(call.Args[1]) && !p.isDefaultMux(call.Args[1]) {
			return "", false
		}
		return p.text(call.Args[0])
	case isMethod(fn, "net/http", "Server", "ListenAndServe"):
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return "", false
		}
		return p.defaultServer(sel.X)
	}
	return "", false
}

// defaultServer is the constant address of an http.Server that has no handler, or that one, as far as its literal says all: nothing
// sets its fields later, and nobody else gets it.
func (p *Pass) defaultServer(e ast.Expr) (addr string, ok bool) {
	v := p.Var(e)
	if v == nil || v.Kind() != types.LocalVar || p.handedOn(v) {
		return "", false
	}
	for c := range p.Nodes((*ast.AssignStmt)(nil)) {
		for _, lhs := range c.Node().(*ast.AssignStmt).Lhs {
			if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && p.Var(sel.X) == v {
				return "", false
			}
		}
	}
	made := p.Follow(e)
	if address, ok := made.(*ast.UnaryExpr); ok {
		made = address.X
	}
	lit, ok := made.(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	for _, elt := range lit.Elts {
		kv, keyed := elt.(*ast.KeyValueExpr)
		if !keyed {
			return "", false
		}
		switch {
		case isIdent(kv.Key, "Addr"):
			addr, ok = p.text(kv.Value)
			if !ok {
				return "", false
			}
		case isIdent(kv.Key, "Handler") && !p.isNil(kv.Value) && !p.isDefaultMux(kv.Value):
			return "", false
		}
	}
	return addr, addr != ""
}

func (p *Pass) isDefaultMux(e ast.Expr) bool {
	v := p.Var(e)
	return v != nil && v.Name() == "DefaultServeMux" && v.Pkg() != nil && v.Pkg().Path() == "net/http"
}

// underCondition tells whether a place is reached under a condition only: the error of an if does not count.
func underCondition(c inspector.Cursor) bool {
	for up := range c.Enclosing((*ast.IfStmt)(nil), (*ast.CaseClause)(nil)) {
		s, ok := up.Node().(*ast.IfStmt)
		if !ok || s.Init == nil && s.Cond.End() < c.Node().Pos() || s.Init != nil && s.Body.Pos() < c.Node().Pos() {
			return true
		}
	}
	return false
}
