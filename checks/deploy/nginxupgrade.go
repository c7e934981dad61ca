package deploy

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
)

var (
	upgrades   = lazyregexp.New(`websocket\.(Upgrader|Accept|Handler|Server)\b|\.HandleRequest\(c\.Writer|melody\.New\(|socketio\.NewServer`)
	socketPath = lazyregexp.New(`(?i)/(ws|wss|websockets?|sockets?|socket\.io)(/|$)`)
)

// upgrade tells of a WebSocket route whose upgrade nginx does not pass on, and whether it did.
func (n *nginxFile) upgrade(d *artefact.Directive, program *target.Deployed, own, all []header) bool {
	lines := n.upgradeLines(d, program, all)
	if len(lines) == 0 {
		n.idle(d, program)
		return true
	}
	if !n.t.CodeHas(program.Program, upgrades) || rewrites(d.Parent) {
		return false
	}
	at := placeOf(d.Parent)
	_, _, uri, ok := artefact.PassTarget(d.Arg(0))
	r := n.routings[program]
	if !ok || r == nil || !at.prefix() {
		return false
	}
	m := mapping{at.path.Value, uri}
	var route engine.Op
	for _, e := range r.Engines {
		for _, op := range e.Ops {
			if op.Kind == engine.Route && slices.Contains(op.Methods, "GET") && socketPath.MatchString(op.Path) && m.reaches(op) && !n.upgradedElsewhere(d, op) {
				route = op
			}
		}
	}
	if route.Path == "" {
		return false
	}
	help := strings.Join(lines, " ")
	if len(own) == 0 { // the first header of its own takes away what it inherits
		lines = append(lines, linesOf(missingFrom(nil, all))...)
	}
	fix := n.addLines(d, "pass the upgrade of the WebSocket on", lines)
	if hasHeader(own, "Connection") && !hasHeader(all, "Upgrade") {
		fix = nil // the line that is there has to go
	}
	n.at(d.Span, checks.Finding{
		Severity: checks.Warning,
		Message:  checks.Msg("nginx does not pass the upgrade of the WebSocket on to %s", route.Path),
		Why:      checks.Msg("Upgrade and Connection hold for one hop only. The program sees a plain request: 400, websocket: the client is not using the websocket protocol."),
		Help:     checks.Msg("write %s", help),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s", n.t.Rel(route.At.Filename), route.At.Line, route.Path)},
		Service:  program.Module.Dir,
		Key:      "upgrade " + at.path.Value,
		Fix:      fix,
	})
	return true
}

// asksForVersion is code of libraries that refuse an upgrade by HTTP/1.0; gorilla's takes it.
var asksForVersion = lazyregexp.New(`websocket\.Accept\(`)

// upgradeLines are the directives that a location lacks to pass an upgrade on; none where it has all that the program asks for.
func (n *nginxFile) upgradeLines(d *artefact.Directive, program *target.Deployed, all []header) []string {
	var out []string
	upgrade, connection, old := hasHeader(all, "Upgrade"), hasHeader(all, "Connection"), inForce(d.Parent, "proxy_http_version") == nil
	if old && (!upgrade || n.t.CodeHas(program.Program, asksForVersion)) {
		out = append(out, "proxy_http_version 1.1;")
	}
	if !upgrade {
		out = append(out, `proxy_set_header Upgrade $http_upgrade;`)
	}
	if !upgrade || !connection {
		out = append(out, `proxy_set_header Connection "upgrade";`)
	}
	return out
}

// upgradedElsewhere tells whether another location of the server takes a WebSocket route, be it with the upgrade or, being nearer, to
// be told of itself.
func (n *nginxFile) upgradedElsewhere(d *artefact.Directive, op engine.Op) bool {
	server := around(d, "server")
	own := placeOf(d.Parent)
	return slices.ContainsFunc(server.Block, func(o *artefact.Directive) bool {
		pass := child(o, "proxy_pass")
		if o.Name.Value != "location" || o == d.Parent || pass == nil {
			return false
		}
		at := placeOf(o)
		if !at.prefix() {
			return true // it may
		}
		_, _, uri, ok := artefact.PassTarget(pass.Arg(0))
		set, known := n.headersAt(o.Block, 0)
		nearer := len(at.path.Value) > len(own.path.Value) && uri == ""
		return ok && mapping{at.path.Value, uri}.reaches(op) && (nearer || !known || hasHeader(set, "Upgrade"))
	})
}

var pings = lazyregexp.New(`PingMessage|PongHandler|\.Ping\(|melody\.`)

// idle tells of a WebSocket that nginx cuts when nothing is said for a minute.
func (n *nginxFile) idle(d *artefact.Directive, program *target.Deployed) {
	if inForce(d.Parent, "proxy_read_timeout") != nil || n.hidden(d) || !n.t.CodeHas(program.Program, upgrades) || n.t.CodeHas(program.Program, pings) {
		return
	}
	n.at(d.Span, checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("nginx cuts a WebSocket on which the program says nothing for 60 seconds"),
		Why:      checks.Msg("proxy_read_timeout is 60s where nothing else is said, and the program sends no pings."),
		Help:     checks.Msg("write proxy_read_timeout 1h; in the location, or send pings"),
		Service:  program.Module.Dir,
		Key:      "idle " + placeOf(d.Parent).path.Value,
	})
}

