package artefact

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Cluster is manifests that are applied together, as kustomize puts them together where it does.
type Cluster struct {
	Name    string // the kustomization, or the folder; empty for all manifests that no kustomization names
	Objects []*Object
	// Complete says that all that is applied with them stands in the repository.
	Complete bool
}

// Object finds an object of the cluster; nil where there is none, or several.
func (c *Cluster) Object(kind, name string) *Object {
	var found *Object
	for _, o := range c.Objects {
		if o.Kind == kind && o.Name.Value == name {
			if found != nil {
				return nil
			}
			found = o
		}
	}
	return found
}

// Of are the objects of a kind.
func (c *Cluster) Of(kind string) []*Object {
	return slices.DeleteFunc(slices.Clone(c.Objects), func(o *Object) bool { return o.Kind != kind })
}

// Clusters are the manifests by what they are applied with: each kustomization that no other takes in, with its patches, images and
// replicas put in; and the manifests that no kustomization names, together, or by folder where one name stands in several.
func (s *Set) Clusters() []*Cluster {
	s.once.applied.Do(func() { s.once.clusters = s.apply() })
	return s.once.clusters
}

// applying is the work of Clusters.
type applying struct {
	s     *Set
	files map[string]*Manifests
	kusts map[string]*Kustomization // by folder
	named map[string]bool           // files and kustomization folders that some kustomization takes in
}

func (s *Set) apply() []*Cluster {
	a := &applying{s: s, files: map[string]*Manifests{}, kusts: map[string]*Kustomization{}, named: map[string]bool{}}
	for _, m := range Of[*Manifests](s) {
		a.files[m.Path] = m
	}
	all := Of[*Kustomization](s)
	for _, k := range all {
		a.kusts[path.Dir(k.Path)] = k
	}
	for _, k := range all {
		for _, r := range append(k.paths(), k.Resources...) {
			a.named[path.Join(path.Dir(k.Path), r.Value)] = true
		}
	}
	var out []*Cluster
	for _, k := range all {
		if k.Component || a.named[path.Dir(k.Path)] {
			continue
		}
		c := &Cluster{Name: k.Path, Complete: true}
		a.build(c, k, 0)
		out = append(out, c)
	}
	return append(out, a.plain()...)
}

func (k *Kustomization) paths() []Text {
	var out []Text
	for _, p := range k.Patches {
		if p.Path.Value != "" {
			out = append(out, p.Path)
		}
	}
	return out
}

// plain are the manifests that no kustomization names.
func (a *applying) plain() []*Cluster {
	all := &Cluster{Complete: true}
	byDir := map[string]*Cluster{}
	var dirs []*Cluster
	seen, twice := map[[3]string]bool{}, false
	for _, m := range Of[*Manifests](a.s) {
		if a.named[m.Path] {
			continue
		}
		dir := path.Dir(m.Path)
		c := byDir[dir]
		if c == nil {
			c = &Cluster{Name: dir, Complete: true}
			byDir[dir] = c
			dirs = append(dirs, c)
		}
		if m.Skipped != "" || m.Err != nil {
			c.Complete, all.Complete = false, false
		}
		c.Objects, all.Objects = append(c.Objects, m.Objects...), append(all.Objects, m.Objects...)
		for _, o := range m.Objects {
			key := [3]string{o.Kind, o.Namespace, o.Name.Value}
			twice = twice || seen[key]
			seen[key] = true
		}
	}
	switch {
	case len(dirs) == 0:
		return nil
	case !twice:
		return []*Cluster{all}
	}
	for _, c := range dirs {
		c.Complete = false // what is shared may lie in another folder
	}
	return dirs
}

// build puts what a kustomization takes in, patches and generates into a cluster.
func (a *applying) build(c *Cluster, k *Kustomization, depth int) {
	dir := path.Dir(k.Path)
	own := &Cluster{}
	if k.Remote || k.Err != nil {
		c.Complete = false
	}
	for _, r := range k.Resources {
		name := path.Join(dir, r.Value)
		switch {
		case a.files[name] != nil:
			m := a.files[name]
			if m.Skipped != "" || m.Err != nil {
				c.Complete = false
			}
			for _, o := range m.Objects {
				own.Objects = append(own.Objects, o.copy())
			}
		case a.kusts[name] != nil && a.kusts[name] != k && depth < 20:
			below := &Cluster{Complete: true}
			if a.kusts[name].Component {
				below.Objects, own.Objects = own.Objects, nil
			}
			a.build(below, a.kusts[name], depth+1)
			own.Objects = append(own.Objects, below.Objects...)
			c.Complete = c.Complete && below.Complete
		default:
			c.Complete = false
		}
	}
	// A component is laid over what is there.
	own.Objects = append(c.Objects, own.Objects...)
	c.Objects = nil
	a.generate(own, k)
	for _, p := range k.Patches {
		a.patch(own, k, p)
	}
	for _, o := range own.Objects {
		k.retag(o)
		k.label(o)
	}
	c.Objects = own.Objects
}

