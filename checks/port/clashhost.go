package port

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// held are the addresses that a program certainly listens on where an artefact runs it.
func held(i *target.Instance) []listen.Address {
	if mayNotServe(i) {
		return nil
	}
	return slices.DeleteFunc(i.Main(), func(a listen.Address) bool { return a.HostUnknown || !i.Sure(a) })
}

// mayNotServe tells whether the first argument of a program may be a command of its own, by which it does something else.
func mayNotServe(i *target.Instance) bool {
	words := i.Arguments
	switch {
	case !i.Argued:
		return false
	case i.Unit != nil:
		o, _ := i.Unit.Get("Service", "ExecStart")
		for _, w := range o.Words()[1:] {
			words = append(words, w.Value)
		}
	case i.Section != nil:
		words = strings.Fields(i.Section.Get("command").Value)[1:]
	}
	return len(words) == 0 || !strings.HasPrefix(words[0], "-")
}

func of(i *target.Instance) claim {
	return claim{who: i.Who, at: artefact.Text{Span: i.At}, file: i.File, service: i.Module.Dir, sure: true}
}

// meet is the port that two programs both listen on, by addresses of one network; 0 where there is none.
func meet(a, b *target.Instance) int {
	for _, x := range held(a) {
		for _, y := range held(b) {
			if x.Overlaps(y) {
				return x.Port
			}
		}
	}
	return 0
}

const inUse = "Whichever comes second gets \"address already in use\", and does not serve."

// onNetwork is the program of a service that shares the host's network; nil where it has a network of its own.
func (c *claims) onNetwork(s *artefact.Service) *target.Instance {
	if s.NetworkMode.Value != "host" || s.NetworkMode.Origin != artefact.Literal {
		return nil
	}
	for _, i := range c.instances() {
		if i.Service == s {
			return i
		}
	}
	return nil
}

// onHost judges a published port beside programs that listen on the host's own network.
func (c *claims) onHost(f *artefact.Compose, s *artefact.Service, p artefact.Port) {
	if published(s) != nil {
		return
	}
	for _, o := range f.Services {
		i := c.onNetwork(o)
		if i == nil || o.Partial || len(o.Profiles) > 0 || c.apart(s.Name.Value, o.Name.Value) {
			continue
		}
		for _, a := range held(i) {
			if !a.Wildcard() && !artefact.IsLoopback(a.Host) || !p.Taken(a.Port, dockerHost(a)) || !c.settled(f, p, a.Port) {
				continue
			}
			c.both(c.claimOf(f, s, p), of(i), a.Port, checks.Finding{
				Why:      checks.Msg(inUse),
				Help:     checks.Msg("publish another port, or let the program of network_mode: host listen on another one"),
				Evidence: []checks.Message{listens(a)},
			})
		}
	}
}

func dockerHost(a listen.Address) string {
	if a.Wildcard() {
		return ""
	}
	return a.Host
}

func listens(a listen.Address) checks.Message {
	return checks.Msg("%s:%d  listens on %s", a.Call.File, a.Call.Line, a.String())
}

// sharesHost judges two programs on the host's own network.
func (c *claims) sharesHost(f *artefact.Compose, s *artefact.Service, others []*artefact.Service) {
	i := c.onNetwork(s)
	if i == nil {
		return
	}
	c.asked = true
	for _, o := range others {
		j := c.onNetwork(o)
		if j == nil || c.apart(s.Name.Value, o.Name.Value) {
			continue
		}
		if port := meet(i, j); port != 0 {
			c.both(of(i), of(j), port, checks.Finding{Why: checks.Msg(inUse), Help: checks.Msg("let one of them listen on another port, or give it a network of its own")})
		}
	}
}

// pods judges the containers of one pod, which share its network.
func (c *claims) pods() {
	for n, i := range c.instances() {
		for _, j := range c.instances()[n+1:] {
			if i.Container == nil || j.Container == nil || i.Container.Object != j.Container.Object || i.Cluster != j.Cluster || i.Container.Sidecar || j.Container.Sidecar {
				continue
			}
			if port := meet(i, j); port != 0 {
				c.both(of(i), of(j), port, checks.Finding{
					Message: checks.Msg("%s and %s of one pod both want port %d", i.Who, j.Who, port),
					Why:     checks.Msg("The containers of a pod share its network: the second one gets \"address already in use\", and is started over and over."),
					Help:    checks.Msg("let one of them listen on another port, or give each a pod of its own"),
				})
			}
		}
	}
}

// supervised judges the programs that one supervisor starts.
func (c *claims) supervised() {
	for n, i := range c.instances() {
		if !started(i) {
			continue
		}
		c.asked = true
		c.processes(i)
		for _, j := range c.instances()[n+1:] {
			if !started(j) || i.File != j.File {
				continue
			}
			if port := meet(i, j); port != 0 {
				c.both(of(i), of(j), port, checks.Finding{Why: checks.Msg(inUse), Help: checks.Msg("let one of them listen on another port, or write autostart=false for one of them")})
			}
		}
	}
}

// started tells whether supervisor starts an instance by itself.
func started(i *target.Instance) bool {
	return i.Section != nil && !slices.Contains([]string{"false", "no", "off", "0"}, strings.ToLower(i.Section.Get("autostart").Value))
}

