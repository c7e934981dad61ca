package deploy

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
)

// routes compares what a proxy_pass makes of the path with the routes of the program.
func (n *nginxFile) routes(d *artefact.Directive, authority, uri string) {
	loc := d.Parent
	if loc == nil || loc.Name.Value != "location" || around(loc, "location") != nil || rewrites(loc) {
		return
	}
	at := placeOf(loc)
	if !at.prefix() || !strings.HasPrefix(at.path.Value, "/") || strings.Contains(uri, "$") {
		return
	}
	program, certain := n.meant(d)
	if program == nil {
		n.shape(d, at.path.Value, uri)
		return
	}
	r := n.routings[program]
	if r == nil || !r.Complete {
		n.shape(d, at.path.Value, uri)
		return
	}
	all := ownRoutes(r)
	if len(all) == 0 {
		return
	}
	untyped := slices.ContainsFunc(r.Engines, func(e target.ProgramEngine) bool { return e.Untyped != nil })
	m := mapping{at.path.Value, uri}
	switch {
	case m.strips() && n.doubled(d, m, all, certain && !untyped):
	case slices.ContainsFunc(r.Engines, func(e target.ProgramEngine) bool { return slices.ContainsFunc(e.Ops, m.reaches) }):
	default:
		n.unreached(d, m, r, all, certain && !untyped)
	}
}

// rewrites tells whether something in a location, or in its server, changes the path before it is passed on.
func rewrites(loc *artefact.Directive) bool {
	return within(loc, "rewrite") || within(loc, "if") || loc.Parent != nil && (child(loc.Parent, "rewrite") != nil || child(loc.Parent, "if") != nil)
}

// mapping is what nginx makes of a path: with a URI in proxy_pass, that takes the place of the location's prefix.
type mapping struct{ location, uri string }

// strips tells whether the program never sees the location's prefix.
func (m mapping) strips() bool {
	return m.uri != "" && m.location != "/" && !strings.HasPrefix(m.uri, strings.TrimSuffix(m.location, "/"))
}

// reaches tells whether a request that people make of that location may hit a route: behind a prefix without a slash at its end
// comes nothing or a slash, behind one with a slash no second one.
func (m mapping) reaches(op engine.Op) bool {
	if op.Kind != engine.Route {
		return false
	}
	pattern := target.RoutePath(op)
	if m.uri == "" {
		return begins(pattern, strings.TrimSuffix(m.location, "/"), false)
	}
	if strings.HasSuffix(m.location, "/") {
		if pattern == m.uri || pattern+"/" == m.uri {
			return true
		}
		return begins(pattern, m.uri, !strings.HasSuffix(m.uri, "/"))
	}
	return pattern == m.uri || begins(pattern, m.uri+"/", false)
}

// begins tells whether a route's pattern takes some path that begins so; apart asks for more than a slash behind it.
func begins(pattern, prefix string, apart bool) bool {
	for prefix != "" {
		switch {
		case pattern == "":
			return false
		case pattern[0] == '*':
			return true
		case pattern[0] == ':':
			end, stop := strings.IndexByte(pattern, '/'), strings.IndexByte(prefix, '/')
			if stop < 0 {
				return true
			}
			if end < 0 || stop == 0 {
				return false
			}
			pattern, prefix = pattern[end:], prefix[stop:]
		case pattern[0] != prefix[0]:
			return false
		default:
			pattern, prefix = pattern[1:], prefix[1:]
		}
	}
	return !apart || pattern != "" && pattern[0] != '/'
}

// forMachines are the routes that are there for machines, and mostly are not asked for from outside.
var forMachines = lazyregexp.New(`^/(-/)?(health|healthz|health[-_]?check|livez?|readyz?|ready|ping|status|metrics|debug|swagger|docs|version|favicon\.ico|robots\.txt)(/|$)`)

// ownRoutes are the routes that people and frontends ask for.
func ownRoutes(r *target.Routing) []engine.Op {
	var out []engine.Op
	for _, e := range r.Engines {
		for _, op := range e.Ops {
			if op.Kind == engine.Route && op.PathKnown && op.Path != "/" && !forMachines.MatchString(op.Path) {
				out = append(out, op)
			}
		}
	}
	return out
}

