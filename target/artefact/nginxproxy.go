package artefact

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Upstream is one place that a proxy sends requests to.
type Upstream struct {
	File *Nginx
	Text Text // the server of an upstream, or the argument of proxy_pass
	Host string
	Port int
}

// IsLoopback tells whether a host is the machine that asks for it.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// PassTarget splits the argument of proxy_pass; false where it has no scheme, or holds a variable.
func PassTarget(arg Text) (scheme, authority, uri string, ok bool) {
	scheme, rest, found := strings.Cut(arg.Value, "://")
	if !found || strings.Contains(rest, "$") || strings.HasPrefix(rest, "unix:") {
		return "", "", "", false
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return strings.ToLower(scheme), rest[:i], rest[i:], true
	}
	return strings.ToLower(scheme), rest, "", true
}

// HostPort splits an authority; where it has no port, the scheme's counts.
func HostPort(authority, scheme string) (string, int) {
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

// Upstreams are the upstream blocks of all files, by name.
func (s *Set) Upstreams() map[string]*Directive {
	out := map[string]*Directive{}
	for _, n := range Of[*Nginx](s) {
		n.Walk(func(d *Directive) {
			if d.Name.Value == "upstream" && d.IsBlock {
				out[d.Arg(0).Value] = d
			}
		})
	}
	return out
}

// PassedTo are the addresses that one proxy_pass sends requests to, with the Upstreams that there are; servers that are down are left out.
func PassedTo(pass *Directive, known map[string]*Directive) []Upstream {
	scheme, authority, _, ok := PassTarget(pass.Arg(0))
	if !ok {
		return nil
	}
	up := known[authority]
	if up == nil {
		host, port := HostPort(authority, scheme)
		return []Upstream{{pass.File, pass.Arg(0), host, port}}
	}
	var out []Upstream
	for _, s := range up.Block {
		if s.Name.Value != "server" || slices.ContainsFunc(s.Args, func(a Text) bool { return a.Value == "down" }) || strings.HasPrefix(s.Arg(0).Value, "unix:") {
			continue
		}
		host, port := HostPort(s.Arg(0).Value, "http")
		out = append(out, Upstream{up.File, s.Arg(0), host, port})
	}
	return out
}
