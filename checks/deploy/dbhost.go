package deploy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// DBHost finds databases and caches that a container looks for in itself, while they are other services.
var DBHost = checks.Check{
	ID:       "deploy/db-host",
	Title:    "the program looks for its database in its own container",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"deploy/start-order", "dep/unreachable"},
	Run:      dbHost,
}

func dbHost(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	asked := false
	for _, c := range d.Artefacts.Composed() {
		for _, s := range c.Services {
			m := d.Service(s)
			if m.Deployed == nil || s.Partial || !alone(c, s) {
				continue
			}
			asked = true
			reads, _, err := closedReads(ctx, t, m.Deployed)
			if err != nil {
				return err
			}
			l := hostLook{d, c, s, m, reads, report}
			settings, closed := l.settings()
			for _, e := range settings {
				l.judge(e)
			}
			if closed {
				l.defaults(settings)
			}
		}
	}
	for _, w := range workloads(d) {
		asked = true
		hostInPod(w, report)
	}
	if !asked {
		return checks.Skip("no compose service or pod here runs a program of this project in a network of its own")
	}
	return nil
}

// alone tells whether localhost is the container's own: it shares its network with no other.
func alone(c *artefact.Compose, s *artefact.Service) bool {
	if s.NetworkMode.Value != "" && s.NetworkMode.Value != "bridge" && s.NetworkMode.Value != "default" || slices.Contains(s.ExtraHosts, "localhost") {
		return false
	}
	return !slices.ContainsFunc(c.Services, func(o *artefact.Service) bool { return o.NetworkMode.Value == "service:"+s.Name.Value })
}

// hostLook is one compose service.
type hostLook struct {
	d      *target.Deployment
	file   *artefact.Compose
	s      *artefact.Service
	m      target.Match
	reads  *envvars.Program // nil where the code does not tell all that it reads
	report checks.Reporter
}

// settings are the variables that the service gets, and whether these are all.
func (l hostLook) settings() ([]artefact.Setting, bool) {
	out, closed := l.d.Artefacts.ServiceEnvironment(l.s)
	if stage := l.d.ServiceStage(l.s); stage != nil {
		out = append(stage.Environment(), out...)
	}
	return artefact.Last(out), closed
}

