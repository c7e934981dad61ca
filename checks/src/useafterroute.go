package src

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"

	"golang.org/x/tools/go/analysis"
)

// UseAfterRoute finds middleware that is added too late for the routes that it was meant for.
var UseAfterRoute = &Rule{
	Check: checks.Check{
		ID:       "src/use-after-route",
		Title:    "middleware added after the routes it was meant for",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	// No Imports: main may run an engine that it has from another package, and not name gin.
	Requires: []*analysis.Analyzer{engine.Analyzer},
	Look: func(p *Pass) error {
		for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
			for i, o := range e.Ops {
				if o.Kind == engine.Use && len(o.Handlers) > 0 && !o.Loop {
					p.judgeUse(&lateUse{Engine: e, at: i, use: o})
				}
			}
		}
		return nil
	},
}

// lateUse is a call of Use, and what it comes too late for.
//
// A route has the middleware that its group has when the route is registered, and a group copies that of its parent when it is
// made (gin v1.12.0 routergroup.go combineHandlers).
type lateUse struct {
	*engine.Engine
	at  int
	use engine.Op

	covered []engine.Op // routes that get the middleware
	before  []engine.Op // routes that were registered before it
	missed  []engine.Op // routes registered after it, on groups that were made before it
}

func (p *Pass) judgeUse(u *lateUse) {
	u.sort()
	switch {
	case len(u.covered) == 0 && u.complete() && len(u.before)+len(u.missed) > 0 && u.meant():
		p.reportUse(u, append(u.before, u.missed...), "no route goes through %s: it is added when they are all there", checks.Certain, checks.Warning)
	case len(u.missed) > 0 && u.complete() && (u.guards() || u.forAll()):
		p.reportUse(u, u.missed, "the groups made before do not get %s", checks.Likely, checks.Warning)
	case u.halfway():
		p.reportUse(u, u.above(), "the routes above do not go through %s", checks.Likely, checks.Warning)
	case u.amid():
		severity, confidence := checks.Info, checks.Possible
		if slices.ContainsFunc(u.above(), delicate) {
			severity, confidence = checks.Warning, checks.Likely
		}
		p.reportUse(u, u.above(), "the routes above do not go through %s", confidence, severity)
	}
}

// sort sorts the routes of the engine: those that get the middleware, and those of its group that do not. Routes that are open
// to everybody by their nature are left out, as are those of which only one or the middleware can be there.
func (u *lateUse) sort() {
	for i, o := range u.Ops {
		if o.Kind != engine.Route && o.Kind != engine.NoRoute && o.Kind != engine.Library || engine.Exclusive(o, u.use) {
			continue
		}
		top := o.Kind == engine.NoRoute && u.use.Group.Parent == nil // Engine.Use gives its middleware to these at any time
		made, below := u.inherits(o.Group)
		switch {
		case top, below && made > u.at, o.Group == u.use.Group && i > u.at:
			u.covered = append(u.covered, o)
		case o.Kind != engine.Route || open(o):
		case o.Group == u.use.Group || below && i < u.at:
			u.before = append(u.before, o)
		case below && !u.guardedApart(o, i):
			u.missed = append(u.missed, o)
		}
	}
}

// inherits tells whether a group lies below the group of the middleware, and when what lies between began: the child of that
// group has copied the middleware of the time when it was made.
func (u *lateUse) inherits(g *engine.GroupRef) (made int, below bool) {
	for ; g.Parent != nil; g = g.Parent {
		if g.Parent == u.use.Group {
			return g.Uses, true
		}
	}
	return 0, false
}

// guardedApart tells whether a route has the like of its own: on itself, or on a group below that of the middleware.
func (u *lateUse) guardedApart(route engine.Op, at int) bool {
	alike := guard
	if u.forAll() {
		alike = forAll
	}
	if len(route.Handlers) > 1 && slices.ContainsFunc(route.Handlers[:len(route.Handlers)-1], alike) || route.Spread {
		return true
	}
	for g := route.Group; g != u.use.Group && g.Parent != nil; g = g.Parent {
		for _, o := range u.Ops[:at] {
			if o.Group == g && (o.Kind == engine.Use || o.Kind == engine.Group) && (o.Spread || slices.ContainsFunc(o.Handlers, alike)) {
				return true
			}
		}
	}
	return false
}

// complete tells whether all that is registered is known.
func (u *lateUse) complete() bool { return len(u.Lost) == 0 }