var (
	sendsEvents = lazyregexp.New(`\.SSEvent\(|text/event-stream`)
	unbuffered  = lazyregexp.New(`(?i)X-Accel-Buffering`)
	eventPath   = lazyregexp.New(`(?i)/(events?|sse|stream|streams|streaming|subscribe)(/|$)`)
)

// events tells of server-sent events that nginx keeps back until its buffer is full, or cuts in a silence.
func (n *nginxFile) events(d *artefact.Directive, program *target.Deployed) {
	if !n.t.CodeHas(program.Program, sendsEvents) {
		return
	}
	at := placeOf(d.Parent)
	route := n.eventRoute(d, program)
	f := checks.Finding{Evidence: []checks.Message{checks.Msg("%s:%d  %s", n.t.Rel(route.At.Filename), route.At.Line, route.Path)}, Service: program.Module.Dir}
	switch {
	case route.Path == "":
		return
	case inForce(d.Parent, "proxy_buffering") == nil && !n.t.CodeHas(program.Program, unbuffered):
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("nginx buffers the events of %s", route.Path)
		f.Why = checks.Msg("What the program sends waits until a buffer is full or the answer is over: events arrive late, in heaps, or never.")
		f.Help = checks.Msg(`write proxy_buffering off;, or have the program send the header X-Accel-Buffering: no`)
		f.Key = "events " + at.path.Value
	case inForce(d.Parent, "proxy_read_timeout") == nil && !n.hidden(d) && !n.t.CodeHas(program.Program, ticks):
		f.Severity = checks.Info
		f.Message = checks.Msg("nginx cuts the events of %s when the program says nothing for 60 seconds", route.Path)
		f.Why = checks.Msg("proxy_read_timeout is 60s where nothing else is said, and the program has no ticker: the browser connects anew, and misses what was sent between.")
		f.Help = checks.Msg("write proxy_read_timeout 1h; in the location, or send a comment, \":\", from time to time")
		f.Key = "silent events " + at.path.Value
	default:
		return
	}
	n.at(d.Span, f)
}

// ticks is code that says something from time to time.
var ticks = lazyregexp.New(`(?i)time\.(NewTicker|Tick|After|Sleep)\(|heart_?beat|keep_?alive|ping`)

// eventRoute is a route of events that a location passes requests on to; the zero Op where there is none.
func (n *nginxFile) eventRoute(d *artefact.Directive, program *target.Deployed) engine.Op {
	at := placeOf(d.Parent)
	_, _, uri, ok := artefact.PassTarget(d.Arg(0))
	r := n.routings[program]
	if !ok || r == nil || !at.prefix() || rewrites(d.Parent) {
		return engine.Op{}
	}
	m := mapping{at.path.Value, uri}
	for _, e := range r.Engines {
		for _, op := range e.Ops {
			if op.Kind == engine.Route && eventPath.MatchString(op.Path) && m.reaches(op) && !n.upgradedElsewhere(d, op) {
				return op
			}
		}
	}
	return engine.Op{}
}

var takesFiles = lazyregexp.New(`\.FormFile\(|\.MultipartForm\(|\.SaveUploadedFile\(`)

// limits tells of limits of nginx that are narrower than the program's own.
func (n *nginxFile) limits(d *artefact.Directive, program *target.Deployed) {
	server := around(d, "server")
	if placeOf(d.Parent).path.Value != firstPassed(server, n, program) {
		return // once for each server
	}
	if inForce(d.Parent, "client_max_body_size") == nil && !within(server, "client_max_body_size") && n.t.CodeHas(program.Program, takesFiles) && !n.hidden(d) && !n.anywhere("client_max_body_size") {
		n.at(d.Span, checks.Finding{
			Severity: checks.Info,
			Message:  checks.Msg("the program takes uploads, and nginx lets requests of 1 MB through"),
			Why:      checks.Msg("A larger one is answered by nginx: 413 Request Entity Too Large. The program never sees it."),
			Help:     checks.Msg("write client_max_body_size with the size that the program takes, such as 20m"),
			Service:  program.Module.Dir,
			Key:      "body size",
		})
	}
}

// anywhere tells whether a directive stands in any file.
func (n *nginxFile) anywhere(name string) bool {
	found := false
	for _, f := range artefact.Of[*artefact.Nginx](n.d.Artefacts) {
		f.Walk(func(d *artefact.Directive) { found = found || d.Name.Value == name })
	}
	return found
}

// hidden tells whether a file that is not here may say more of a location.
func (n *nginxFile) hidden(d *artefact.Directive) bool {
	for p := d.Parent; p != nil; p = p.Parent {
		for _, c := range p.Block {
			if c.Name.Value == "include" && len(n.d.Artefacts.Included(c)) == 0 && !bringsNoHeaders(c) && !includesServers(c) {
				return true
			}
		}
	}
	return false
}

// firstPassed is the path of the first location of a server that passes requests on to a program.
func firstPassed(server *artefact.Directive, n *nginxFile, program *target.Deployed) string {
	for _, o := range server.Block {
		if pass := child(o, "proxy_pass"); o.Name.Value == "location" && pass != nil {
			if p, _ := n.meant(pass); p == program {
				return placeOf(o).path.Value
			}
		}
	}
	return ""
}