func (a *applying) generate(c *Cluster, k *Kustomization) {
	for _, g := range k.Generated {
		o := g.copy()
		for _, e := range k.envs[g] {
			f := a.s.At(path.Join(path.Dir(k.Path), e.Value))
			if f == nil {
				o.Unsure = true
				continue
			}
			for _, s := range f.Settings() {
				if o.Kind == "Secret" {
					s.Value = Text{Span: s.Value.Span, Origin: Referred}
					s.From = "Secret " + o.Name.Value
				}
				o.Data = append(o.Data, s)
			}
		}
		if below := c.Object(o.Kind, o.Name.Value); below != nil {
			below.Data = last(append(slices.Clone(below.Data), o.Data...))
			continue
		}
		c.Objects = append(c.Objects, o)
	}
}

func (a *applying) patch(c *Cluster, k *Kustomization, p KustomizePatch) {
	var over []*Object
	unread := p.JSON
	if p.Inline != nil {
		over = append(over, p.Inline)
	}
	if p.Path.Value != "" && !p.JSON {
		if m := a.files[path.Join(path.Dir(k.Path), p.Path.Value)]; m != nil && m.Skipped == "" && m.Err == nil {
			over = append(over, m.Objects...)
		} else {
			unread = true // JSON operations, or a file that cannot be read
		}
	}
	for _, o := range c.Objects {
		if unread && p.Target.meets(o) {
			o.Unsure = true
		}
		for _, patch := range over {
			if p.Target != (PatchTarget{}) && p.Target.meets(o) && (p.Target.Kind != "" || patch.Kind == o.Kind) ||
				p.Target == (PatchTarget{}) && patch.Kind == o.Kind && patch.Name.Value == o.Name.Value {
				o.lay(patch)
			}
		}
	}
}

// meets tells whether a patch may be for an object; its names are patterns, which count as meeting all.
func (t PatchTarget) meets(o *Object) bool {
	plain := !strings.ContainsAny(t.Name, ".*+?[|^$(")
	return (t.Kind == "" || t.Kind == o.Kind) && (t.Name == "" || !plain || t.Name == o.Name.Value)
}

// retag gives an object the replicas and images that a kustomization says.
func (k *Kustomization) retag(o *Object) {
	for _, r := range k.Replicas {
		if r.Name.Value == o.Name.Value && o.Pod != nil {
			o.Replicas = r.Count
		}
	}
	if o.Pod == nil {
		return
	}
	for _, c := range o.Pod.Containers {
		for _, i := range k.Images {
			name, tag := splitImage(c.Image.Value)
			if i.Name.Value == "" || name != i.Name.Value {
				continue
			}
			value := cmp.Or(i.NewName.Value, name)
			switch {
			case i.Digest.Value != "":
				value += "@" + i.Digest.Value
			case i.NewTag.Value != "":
				value += ":" + i.NewTag.Value
			default:
				value += tag
			}
			at := first(i.NewTag, i.NewName, i.Name)
			c.Image = Text{Value: value, Raw: at.Raw, Span: at.Span, File: at.File}
		}
	}
}

// label gives an object the labels that a kustomization gives to all.
func (k *Kustomization) label(o *Object) {
	for _, l := range k.labels {
		one := map[string]string{l.key: l.value}
		o.Labels = joined(o.Labels, one)
		if o.Pod != nil && l.pods {
			o.Pod.Labels = joined(o.Pod.Labels, one)
		}
		if l.selectors && len(o.Selector) > 0 {
			o.Selector = joined(o.Selector, one)
		}
	}
}

// splitImage is an image's name, and its tag with the colon.
func splitImage(image string) (name, tag string) {
	if i := strings.IndexByte(image, '@'); i >= 0 {
		return image[:i], image[i:]
	}
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i], image[i:]
	}
	return image, ""
}

// copy is an object that can be changed without changing the one in the file.
func (o *Object) copy() *Object {
	c := *o
	c.Labels, c.Selector, c.Strategy = maps.Clone(o.Labels), maps.Clone(o.Selector), maps.Clone(o.Strategy)
	c.SelectorAt, c.StrategyAt = maps.Clone(o.SelectorAt), maps.Clone(o.StrategyAt)
	c.Data = slices.Clone(o.Data)
	if o.Pod == nil {
		return &c
	}
	p := *o.Pod
	p.Labels, p.Volumes, p.Containers = maps.Clone(p.Labels), slices.Clone(p.Volumes), nil
	for _, container := range o.Pod.Containers {
		p.Containers = append(p.Containers, container.copy(&c))
	}
	c.Pod = &p
	return &c
}

func (c *Container) copy(o *Object) *Container {
	n := *c
	n.Object = o
	n.Env, n.EnvFrom, n.Ports, n.VolumeMounts = slices.Clone(c.Env), slices.Clone(c.EnvFrom), slices.Clone(c.Ports), slices.Clone(c.VolumeMounts)
	n.Limits, n.Requests, n.Keys = maps.Clone(c.Limits), maps.Clone(c.Requests), maps.Clone(c.Keys)
	return &n
}

