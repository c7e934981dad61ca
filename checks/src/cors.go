package src

import (
	"go/ast"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
)

// CORS finds CORS middleware that preflight requests never reach, that browsers refuse, or that panics when it is made.
var CORS = &Rule{
	Check: checks.Check{
		ID:       "src/cors",
		Title:    "CORS that does not reach the browser",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer, programUses},
	Look: func(p *Pass) error {
		uses := p.ResultOf[programUses].(*Uses)
		for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
			p.corsOnGroups(e, uses)
		}
		for c, call := range p.Calls() {
			if fn := p.Callee(call); isFunc(fn, ginCORS, "New") || isFunc(fn, rsCORS, "New") || isFunc(fn, rsCORS+"/wrapper/gin", "New") {
				p.corsConfig(c, call)
			}
		}
		for c := range p.Nodes((*ast.FuncDecl)(nil)) {
			if b := c.Node().(*ast.FuncDecl).Body; b != nil {
				p.handmadeCORS(b)
			}
		}
		return nil
	},
}

const (
	ginCORS = "github.com/gin-contrib/cors"
	rsCORS  = "github.com/rs/cors"
)

// isCORS tells whether a middleware does CORS.
func isCORS(h engine.Handler, uses *Uses) bool {
	for _, pkg := range []string{ginCORS, rsCORS + "/wrapper/gin", "github.com/itsjamie/gin-cors"} {
		if strings.HasPrefix(h.Name, pkg+".") {
			return true
		}
	}
	return handlerIn(h, uses.CORS)
}

// corsOnGroups reports CORS that stands on a group without a route for OPTIONS: gin runs the middleware of a group for the routes of
// that group only, and of the engine for requests without a route too.
func (p *Pass) corsOnGroups(e *engine.Engine, uses *Uses) {
	if len(e.Lost) > 0 {
		return
	}
	type guarded struct {
		group *engine.GroupRef
		op    engine.Op
		by    engine.Handler
	}
	var groups []guarded
	for _, o := range ops(e, engine.Use, engine.Group, engine.NoRoute, engine.Route) {
		i := slices.IndexFunc(o.Handlers, func(h engine.Handler) bool { return isCORS(h, uses) })
		if i < 0 {
			continue
		}
		if o.Kind == engine.NoRoute || o.Kind == engine.Use && o.Group.Parent == nil {
			return // requests without a route meet it
		}
		if o.Kind != engine.Route {
			groups = append(groups, guarded{o.Group, o, o.Handlers[i]})
		}
	}
	for _, g := range groups {
		asked, preflight := routesOf(e, g.group)
		if preflight || asked == "" {
			continue
		}
		f := Finding{Finding: checks.Finding{
			Message: checks.Msg("CORS on the group %s never sees a preflight request", corsPlace(g.group)),
			Why: checks.Msg("Browsers ask with OPTIONS before %s. No route there answers OPTIONS, so Gin says 404 without running the group's middleware, and the browser gives up.",
				asked),
			Help:     checks.Msg("use it on the engine: r.Use(%s)", g.by.Src),
			Evidence: []checks.Message{checks.Msg("%s has no OPTIONS route", corsPlace(g.group))},
			Key:      g.group.Prefix,
		}}
		f.place(p, g.op.Pos, g.op.At)
		p.Report(f)
	}
}

func corsPlace(g *engine.GroupRef) string {
	if !g.Known || g.Prefix == "" {
		return "here"
	}
	return g.Prefix
}

// routesOf tells of a group and the groups below it for which route a browser has to ask first (one with a body of JSON, or a
// method that forms do not have), and whether some route answers OPTIONS.
func routesOf(e *engine.Engine, group *engine.GroupRef) (asked string, preflight bool) {
	for _, o := range ops(e, engine.Route) {
		if !below(o.Group, group) {
			continue
		}
		for _, m := range o.Methods {
			switch m {
			case "OPTIONS":
				return "", true
			case "POST", "PUT", "PATCH", "DELETE":
				if asked == "" {
					asked = m + " " + o.Path
				}
			}
		}
		if len(o.Methods) == 0 {
			return "", true // a method that is not known
		}
	}
	return asked, false
}

// below tells whether a group is another one or lies in it.
func below(g, top *engine.GroupRef) bool {
	for ; g != nil; g = g.Parent {
		if g == top || *g == *top {
			return true
		}
	}
	return false
}

// handmadeCORS reports functions that allow every origin with credentials.
func (p *Pass) handmadeCORS(b *ast.BlockStmt) {
	var origin, credentials *ast.CallExpr
	origins := 0
	ast.Inspect(b, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		key, value, ok := p.headerSet(call)
		if !ok {
			return true
		}
		text, _ := p.ConstString(value)
		switch strings.ToLower(key) {
		case "access-control-allow-origin":
			origins++
			if text == "*" {
				origin = call
			}
		case "access-control-allow-credentials":
			if text == "true" {
				credentials = call
			}
		}
		return true
	})
	if origin == nil || credentials == nil || origins > 1 || !p.together(b, origin, credentials) {
		return
	}
	p.Report(Finding{
		Finding: wildcardWithCredentials("set the header to the request's Origin where it is one of yours, and Vary to Origin"),
		Pos:     origin.Pos(), End: origin.End(),
		Also: []Also{{p.Position(credentials.Pos()), checks.Msg("and here, credentials")}},
	})
}

func wildcardWithCredentials(help string) checks.Finding {
	return checks.Finding{
		Message: checks.Msg("CORS allows every origin (*) with credentials: browsers refuse that"),
		Why:     checks.Msg("A request with cookies or an Authorization header fails in the browser whatever the server answers."),
		Help:    checks.Msg("%s", help),
		Key:     "wildcard with credentials",
	}
}

// together tells whether two calls are statements of one list.
func (p *Pass) together(b *ast.BlockStmt, one, other *ast.CallExpr) bool {
	found := false
	has := func(list []ast.Stmt, call *ast.CallExpr) bool {
		return slices.ContainsFunc(list, func(s ast.Stmt) bool {
			x, ok := s.(*ast.ExprStmt)
			return ok && x.X == call
		})
	}
	ast.Inspect(b, func(n ast.Node) bool {
		var list []ast.Stmt
		switch x := n.(type) {
		case *ast.BlockStmt:
			list = x.List
		case *ast.CaseClause:
			list = x.Body
		}
		found = found || has(list, one) && has(list, other)
		return !found
	})
	return found
}
