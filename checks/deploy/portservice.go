package deploy

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// objects are the Kubernetes objects of a kind, as they stand in their files.
func (p *ports) objects(kind string) []*artefact.Object {
	var out []*artefact.Object
	for _, m := range artefact.Of[*artefact.Manifests](p.d.Artefacts) {
		for _, o := range m.Objects {
			if o.Kind == kind {
				out = append(out, o)
			}
		}
	}
	return out
}

// cluster is which Services stand before which containers of the project, where they are applied together.
type cluster struct {
	services map[*target.Instance][]*artefact.Object
	named    map[*artefact.Cluster]map[string][]*artefact.Object // the Services by name
	ours     map[*artefact.Object]*target.Instance
}

// cluster pairs Services with containers: by one label of their selector first, since there may be many of both.
func (p *ports) cluster() *cluster {
	if p.paired != nil {
		return p.paired
	}
	c := &cluster{services: map[*target.Instance][]*artefact.Object{}, named: map[*artefact.Cluster]map[string][]*artefact.Object{}, ours: map[*artefact.Object]*target.Instance{}}
	p.paired = c
	type labelled struct {
		in    *artefact.Cluster
		label string
	}
	byLabel := map[labelled][]*artefact.Object{}
	for _, in := range p.d.Artefacts.Clusters() {
		c.named[in] = map[string][]*artefact.Object{}
		for _, s := range in.Of("Service") {
			c.named[in][s.Name.Value] = append(c.named[in][s.Name.Value], s)
			for _, key := range slices.Sorted(maps.Keys(s.Selector)) {
				label := labelled{in, key + "=" + s.Selector[key]}
				byLabel[label] = append(byLabel[label], s)
				break
			}
		}
	}
	for _, i := range p.instances {
		if i.Container == nil {
			continue
		}
		for key, value := range i.Container.Object.Pod.Labels {
			for _, s := range byLabel[labelled{i.Cluster, key + "=" + value}] {
				if selects(s, i.Container) {
					c.services[i] = append(c.services[i], s)
					c.ours[s] = i
				}
			}
		}
	}
	return c
}

// selects tells whether a Service sends requests to the pods of a container.
func selects(service *artefact.Object, c *artefact.Container) bool {
	if len(service.Selector) == 0 || service.Namespace != c.Object.Namespace && service.Namespace != "" && c.Object.Namespace != "" {
		return false
	}
	for key, value := range service.Selector {
		if c.Object.Pod.Labels[key] != value {
			return false
		}
	}
	return true
}

// services compares where Services send requests with where the program listens.
func (p *ports) services() {
	reached := map[*target.Instance]bool{} // by a Service, on a port of its own
	for _, i := range p.instances {
		for _, s := range p.cluster().services[i] {
			if !s.Headless {
				reached[i] = p.service(s, i) || reached[i]
			}
		}
	}
	for _, i := range p.instances {
		if i.Container != nil && i.Known && !reached[i] {
			p.declared(i)
		}
	}
}

// service judges one Service before one container, and tells whether it said all that there is to say of the container's ports.
func (p *ports) service(s *artefact.Object, i *target.Instance) bool {
	pod := i.Container.Object.Pod
	alone := len(servers(pod)) == 1
	var wrong []artefact.ServicePort
	var numbers []int
	for _, sp := range s.Ports {
		to := sp.TargetPort
		if to.IsZero() {
			to = sp.Port
		}
		n, err := strconv.Atoi(to.Value)
		if err != nil {
			holder, number := named(pod, to.Value)
			switch {
			case holder == nil && len(servers(pod)) == len(pod.Containers):
				p.judged = true
				p.note(i, s.File.File, to, 0, checks.Finding{
					Message:  checks.Msg("the Service %s sends requests to a port called %q, and no container of its pods has one", s.Name.Value, to.Value),
					Why:      checks.Msg("The Service gets no endpoints: connections to it are refused."),
					Help:     checks.Msg("give the container's port that name, or write the number in targetPort"),
					Evidence: portNames(i),
					Key:      "target " + s.Name.Value + " " + to.Value,
				})
				return true
			case holder != i.Container:
				continue // of another container
			}
			n = number
		}
		if !i.Known || n == 0 {
			return false
		}
		if len(i.On(n)) > 0 {
			return false
		}
		if !alone && err == nil && !declares(i.Container, n) {
			continue // that of another container, or so it may be
		}
		wrong, numbers = append(wrong, sp), append(numbers, n)
	}
	if len(wrong) == 0 {
		return false
	}
	sp, n := wrong[0], numbers[0]
	file, at, key := s.File.File, sp.TargetPort, "target "+s.Name.Value
	if at.IsZero() {
		at = sp.Port
	}
	f := checks.Finding{
		Message: checks.Msg("the Service %s sends requests to port %d of the pod, but the program listens on %s", s.Name.Value, n, portList(i)),
		Why:     checks.Msg("Nobody listens there: connection refused, and 502 or 503 from what stands before the Service."),
		Help:    checks.Msg("let targetPort be the port that the program listens on"),
		Key:     key,
	}
	if main, _ := mainPort(i); main != 0 {
		f.Help = checks.Msg("write targetPort: %d", main)
	}
	if at.Value != strconv.Itoa(n) { // by name: the number stands at the container
		for _, cp := range i.Container.Ports {
			if cp.Name.Value == at.Value {
				f.Evidence = append(listeners(i), checks.Msg("%s:%d  targetPort: %s", textAt(at, file).File, at.Line, at.Value))
				file, at = i.Container.Object.File.File, cp.Port
				f.Help = checks.Msg("let containerPort be the port that the program listens on")
			}
		}
	}
	if !sp.TargetPort.IsZero() {
		f.Fix = renumber(i, file, at, n, plan.Unsafe)
	}
	p.mismatch(i, file, at, i.Certain, n, f)
	return true
}

