package src

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
)

// NoRecovery finds engines whose handlers are not guarded against panics.
var NoRecovery = &Rule{
	Check: checks.Check{
		ID:       "src/no-recovery",
		Title:    "gin.New without Recovery",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer, programUses},
	Look: func(p *Pass) error {
		uses := p.ResultOf[programUses].(*Uses)
		if p.example() || uses.Outer {
			return nil
		}
		for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
			if e.Default || len(e.Lost) > 0 || !listens(e) || !runsOwnCode(e) {
				continue
			}
			if !recovers(e, uses) {
				p.reportNoRecovery(e, uses, nil)
			} else if bare := unguarded(e, uses); len(bare) > 0 {
				p.reportNoRecovery(e, uses, bare)
			}
		}
		return nil
	},
}

// listens tells whether an engine is served by itself: one that another one hands requests to is guarded by that one.
func listens(e *engine.Engine) bool {
	return slices.ContainsFunc(ops(e, engine.Run, engine.Serve), func(o engine.Op) bool {
		return o.Kind == engine.Run || o.Name != "ServeHTTP" && !strings.HasPrefix(o.Name, ginPath)
	})
}

// runsOwnCode tells whether an engine has a route that leads to more than files and handlers of net/http.
func runsOwnCode(e *engine.Engine) bool {
	return slices.ContainsFunc(ops(e, engine.Route, engine.NoRoute), ownCode)
}

func ownCode(o engine.Op) bool {
	return slices.ContainsFunc(o.Handlers, func(h engine.Handler) bool { return !strings.HasPrefix(h.Name, ginPath+".") })
}

// unguarded are the routes of an engine that lie in none of the groups in which panics are kept away from net/http. Those that are
// open to everybody by their nature do too little to count.
func unguarded(e *engine.Engine, uses *Uses) []engine.Op {
	var out []engine.Op
	for _, route := range ops(e, engine.Route) {
		guards := func(o engine.Op) bool { return below(route.Group, o.Group) && mayRecoverIn(o, uses) }
		if ownCode(route) && !open(route) && !mayRecoverIn(route, uses) && !slices.ContainsFunc(ops(e, engine.Use, engine.Group), guards) {
			out = append(out, route)
		}
	}
	return out
}

// recovers tells whether some middleware of an engine keeps panics away from net/http, or may do so.
func recovers(e *engine.Engine, uses *Uses) bool {
	return slices.ContainsFunc(ops(e, engine.Use, engine.Group, engine.Route), func(o engine.Op) bool { return mayRecoverIn(o, uses) })
}

// mayRecoverIn tells whether some middleware that an operation adds keeps panics away from net/http, or may do so.
func mayRecoverIn(o engine.Op, uses *Uses) bool {
	handlers := o.Handlers
	if o.Kind == engine.Route && len(handlers) > 0 {
		handlers = handlers[:len(handlers)-1]
	}
	return o.Spread || slices.ContainsFunc(handlers, func(h engine.Handler) bool { return mayRecover(h, uses) })
}

// plainMiddleware are the beginnings of the full names of middleware that is known not to recover, names with "recover" apart.
var plainMiddleware = []string{
	ginPath + ".", "github.com/gin-contrib/", "go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin.", "github.com/appleboy/gin-jwt/",
	"github.com/ulule/limiter/", "github.com/zsais/go-gin-prometheus.", "github.com/penglongli/gin-metrics/", "github.com/itsjamie/gin-cors.",
	"github.com/rs/cors/", "github.com/swaggo/", "github.com/didip/tollbooth", "github.com/utrack/gin-csrf.", "github.com/samber/slog-gin.",
}

func mayRecover(h engine.Handler, uses *Uses) bool {
	name := strings.ToLower(h.Name + " " + h.Src)
	switch {
	case h.Name == "", strings.Contains(name, "recover"), handlerIn(h, uses.Recovers):
		return true
	case slices.ContainsFunc(plainMiddleware, func(p string) bool { return strings.HasPrefix(h.Name, p) }):
		return false
	}
	return !handlerIn(h, uses.Handlers) // it is not known what is in it
}

// reportNoRecovery reports an engine without Recovery; bare are the routes that lack it where it is in a part of the groups.
func (p *Pass) reportNoRecovery(e *engine.Engine, uses *Uses, bare []engine.Op) {
	f := Finding{Finding: checks.Finding{
		Message: checks.Msg("the engine has no Recovery: a panic in a handler cuts the connection"),
		Why:     checks.Msg("gin.New comes without it. The client gets no answer at all, not even a 500, and the access log has no line of it."),
		Help:    checks.Msg("add gin.Recovery() with Use, before the routes; or use gin.Default()"),
		Key:     e.Seen,
	}, Repair: "use gin.Recovery()"}
	if len(bare) > 0 {
		f.Message = checks.Msg("Recovery is in a part of the groups only: a panic in a handler elsewhere cuts the connection")
		f.Why = checks.Msg("gin.New comes without it, and %s without it. The client gets no answer at all, not even a 500.", routeList(bare))
		f.Confidence = checks.Likely
		for _, o := range bare[:min(len(bare), 5)] {
			f.Also = append(f.Also, Also{o.At, checks.Msg("%s %s without it", strings.Join(o.Methods, ", "), o.Path)})
		}
	}
	f.place(p, e.MadePos, e.Made)
	if i := slices.IndexFunc(uses.News, func(m made) bool { return m.At == e.Made }); i >= 0 {
		if f.Elsewhere.IsValid() {
			f.FileEdits = uses.News[i].Edits
		} else {
			f.Edits = p.recoveryOf(e)
		}
	}
	p.Report(f)
}

// recoveryOf are the edits for an engine that is made in this package.
func (p *Pass) recoveryOf(e *engine.Engine) []analysis.TextEdit {
	for c, call := range p.Calls() {
		if call.Pos() == e.MadePos {
			return p.useRecovery(c, call)
		}
	}
	return nil
}

// useRecovery adds the middleware behind the statement that makes an engine.
func (p *Pass) useRecovery(c inspector.Cursor, call *ast.CallExpr) []analysis.TextEdit {
	fun, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	assign, assigned := c.Parent().Node().(*ast.AssignStmt)
	if !ok || !assigned || len(assign.Lhs) != 1 {
		return nil
	}
	block, listed := c.Parent().Parent().Node().(*ast.BlockStmt)
	if !listed {
		return nil
	}
	edit, ok := p.lineAfter(assign, block, types.ExprString(assign.Lhs[0])+".Use("+types.ExprString(fun.X)+".Recovery())")
	if !ok {
		return nil
	}
	return []analysis.TextEdit{edit}
}
