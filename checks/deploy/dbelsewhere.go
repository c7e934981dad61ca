package deploy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// storeURL is the address of a store as a URL: its scheme, host and port.
var storeURL = lazyregexp.New(`^([A-Za-z][A-Za-z0-9+.-]*)://(?:[^@/?#]*@)?([A-Za-z0-9][A-Za-z0-9_.-]*)(?::([0-9]+))?(?:[/?#]|$)`)

// bareHost is a host by itself.
var bareHost = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_-]*$`)

// hostIn finds the host of a store in a variable's value: in its address, or by itself where the variable is for hosts of stores.
func hostIn(name, value string) (local, bool) {
	if m := storeURL.FindStringSubmatchIndex(value); m != nil {
		l := at(value, m, 2, 3)
		for i := range stores {
			if stores[i].scheme.MatchString(strings.ToLower(value[m[2]:m[3]])) {
				l.kind = &stores[i]
			}
		}
		return l, l.kind != nil
	}
	upper := strings.ToUpper(name)
	if !strings.HasSuffix(upper, "HOST") || !bareHost.MatchString(value) {
		return local{}, false
	}
	kind := byName(name)
	return local{host: value, end: len(value), kind: kind}, kind != nil || anyDatabase.MatchString(upper)
}

// elsewhere judges an address that is not on localhost: one by the name of no service, and one with the port that a service has on
// the host.
func (l hostLook) elsewhere(e artefact.Setting) {
	at, ok := hostIn(e.Name.Value, e.Value.Value)
	if !ok || l.reads != nil && len(l.reads.Of(e.Name.Value)) == 0 {
		return
	}
	for _, o := range l.file.Services {
		if o.Name.Value == at.host {
			l.portOnHost(e, at, o)
			return
		}
	}
	other := l.service(at)
	if other == nil || strings.Contains(at.host, ".") || l.reachable(at.host) {
		return
	}
	l.report(checks.Finding{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message:  checks.Msg("%s points at the host %s, and no service here has that name; %s is the service %s", e.Name.Value, at.host, isStore(other.Image).name, other.Name.Value),
		Why:      checks.Msg("Where nothing else in the network is called so, the name is looked up in vain: no such host."),
		Help:     checks.Msg("write %s in the place of %s", other.Name.Value, at.host),
		Location: spanAt(e.File.Path, e.Value.Span),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s: image %s", textAt(other.Name, l.file.File).File, other.Name.Line, other.Name.Value, other.Image.Value)},
		Service:  l.m.Module.Dir,
		Subject:  &checks.Subject{Kind: checks.EnvSubject, Name: e.Name.Value},
		Key:      "no service " + l.s.Name.Value + " " + e.Name.Value,
		Fix:      l.move(e, local{host: at.host, start: at.start, end: at.end, kind: at.kind}, other),
	})
}

// reachable tells whether a name may mean something in the network of the services though none of them is called so: by another name
// of theirs, by one of the host's, or by a network that others share.
func (l hostLook) reachable(host string) bool {
	if slices.ContainsFunc(l.s.ExtraHosts, func(h string) bool { return strings.HasPrefix(h, host) }) {
		return true
	}
	word := lazyregexp.New(`(?m)(container_name|hostname|links|extra_hosts|external|aliases)["']?\s*:.*\b` + regexp.QuoteMeta(host) + `\b|^\s*-\s*["']?([\w-]+:)?` + regexp.QuoteMeta(host) + `["']?\s*$|^\s*external\s*:|aliases\s*:[^\n]*\[`)
	return word.Match(l.file.Text) || len(l.file.Stack) > 0
}

// portOnHost tells of the port that a store has on the host, where the one in its container is another.
func (l hostLook) portOnHost(e artefact.Setting, at local, o *artefact.Service) {
	port, err := strconv.Atoi(at.port)
	if kind := isStore(o.Image); err != nil || kind == nil || at.kind == nil || kind.name != at.kind.name || at.port == at.kind.port || movesPort(o) {
		return
	}
	i := slices.IndexFunc(o.Ports, func(p artefact.Port) bool { return p.Host == port && p.Container != 0 && p.Container != port })
	if i < 0 {
		return
	}
	inside := strconv.Itoa(o.Ports[i].Container)
	f := checks.Finding{
		Message:  checks.Msg("%s asks the service %s for port %s, which it has on the host only; in its container it is %s", e.Name.Value, o.Name.Value, at.port, inside),
		Why:      checks.Msg("Services reach each other by their own ports, whatever is published: connect: connection refused."),
		Help:     checks.Msg("write %s:%s", o.Name.Value, inside),
		Location: spanAt(e.File.Path, e.Value.Span),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s publishes %d as %s", textAt(o.Ports[i].Text, l.file.File).File, o.Ports[i].Line, o.Name.Value, o.Ports[i].Container, at.port)},
		Service:  l.m.Module.Dir,
		Subject:  &checks.Subject{Kind: checks.EnvSubject, Name: e.Name.Value},
		Key:      "published " + l.s.Name.Value + " " + e.Name.Value,
	}
	if e.Value.Plain() {
		f.Fix = &plan.Plan{Title: "write the port of the container", Safety: plan.Unsafe,
			Steps: []plan.Step{plan.ReplaceAt(e.File.Path, e.Value.Line, e.Value.Column+at.portAt, at.port, inside)}}
	}
	if e.Value.Origin != artefact.Literal || !l.m.Certain || l.reads == nil {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	l.report(f)
}

// movesPort tells whether a store may have been told to listen elsewhere.
func movesPort(s *artefact.Service) bool {
	return s.Command != nil || s.Entrypoint != nil || slices.ContainsFunc(s.Environment, func(e artefact.Setting) bool { return strings.Contains(e.Name.Value, "PORT") })
}
