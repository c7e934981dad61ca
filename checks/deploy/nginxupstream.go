package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// withoutBackup are the ways to choose a server that know no spare ones (nginx, ngx_http_upstream_{ip_hash,hash,random}_module.c);
// methods are all ways.
var (
	withoutBackup = []string{"ip_hash", "hash", "random"}
	methods       = []string{"ip_hash", "hash", "random", "least_conn", "least_time"}
)

// upstream judges an upstream block.
func (n *nginxFile) upstream(up *artefact.Directive) {
	var method, keepalive *artefact.Directive
	servers, spare := 0, 0
	for _, d := range up.Block {
		switch name := d.Name.Value; {
		case slices.Contains(methods, name):
			if keepalive != nil {
				n.at(d.Span, checks.Finding{
					Severity: checks.Warning,
					Message:  checks.Msg("%s stands behind keepalive, and takes its place", name),
					Why:      checks.Msg("nginx warns `load balancing method redefined`: connections to the program are no longer kept."),
					Help:     checks.Msg("put %s before keepalive", name),
					Key:      "keepalive order " + up.Arg(0).Value,
				})
			}
			method = d
		case name == "keepalive":
			keepalive = d
		case name == "include":
			return // what it brings is not seen
		case name == "server":
			servers++
			if i := slices.IndexFunc(d.Args, func(a artefact.Text) bool { return a.Value == "backup" }); i >= 0 {
				spare++
				if method != nil && slices.Contains(withoutBackup, method.Name.Value) {
					n.at(d.Args[i].Span, checks.Finding{
						Message:  checks.Msg("%s knows no backup servers", method.Name.Value),
						Why:      checks.Msg("nginx does not start: balancing method does not support parameter \"backup\". A reload keeps the old configuration in force."),
						Help:     checks.Msg("take backup away, or write least_conn in the place of %s", method.Name.Value),
						Evidence: []checks.Message{checks.Msg("%s:%d  %s", n.file.Path, method.Line, method.Name.Value)},
						Key:      "backup " + up.Arg(0).Value,
					})
					return
				}
			}
		}
	}
	switch {
	case servers == 0:
		n.at(up.Span, checks.Finding{
			Message: checks.Msg("the upstream %s has no servers", up.Arg(0).Value),
			Why:     checks.Msg("nginx does not start: no servers are inside upstream."),
			Help:    checks.Msg("name a server: server 127.0.0.1:8080;"),
			Key:     "empty " + up.Arg(0).Value,
		})
	case servers == spare:
		n.at(up.Span, checks.Finding{
			Message: checks.Msg("the upstream %s has backup servers only", up.Arg(0).Value),
			Why:     checks.Msg("nginx does not start: no servers in upstream."),
			Help:    checks.Msg("take backup away from one of them"),
			Key:     "spare " + up.Arg(0).Value,
		})
	}
}

// pass judges a proxy_pass by itself.
func (n *nginxFile) pass(d *artefact.Directive) {
	arg := d.Arg(0)
	if arg.Value == "" || around(d, "stream") != nil || d.Parent != nil && d.Parent.Name.Value == "server" {
		return // of another module, that takes an address
	}
	scheme, authority, uri, ok := artefact.PassTarget(arg)
	if !ok {
		if !strings.Contains(arg.Value, "$") && !strings.Contains(arg.Value, "://") {
			n.at(arg.Span, checks.Finding{
				Message: checks.Msg("proxy_pass %s has no scheme", arg.Value),
				Why:     checks.Msg("nginx does not start: invalid URL prefix."),
				Help:    checks.Msg("write proxy_pass http://%s", arg.Value),
				Key:     "scheme " + arg.Value,
				Fix:     n.write(arg, "http://"+arg.Value, plan.Unsafe),
			})
		}
		n.unresolved(d)
		return
	}
	if scheme != "http" && scheme != "https" {
		n.at(arg.Span, checks.Finding{
			Message: checks.Msg("proxy_pass knows no scheme %s://", scheme),
			Why:     checks.Msg("nginx does not start: invalid URL prefix."),
			Help:    checks.Msg("write http:// or https://, or the directive for that protocol, such as grpc_pass"),
			Key:     "scheme " + arg.Value,
		})
		return
	}
	if uri != "" {
		if where := noURI(d); where != "" {
			n.at(arg.Span, checks.Finding{
				Message: checks.Msg("proxy_pass has a path, %s, %s", uri, where),
				Why:     checks.Msg("nginx does not start: \"proxy_pass\" cannot have URI part there, since it does not know what to put it in the place of."),
				Help:    checks.Msg("write proxy_pass %s://%s, and rewrite the path where it has to change", scheme, authority),
				Key:     "uri " + arg.Value,
				Fix:     n.write(arg, strings.TrimSuffix(arg.Value, uri), plan.Unsafe),
			})
			return
		}
	}
	n.misspelt(arg, authority, scheme)
	if scheme == "https" {
		n.plainProgram(d, authority)
	}
	n.routes(d, authority, uri)
	n.headers(d)
}

