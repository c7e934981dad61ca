package artefact

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var (
	apiVersionLine = lazyregexp.New(`(?m)^(\xef\xbb\xbf)?["']?apiVersion["']?\s*:`)
	kindLine       = lazyregexp.New(`(?m)^["']?kind["']?\s*:`)
	listedKind     = lazyregexp.New(`^\s*\{|(?m)^\s*-?\s*["']?kind["']?\s*:`)
)

var manifestFiles = reader{
	kind:  "Kubernetes manifest",
	named: func(name string) bool { return extension(name, ".yaml", ".yml") },
	holds: func(text []byte) bool { // most YAML is none: a plain search for the word tells so in a hundredth of the time
		return bytes.Contains(text, []byte("apiVersion")) && apiVersionLine.Match(text) && (kindLine.Match(text) || listedKind.Match(text))
	},
	read: func(f *File) any { return readManifests(f) },
}

// Manifests is one file of Kubernetes manifests.
type Manifests struct {
	*File
	Objects []*Object
}

// Object is one Kubernetes object. Of what its kind does not have, it has none.
type Object struct {
	Span
	File        *Manifests
	APIVersion  Text
	Kind        string
	Name        Text
	Namespace   string
	Labels      map[string]string
	Annotations map[string]Text
	// Pod is what a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob or Pod runs.
	Pod      *Pod
	Replicas Text
	Selector map[string]string // of a workload or a Service
	Ports    []ServicePort     // of a Service
	Headless bool              // a Service without an address of its own: its target ports count for nothing
	Backends []Backend         // of an Ingress
	Data     []Setting         // of a ConfigMap or Secret; those of a Secret have their values masked away
	Strategy map[string]string // type, maxSurge, maxUnavailable of a Deployment

	SelectorAt  map[string]Text // the values of Selector, where they stand
	StrategyAt  map[string]Text // those of Strategy
	HasSelector bool            // a workload says anything about its selector
	Expressions bool            // it has matchExpressions, which Selector does not hold
	Scales      *Scale          // of a HorizontalPodAutoscaler
	AccessModes []string        // of a PersistentVolumeClaim
	Affinity    string          // sessionAffinity of a Service
	Claims      []Claim         // volumeClaimTemplates of a StatefulSet
	Mistyped    []Text          // values that have to be texts, and that YAML takes for something else
	Undecodable []Setting       // of the data of a Secret: values that are no base64
	BrokenLines []Setting       // of a Secret: values that end in a line break which echo has put there
	// Unsure says that something is laid over it, or taken from it, that is not read: what it lacks it may have all the same.
	Unsure bool
}

// Scale is what a HorizontalPodAutoscaler scales, and on what.
type Scale struct {
	Kind, Name, Min, Max Text
	CPU, Memory          bool // a share of what is requested of it
}

// Claim is one volumeClaimTemplate.
type Claim struct {
	Name        string
	AccessModes []string
}

// Pod is the pod template of a workload.
type Pod struct {
	Span
	Labels      map[string]string
	Containers  []*Container
	GracePeriod Text // terminationGracePeriodSeconds
	HostNetwork bool
	RunAsUser   Text
	RunAsNonRoot,
	ShareProcessNamespace bool
	Volumes []PodVolume
	NonRoot Text // runAsNonRoot, where it stands
}

// PodVolume is one volume of a pod; Kind is configMap, secret, emptyDir, ..., Source its name.
type PodVolume struct {
	Name         Text
	Kind, Source string
}

// Container is one container of a pod.
type Container struct {
	Span
	Object       *Object
	Init         bool
	Name, Image  Text
	Env          []Setting
	EnvFrom      []EnvFrom
	Ports        []ContainerPort
	Liveness     *Probe
	Readiness    *Probe
	Startup      *Probe
	Command      *Exec // takes the place of the image's entrypoint
	Args         *Exec // takes the place of the image's command
	WorkingDir   Text
	VolumeMounts []VolumeMount
	Limits       map[string]Text
	Requests     map[string]Text
	PreStop      *Hook
	RunAsUser    Text
	NonRoot      Text // runAsNonRoot
	ReadOnlyRoot bool
	// Sidecar says that it is an init container that goes on beside the others (restartPolicy: Always).
	Sidecar bool
	// Keys are the keys of ConfigMaps and Secrets that variables take their values from, by the name of the variable.
	Keys map[string]KeyRef
}

// KeyRef is a key of a ConfigMap or Secret that a variable is taken from.
type KeyRef struct {
	Kind      string
	Name, Key Text
	Optional  bool
}

