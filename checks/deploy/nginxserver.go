package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// server judges a server by itself.
func (n *nginxFile) server(s *artefact.Directive) {
	n.certificateMissing(s)
	n.withoutTLS(s)
	n.sameName(s)
	n.listensTwice(s)
}

// listensOn are the addresses of a server: nginx takes port 80 without a listen.
func listensOn(s *artefact.Directive) []*artefact.Directive {
	var out []*artefact.Directive
	for _, c := range s.Block {
		if c.Name.Value == "listen" {
			out = append(out, c)
		}
	}
	return out
}

func hasArg(d *artefact.Directive, word string) bool {
	return slices.ContainsFunc(d.Args, func(a artefact.Text) bool { return a.Value == word })
}

// certificateMissing tells of a server that speaks TLS without a certificate.
func (n *nginxFile) certificateMissing(s *artefact.Directive) {
	for _, l := range listensOn(s) {
		if !hasArg(l, "ssl") || inForce(s, "ssl_certificate") != nil || n.hiddenIn(s) || child(s, "ssl_reject_handshake") != nil || child(s, "include") != nil {
			continue
		}
		if s.Parent != nil && child(s.Parent, "ssl_certificate") != nil {
			continue
		}
		n.at(l.Span, checks.Finding{
			Message: checks.Msg("this server speaks TLS and has no certificate"),
			Why:     checks.Msg("nginx does not start: no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive."),
			Help:    checks.Msg("write ssl_certificate and ssl_certificate_key"),
			Key:     "certificate " + l.Arg(0).Value,
		})
		return
	}
}

func (n *nginxFile) hiddenIn(s *artefact.Directive) bool {
	for p := s; p != nil; p = p.Parent {
		for _, c := range p.Block {
			if c.Name.Value == "include" && len(n.d.Artefacts.Included(c)) == 0 && !strings.Contains(c.Arg(0).Value, "mime.types") && !includesServers(c) {
				return true
			}
		}
	}
	return s.Parent == nil && n.partOfMore()
}

// partOfMore tells whether a main file that is here takes this one in, and may set more around it.
func (n *nginxFile) partOfMore() bool {
	for _, f := range artefact.Of[*artefact.Nginx](n.d.Artefacts) {
		found := false
		f.Walk(func(d *artefact.Directive) {
			found = found || d.Name.Value == "include" && slices.Contains(n.d.Artefacts.Included(d), n.file)
		})
		if found {
			return true
		}
	}
	return false
}

// siblings are the servers beside one, itself included.
func (n *nginxFile) siblings(s *artefact.Directive) []*artefact.Directive {
	all := n.file.Directives
	if s.Parent != nil {
		all = s.Parent.Block
	}
	return slices.DeleteFunc(slices.Clone(all), func(d *artefact.Directive) bool { return d.Name.Value != "server" || !d.IsBlock })
}

// sameName tells of a name that an earlier server has on the same address. No name at all is one too.
func (n *nginxFile) sameName(s *artefact.Directive) {
	for _, o := range n.siblings(s) {
		if o == s {
			return
		}
		if !shareAddress(o, s) {
			continue
		}
		for _, name := range serverNames(s) {
			first, shared := hasName(o, name)
			if !shared || strings.Trim(name.Value, "_") == "" && isDefault(s) {
				continue // the default server is asked for all that nobody else has
			}
			n.at(name.Span, checks.Finding{
				Severity: checks.Warning,
				Message:  sharedName(name.Value),
				Why:      checks.Msg("nginx warns `conflicting server name` and asks the first one; the second never gets such a request."),
				Help:     checks.Msg("put the two together, or give one another name"),
				Evidence: []checks.Message{checks.Msg("%s:%d  the first one", n.file.Path, first.Line)},
				Key:      "server_name " + name.Value,
			})
			return
		}
	}
}

func sharedName(name string) checks.Message {
	if name == "" {
		return checks.Msg("two servers on one address have no name")
	}
	return checks.Msg("two servers on one address are called %s", name)
}

// serverNames are the names of a server: an empty one, at the word server, where it has none.
func serverNames(s *artefact.Directive) []artefact.Text {
	var out []artefact.Text
	for _, c := range s.Block {
		if c.Name.Value == "server_name" {
			out = append(out, c.Args...)
		}
		if c.Name.Value == "include" {
			return nil // which may name it
		}
	}
	if len(out) == 0 {
		out = append(out, artefact.Text{Span: s.Span})
	}
	return out
}

// hasName finds a name among those of a server, where letters count the same in both cases.
func hasName(s *artefact.Directive, name artefact.Text) (artefact.Text, bool) {
	names := serverNames(s)
	i := slices.IndexFunc(names, func(o artefact.Text) bool { return strings.EqualFold(o.Value, name.Value) })
	if i < 0 {
		return artefact.Text{}, false
	}
	return names[i], true
}

func isDefault(s *artefact.Directive) bool {
	return slices.ContainsFunc(listensOn(s), func(l *artefact.Directive) bool { return hasArg(l, "default_server") || hasArg(l, "default") })
}

// listensTwice tells of an address that a server names twice.
func (n *nginxFile) listensTwice(s *artefact.Directive) {
	all := addressesOf(s)
	for i, l := range listensOn(s) {
		if first := slices.Index(all, all[i]); first < i {
			n.at(l.Span, checks.Finding{
				Message: checks.Msg("this server listens on %s twice", all[i]),
				Why:     checks.Msg("nginx does not start: a duplicate listen."),
				Help:    checks.Msg("take one of the two away"),
				Key:     "listen " + all[i],
			})
			return
		}
	}
}

func shareAddress(a, b *artefact.Directive) bool {
	for _, x := range addressesOf(a) {
		if slices.Contains(addressesOf(b), x) {
			return true
		}
	}
	return false
}

func addressesOf(s *artefact.Directive) []string {
	all := listensOn(s)
	if len(all) == 0 {
		return []string{"80"}
	}
	var out []string
	for _, l := range all {
		address := strings.TrimPrefix(strings.TrimPrefix(l.Arg(0).Value, "*:"), "0.0.0.0:")
		if strings.Trim(address, "0123456789.") == "" && strings.Contains(address, ".") {
			address += ":80"
		}
		if hasArg(l, "quic") { // which is UDP
			address += " quic"
		}
		out = append(out, address)
	}
	return out
}

// defaultServers tells of two servers that both are the default of an address. It is asked for each level that holds servers.
func (n *nginxFile) defaultServers(d *artefact.Directive) {
	level := d.Block
	if d.Name.Value != "http" {
		if d != n.file.Directives[0] {
			return
		}
		level = n.file.Directives
	}
	seen := map[string]*artefact.Directive{}
	for _, s := range level {
		if s.Name.Value != "server" || !s.IsBlock {
			continue
		}
		for i, l := range listensOn(s) {
			if !hasArg(l, "default_server") && !hasArg(l, "default") {
				continue
			}
			address := addressesOf(s)[i]
			if first := seen[address]; first != nil {
				n.at(l.Span, checks.Finding{
					Message:  checks.Msg("two servers are the default of %s", address),
					Why:      checks.Msg("nginx does not start: a duplicate default server."),
					Help:     checks.Msg("take default_server away from one of them"),
					Evidence: []checks.Message{checks.Msg("%s:%d  the first one", n.file.Path, first.Line)},
					Key:      fmt.Sprintf("default_server %s", address),
				})
				return
			}
			seen[address] = l
		}
	}
}
