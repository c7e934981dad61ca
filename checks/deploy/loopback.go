package deploy

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// Loopback finds programs that listen for their own container only, where something outside of it is to reach them.
var Loopback = checks.Check{
	ID:       "deploy/loopback",
	Title:    "the program listens on localhost, and its container publishes the port",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.CI,
	Explains: []string{"deploy/health-agreement"},
	Run:      loopback,
}

// publication is a place where something outside of a container is to reach a port of it.
type publication struct {
	port     int
	evidence checks.Message
}

func loopback(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return err
	}
	p := &ports{ctx: ctx, t: t, d: d, instances: instances, report: report}
	p.onHost = sync.OnceValues(func() (bool, error) { return t.ArtefactsSay(ctx, hostNetwork) })
	asked := false
	told := map[listen.Place][]checks.Message{}
	var order []func()
	for _, i := range instances {
		published, err := p.publications(i)
		if err != nil {
			return err
		}
		for _, pub := range published {
			asked = true
			a, ok := onlyLoopback(i, pub.port)
			if !ok {
				continue
			}
			told[a.Call] = append(told[a.Call], pub.evidence)
			if len(told[a.Call]) == 1 {
				order = append(order, func() { p.loopback(i, a, told[a.Call]) })
			}
		}
	}
	if !asked {
		return checks.Skip("nothing here publishes a port of a container that runs this project")
	}
	for _, tell := range order {
		tell()
	}
	return nil
}

// onlyLoopback is the program's listener on a port, where it listens there for its own machine only.
func onlyLoopback(i *target.Instance, port int) (listen.Address, bool) {
	all := i.On(port)
	if len(all) == 0 || !i.Known || slices.ContainsFunc(all, func(a listen.Address) bool { return !a.Loopback() || a.Conditional || a.Secondary || a.HostUnknown }) {
		return listen.Address{}, false
	}
	return all[0], true
}

var hostNetwork = lazyregexp.New(`--net(work)?[= ]["']?host|network_mode:\s*["']?(host|service:|container:)|hostNetwork:\s*true`)

// publications are the places where somebody outside is to reach a container.
func (p *ports) publications(i *target.Instance) ([]publication, error) {
	switch {
	case i.Service != nil:
		return p.composePublications(i), nil
	case i.Container != nil:
		return p.podPublications(i), nil
	case i.Image:
		return p.imagePublications(i)
	}
	return nil, nil
}

// imagePublications are the ports of EXPOSE, where nothing here says more of how the image is run, and nothing runs on the host's
// own network.
func (p *ports) imagePublications(i *target.Instance) ([]publication, error) {
	for _, o := range p.instances {
		if !o.Image && o.Deployed == i.Deployed && (o.Service != nil || o.Container != nil) {
			return nil, nil
		}
	}
	elsewhere, err := p.onHost()
	if err != nil || elsewhere {
		return nil, err
	}
	var out []publication
	for _, s := range i.Stage.Chain() {
		for _, e := range s.Ports {
			number, protocol, _ := strings.Cut(e.Value, "/")
			if n, err := strconv.Atoi(number); err == nil && protocol != "udp" {
				out = append(out, publication{n, checks.Msg("%s:%d  EXPOSE %s", s.File.Path, e.Line, e.Value)})
			}
		}
	}
	return out, nil
}

func (p *ports) composePublications(i *target.Instance) []publication {
	s := i.Service
	if s.NetworkMode.Value != "" { // of the host, or of another container
		return nil
	}
	for _, c := range artefact.Of[*artefact.Compose](p.d.Artefacts) { // another container may live in this one's network
		for _, o := range c.Services {
			if o.NetworkMode.Value == "service:"+s.Name.Value {
				return nil
			}
		}
	}
	var out []publication
	for _, port := range s.Ports {
		if port.Protocol != "udp" && port.Container != 0 {
			out = append(out, publication{port.Container, checks.Msg("%s:%d  the service %s publishes it", textAt(port.Text, s.File.File).File, port.Line, s.Name.Value)})
		}
	}
	known := p.d.Artefacts.Upstreams()
	for _, n := range artefact.Of[*artefact.Nginx](p.d.Artefacts) {
		n.Walk(func(d *artefact.Directive) {
			if d.Name.Value != "proxy_pass" {
				return
			}
			for _, to := range artefact.PassedTo(d, known) {
				if to.Host == s.Name.Value {
					out = append(out, publication{to.Port, checks.Msg("%s:%d  nginx asks the service %s there", to.File.Path, to.Text.Line, s.Name.Value)})
				}
			}
		})
	}
	return out
}

// podPublications are the ports that Services and the kubelet's probes ask for.
func (p *ports) podPublications(i *target.Instance) []publication {
	c := i.Container
	pod := c.Object.Pod
	if pod.HostNetwork {
		return nil
	}
	alone := len(servers(pod)) == 1
	number := func(to artefact.Text) int {
		if n, err := strconv.Atoi(to.Value); err == nil {
			if alone || declares(c, n) {
				return n
			}
			return 0
		}
		if holder, n := named(pod, to.Value); holder == c {
			return n
		}
		return 0
	}
	var out []publication
	for _, s := range p.cluster().services[i] {
		for _, sp := range s.Ports {
			to := sp.TargetPort
			if to.IsZero() {
				to = sp.Port
			}
			if n := number(to); n != 0 {
				out = append(out, publication{n, checks.Msg("%s:%d  the Service %s sends requests there", textAt(to, s.File.File).File, to.Line, s.Name.Value)})
			}
		}
	}
	for _, probe := range []*artefact.Probe{c.Startup, c.Liveness, c.Readiness} {
		if probe == nil || probe.Kind != "httpGet" && probe.Kind != "tcpSocket" || probe.Host.Value != "" {
			continue
		}
		if n := number(probe.Port); n != 0 {
			out = append(out, publication{n, checks.Msg("%s:%d  the kubelet asks the pod's own address", textAt(probe.Port, i.File).File, probe.Port.Line)})
		}
	}
	return out
}

