package deploy

import (
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// upstreamAddress is one place that a proxy sends requests to.
type upstreamAddress struct {
	file *artefact.Nginx
	text artefact.Text // the server of an upstream, or the argument of proxy_pass
	host string
	port int
}

// passTarget splits the argument of proxy_pass; false where it has no scheme, or holds a variable.
func passTarget(arg artefact.Text) (scheme, authority, uri string, ok bool) {
	scheme, rest, found := strings.Cut(arg.Value, "://")
	if !found || strings.Contains(rest, "$") || strings.HasPrefix(rest, "unix:") {
		return "", "", "", false
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return strings.ToLower(scheme), rest[:i], rest[i:], true
	}
	return strings.ToLower(scheme), rest, "", true
}

func hostPort(authority, scheme string) (string, int) {
	port := 80
	if scheme == "https" {
		port = 443
	}
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		if n, err := strconv.Atoi(authority[i+1:]); err == nil {
			return strings.Trim(authority[:i], "[]"), n
		}
	}
	return strings.Trim(authority, "[]"), port
}

// upstreams are the upstream blocks of all files, by name.
func upstreams(set *artefact.Set) map[string]*artefact.Directive {
	out := map[string]*artefact.Directive{}
	for _, n := range artefact.Of[*artefact.Nginx](set) {
		n.Walk(func(d *artefact.Directive) {
			if d.Name.Value == "upstream" && d.IsBlock {
				out[d.Arg(0).Value] = d
			}
		})
	}
	return out
}

// passed are the addresses that one proxy_pass sends requests to; servers that are down are left out.
func passed(pass *artefact.Directive, known map[string]*artefact.Directive) []upstreamAddress {
	scheme, authority, _, ok := passTarget(pass.Arg(0))
	if !ok {
		return nil
	}
	up := known[authority]
	if up == nil {
		host, port := hostPort(authority, scheme)
		return []upstreamAddress{{pass.File, pass.Arg(0), host, port}}
	}
	var out []upstreamAddress
	for _, s := range up.Block {
		if s.Name.Value != "server" || slices.ContainsFunc(s.Args, func(a artefact.Text) bool { return a.Value == "down" }) || strings.HasPrefix(s.Arg(0).Value, "unix:") {
			continue
		}
		host, port := hostPort(s.Arg(0).Value, "http")
		out = append(out, upstreamAddress{up.File, s.Arg(0), host, port})
	}
	return out
}

// proxies compares where nginx sends requests with where the programs listen.
func (p *ports) proxies() {
	known := upstreams(p.d.Artefacts)
	var local []upstreamAddress
	seen := map[artefact.Span]bool{}
	for _, n := range artefact.Of[*artefact.Nginx](p.d.Artefacts) {
		n.Walk(func(d *artefact.Directive) {
			if d.Name.Value != "proxy_pass" {
				return
			}
			for _, to := range passed(d, known) {
				if key := to.text.Span; seen[key] && to.file == n {
					continue
				} else if to.file == n {
					seen[key] = true
				}
				if isLoopback(to.host) {
					local = append(local, to)
				} else {
					p.toService(to)
				}
			}
		})
	}
	p.toLocal(local)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// toService judges a proxy that names a compose service.
func (p *ports) toService(to upstreamAddress) {
	for _, i := range p.instances {
		if i.Service == nil || !i.Known || i.Service.NetworkMode.Value != "" {
			continue
		}
		if i.Service.Name.Value != to.host {
			continue
		}
		if len(i.On(to.port)) > 0 {
			return
		}
		p.mismatch(i, to.file.File, to.text, i.Certain, to.port, p.proxied(i, to))
		return
	}
}

func (p *ports) proxied(i *target.Instance, to upstreamAddress) checks.Finding {
	f := checks.Finding{
		Message: checks.Msg("nginx sends requests to port %d of %s, but the program listens on %s", to.port, to.host, portList(i)),
		Why:     checks.Msg("Nobody listens there: nginx answers 502 Bad Gateway."),
		Help:    checks.Msg("let nginx name the port that the program listens on"),
		Key:     "nginx " + to.host,
	}
	if main, _ := mainPort(i); main != 0 {
		f.Help = checks.Msg("write %s:%d", to.host, main)
		if old := ":" + strconv.Itoa(to.port); strings.Count(to.text.Raw, old) == 1 {
			column := to.text.Column + strings.Index(to.text.Raw, old) + 1
			f.Fix = &plan.Plan{Title: "let nginx name the port that the program listens on", Safety: plan.Unsafe,
				Steps: []plan.Step{plan.ReplaceAt(to.file.Path, to.text.Line, column, old[1:], strconv.Itoa(main))}}
		}
	}
	return f
}

// toLocal judges proxies that send requests to this machine: only where one program of the project is there to be meant, and none
// of the addresses is its own.
func (p *ports) toLocal(all []upstreamAddress) {
	var program *target.Instance
	for _, i := range p.instances {
		if !i.Known || !i.Gin || program != nil && program.Deployed != i.Deployed {
			return
		}
		if program == nil || i.Unit != nil {
			program = i
		}
	}
	if program == nil || len(all) == 0 {
		return
	}
	for _, to := range all {
		if to.port != all[0].port || p.someoneListens(to.port) {
			return
		}
	}
	to := all[0]
	f := p.proxied(program, to)
	// That the program is meant is certain where the proxy's file is called like it, or stands beside its unit.
	base := strings.TrimSuffix(path.Base(to.file.Path), path.Ext(to.file.Path))
	certain := program.Unit != nil && (slices.Contains(program.Names, base) || path.Dir(to.file.Path) == path.Dir(program.File.Path) || len(p.d.Programs) == 1)
	p.mismatch(program, to.file.File, to.text, certain && program.Certain, to.port, f)
}

// someoneListens tells whether anything that the project runs, or publishes, has a port of this machine.
func (p *ports) someoneListens(port int) bool {
	for _, i := range p.instances {
		if len(i.On(port)) > 0 {
			return true
		}
	}
	for _, c := range artefact.Of[*artefact.Compose](p.d.Artefacts) {
		for _, s := range c.Services {
			for _, published := range s.Ports {
				if published.Host == port || published.HostOpen || published.Host == 0 || s.NetworkMode.Value != "" {
					return true
				}
			}
		}
	}
	digits := strconv.Itoa(port)
	for _, f := range p.d.Artefacts.Files { // a port that something else names belongs to it
		if f.Kind != "nginx configuration" && strings.Contains(string(f.Text), digits) {
			return true
		}
	}
	for _, n := range artefact.Of[*artefact.Nginx](p.d.Artefacts) { // nginx itself
		found := false
		n.Walk(func(d *artefact.Directive) {
			found = found || d.Name.Value == "listen" && strings.HasSuffix(d.Arg(0).Value, digits)
		})
		if found {
			return true
		}
	}
	return false
}