// EnvFrom is one entry of envFrom.
type EnvFrom struct {
	Kind     string // ConfigMap or Secret
	Name     Text
	Prefix   string
	Optional bool
}

// ContainerPort is one port of a container; 0 where it is not plain.
type ContainerPort struct {
	Name     Text
	Port     Text
	Number   int
	Protocol string
}

// Probe is a liveness, readiness or startup probe.
type Probe struct {
	Span
	Path, Port, Scheme, Host Text // of httpGet; Port of tcpSocket and grpc too
	Kind                     string
	Exec                     *Exec
	Delay, Period, Timeout   Text
	Failures                 Text
}

// Hook is a lifecycle hook.
type Hook struct {
	Span
	Sleep Text
	Exec  *Exec
}

// VolumeMount is one mount of a container.
type VolumeMount struct{ Name, MountPath, SubPath Text }

// ServicePort is one port of a Service.
type ServicePort struct{ Name, Port, TargetPort, NodePort, Protocol Text }

// Backend is one backend of an Ingress.
type Backend struct {
	Host, Path, Service, Port Text
	Type                      string // pathType
}

func (m *Manifests) settings() []Setting {
	var out []Setting
	for _, o := range m.Objects {
		out = append(out, o.Data...)
		if o.Pod != nil {
			for _, c := range o.Pod.Containers {
				out = append(out, c.Env...)
			}
		}
	}
	return out
}

// readManifests reads every document of a file. One that is a template for another tool is skipped as a whole: what stands in it is
// none of its values.
func readManifests(f *File) *Manifests {
	m := &Manifests{File: f}
	if bytes.Contains(f.Text, []byte("{{")) {
		f.Skipped = "it is a template: {{ }} is filled in by another tool"
		return m
	}
	m.read(f.src)
	return m
}

// read takes the objects from a text of the file: its own, or what a template becomes.
func (m *Manifests) read(src *source) {
	for _, d := range documentsIn(m.File, src) {
		m.add(d.top(), 0)
	}
	if m.tooMany(len(m.Objects), mostParts, "objects") {
		m.Objects = nil
	}
}

// object is the object that a document describes; nil where it is none.
func (m *Manifests) object(n node) *Object {
	before := m.Objects
	m.Objects = nil
	m.add(n, 0)
	got := m.Objects
	m.Objects = before
	if len(got) != 1 {
		return nil
	}
	return got[0]
}

func (m *Manifests) add(n node, depth int) {
	kind := n.get("kind").text().Value
	if items := n.get("items"); strings.HasSuffix(kind, "List") && items.isList() && depth < 5 {
		for _, item := range items.items() {
			m.add(item, depth+1)
		}
		return
	}
	if kind == "" || n.get("apiVersion").text().Value == "" {
		return
	}
	o := &Object{Span: n.span(), File: m, APIVersion: n.get("apiVersion").text(), Kind: kind, Name: n.get("metadata", "name").text(),
		Namespace: n.get("metadata", "namespace").text().Value, Labels: n.get("metadata", "labels").plain(), Annotations: texts(n.get("metadata", "annotations"))}
	for _, e := range n.get("metadata", "labels").entries() {
		o.mistyped(e.value)
	}
	for _, e := range n.get("metadata", "annotations").entries() {
		o.mistyped(e.value)
	}
	spec := n.get("spec")
	switch kind {
	case "Pod":
		o.Pod = o.pod(n)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ReplicationController", "Rollout":
		o.Pod, o.Replicas, o.Selector = o.pod(spec.get("template")), spec.get("replicas").text(), spec.get("selector", "matchLabels").plain()
		o.SelectorAt, o.HasSelector = texts(spec.get("selector", "matchLabels")), spec.get("selector").n != nil
		o.Expressions = len(spec.get("selector", "matchExpressions").items()) > 0
		if kind == "ReplicationController" {
			o.Selector, o.SelectorAt = spec.get("selector").plain(), texts(spec.get("selector"))
		}
		o.strategy(spec.get("strategy"))
		for _, c := range spec.get("volumeClaimTemplates").items() {
			o.Claims = append(o.Claims, Claim{c.get("metadata", "name").text().Value, values(c.get("spec", "accessModes"))})
		}
	case "CronJob":
		o.Pod = o.pod(spec.get("jobTemplate", "spec", "template"))
	case "Service":
		if o.APIVersion.Value == "v1" {
			o.service(spec)
		}
	case "Ingress":
		o.ingress(spec)
	case "ConfigMap", "Secret":
		o.data(n)
	case "HorizontalPodAutoscaler":
		o.Scales = scale(spec)
	case "PersistentVolumeClaim":
		o.AccessModes = values(spec.get("accessModes"))
	}
	m.Objects = append(m.Objects, o)
}

