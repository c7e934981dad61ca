package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// Nginx finds what nginx refuses, and what it does to requests that the program does not expect.
var Nginx = checks.Check{
	ID:       "deploy/nginx",
	Title:    "nginx does not start with this configuration, or loses requests before the program",
	Stage:    checks.Route,
	Severity: checks.Error,
	Profiles: checks.CI | checks.Prod,
	Explains: []string{"src/trusted-proxies"},
	Run:      nginx,
}

// nginxFile is one configuration file under examination.
type nginxFile struct {
	ports
	file     *artefact.Nginx
	known    map[string]*artefact.Directive // the upstreams of all files
	listens  []listen.Address
	routings map[*target.Deployed]*target.Routing
}

func nginx(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	files := slices.DeleteFunc(artefact.Of[*artefact.Nginx](d.Artefacts), func(n *artefact.Nginx) bool { return strings.Contains(string(n.Text), "{{") || n.Err != nil })
	if len(files) == 0 {
		return checks.Skip("there is no nginx configuration here that can be read")
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return err
	}
	listens, err := t.ListensWith(ctx)
	if err != nil {
		return err
	}
	known := d.Artefacts.Upstreams()
	routings := map[*target.Deployed]*target.Routing{}
	for _, p := range d.Programs {
		if routings[p], err = t.Routing(ctx, p); err != nil {
			return err
		}
	}
	for _, file := range files {
		n := &nginxFile{ports: ports{ctx: ctx, t: t, d: d, instances: instances, report: report}, file: file, known: known, listens: listens, routings: routings}
		refused := false
		file.Walk(func(d *artefact.Directive) { refused = n.unfinished(d) || refused })
		if !refused {
			file.Walk(n.directive)
		}
	}
	return nil
}

// directive judges one directive.
func (n *nginxFile) directive(d *artefact.Directive) {
	switch d.Name.Value {
	case "proxy_set_header":
		n.unknownVariable(d)
	case "upstream":
		n.upstream(d)
	case "proxy_pass":
		n.pass(d)
	case "location":
		n.location(d)
	case "server":
		if d.IsBlock && (d.Parent == nil || d.Parent.Name.Value == "http") {
			n.server(d)
		}
	case "ssl_ciphers":
		n.ciphers(d)
	}
	if d.Parent == nil || d.Name.Value == "http" {
		n.defaultServers(d)
	}
}

// at reports a finding at a directive, or at an argument of it.
func (n *nginxFile) at(s artefact.Span, f checks.Finding) {
	f.Location = located(n.file.File, s)
	n.report(f)
}

// child is the first directive of that name in a block; nil where there is none.
func child(d *artefact.Directive, name string) *artefact.Directive {
	for _, c := range d.Block {
		if c.Name.Value == name {
			return c
		}
	}
	return nil
}

// around is the nearest block of that name that a directive stands in; nil where there is none.
func around(d *artefact.Directive, name string) *artefact.Directive {
	for d = d.Parent; d != nil; d = d.Parent {
		if d.Name.Value == name {
			return d
		}
	}
	return nil
}

// within tells whether a directive of that name stands in a block, at any depth.
func within(d *artefact.Directive, name string) bool {
	return slices.ContainsFunc(d.Block, func(c *artefact.Directive) bool { return c.Name.Value == name || within(c, name) })
}

// inForce is the directive of that name that counts in a block: its own, or that of what is around it, in this file.
func inForce(d *artefact.Directive, name string) *artefact.Directive {
	for ; d != nil; d = d.Parent {
		if c := child(d, name); c != nil {
			return c
		}
		if d.Parent == nil {
			for _, top := range d.File.Directives {
				if top.Name.Value == name {
					return top
				}
			}
		}
	}
	return nil
}

// place is a location as nginx matches it.
type place struct {
	modifier string // "", "=", "^~", "~", "~*", "@"
	path     artefact.Text
}

func placeOf(location *artefact.Directive) place {
	switch first := location.Arg(0).Value; {
	case slices.Contains([]string{"=", "^~", "~", "~*"}, first):
		return place{first, location.Arg(1)}
	case strings.HasPrefix(first, "@"):
		return place{"@", location.Arg(0)}
	default:
		for _, m := range []string{"=", "^~", "~*", "~"} { // the modifier may stand against the path
			if rest, ok := strings.CutPrefix(first, m); ok {
				t := location.Arg(0)
				t.Value, t.Column = rest, t.Column+len(m)
				t.Raw = strings.TrimPrefix(t.Raw, m)
				return place{m, t}
			}
		}
		return place{"", location.Arg(0)}
	}
}

func (p place) prefix() bool { return p.modifier == "" || p.modifier == "^~" }

// meant is the program that requests are passed on to, and whether that is certain; nil where it is none of the project's.
func (n *nginxFile) meant(pass *artefact.Directive) (*target.Deployed, bool) {
	for _, to := range artefact.PassedTo(pass, n.known) {
		for _, i := range n.instances {
			if i.Service != nil && i.Service.Name.Value == to.Host {
				return i.Deployed, i.Certain
			}
		}
		if !artefact.IsLoopback(to.Host) && n.isService(to.Host) {
			return nil, false
		}
		for _, i := range n.instances {
			if len(i.On(to.Port)) > 0 && artefact.IsLoopback(to.Host) && i.Service == nil {
				return i.Deployed, sure(i)
			}
			if i.Service != nil && artefact.IsLoopback(to.Host) && slices.ContainsFunc(i.Service.Ports, func(p artefact.Port) bool { return p.Host == to.Port }) {
				return i.Deployed, i.Certain
			}
		}
		for _, a := range n.listens {
			if a.Port != to.Port || a.Secondary {
				continue
			}
			for _, p := range n.d.Programs {
				if p.Package.Dir == a.Main {
					return p, artefact.IsLoopback(to.Host) && a.Certainty == listen.Literal && len(n.d.Programs) == 1
				}
			}
		}
	}
	return nil, false
}

// isService tells whether a name is that of a compose service.
func (n *nginxFile) isService(name string) bool {
	return slices.ContainsFunc(artefact.Of[*artefact.Compose](n.d.Artefacts), func(c *artefact.Compose) bool { return c.Service(name) != nil })
}