// meant tells whether the middleware is there for routes. That of the engine itself serves requests without a route too, which is
// how static files and fallbacks are often done.
func (u *lateUse) meant() bool {
	return u.use.Group.Parent != nil || slices.ContainsFunc(u.use.Handlers, forRoutes)
}

// guards tells whether the middleware keeps requests out.
func (u *lateUse) guards() bool { return slices.ContainsFunc(u.use.Handlers, guard) }

// forAll tells whether the middleware is one that nobody keeps from a part of the routes.
func (u *lateUse) forAll() bool { return slices.ContainsFunc(u.use.Handlers, forAll) }

// above are the routes of the same group that come before the middleware.
func (u *lateUse) above() []engine.Op {
	return slices.DeleteFunc(slices.Clone(u.before), func(o engine.Op) bool { return o.Group != u.use.Group })
}

// halfway tells whether middleware for all routes stands between the routes of one resource.
func (u *lateUse) halfway() bool { return u.forAll() && u.splits(u.above()) }

// splits tells whether one of the routes is of a resource that routes with the middleware are of too.
func (u *lateUse) splits(above []engine.Op) bool {
	return slices.ContainsFunc(above, func(b engine.Op) bool {
		return slices.ContainsFunc(u.covered, func(c engine.Op) bool { return resourceOf(b) != "" && resourceOf(b) == resourceOf(c) })
	})
}

// amid tells whether a guard stands in the middle of one run of routes, line by line, with routes of one resource above and
// below it. A blank line or a comment at it shows that somebody drew a line there: above it the public routes, below it the others.
func (u *lateUse) amid() bool {
	if !u.guards() {
		return false
	}
	near := func(o engine.Op) bool {
		return o.Func == u.use.Func && o.Group == u.use.Group && o.At.Filename == u.use.At.Filename
	}
	above, below := false, false
	for _, o := range u.Ops {
		above = above || near(o) && o.End.Line+1 == u.use.At.Line && !open(o)
		below = below || near(o) && (o.At.Line == u.use.End.Line+1 || o.Brace == u.use.End.Line+1)
	}
	return above && below && u.splits(u.above())
}

func (p *Pass) reportUse(u *lateUse, without []engine.Op, message string, sure checks.Confidence, severity checks.Severity) {
	names := middleware(u.use)
	f := Finding{Pos: u.use.Pos}
	f.Message = checks.Msg(message, names)
	f.Why = checks.Msg("Gin gives a route what its group has at that moment: %s without it", routeList(without))
	f.Help = checks.Msg("Add %s before the first route and before the first Group() of %s", names, ownerOf(u.use.Group))
	if severity == checks.Info || sure == checks.Likely && len(u.missed) == 0 && !u.forAll() {
		f.Help = checks.Msg("Move %s above these routes; if they are public on purpose, leave a blank line or a comment above it", names)
	}
	f.Severity, f.Confidence = severity, sure
	f.Key = names + " on " + u.use.Group.Prefix
	if u.use.Own {
		f.End = f.Pos + token.Pos(u.use.End.Offset-u.use.At.Offset)
	} else {
		f.Elsewhere = u.use.At
	}
	for _, o := range without[:min(len(without), 5)] {
		f.Also = append(f.Also, Also{o.At, checks.Msg("%s %s without it", strings.Join(o.Methods, ", "), o.Path)})
	}
	p.Report(f)
}

func middleware(o engine.Op) string {
	var names []string
	for _, h := range o.Handlers {
		names = append(names, handlerName(h))
	}
	return strings.Join(names, ", ")
}

// handlerName is a handler as it stands there.
func handlerName(h engine.Handler) string {
	if h.Src == "" || strings.HasPrefix(h.Src, "func(") {
		return "the middleware"
	}
	return h.Src
}

// routeList names the routes that run without the middleware, with the verb.
func routeList(routes []engine.Op) string {
	var names []string
	for _, o := range routes[:min(len(routes), 2)] {
		names = append(names, o.Methods[0]+" "+o.Path)
	}
	switch more := len(routes) - len(names); {
	case len(routes) == 1:
		return names[0] + " runs"
	case more == 0:
		return names[0] + " and " + names[1] + " run"
	default:
		return fmt.Sprintf("%s, %s and %d more run", names[0], names[1], more)
	}
}

func ownerOf(g *engine.GroupRef) string {
	if g.Parent == nil {
		return "the engine"
	}
	return "the group " + g.Prefix
}
