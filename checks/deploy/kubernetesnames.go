package deploy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/typo"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// lackingObjects tells of ConfigMaps and Secrets that a container takes its variables from and that are not here under this name, but
// under one that is nearly the same. Others may well be made elsewhere.
func lackingObjects(l clusterLook) error {
	if l.Unsure {
		return nil
	}
	told := map[string]bool{}
	ask := func(kind string, name artefact.Text, optional bool) {
		if optional || !name.Known() || name.Value == "" || told[kind+name.Value] || slices.ContainsFunc(l.cluster.Of(kind), func(o *artefact.Object) bool { return o.Name.Value == name.Value }) {
			return
		}
		told[kind+name.Value] = true
		near := l.nearly(kind, name.Value)
		if near == nil {
			return
		}
		l.at(name, checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message:  checks.Msg("the container %s takes variables from the %s %s, and only %s is here", l.container.Name.Value, kind, name.Value, near.Name.Value),
			Why:      checks.Msg("Where nothing else makes it, the container is not started: CreateContainerConfigError, %q not found.", name.Value),
			Help:     checks.Msg("write name: %s", near.Name.Value),
			Evidence: []checks.Message{checks.Msg("%s:%d  the %s %s", near.File.Path, near.Name.Line, kind, near.Name.Value)},
			Key:      "lacking " + kind + " " + name.Value,
			Fix:      renameTo(name, near.Name.Value),
		})
	}
	for _, from := range l.container.EnvFrom {
		ask(from.Kind, from.Name, from.Optional)
	}
	for _, e := range l.container.Env {
		if key, ok := l.container.Keys[e.Name.Value]; ok {
			ask(key.Kind, key.Name, key.Optional)
		}
	}
	return nil
}

// nearly is the one object of a kind whose name is nearly that, and that nobody here asks for by its own; nil where there is none.
func (l clusterLook) nearly(kind, name string) *artefact.Object {
	var found *artefact.Object
	for _, o := range l.cluster.Of(kind) {
		if !sameName(name, o.Name.Value) || l.asksFor(kind, o.Name.Value) {
			continue
		}
		if found != nil {
			return nil
		}
		found = o
	}
	return found
}

// sameName tells whether two names are meant to be one: a letter apart, or one with a word of the kind behind it.
func sameName(name, other string) bool {
	for _, end := range []string{"s", "-config", "-configmap", "-cm", "-secret", "-secrets", "-env", "map"} {
		if name+end == other || other+end == name {
			return true
		}
	}
	return typo.For(name, other, shortName)
}

// asksFor tells whether a container of the cluster names an object.
func (l clusterLook) asksFor(kind, name string) bool {
	return slices.ContainsFunc(l.cluster.Objects, func(o *artefact.Object) bool {
		if o.Pod == nil {
			return false
		}
		return slices.ContainsFunc(o.Pod.Volumes, func(v artefact.PodVolume) bool { return v.Source == name }) ||
			slices.ContainsFunc(o.Pod.Containers, func(c *artefact.Container) bool {
				for _, key := range c.Keys {
					if key.Kind == kind && key.Name.Value == name {
						return true
					}
				}
				return slices.ContainsFunc(c.EnvFrom, func(from artefact.EnvFrom) bool { return from.Kind == kind && from.Name.Value == name })
			})
	})
}

func renameTo(at artefact.Text, name string) *plan.Plan {
	if at.File == nil || !at.Plain() {
		return nil
	}
	return &plan.Plan{Title: "write " + name, Safety: plan.Unsafe, Steps: []plan.Step{plan.ReplaceAt(at.File.Path, at.Line, at.Column, at.Raw, name)}}
}

// lackingVolumes tells of mounts whose volume the pod does not have.
func lackingVolumes(l clusterLook) error {
	if l.Unsure {
		return nil
	}
	for _, m := range l.container.VolumeMounts {
		if !m.Name.Known() || m.Name.Value == "" || l.volume(m.Name.Value) {
			continue
		}
		f := checks.Finding{
			Severity: refusedSeverity(l.cluster),
			Message:  checks.Msg("the container %s mounts the volume %s, which %s does not have", l.container.Name.Value, m.Name.Value, l.title()),
			Why:      checks.Msg("kubectl apply refuses it: volumeMounts.name: Not found: %q.", m.Name.Value),
			Help:     checks.Msg("add it to volumes of the pod, or take the mount out"),
			Key:      "volume " + m.Name.Value,
		}
		for _, v := range l.Pod.Volumes {
			if typo.For(m.Name.Value, v.Name.Value, shortName) {
				f.Help, f.Fix = checks.Msg("write name: %s", v.Name.Value), renameTo(m.Name, v.Name.Value)
			}
		}
		l.at(m.Name, f)
	}
	return nil
}