// judge looks at one variable.
func (l hostLook) judge(e artefact.Setting) {
	if e.File == nil || !e.Value.Known() {
		return
	}
	at, ok := localIn(e.Name.Value, e.Value.Value)
	if !ok {
		l.elsewhere(e)
		return
	}
	if l.reads != nil && len(l.reads.Of(e.Name.Value)) == 0 {
		return // deploy/env-agreement tells of what nobody reads
	}
	other := l.service(at)
	f := checks.Finding{
		Message:  checks.Msg("%s points at %s, which in a container is the container itself", e.Name.Value, at.host),
		Why:      checks.Msg("Nothing listens there: connect: connection refused."),
		Location: spanAt(e.File.Path, e.Value.Span),
		Service:  l.m.Module.Dir,
		Subject:  &checks.Subject{Kind: checks.EnvSubject, Name: e.Name.Value},
		Key:      l.s.Name.Value + " " + e.Name.Value,
	}
	if other == nil {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Help = checks.Msg("name the host that the database runs on; that of the machine itself is host.docker.internal where it is set up")
		l.report(f)
		return
	}
	f.Message = checks.Msg("%s points at %s, which in a container is the container itself; %s is the service %s", e.Name.Value, at.host, isStore(other.Image).name, other.Name.Value)
	f.Help = checks.Msg("write %s in the place of %s", l.address(at, other), at.host)
	f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s: image %s", textAt(other.Name, l.file.File).File, other.Name.Line, other.Name.Value, other.Image.Value))
	f.Fix = l.move(e, at, other)
	if e.Value.Origin != artefact.Literal || !l.m.Certain || l.reads == nil || at.kind == nil {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	l.report(f)
}

// service is the one service that holds the store that is meant; nil where there is none, or several.
func (l hostLook) service(at local) *artefact.Service {
	var found *artefact.Service
	for _, o := range l.file.Services {
		kind := isStore(o.Image)
		if o == l.s || kind == nil || at.kind != nil && kind.name != at.kind.name {
			continue
		}
		if found != nil {
			return nil
		}
		found = o
	}
	return found
}

// address is what to write for the host, and for the port where the service has another one inside.
func (l hostLook) address(at local, other *artefact.Service) string {
	if port := inside(at, other); port != at.port {
		return fmt.Sprintf("%s:%s", other.Name.Value, port)
	}
	return other.Name.Value
}

// inside is the port of a service that the one on the host is led to.
func inside(at local, other *artefact.Service) string {
	for _, p := range other.Ports {
		if at.port != "" && strconv.Itoa(p.Host) == at.port && p.Container > 0 {
			return strconv.Itoa(p.Container)
		}
	}
	return at.port
}

// move is a plan that names the service. It is unsafe: an env file may be there for a start without containers too.
func (l hostLook) move(e artefact.Setting, at local, other *artefact.Service) *plan.Plan {
	if !e.Value.Plain() {
		return nil
	}
	value := e.Value.Value
	text := value[:at.start] + other.Name.Value + value[at.end:]
	if port := inside(at, other); port != at.port && at.portAt > 0 {
		grown := len(other.Name.Value) - (at.end - at.start)
		i := at.portAt
		if i > at.start {
			i += grown
		}
		text = text[:i] + port + text[i+len(at.port):]
	}
	from, to := common(value, text)
	return &plan.Plan{
		Title:  fmt.Sprintf("point %s at the service %s", e.Name.Value, other.Name.Value),
		Safety: plan.Unsafe,
		Steps:  []plan.Step{plan.ReplaceAt(e.File.Path, e.Value.Line, e.Value.Column+from, value[from:len(value)-to], text[from:len(text)-to])},
	}
}

// common is how much two texts share at their beginning and at their end: what is in between is all that an edit shows.
func common(a, b string) (head, tail int) {
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}

// defaults looks at what the program falls back to where the service sets nothing.
func (l hostLook) defaults(settings []artefact.Setting) {
	if l.reads == nil {
		return
	}
	for _, r := range l.reads.Reads {
		if !r.HasDefault || !r.DefaultKnown || len(artefact.Named(settings, r.Name)) > 0 {
			continue
		}
		at, ok := localIn(r.Name, r.Default)
		if !ok || at.kind == nil {
			continue
		}
		other := l.service(at)
		if other == nil || !slices.ContainsFunc(l.s.DependsOn, func(d artefact.Dependency) bool { return d.Name.Value == other.Name.Value }) {
			continue
		}
		l.report(checks.Finding{
			Severity:   checks.Warning,
			Confidence: checks.Likely,
			Message:    checks.Msg("the service %s gets no %s, and the program then looks for %s at %s, in its own container", l.s.Name.Value, r.Name, at.kind.name, at.host),
			Why:        checks.Msg("Nothing listens there: connect: connection refused. %s is the service %s.", at.kind.name, other.Name.Value),
			Help:       checks.Msg("set %s for %s, with %s as the host", r.Name, l.s.Name.Value, l.address(at, other)),
			Location:   textAt(l.s.Name, l.file.File),
			Evidence:   []checks.Message{checks.Msg("%s:%d  the default of %s", r.At.File, r.At.Line, r.Name)},
			Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: r.Name},
			Service:    l.m.Module.Dir,
			Key:        "default " + l.s.Name.Value + " " + r.Name,
		})
	}
}

// hostInPod looks at a pod with one container and a network of its own. What is put beside it when it starts is not seen here, so it
// is never certain.
func hostInPod(w *workload, report checks.Reporter) {
	if w.Pod.HostNetwork || len(slices.DeleteFunc(slices.Clone(w.Pod.Containers), func(c *artefact.Container) bool { return c.Init && !c.Sidecar })) > 1 {
		return
	}
	for _, e := range w.cluster.Environment(w.container) {
		if e.File == nil || !e.Value.Known() {
			continue
		}
		at, ok := localIn(e.Name.Value, e.Value.Value)
		if !ok || at.kind == nil {
			continue
		}
		f := checks.Finding{
			Severity:   checks.Warning,
			Confidence: checks.Likely,
			Message:    checks.Msg("%s points at %s, which in a pod is the pod itself, and no container of it is %s", e.Name.Value, at.host, at.kind.name),
			Why:        checks.Msg("Nothing listens there: connect: connection refused."),
			Help:       checks.Msg("name the Service of %s", at.kind.name),
			Location:   spanAt(e.File.Path, e.Value.Span),
			Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: e.Name.Value},
			Service:    w.match.Module.Dir,
			Key:        w.Kind + " " + w.Name.Value + " " + e.Name.Value,
		}
		if s := storeService(w.cluster, at.kind); s != "" {
			f.Help = checks.Msg("write %s in the place of %s", s, at.host)
		}
		report(f)
	}
}

// storeService is the Service of a store that is applied with the pod.
func storeService(c *artefact.Cluster, kind *store) string {
	for _, o := range c.Objects {
		if o.Pod == nil {
			continue
		}
		for _, container := range o.Pod.Containers {
			if k := isStore(container.Image); k == nil || k.name != kind.name {
				continue
			}
			for _, s := range c.Of("Service") {
				if selectsAll(s.Selector, o.Pod.Labels) {
					return strings.TrimSpace(s.Name.Value)
				}
			}
		}
	}
	return ""
}
