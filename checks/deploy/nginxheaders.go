package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// header is one proxy_set_header.
type header struct{ name, value string }

func (h header) line() string {
	value := h.value
	if value == "" || strings.ContainsAny(value, " ;{}") {
		value = `"` + value + `"`
	}
	return "proxy_set_header " + h.name + " " + value + ";"
}

// proxyParams is what the file proxy_params of Debian's package sets.
var proxyParams = []header{{"Host", "$http_host"}, {"X-Real-IP", "$remote_addr"}, {"X-Forwarded-For", "$proxy_add_x_forwarded_for"}, {"X-Forwarded-Proto", "$scheme"}}

// standard are the headers by which a program learns who asked, and for what.
var standard = []header{{"Host", "$host"}, {"X-Real-IP", "$remote_addr"}, {"X-Forwarded-For", "$proxy_add_x_forwarded_for"}, {"X-Forwarded-Proto", "$scheme"}}

var noHeadersIn = lazyregexp.New(`mime\.types|fastcgi|uwsgi|scgi|options-ssl|ssl|gzip|cache|log|modules`)

// bringsNoHeaders tells whether an include brings nothing that concerns requests passed on.
func bringsNoHeaders(d *artefact.Directive) bool {
	return noHeadersIn.MatchString(path.Base(d.Arg(0).Value))
}

// headersAt are the headers that one level sets by itself; false where a file that is not here may set some.
func (n *nginxFile) headersAt(level []*artefact.Directive, depth int) ([]header, bool) {
	var out []header
	for _, c := range level {
		switch c.Name.Value {
		case "proxy_set_header":
			out = append(out, header{c.Arg(0).Value, c.Arg(1).Value})
		case "include":
			if path.Base(c.Arg(0).Value) == "proxy_params" {
				out = append(out, proxyParams...)
				continue
			}
			files := n.d.Artefacts.Included(c)
			if len(files) == 0 && !bringsNoHeaders(c) && !includesServers(c) || depth > 4 {
				return nil, false
			}
			for _, f := range files {
				more, ok := n.headersAt(f.Directives, depth+1)
				if !ok {
					return nil, false
				}
				out = append(out, more...)
			}
		}
	}
	return out, true
}

// includesServers tells whether an include is for whole servers.
func includesServers(d *artefact.Directive) bool {
	return strings.Contains(d.Arg(0).Value, "conf.d/") || strings.Contains(d.Arg(0).Value, "sites-")
}

// outer are the headers that a block would inherit, and the block that sets them.
func (n *nginxFile) outer(d *artefact.Directive) (set []header, from *artefact.Directive, ok bool) {
	for p := d.Parent; p != nil; p = p.Parent {
		found, known := n.headersAt(p.Block, 0)
		if !known || len(found) > 0 {
			return found, p, known
		}
	}
	found, known := n.headersAt(d.File.Directives, 0)
	return found, nil, known
}

func hasHeader(all []header, name string) bool {
	return slices.ContainsFunc(all, func(h header) bool { return strings.EqualFold(h.name, name) })
}

// headers judges what a location passes on of the request.
func (n *nginxFile) headers(d *artefact.Directive) {
	loc := d.Parent
	if loc == nil || loc.Name.Value != "location" || around(loc, "server") == nil {
		return
	}
	own, ok := n.headersAt(loc.Block, 0)
	inherited, from, known := n.outer(loc)
	if !ok || !known {
		return
	}
	program, _ := n.meant(d)
	all := own
	if len(own) == 0 {
		all = inherited
	} else if lost := missingFrom(own, inherited); len(lost) > 0 && from != nil {
		n.lost(d, from, lost, program)
		all = append(slices.Clone(own), lost...)
	}
	if program == nil {
		return
	}
	upgraded := n.upgrade(d, program, own, all)
	n.events(d, program)
	if !upgraded && !hasHeader(all, "X-Forwarded-For") && !hasHeader(all, "X-Real-IP") && !hasHeader(all, "Forwarded") {
		n.anonymous(d, program, own, inherited, hasHeader(all, "Host"))
	}
	n.limits(d, program)
	if !upgraded { // the deadlines of the server end with the upgrade of a connection
		n.waits(d, program)
	}
}

// missingFrom are the headers that were inherited if a location set none itself. Those that concern the connection are its own.
func missingFrom(own, inherited []header) []header {
	var out []header
	for _, h := range inherited {
		if !hasHeader(own, h.name) && !slices.Contains([]string{"upgrade", "connection"}, strings.ToLower(h.name)) {
			out = append(out, h)
		}
	}
	return out
}