// plain is a mapping of texts.
func (n node) plain() map[string]string {
	out := map[string]string{}
	for _, e := range n.entries() {
		out[e.key.Value] = e.value.text().Value
	}
	return out
}

// mistyped keeps a value that has to be a text, and is none.
func (o *Object) mistyped(n node) {
	if t := n.text(); t.Type == Number || t.Type == Bool {
		o.Mistyped = append(o.Mistyped, t)
	}
}

func values(n node) []string {
	var out []string
	for _, item := range n.items() {
		out = append(out, item.text().Value)
	}
	return out
}

func scale(spec node) *Scale {
	ref := spec.get("scaleTargetRef")
	s := &Scale{Kind: ref.get("kind").text(), Name: ref.get("name").text(), Min: spec.get("minReplicas").text(), Max: spec.get("maxReplicas").text()}
	s.CPU = !spec.get("targetCPUUtilizationPercentage").text().IsZero()
	for _, m := range spec.get("metrics").items() {
		r := m.get("resource")
		share := !r.get("target", "averageUtilization").text().IsZero() || !r.get("targetAverageUtilization").text().IsZero()
		s.CPU = s.CPU || share && r.get("name").text().Value == "cpu"
		s.Memory = s.Memory || share && r.get("name").text().Value == "memory"
	}
	return s
}

func (o *Object) strategy(n node) {
	o.Strategy, o.StrategyAt = n.get("rollingUpdate").plain(), texts(n.get("rollingUpdate"))
	if t := n.get("type").text(); t.Value != "" {
		o.Strategy["type"], o.StrategyAt["type"] = t.Value, t
	}
}

func (o *Object) service(spec node) {
	o.Selector, o.Headless = spec.get("selector").plain(), spec.get("clusterIP").text().Value == "None"
	o.SelectorAt, o.Affinity = texts(spec.get("selector")), spec.get("sessionAffinity").text().Value
	for _, p := range spec.get("ports").items() {
		o.Ports = append(o.Ports, ServicePort{p.get("name").text(), p.get("port").text(), p.get("targetPort").text(), p.get("nodePort").text(), p.get("protocol").text()})
	}
}

func (o *Object) ingress(spec node) {
	backend := func(host, path Text, kind string, b node) {
		s := b.get("service")
		name, port := s.get("name").text(), s.get("port", "number").text()
		if port.IsZero() {
			port = s.get("port", "name").text()
		}
		if s.n == nil { // extensions/v1beta1
			name, port = b.get("serviceName").text(), b.get("servicePort").text()
		}
		if name.Value != "" {
			o.Backends = append(o.Backends, Backend{host, path, name, port, kind})
		}
	}
	backend(Text{}, Text{}, "", spec.get("defaultBackend"))
	for _, rule := range spec.get("rules").items() {
		for _, p := range rule.get("http", "paths").items() {
			backend(rule.get("host").text(), p.get("path").text(), p.get("pathType").text().Value, p.get("backend"))
		}
	}
}

func (o *Object) data(n node) {
	for _, section := range []string{"data", "stringData"} {
		for _, e := range n.get(section).entries() {
			if o.mistyped(e.value); len(o.Mistyped) > 0 && o.Kind == "Secret" {
				o.Mistyped[len(o.Mistyped)-1].Value = "" // a secret: where it stands is enough
			}
			s := Setting{Name: e.key, Value: e.value.text(), File: o.File.File, For: o.Name.Value}
			if o.Kind == "Secret" {
				o.encoded(section, s)
				s.Value = Text{Span: s.Value.Span, Origin: Referred}
				s.From = "Secret " + o.Name.Value
			}
			o.Data = append(o.Data, s)
		}
	}
}

// encoded notes what is wrong with the way that a value of a Secret is written down; the value itself is kept nowhere.
func (o *Object) encoded(section string, s Setting) {
	text := s.Value
	s.Value = Text{Span: text.Span, File: text.File, Origin: Referred}
	if section != "data" || !text.Known() || placeholder.MatchString(text.Value) {
		return
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text.Value), ""))
	switch {
	case err != nil:
		o.Undecodable = append(o.Undecodable, s)
	case len(decoded) > 1 && bytes.Count(decoded, []byte("\n")) == 1 && decoded[len(decoded)-1] == '\n':
		o.BrokenLines = append(o.BrokenLines, s)
	}
}

