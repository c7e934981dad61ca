package deploy

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// variable is a variable in a value of nginx.
var variable = lazyregexp.New(`\$\{?([A-Za-z0-9_]+)\}?`)

// unknownVariable tells of a header of the upgrade that is made of a variable which nothing here defines: that of the documentation,
// whose map was not copied with it.
func (n *nginxFile) unknownVariable(d *artefact.Directive) {
	name := strings.ToLower(d.Arg(0).Value)
	if name != "connection" && name != "upgrade" {
		return
	}
	m := variable.FindStringSubmatch(d.Arg(1).Value)
	if m == nil || strings.HasPrefix(m[1], "http_") || strings.HasPrefix(m[1], "upstream_http_") || n.defines(m[1]) || n.file.Skipped != "" {
		return
	}
	f := checks.Finding{
		Message: checks.Msg("no map and no set here gives $%s a value, and nginx has no such variable", m[1]),
		Why:     checks.Msg("nginx does not start: unknown %q variable.", m[1]),
		Help:    checks.Msg("write map $http_upgrade $%s { default upgrade; '' close; } beside the server", m[1]),
		Key:     "variable " + m[1],
	}
	if around(d, "http") == nil { // the main file, which is not here, may define it
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if name == "upgrade" {
		f.Help = checks.Msg("write proxy_set_header Upgrade $http_upgrade;")
		f.Fix = n.write(d.Arg(1), "$http_upgrade", plan.Unsafe)
	}
	n.at(d.Arg(1).Span, f)
}

// defines tells whether a file here gives a variable a value, or takes in one that may.
func (n *nginxFile) defines(name string) bool {
	found := false
	for _, f := range artefact.Of[*artefact.Nginx](n.d.Artefacts) {
		f.Walk(func(d *artefact.Directive) {
			found = found || slices.ContainsFunc(d.Args, func(a artefact.Text) bool { return a.Value == "$"+name }) && d.Name.Value != "proxy_set_header" ||
				d.Name.Value == "include" && len(n.d.Artefacts.Included(d)) == 0 && !bringsNoHeaders(d) && !includesServers(d)
		})
	}
	return found
}

// speaksTLS is code of a server that speaks TLS by itself.
var speaksTLS = lazyregexp.New(`RunTLS\(|ListenAndServeTLS\(|ServeTLS\(|tls\.(Listen|NewListener|Server)\(|autotls\.|autocert\.|RunWithManager\(|RunQUIC\(`)

// plainProgram tells of TLS that a program is asked for and does not speak.
func (n *nginxFile) plainProgram(d *artefact.Directive, authority string) {
	program, certain := n.meant(d)
	if program == nil || n.t.CodeHas(program.Program, speaksTLS) {
		return
	}
	arg := d.Arg(0)
	f := checks.Finding{
		Message: checks.Msg("nginx asks the program by https, and it speaks plain HTTP"),
		Why:     checks.Msg("The handshake fails at once: 502 Bad Gateway, and wrong version number in the error log."),
		Help:    checks.Msg("write http://%s", authority),
		Service: program.Module.Dir,
		Key:     "tls " + authority,
		Fix:     replaceIn(n.file.File, arg, "https://", "http://", "ask by http", plan.Unsafe),
	}
	if !certain || !plainListener(n.instances, program) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	n.at(arg.Span, f)
}

// plainListener tells whether all that a program listens on is gin's own, which nothing stands in front of within the program.
func plainListener(all []*target.Instance, program *target.Deployed) bool {
	found := false
	for _, i := range all {
		if i.Deployed == program {
			if found = i.Known && i.Gin; !found {
				return false
			}
		}
	}
	return found
}

// withoutTLS tells of a server on the port of https that speaks plain HTTP, though it has a certificate.
func (n *nginxFile) withoutTLS(s *artefact.Directive) {
	if child(s, "ssl_certificate") == nil || inForce(s, "ssl") != nil {
		return
	}
	for _, l := range listensOn(s) {
		port := l.Arg(0).Value[strings.LastIndexByte(l.Arg(0).Value, ':')+1:]
		if port != "443" || hasArg(l, "ssl") || hasArg(l, "quic") || !l.Arg(0).Known() || n.sharesTLS(l) {
			continue
		}
		n.at(l.Span, checks.Finding{
			Message: checks.Msg("this server has a certificate, and speaks plain HTTP on port 443"),
			Why:     checks.Msg("Without ssl behind listen nginx makes no handshake there: browsers say ERR_SSL_PROTOCOL_ERROR."),
			Help:    checks.Msg("write listen %s ssl;", l.Arg(0).Value),
			Key:     "plain 443",
			Fix:     n.write(l.Arg(0), l.Arg(0).Value+" ssl", plan.Safe),
		})
		return
	}
}

// sharesTLS tells whether another server of any file has the same address with TLS: what one of them says holds for all.
func (n *nginxFile) sharesTLS(l *artefact.Directive) bool {
	found := false
	for _, f := range artefact.Of[*artefact.Nginx](n.d.Artefacts) {
		f.Walk(func(o *artefact.Directive) {
			found = found || o.Name.Value == "listen" && o != l && o.Arg(0).Value == l.Arg(0).Value && hasArg(o, "ssl")
		})
	}
	return found
}