// processes judges a program that supervisor starts several times.
func (c *claims) processes(i *target.Instance) {
	number := i.Section.Get("numprocs")
	count, err := strconv.Atoi(number.Value)
	all := held(i)
	if err != nil || count < 2 || len(all) == 0 {
		return
	}
	at := of(i)
	at.at = number
	c.tell(at, all[0].Port, true, checks.Finding{
		Message:  checks.Msg("%s is started %d times, and each of them wants port %d", i.Who, count, all[0].Port),
		Why:      checks.Msg("All but one get \"address already in use\", and end as FATAL."),
		Help:     checks.Msg("write numprocs=1, or give each a port of its own by %%(process_num)s"),
		Evidence: []checks.Message{listens(all[0])},
		Key:      "numprocs " + i.Section.Name,
	})
}

// units judges units of one folder. That they run on one host is only likely, and two of one program may be alternatives: these count
// where one of them names the other.
func (c *claims) units() {
	for n, i := range c.instances() {
		if !ownNetwork(i) {
			continue
		}
		c.asked = true
		for _, j := range c.instances()[n+1:] {
			if !ownNetwork(j) || path.Dir(i.File.Path) != path.Dir(j.File.Path) || conflicts(i, j) || i.Deployed == j.Deployed && !tied(i, j) {
				continue
			}
			if port := meet(i, j); port != 0 {
				a, b := of(i), of(j)
				a.sure = false
				c.both(a, b, port, checks.Finding{Why: checks.Msg(inUse), Help: checks.Msg("let one of them listen on another port, or write Conflicts= where only one of them is to run")})
			}
		}
	}
}

// ownNetwork tells whether an instance is a unit of which there is one, on the network of its host.
func ownNetwork(i *target.Instance) bool {
	return i.Unit != nil && i.Certain && !strings.Contains(i.Unit.Name, "@") && i.Unit.Value("Service", "PrivateNetwork") != "yes" &&
		i.Unit.Value("Service", "PrivateNetwork") != "true" && i.Unit.Value("Service", "NetworkNamespacePath") == "" && i.Unit.Value("Service", "Type") != "oneshot"
}

func conflicts(i, j *target.Instance) bool {
	return names(i, j, "Conflicts", "OnFailure") || names(j, i, "Conflicts", "OnFailure")
}

func tied(i, j *target.Instance) bool {
	return names(i, j, "Requires", "Wants", "BindsTo", "After", "Before", "PartOf") || names(j, i, "Requires", "Wants", "BindsTo", "After", "Before", "PartOf")
}

// names tells whether a unit names another one under one of some keys.
func names(i, j *target.Instance, keys ...string) bool {
	for _, key := range keys {
		for _, o := range i.Unit.All("Unit", key) {
			if slices.Contains(strings.Fields(o.Value.Value), j.Unit.Name) {
				return true
			}
		}
	}
	return false
}

// proxies judges nginx beside the program that it sends requests to on its own machine.
func (c *claims) proxies() {
	known := c.d.Artefacts.Upstreams()
	for _, n := range artefact.Of[*artefact.Nginx](c.d.Artefacts) {
		ports := map[int]bool{} // of this machine, that it sends requests to
		var listening []*artefact.Directive
		n.Walk(func(d *artefact.Directive) {
			switch d.Name.Value {
			case "proxy_pass":
				for _, to := range artefact.PassedTo(d, known) {
					ports[to.Port] = ports[to.Port] || artefact.IsLoopback(to.Host)
				}
			case "listen":
				listening = append(listening, d)
			}
		})
		for _, d := range listening {
			c.besideNginx(n, d, ports)
		}
	}
}

// besideNginx holds an address of nginx against the programs of units and of supervisor that it sends requests to.
func (c *claims) besideNginx(n *artefact.Nginx, d *artefact.Directive, passed map[int]bool) {
	at := d.Arg(0)
	host, port, ok := nginxAddress(at.Value)
	udp := slices.ContainsFunc(d.Args, func(a artefact.Text) bool { return a.Value == "quic" || a.Value == "udp" })
	if !ok || udp || at.Origin != artefact.Literal {
		return
	}
	for _, i := range c.instances() {
		if !ownNetwork(i) && !started(i) || !slices.ContainsFunc(held(i), func(a listen.Address) bool { return passed[a.Port] }) {
			continue
		}
		for _, a := range held(i) {
			only6 := host == "::" && !a.Wildcard() // nginx takes IPv6 alone there (ipv6only=on)
			if only6 || !a.Overlaps(listen.Address{Host: host, Port: port}) {
				continue
			}
			c.both(of(i), claim{who: "nginx", at: at, file: n.File, service: i.Module.Dir, sure: true}, port, checks.Finding{
				Why:      checks.Msg("Both listen on the machine on which nginx asks 127.0.0.1: whichever comes second gets \"address already in use\"."),
				Help:     checks.Msg("let nginx, or the program, listen on another port"),
				Evidence: []checks.Message{listens(a)},
			})
		}
	}
}

// nginxAddress splits the argument of listen; false for a socket of the file system, and what is no plain port.
func nginxAddress(value string) (host string, port int, ok bool) {
	if strings.HasPrefix(value, "unix:") {
		return "", 0, false
	}
	if n, err := strconv.Atoi(value); err == nil {
		return "", n, true
	}
	host, port = artefact.HostPort(value, "http")
	if host == "*" {
		host = ""
	}
	return host, port, true
}