// addLines is a plan that puts directives behind a proxy_pass that stands on a line of its own.
func (n *nginxFile) addLines(d *artefact.Directive, title string, lines []string) *plan.Plan {
	text, _ := plan.Line(n.file.Text, d.EndLine)
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	if !strings.HasPrefix(strings.TrimSpace(text), "proxy_pass") || !strings.HasSuffix(strings.TrimSpace(strings.SplitN(text, "#", 2)[0]), ";") {
		return nil
	}
	var steps []plan.Step
	steps = append(steps, plan.InsertAfterLine(n.file.Path, n.file.Text, d.EndLine, indent+strings.Join(lines, "\n"+indent)))
	return &plan.Plan{Title: title, Safety: plan.Safe, Steps: steps}
}

func linesOf(headers []header) []string {
	var out []string
	for _, h := range headers {
		out = append(out, h.line())
	}
	return out
}

func headerNames(headers []header) string {
	var out []string
	for _, h := range headers {
		out = append(out, h.name)
	}
	return strings.Join(out, ", ")
}

// lost tells of headers that a location loses by setting one of its own.
func (n *nginxFile) lost(d, from *artefact.Directive, lost []header, program *target.Deployed) {
	first := child(d.Parent, "proxy_set_header")
	if first == nil {
		return
	}
	f := checks.Finding{
		Severity: checks.Warning,
		Message:  checks.Msg("the location %s sets a header of its own, and so loses %s", strings.Join(argsOf(d.Parent), " "), headerNames(lost)),
		Why:      checks.Msg("A location with a proxy_set_header inherits none from around it: the program sees the proxy's address and host name in the place of the client's."),
		Help:     checks.Msg("set them in the location too: %s", lost[0].line()),
		Evidence: []checks.Message{checks.Msg("%s:%d  sets them for the whole %s", n.file.Path, from.Line, from.Name.Value)},
		Key:      "lost " + strings.Join(argsOf(d.Parent), " "),
		Fix:      n.addLines(d, "set the headers in the location too", linesOf(lost)),
	}
	if program != nil {
		f.Service = program.Module.Dir
	}
	n.at(first.Span, f)
}

func argsOf(d *artefact.Directive) []string {
	var out []string
	for _, a := range d.Args {
		out = append(out, a.Value)
	}
	return out
}

// asksWho is code that looks at who asked, or for which host.
var asksWho = lazyregexp.New(`\.ClientIP\(|\.RemoteIP\(|Request\.Host\b|X-Forwarded-|X-Real-I[Pp]|gin\.Default\(|gin\.Logger\(`)

// asksAddress is code that looks at the client's address.
var asksAddress = lazyregexp.New(`\.ClientIP\(|\.RemoteIP\(`)

// anonymous tells of a proxy that says nothing of the client: where it passes the host on, only if the program looks at addresses.
func (n *nginxFile) anonymous(d *artefact.Directive, program *target.Deployed, own, inherited []header, host bool) {
	if host && (!n.t.CodeHas(program.Program, asksAddress) || n.otherHeader(program)) {
		return
	}
	f := checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("nginx passes requests on without saying who asked: no Host, no X-Forwarded-For"),
		Why:      checks.Msg("The program sees the name of the upstream as its host, and the proxy as every client."),
		Help:     checks.Msg("set them: %s", standard[2].line()),
		Service:  program.Module.Dir,
		Key:      "anonymous " + strings.Join(argsOf(d.Parent), " "),
	}
	if n.t.CodeHas(program.Program, asksWho) {
		f.Severity = checks.Warning
	}
	if host {
		f.Message = checks.Msg("nginx passes requests on without saying who asked: no X-Forwarded-For")
		f.Why = checks.Msg("ClientIP gives the address of the proxy for every client: limits, bans and logs by address take all for one.")
	}
	add := missingFrom(own, standard)
	if len(own) == 0 {
		add = append(slices.Clone(inherited), missingFrom(inherited, standard)...)
	}
	f.Fix = n.addLines(d, "say who asked, and for which host", linesOf(add))
	n.at(d.Span, f)
}

// platformHeader is code that takes the client's address from a header of its own choice.
var platformHeader = lazyregexp.New(`TrustedPlatform|RemoteIPHeaders|CF-Connecting-IP`)

func (n *nginxFile) otherHeader(program *target.Deployed) bool {
	return n.t.CodeHas(program.Program, platformHeader)
}