// lay puts a strategic merge patch over an object.
func (o *Object) lay(p *Object) {
	if !p.Replicas.IsZero() {
		o.Replicas = p.Replicas
	}
	o.Labels, o.Selector, o.SelectorAt = joined(o.Labels, p.Labels), joined(o.Selector, p.Selector), joined(o.SelectorAt, p.SelectorAt)
	o.Annotations = joined(o.Annotations, p.Annotations)
	o.Strategy, o.StrategyAt = joined(o.Strategy, p.Strategy), joined(o.StrategyAt, p.StrategyAt)
	o.HasSelector, o.Expressions = o.HasSelector || p.HasSelector, o.Expressions || p.Expressions
	o.Data = last(append(slices.Clone(o.Data), p.Data...))
	o.Mistyped = append(slices.Clone(o.Mistyped), p.Mistyped...)
	o.Ports = replaced(slices.Clone(o.Ports), p.Ports, func(s ServicePort) string { return s.Port.Value })
	if len(p.Backends) > 0 {
		o.Backends = p.Backends
	}
	if p.Scales != nil && o.Scales != nil {
		s := *o.Scales
		if !p.Scales.Min.IsZero() {
			s.Min = p.Scales.Min
		}
		if !p.Scales.Max.IsZero() {
			s.Max = p.Scales.Max
		}
		o.Scales = &s
	}
	if p.Affinity != "" {
		o.Affinity = p.Affinity
	}
	if o.Pod != nil && p.Pod != nil {
		o.Pod.lay(o, p.Pod)
	}
}

func (p *Pod) lay(o *Object, over *Pod) {
	p.Labels = joined(p.Labels, over.Labels)
	layText(&p.GracePeriod, over.GracePeriod)
	layText(&p.RunAsUser, over.RunAsUser)
	layText(&p.NonRoot, over.NonRoot)
	p.HostNetwork, p.RunAsNonRoot = p.HostNetwork || over.HostNetwork, p.RunAsNonRoot || over.RunAsNonRoot
	p.ShareProcessNamespace = p.ShareProcessNamespace || over.ShareProcessNamespace
	p.Volumes = replaced(p.Volumes, over.Volumes, func(v PodVolume) string { return v.Name.Value })
	for _, c := range over.Containers {
		if i := slices.IndexFunc(p.Containers, func(b *Container) bool { return b.Name.Value == c.Name.Value && b.Init == c.Init }); i >= 0 {
			p.Containers[i].lay(c)
		} else {
			p.Containers = append(p.Containers, c.copy(o))
		}
	}
}

func (c *Container) lay(p *Container) {
	layText(&c.Image, p.Image)
	layText(&c.WorkingDir, p.WorkingDir)
	layText(&c.RunAsUser, p.RunAsUser)
	layText(&c.NonRoot, p.NonRoot)
	c.Env = last(append(c.Env, p.Env...))
	c.EnvFrom = append(c.EnvFrom, p.EnvFrom...)
	c.Ports = replaced(c.Ports, p.Ports, func(p ContainerPort) string { return strconv.Itoa(p.Number) })
	c.VolumeMounts = replaced(c.VolumeMounts, p.VolumeMounts, func(m VolumeMount) string { return m.MountPath.Value })
	c.Limits, c.Requests, c.Keys = joined(c.Limits, p.Limits), joined(c.Requests, p.Requests), joined(c.Keys, p.Keys)
	c.Liveness, c.Readiness, c.Startup = laidProbe(c.Liveness, p.Liveness), laidProbe(c.Readiness, p.Readiness), laidProbe(c.Startup, p.Startup)
	if p.Command != nil {
		c.Command = p.Command
	}
	if p.Args != nil {
		c.Args = p.Args
	}
	if p.PreStop != nil {
		c.PreStop = p.PreStop
	}
	c.ReadOnlyRoot = c.ReadOnlyRoot || p.ReadOnlyRoot
}

func laidProbe(below, p *Probe) *Probe {
	if below == nil || p == nil {
		return cmp.Or(p, below)
	}
	out := *below
	if p.Kind != "" {
		out.Kind = p.Kind
	}
	for _, pair := range []struct{ to, from *Text }{{&out.Path, &p.Path}, {&out.Port, &p.Port}, {&out.Scheme, &p.Scheme}, {&out.Host, &p.Host},
		{&out.Delay, &p.Delay}, {&out.Period, &p.Period}, {&out.Timeout, &p.Timeout}, {&out.Failures, &p.Failures}} {
		layText(pair.to, *pair.from)
	}
	if p.Exec != nil {
		out.Exec = p.Exec
	}
	return &out
}

func layText(to *Text, from Text) {
	if !from.IsZero() {
		*to = from
	}
}

func joined[V any](below, above map[string]V) map[string]V {
	out := maps.Clone(below)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, above)
	return out
}