// loopback reports one listener, at the value that decides it.
func (p *ports) loopback(i *target.Instance, a listen.Address, evidence []checks.Message) {
	f := checks.Finding{
		Message:  checks.Msg("the program listens on %s, which only its own container reaches", a),
		Why:      checks.Msg("Every container has a localhost of its own. From outside, a published port or a Service included, it is connection refused or reset."),
		Help:     checks.Msg(`listen on ":%d"`, a.Port),
		Evidence: append([]checks.Message{checks.Msg("%s:%d  listens there", a.Call.File, a.Call.Line)}, evidence...),
		Service:  i.Module.Dir,
		Subject:  &checks.Subject{Kind: checks.PortSubject, Port: a.Port},
		Location: checks.At(a.Call.File, a.Call.Line, a.Call.Column),
		Key:      a.String(),
	}
	certain := i.Sure(a)
	switch {
	case a.HostFixed && !a.HostAt.IsZero() && (a.Certainty != listen.Literal || a.HostAt != a.At): // only the port comes from elsewhere
		certain = i.Certain
		f.Location = checks.At(a.HostAt.File, a.HostAt.Line, a.HostAt.Column)
		f.Help = checks.Msg("leave %s out: listen on every address", a.Host)
		f.Fix = p.leaveHostOut(a)
	case a.At.IsZero():
	default:
		f.Location = checks.At(a.At.File, a.At.Line, a.At.Column)
		f.Fix = p.listenEverywhere(a)
	}
	if s, ok := loopbackSetting(i, a); ok {
		f.Location = located(s.File, s.Value.Span)
		f.Help = checks.Msg("write 0.0.0.0 in the place of %s, or leave %s out", a.Host, s.Name.Value)
		f.Fix = nil
		if s.Value.Plain() && strings.Contains(s.Value.Raw, a.Host) {
			f.Fix = &plan.Plan{Title: "listen on every address of the container", Safety: plan.Unsafe,
				Steps: []plan.Step{plan.ReplaceAt(s.File.Path, s.Value.Line, s.Value.Column+strings.Index(s.Value.Raw, a.Host), a.Host, "0.0.0.0")}}
		}
		certain = i.Certain && i.Closed && !i.Argued && s.Value.Origin == artefact.Literal
	}
	if !certain {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	p.report(f)
}

// loopbackSetting is the variable of an artefact that makes the program listen there.
func loopbackSetting(i *target.Instance, a listen.Address) (artefact.Setting, bool) {
	if a.Certainty == listen.Literal && !a.At.IsZero() && a.Name == "" && isConstantAddress(a.Expr) {
		return artefact.Setting{}, false
	}
	for _, s := range slices.Backward(i.Settings) {
		if !s.Value.Known() || s.File == nil {
			continue
		}
		if host, _, _ := strings.Cut(s.Value.Value, ":"); host == a.Host || s.Value.Value == a.Host {
			return s, true
		}
	}
	return artefact.Setting{}, false
}

func isConstantAddress(expr string) bool { return strings.HasPrefix(expr, `"`) }

// leaveHostOut is a plan that takes the host out of the constant that it alone, or the beginning of a format, stands in.
func (p *ports) leaveHostOut(a listen.Address) *plan.Plan {
	src, err := p.t.ReadConfig(a.HostAt.File)
	if err != nil {
		return nil
	}
	text, _ := plan.Line(src, a.HostAt.Line)
	old := `"` + a.Host + `:`
	if strings.Count(text, old) != 1 {
		return nil
	}
	return &plan.Plan{
		Title:  "listen on every address of the container",
		Safety: plan.Unsafe,
		Steps:  []plan.Step{plan.ReplaceAt(a.HostAt.File, a.HostAt.Line, strings.Index(text, old)+1, old, `":`)},
	}
}

// listenEverywhere is a plan that takes the host out of a constant.
func (p *ports) listenEverywhere(a listen.Address) *plan.Plan {
	if _, err := netip.ParseAddr(a.Host); err != nil && a.Host != "localhost" {
		return nil
	}
	src, err := p.t.ReadConfig(a.At.File)
	if err != nil {
		return nil
	}
	text, _ := plan.Line(src, a.At.Line)
	old := `"` + a.String() + `"`
	if strings.Count(text, old) != 1 {
		return nil
	}
	return &plan.Plan{
		Title:  "listen on every address of the container",
		Safety: plan.Unsafe,
		Steps:  []plan.Step{plan.ReplaceAt(a.At.File, a.At.Line, strings.Index(text, old)+1, old, `":`+strconv.Itoa(a.Port)+`"`)},
	}
}