func (w *workload) volume(name string) bool {
	return slices.ContainsFunc(w.Pod.Volumes, func(v artefact.PodVolume) bool { return v.Name.Value == name || !v.Name.Known() }) ||
		slices.ContainsFunc(w.Claims, func(c artefact.Claim) bool { return c.Name == name })
}

// strayIngresses tells of rules whose Service is not here under this name, but under one that is nearly the same.
func strayIngresses(c *artefact.Cluster, all []*workload, report checks.Reporter) {
	for _, o := range c.Of("Ingress") {
		for _, b := range o.Backends {
			if !b.Service.Known() || o.Unsure || slices.ContainsFunc(c.Of("Service"), func(s *artefact.Object) bool { return s.Name.Value == b.Service.Value }) {
				continue
			}
			for _, s := range c.Of("Service") {
				i := slices.IndexFunc(all, func(w *workload) bool {
					return w.cluster == c && w.Namespace == s.Namespace && selectsAll(s.Selector, w.Pod.Labels)
				})
				if i < 0 || s.Namespace != o.Namespace || !nearService(b.Service.Value, s.Name.Value) {
					continue
				}
				report(checks.Finding{
					Severity: checks.Warning, Confidence: checks.Likely,
					Message:  checks.Msg("the Ingress %s sends requests to the Service %s, and only %s is here", o.Name.Value, b.Service.Value, s.Name.Value),
					Why:      checks.Msg("Where nothing else makes it, the controller answers 503: there is no endpoint."),
					Help:     checks.Msg("write name: %s", s.Name.Value),
					Location: textAt(b.Service, o.File.File),
					Service:  all[i].match.Module.Dir,
					Key:      "ingress " + o.Name.Value + " " + b.Service.Value,
					Fix:      renameTo(b.Service, s.Name.Value),
				})
				break
			}
		}
	}
}

// nearService tells whether two names of Services are meant to be one.
func nearService(name, other string) bool {
	for _, end := range []string{"-service", "-svc", "-api", "-app", "-server", "-http", "s"} {
		if name+end == other || other+end == name {
			return true
		}
	}
	return typo.For(name, other, shortName)
}

// nodePorts tells of ports of the nodes that Kubernetes gives to nobody, unless its server is set up otherwise.
func nodePorts(c *artefact.Cluster, all []*workload, report checks.Reporter) {
	for _, s := range c.Of("Service") {
		i := slices.IndexFunc(all, func(w *workload) bool { return w.cluster == c && selectsAll(s.Selector, w.Pod.Labels) })
		for _, p := range s.Ports {
			n, err := strconv.Atoi(strings.TrimSpace(p.NodePort.Value))
			if i < 0 || err != nil || n == 0 || n >= 30000 && n <= 32767 {
				continue
			}
			report(checks.Finding{
				Severity: checks.Warning, Confidence: checks.Likely,
				Message:  checks.Msg("nodePort: %d of the Service %s lies outside of 30000-32767", n, s.Name.Value),
				Why:      checks.Msg("kubectl apply refuses it where the cluster keeps to its default: provided port is not in the valid range."),
				Help:     checks.Msg("write a port of that range, or leave nodePort out and take the one that is given"),
				Location: textAt(p.NodePort, s.File.File),
				Service:  all[i].match.Module.Dir,
				Key:      "nodePort " + s.Name.Value,
			})
		}
	}
}

// secretValues tells of values of a Secret that are not written down as they have to be.
func secretValues(c *artefact.Cluster, o *artefact.Object, report checks.Reporter) {
	for _, s := range o.Undecodable {
		report(checks.Finding{
			Severity: refusedSeverity(c),
			Message:  checks.Msg("%s of the Secret %s stands under data, and is no base64", s.Name.Value, o.Name.Value),
			Why:      checks.Msg("kubectl apply refuses the whole object: illegal base64 data."),
			Help:     checks.Msg("write it under stringData, which takes texts as they are"),
			Location: textAt(s.Name, o.File.File),
			Key:      "base64 " + o.Name.Value + " " + s.Name.Value,
		})
	}
	for _, s := range o.BrokenLines {
		report(checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message:  checks.Msg("%s of the Secret %s ends in a newline", s.Name.Value, o.Name.Value),
			Why:      checks.Msg("echo has put it there before base64. It is part of the value: no port, no address and no password with it is the one that was meant."),
			Help:     checks.Msg("encode it with printf %%s or echo -n, or write it under stringData"),
			Location: textAt(s.Name, o.File.File),
			Key:      "newline " + o.Name.Value + " " + s.Name.Value,
		})
	}
}