// placeholder is a value that something else, or somebody, is to fill in.
var placeholder = lazyregexp.New(`[$<{%]|^(.*_)?(CHANGE|REPLACE|TODO|FIXME|YOUR|EXAMPLE|XXX)|^\.\.\.$|(?i)base64|^(ref\+|vault:|ENC\[)`)

func (o *Object) pod(n node) *Pod {
	spec := n.get("spec")
	if !spec.isMap() {
		return nil
	}
	p := &Pod{Span: spec.span(), Labels: n.get("metadata", "labels").plain(), GracePeriod: spec.get("terminationGracePeriodSeconds").text(),
		HostNetwork: spec.get("hostNetwork").text().Value == "true", RunAsUser: spec.get("securityContext", "runAsUser").text(),
		RunAsNonRoot:          spec.get("securityContext", "runAsNonRoot").text().Value == "true",
		NonRoot:               spec.get("securityContext", "runAsNonRoot").text(),
		ShareProcessNamespace: spec.get("shareProcessNamespace").text().Value == "true"}
	for _, v := range spec.get("volumes").items() {
		volume := PodVolume{Name: v.get("name").text()}
		for _, e := range v.entries() {
			if e.key.Value == "name" {
				continue
			}
			volume.Kind, volume.Source = e.key.Value, e.value.get("name").text().Value
			if volume.Kind == "secret" {
				volume.Source = e.value.get("secretName").text().Value
			}
			if volume.Kind == "persistentVolumeClaim" {
				volume.Source = e.value.get("claimName").text().Value
			}
		}
		p.Volumes = append(p.Volumes, volume)
	}
	for _, c := range spec.get("initContainers").items() {
		p.Containers = append(p.Containers, o.container(c, true))
	}
	for _, c := range spec.get("containers").items() {
		p.Containers = append(p.Containers, o.container(c, false))
	}
	return p
}

func (o *Object) container(n node, init bool) *Container {
	c := &Container{Span: n.span(), Object: o, Init: init, Name: n.get("name").text(), Image: n.get("image").text(),
		Command: list(n.get("command")), Args: list(n.get("args")), WorkingDir: n.get("workingDir").text(),
		Liveness: probe(n.get("livenessProbe")), Readiness: probe(n.get("readinessProbe")), Startup: probe(n.get("startupProbe")),
		Limits: texts(n.get("resources", "limits")), Requests: texts(n.get("resources", "requests")),
		RunAsUser: n.get("securityContext", "runAsUser").text(), NonRoot: n.get("securityContext", "runAsNonRoot").text(), ReadOnlyRoot: n.get("securityContext", "readOnlyRootFilesystem").text().Value == "true",
		Sidecar: init && n.get("restartPolicy").text().Value == "Always", Keys: map[string]KeyRef{}}
	for _, e := range n.get("env").items() {
		c.Env = append(c.Env, c.setting(e))
		o.mistyped(e.get("value"))
	}
	for _, e := range n.get("envFrom").items() {
		for key, kind := range map[string]string{"configMapRef": "ConfigMap", "secretRef": "Secret"} {
			if ref := e.get(key); ref.isMap() {
				c.EnvFrom = append(c.EnvFrom, EnvFrom{kind, ref.get("name").text(), e.get("prefix").text().Value, ref.get("optional").text().Value == "true"})
			}
		}
	}
	for _, p := range n.get("ports").items() {
		port := ContainerPort{Name: p.get("name").text(), Port: p.get("containerPort").text(), Protocol: p.get("protocol").text().Value}
		port.Number, _ = strconv.Atoi(port.Port.Value)
		c.Ports = append(c.Ports, port)
	}
	for _, m := range n.get("volumeMounts").items() {
		c.VolumeMounts = append(c.VolumeMounts, VolumeMount{m.get("name").text(), m.get("mountPath").text(), m.get("subPath").text()})
	}
	if h := n.get("lifecycle", "preStop"); h.isMap() {
		c.PreStop = &Hook{Span: h.span(), Sleep: h.get("sleep", "seconds").text(), Exec: list(h.get("exec", "command"))}
	}
	return c
}

