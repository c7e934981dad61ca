package deploy

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// proxies compares where nginx sends requests with where the programs listen.
func (p *ports) proxies() {
	known := p.d.Artefacts.Upstreams()
	var local []artefact.Upstream
	seen := map[artefact.Span]bool{}
	for _, n := range artefact.Of[*artefact.Nginx](p.d.Artefacts) {
		n.Walk(func(d *artefact.Directive) {
			if d.Name.Value != "proxy_pass" {
				return
			}
			for _, to := range artefact.PassedTo(d, known) {
				if key := to.Text.Span; seen[key] && to.File == n {
					continue
				} else if to.File == n {
					seen[key] = true
				}
				if artefact.IsLoopback(to.Host) {
					if !p.itselfInContainer(to) {
						local = append(local, to)
					}
				} else {
					p.toService(to)
				}
			}
		})
	}
	p.toLocal(local)
}

// itselfInContainer tells of an nginx in a container of its own that sends requests to that container, where a service beside it runs
// the program, and whether it did.
func (p *ports) itselfInContainer(to artefact.Upstream) bool {
	proxy, file := p.nginxService(to.File)
	if proxy == nil || !alone(file, proxy) || listensItself(p.d.Artefacts, to.Port) {
		return false
	}
	var meant *target.Instance
	for _, i := range p.instances {
		if i.Service == nil || !i.Known || i.Service.NetworkMode.Value != "" || file.Service(i.Service.Name.Value) != i.Service || i.Service == proxy {
			continue
		}
		published := slices.ContainsFunc(i.Service.Ports, func(port artefact.Port) bool { return port.Host == to.Port })
		if len(i.On(to.Port)) == 0 && !published {
			continue
		}
		if meant != nil {
			return false
		}
		meant = i
	}
	if meant == nil {
		return false
	}
	f := checks.Finding{
		Message:  checks.Msg("nginx runs in the container of %s: %s is that container itself, and the program is the service %s", proxy.Name.Value, to.Text.Value, meant.Service.Name.Value),
		Why:      checks.Msg("Nobody listens there: nginx answers 502 Bad Gateway."),
		Help:     checks.Msg("write the name of the service: %s", meant.Service.Name.Value),
		Evidence: []checks.Message{checks.Msg("%s:%d  the service %s, with this file for a volume", textAt(proxy.Name, file.File).File, proxy.Name.Line, proxy.Name.Value)},
		Location: spanAt(to.File.Path, to.Text.Span),
		Service:  meant.Module.Dir,
		Subject:  &checks.Subject{Kind: checks.PortSubject, Port: to.Port},
		Key:      "nginx itself " + proxy.Name.Value,
	}
	if main, _ := mainPort(meant); main != 0 {
		address := meant.Service.Name.Value + ":" + strconv.Itoa(main)
		f.Help = checks.Msg("write %s", address)
		f.Fix = replaceIn(to.File.File, to.Text, to.Host+":"+strconv.Itoa(to.Port), address, "let nginx name the service", plan.Unsafe)
	}
	if !meant.Certain {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	p.report(f)
	return true
}

// nginxService is the one compose service that nginx runs in with a file for a volume; nil where there is none, or several.
func (p *ports) nginxService(n *artefact.Nginx) (found *artefact.Service, in *artefact.Compose) {
	for _, c := range p.d.Artefacts.Composed() {
		for _, s := range c.Services {
			if !strings.Contains(artefact.ImageName(s.Image.Value), "nginx") || !mounts(c, s, n.Path) {
				continue
			}
			if found != nil && found.Name.Value != s.Name.Value {
				return nil, nil
			}
			found, in = s, c
		}
	}
	return found, in
}

// mounts tells whether a service has a file of the repository, or a folder above it, for a volume.
func mounts(c *artefact.Compose, s *artefact.Service, file string) bool {
	return slices.ContainsFunc(s.Volumes, func(v artefact.Volume) bool {
		source := path.Join(path.Dir(c.Path), v.Source)
		return v.Source != "" && !path.IsAbs(v.Source) && (source == file || strings.HasPrefix(file, source+"/"))
	})
}

// listensItself tells whether nginx has that port itself.
func listensItself(set *artefact.Set, port int) bool {
	found := false
	for _, n := range artefact.Of[*artefact.Nginx](set) {
		n.Walk(func(d *artefact.Directive) {
			found = found || d.Name.Value == "listen" && strings.HasSuffix(d.Arg(0).Value, strconv.Itoa(port))
		})
	}
	return found
}

// toService judges a proxy that names a compose service.
func (p *ports) toService(to artefact.Upstream) {
	for _, i := range p.instances {
		if i.Service == nil || !i.Known || i.Service.NetworkMode.Value != "" {
			continue
		}
		if i.Service.Name.Value != to.Host {
			continue
		}
		if len(i.On(to.Port)) > 0 {
			return
		}
		p.mismatch(i, to.File.File, to.Text, i.Certain, to.Port, p.proxied(i, to))
		return
	}
}

func (p *ports) proxied(i *target.Instance, to artefact.Upstream) checks.Finding {
	f := checks.Finding{
		Message: checks.Msg("nginx sends requests to port %d of %s, but the program listens on %s", to.Port, to.Host, portList(i)),
		Why:     checks.Msg("Nobody listens there: nginx answers 502 Bad Gateway."),
		Help:    checks.Msg("let nginx name the port that the program listens on"),
		Key:     "nginx " + to.Host,
	}
	if main, _ := mainPort(i); main != 0 {
		f.Help = checks.Msg("write %s:%d", to.Host, main)
		if old := ":" + strconv.Itoa(to.Port); strings.Count(to.Text.Raw, old) == 1 {
			column := to.Text.Column + strings.Index(to.Text.Raw, old) + 1
			f.Fix = &plan.Plan{Title: "let nginx name the port that the program listens on", Safety: plan.Unsafe,
				Steps: []plan.Step{plan.ReplaceAt(to.File.Path, to.Text.Line, column, old[1:], strconv.Itoa(main))}}
		}
	}
	return f
}

// toLocal judges proxies that send requests to this machine: only where one program of the project is there to be meant, and none
// of the addresses is its own.
func (p *ports) toLocal(all []artefact.Upstream) {
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
		if to.Port != all[0].Port || p.someoneListens(to.Port) {
			return
		}
	}
	to := all[0]
	f := p.proxied(program, to)
	// That the program is meant is certain where the proxy's file is called like it, or stands beside its unit.
	base := strings.TrimSuffix(path.Base(to.File.Path), path.Ext(to.File.Path))
	certain := program.Unit != nil && (slices.Contains(program.Names, base) || path.Dir(to.File.Path) == path.Dir(program.File.Path) || len(p.d.Programs) == 1)
	p.mismatch(program, to.File.File, to.Text, certain && program.Certain, to.Port, f)
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
	return listensItself(p.d.Artefacts, port)
}