// write is a plan that puts a value in the place of an argument that stands plainly.
func (n *nginxFile) write(arg artefact.Text, value string, safety plan.Safety) *plan.Plan {
	if !arg.Plain() {
		return nil
	}
	return &plan.Plan{Title: fmt.Sprintf("write %s in the place of %s", value, arg.Raw), Safety: safety,
		Steps: []plan.Step{plan.ReplaceAt(n.file.Path, arg.Line, arg.Column, arg.Raw, value)}}
}

// noURI tells in words where proxy_pass may have no path; empty where it may.
func noURI(d *artefact.Directive) string {
	switch p := d.Parent; {
	case p == nil:
		return ""
	case p.Name.Value == "if":
		return "within an if"
	case p.Name.Value == "limit_except":
		return "within limit_except"
	case p.Name.Value == "location":
		switch placeOf(p).modifier {
		case "~", "~*":
			return "in a location given by a regular expression"
		case "@":
			return "in a named location"
		}
	}
	return ""
}

// misspelt tells of a host that is nearly the name of an upstream.
func (n *nginxFile) misspelt(arg artefact.Text, authority, scheme string) {
	host, _ := artefact.HostPort(authority, scheme)
	if n.known[authority] != nil || strings.ContainsAny(host, ".:") || artefact.IsLoopback(host) || n.isService(host) || n.kubernetesService(host) {
		return
	}
	for name := range n.known {
		if levenshtein.ComputeDistance(name, host) <= 2 && len(host) > 3 && authority == host {
			n.at(arg.Span, checks.Finding{
				Severity: checks.Warning, Confidence: checks.Likely,
				Message: checks.Msg("there is no upstream called %s, but one called %s", host, name),
				Why:     checks.Msg("nginx takes it for a host name and does not start where there is no such host: host not found in upstream."),
				Help:    checks.Msg("write %s", name),
				Key:     "upstream " + host,
				Fix:     replaceIn(n.file.File, arg, "://"+host, "://"+name, "write "+name, plan.Unsafe),
			})
			return
		}
	}
}

func (n *nginxFile) kubernetesService(name string) bool {
	return slices.ContainsFunc(n.objects("Service"), func(o *artefact.Object) bool { return o.Name.Value == name })
}

// unresolved tells of a host that is a variable, where nothing resolves names while nginx runs.
func (n *nginxFile) unresolved(d *artefact.Directive) {
	_, rest, found := strings.Cut(d.Arg(0).Value, "://")
	if !found || !strings.HasPrefix(rest, "$") {
		return
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority = rest[:i]
	}
	name, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(authority, "$"), "{}"), ":")
	name = strings.Trim(name, "{}")
	set := n.setTo(d, name)
	if set == nil || strings.Contains(set.Arg(1).Value, "$") {
		return
	}
	host, _ := artefact.HostPort(strings.TrimPrefix(strings.TrimPrefix(set.Arg(1).Value, "http://"), "https://"), "http")
	if n.known[host] != nil || n.known[set.Arg(1).Value] != nil || isAddress(host) || strings.Contains(host, "/") || n.resolves() {
		return
	}
	n.at(d.Arg(0).Span, checks.Finding{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message:  checks.Msg("proxy_pass asks for the host %s by a variable, and there is no resolver", host),
		Why:      checks.Msg("nginx looks such a name up while it runs, and only by a resolver of its own: 502, no resolver defined to resolve %s.", host),
		Help:     checks.Msg("write resolver 127.0.0.11; in a container, or the address of your name server"),
		Evidence: []checks.Message{checks.Msg("%s:%d  set $%s %s", n.file.Path, set.Line, name, set.Arg(1).Value)},
		Key:      "resolver " + host,
	})
}

// setTo is the set directive that gives a variable its value before a directive; nil where there is not exactly one.
func (n *nginxFile) setTo(d *artefact.Directive, name string) *artefact.Directive {
	var found *artefact.Directive
	for p := d.Parent; p != nil; p = p.Parent {
		for _, c := range p.Block {
			if c.Name.Value == "set" && c.Arg(0).Value == "$"+name {
				if found != nil {
					return nil
				}
				found = c
			}
		}
	}
	return found
}

func isAddress(host string) bool {
	return artefact.IsLoopback(host) && host != "localhost" || strings.Trim(host, "0123456789.") == "" || strings.Contains(host, ":")
}

// resolves tells whether a resolver is set in any file, or may be in one that is not here.
func (n *nginxFile) resolves() bool {
	found := false
	for _, f := range artefact.Of[*artefact.Nginx](n.d.Artefacts) {
		f.Walk(func(d *artefact.Directive) {
			found = found || d.Name.Value == "resolver" || d.Name.Value == "include" && len(n.d.Artefacts.Included(d)) == 0 && !bringsNoHeaders(d)
		})
	}
	return found
}