// servers are the containers of a pod that run beside each other.
func servers(pod *artefact.Pod) []*artefact.Container {
	return slices.DeleteFunc(slices.Clone(pod.Containers), func(c *artefact.Container) bool { return c.Init })
}

// named is the container of a pod that has a port of that name, and its number.
func named(pod *artefact.Pod, name string) (*artefact.Container, int) {
	for _, c := range pod.Containers {
		for _, port := range c.Ports {
			if port.Name.Value == name {
				return c, port.Number
			}
		}
	}
	return nil, 0
}

func declares(c *artefact.Container, port int) bool {
	return slices.ContainsFunc(c.Ports, func(p artefact.ContainerPort) bool { return p.Number == port })
}

func portNames(i *target.Instance) []checks.Message {
	var names []string
	for _, port := range i.Container.Ports {
		names = append(names, strings.TrimSpace(port.Name.Value+" "+port.Port.Value))
	}
	if len(names) == 0 {
		return []checks.Message{checks.Msg("%s:%d  the container %s names no ports", i.File.Path, i.At.Line, i.Container.Name.Value)}
	}
	return []checks.Message{checks.Msg("%s:%d  the ports of the container %s: %s", textAt(i.Container.Ports[0].Port, i.File).File, i.Container.Ports[0].Port.Line, i.Container.Name.Value, strings.Join(names, ", "))}
}

// declared compares containerPort, which declares and does nothing by itself.
func (p *ports) declared(i *target.Instance) {
	var wrong []artefact.ContainerPort
	for _, port := range i.Container.Ports {
		switch {
		case port.Protocol == "UDP":
		case port.Number == 0 || len(i.On(port.Number)) > 0 || p.ignored[i] == port.Number:
			return
		default:
			wrong = append(wrong, port)
		}
	}
	port, certain := mainPort(i)
	if len(wrong) == 0 || port == 0 {
		return
	}
	f := checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("containerPort %d, but the program listens on %d", wrong[0].Number, port),
		Why:      checks.Msg("By itself it opens nothing; probes and Services that name this port find nobody there."),
		Help:     checks.Msg("write containerPort: %d", port),
		Key:      "containerPort " + i.Container.Name.Value,
	}
	if !certain {
		f.Confidence = checks.Likely
	} else if len(wrong) == 1 {
		f.Fix = renumber(i, i.File, wrong[0].Port, wrong[0].Number, plan.Unsafe)
	}
	p.note(i, i.File, wrong[0].Port, wrong[0].Number, f)
}

// ingresses looks the ports of backends up in the Services that stand before the project's programs.
func (p *ports) ingresses() {
	for _, in := range p.d.Artefacts.Clusters() {
		for _, ingress := range in.Of("Ingress") {
			p.ingress(in, ingress)
		}
	}
}

func (p *ports) ingress(in *artefact.Cluster, ingress *artefact.Object) {
	c := p.cluster()
	for _, b := range ingress.Backends {
		var known []*artefact.Object
		var ours *target.Instance
		unsure := ingress.Unsure
		for _, s := range c.named[in][b.Service.Value] {
			if s.Namespace != ingress.Namespace && s.Namespace != "" && ingress.Namespace != "" {
				continue
			}
			known = append(known, s)
			unsure = unsure || s.Unsure
			if i := c.ours[s]; i != nil {
				ours = i
			}
		}
		if ours == nil || unsure || b.Port.IsZero() || !b.Port.Known() || slices.ContainsFunc(known, func(s *artefact.Object) bool { return hasPort(s, b.Port.Value) }) {
			continue
		}
		p.judged = true
		number, _ := strconv.Atoi(b.Port.Value)
		f := checks.Finding{
			Message: checks.Msg("the Ingress asks the Service %s for port %s, which it does not have", b.Service.Value, b.Port.Value),
			Why:     checks.Msg("The controller finds no endpoint for the rule and answers 503."),
			Help:    checks.Msg("name a port of the Service"),
			Key:     "ingress " + ingress.Name.Value + " " + b.Service.Value,
		}
		for _, s := range known {
			for _, sp := range s.Ports {
				f.Evidence = append(f.Evidence, checks.Msg("%s:%d  the Service has port %s", textAt(sp.Port, s.File.File).File, sp.Port.Line, strings.TrimSpace(sp.Port.Value+" "+sp.Name.Value)))
			}
		}
		if len(known) == 1 && len(known[0].Ports) == 1 && b.Port.Plain() && number != 0 {
			f.Help = checks.Msg("write number: %s", known[0].Ports[0].Port.Value)
			f.Fix = &plan.Plan{Title: "let the Ingress ask for the Service's port", Safety: plan.Unsafe,
				Steps: []plan.Step{plan.ReplaceAt(textAt(b.Port, ingress.File.File).File, b.Port.Line, b.Port.Column, b.Port.Raw, known[0].Ports[0].Port.Value)}}
		}
		p.note(ours, ingress.File.File, b.Port, number, f)
	}
}

func hasPort(s *artefact.Object, port string) bool {
	return slices.ContainsFunc(s.Ports, func(sp artefact.ServicePort) bool { return sp.Port.Value == port || sp.Name.Value == port })
}