// doubled tells of a prefix that nginx takes off and that the program's routes have: every route begins with it.
func (n *nginxFile) doubled(d *artefact.Directive, m mapping, all []engine.Op, certain bool) bool {
	prefix := strings.TrimSuffix(m.location, "/") + "/"
	with, without := 0, 0
	for _, op := range all {
		switch own := strings.HasPrefix(target.RoutePath(op)+"/", prefix); {
		case n.passedWhole(d, op, own):
		case own:
			with++
		default:
			without++
		}
	}
	if with == 0 || without > 0 && with <= without*2 {
		return false
	}
	sample := all[slices.IndexFunc(all, func(op engine.Op) bool {
		return strings.HasPrefix(target.RoutePath(op)+"/", prefix) && !n.passedWhole(d, op, true)
	})]
	asked := sample.Path
	seen := m.uri + strings.TrimPrefix(asked, m.location)
	arg := d.Arg(0)
	f := checks.Finding{
		Message: checks.Msg("nginx takes %s off the path, and the program's routes begin with it", m.location),
		Why:     checks.Msg("%s arrives at the program as %s: 404 from gin, while the same request without nginx is answered.", asked, seen),
		Help:    checks.Msg("write proxy_pass %s", strings.TrimSuffix(arg.Value, m.uri)),
		Evidence: []checks.Message{
			checks.Msg("%s:%d  %s %s", n.t.Rel(sample.At.Filename), sample.At.Line, strings.Join(sample.Methods, ", "), sample.Path),
			checks.Msg("%d of %d routes begin with %s", with, with+without, m.location),
		},
		Key: "strips " + m.location,
		Fix: n.write(arg, strings.TrimSuffix(arg.Value, m.uri), plan.Unsafe),
	}
	if !certain || without > 0 {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	n.at(arg.Span, f)
	return true
}

// passedWhole tells whether another location of the server passes a route's requests on as they are: one that is nearer to a route
// below the location's own prefix, any to others.
func (n *nginxFile) passedWhole(d *artefact.Directive, op engine.Op, own bool) bool {
	server := around(d, "server")
	if server == nil {
		return false
	}
	here := placeOf(d.Parent).path.Value
	return slices.ContainsFunc(server.Block, func(o *artefact.Directive) bool {
		pass := child(o, "proxy_pass")
		if o.Name.Value != "location" || o == d.Parent || pass == nil {
			return false
		}
		at := placeOf(o)
		_, _, uri, ok := artefact.PassTarget(pass.Arg(0))
		if !ok || uri != "" {
			return false
		}
		if !at.prefix() {
			return true // it may
		}
		return strings.HasPrefix(target.RoutePath(op), at.path.Value) && (!own || len(at.path.Value) > len(here))
	})
}

// unreached tells of a location whose requests hit none of the program's routes.
func (n *nginxFile) unreached(d *artefact.Directive, m mapping, r *target.Routing, all []engine.Op, certain bool) {
	asked := strings.TrimSuffix(m.location, "/") + "/users"
	seen := asked
	if m.uri != "" {
		seen = m.uri + strings.TrimPrefix(asked, m.location)
	}
	arg := d.Arg(0)
	f := checks.Finding{
		Message:  checks.Msg("no route of the program takes what nginx makes of %s", m.location),
		Why:      checks.Msg("%s arrives at the program as %s, and no route begins like that: every request is 404 from gin.", asked, seen),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s %s", n.t.Rel(all[0].At.Filename), all[0].At.Line, strings.Join(all[0].Methods, ", "), all[0].Path)},
		Key:      "unreached " + m.location,
	}
	for _, other := range m.others() {
		if slices.ContainsFunc(r.Engines, func(e target.ProgramEngine) bool { return slices.ContainsFunc(e.Ops, other.reaches) }) {
			value := strings.TrimSuffix(arg.Value, m.uri) + other.uri
			if other.location != m.location {
				f.Help = checks.Msg("write location %s and proxy_pass %s", other.location, value)
				break
			}
			f.Help = checks.Msg("write proxy_pass %s", value)
			f.Fix = n.write(arg, value, plan.Unsafe)
			break
		}
	}
	if f.Help.Format == "" {
		f.Help = checks.Msg("let the location, the path of proxy_pass and the routes of the program agree")
	}
	if !certain || n.codeStrips(d) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	n.at(arg.Span, f)
}

// codeStrips tells whether the program takes prefixes off by itself.
func (n *nginxFile) codeStrips(d *artefact.Directive) bool {
	program, _ := n.meant(d)
	return program == nil || n.t.CodeHas(program.Program, stripsInCode)
}

var stripsInCode = lazyregexp.New(`StripPrefix|HandleContext|URL\.Path\s*=`)

// others are the ways to write it that people mean.
func (m mapping) others() []mapping {
	slash := strings.TrimSuffix(m.location, "/") + "/"
	out := []mapping{{m.location, ""}}
	if m.uri != "" && !strings.HasSuffix(m.uri, "/") {
		out = append(out, mapping{m.location, m.uri + "/"})
	}
	if strings.HasSuffix(m.location, "/") {
		out = append(out, mapping{m.location, "/"})
	}
	return append(out, mapping{slash, "/"})
}

// shape tells of slashes that do not go together, where the routes are not known.
func (n *nginxFile) shape(d *artefact.Directive, location, uri string) {
	arg := d.Arg(0)
	f := checks.Finding{Severity: checks.Warning, Confidence: checks.Likely}
	switch {
	case uri == "" || location == "/":
		return
	case strings.HasSuffix(location, "/") && !strings.HasSuffix(uri, "/") && !strings.ContainsAny(uri, "?=."):
		f.Message = checks.Msg("the location %s ends in a slash, and the path of proxy_pass, %s, does not", location, uri)
		f.Why = checks.Msg("%susers is passed on as %susers.", location, uri)
		f.Help = checks.Msg("write proxy_pass %s/", arg.Value)
		f.Fix = n.write(arg, arg.Value+"/", plan.Unsafe)
	case !strings.HasSuffix(location, "/") && strings.HasSuffix(uri, "/"):
		f.Message = checks.Msg("the location %s has no slash at its end, and the path of proxy_pass, %s, has one", location, uri)
		f.Why = checks.Msg("%s/users is passed on as %s/users, with two slashes; and %sx, which is another path, is taken too.", location, uri, location)
		f.Help = checks.Msg("write location %s/", location)
		f.Fix = n.write(placeOf(d.Parent).path, location+"/", plan.Unsafe)
	default:
		return
	}
	f.Key = "slashes " + location
	n.at(arg.Span, f)
}