func (c *Container) setting(n node) Setting {
	s := Setting{Name: n.get("name").text(), Value: n.get("value").text(), File: c.Object.File.File, For: c.Name.Value}
	from := n.get("valueFrom")
	switch {
	case from.isMap():
		s.Value = Text{Span: from.span(), File: c.Object.File.File, Origin: Referred}
		for _, e := range from.entries() {
			if key := e.value.get("key").text().Value; key != "" {
				c.Keys[s.Name.Value] = KeyRef{referred[e.key.Value], e.value.get("name").text(), e.value.get("key").text(), e.value.get("optional").text().Value == "true"}
				s.From = referred[e.key.Value] + " " + e.value.get("name").text().Value + ", key " + key
			} else {
				s.From = e.key.Value
			}
		}
	case strings.Contains(strings.ReplaceAll(s.Value.Value, "$$", ""), "$("), strings.Contains(s.Value.Value, "${"):
		s.Value.Origin = Open
	}
	return s
}

var referred = map[string]string{"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}

func list(n node) *Exec {
	if !n.isList() {
		return nil
	}
	e := &Exec{Span: n.span()}
	for _, item := range n.items() {
		t := item.text()
		if strings.Contains(t.Value, "$(") {
			t.Origin = Open
		}
		e.Words = append(e.Words, t)
	}
	return e
}

func texts(n node) map[string]Text {
	out := map[string]Text{}
	for _, e := range n.entries() {
		out[e.key.Value] = e.value.text()
	}
	return out
}

func probe(n node) *Probe {
	if !n.isMap() {
		return nil
	}
	p := &Probe{Span: n.span(), Delay: n.get("initialDelaySeconds").text(), Period: n.get("periodSeconds").text(),
		Timeout: n.get("timeoutSeconds").text(), Failures: n.get("failureThreshold").text()}
	for _, kind := range []string{"httpGet", "tcpSocket", "grpc", "exec"} {
		if h := n.get(kind); h.n != nil && h.n.Kind == yaml.MappingNode {
			p.Kind, p.Path, p.Port, p.Scheme, p.Host = kind, h.get("path").text(), h.get("port").text(), h.get("scheme").text(), h.get("host").text()
			p.Exec = list(h.get("command"))
		}
	}
	return p
}

// Object finds a Kubernetes object; nil where there is none, or several.
func (s *Set) Object(kind, name string) *Object {
	s.once.held.Do(func() {
		s.once.objects = map[[2]string][]*Object{}
		for _, m := range Of[*Manifests](s) {
			for _, o := range m.Objects {
				key := [2]string{o.Kind, o.Name.Value}
				s.once.objects[key] = append(s.once.objects[key], o)
			}
		}
	})
	if found := s.once.objects[[2]string{kind, name}]; len(found) == 1 {
		return found[0]
	}
	return nil
}

// Environment is the variables of a container: those of the ConfigMaps that stand in the repository with their values, of which a
// later one takes the place of an earlier one of its name, and env that of envFrom.
func (s *Set) Environment(c *Container) []Setting { return environment(s.Object, c) }

// Environment is the variables of a container of the cluster, as Set.Environment tells them.
func (c *Cluster) Environment(of *Container) []Setting { return environment(c.Object, of) }

func environment(find func(kind, name string) *Object, c *Container) []Setting {
	var out []Setting
	for _, from := range c.EnvFrom {
		o := find(from.Kind, from.Name.Value)
		if o == nil {
			continue
		}
		for _, d := range o.Data {
			d.Name.Value = from.Prefix + d.Name.Value
			d.For = c.Name.Value
			d.From = from.Kind + " " + from.Name.Value
			out = append(out, d)
		}
	}
	for _, e := range c.Env {
		if name, key, ok := strings.Cut(strings.TrimPrefix(e.From, "ConfigMap "), ", key "); ok && strings.HasPrefix(e.From, "ConfigMap ") {
			if o := find("ConfigMap", name); o != nil {
				if i := slices.IndexFunc(o.Data, func(d Setting) bool { return d.Name.Value == key }); i >= 0 {
					e.Value, e.File = o.Data[i].Value, o.File.File
				}
			}
		}
		out = append(out, e)
	}
	return last(out)
}

// Closed tells whether all that a container takes its environment from stands in the repository.
func (s *Set) Closed(c *Container) bool { return closed(s.Object, c) }

// Closed tells whether all that a container takes its environment from stands in the cluster.
func (c *Cluster) Closed(of *Container) bool { return closed(c.Object, of) }

func closed(find func(kind, name string) *Object, c *Container) bool {
	return !slices.ContainsFunc(c.EnvFrom, func(f EnvFrom) bool {
		o := find(f.Kind, f.Name.Value)
		return o == nil || o.Unsure
	})
}
