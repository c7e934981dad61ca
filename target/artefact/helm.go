package artefact

import (
	"path"
	"regexp"
)

var helmName = regexp.MustCompile(`^values([._-][\w.-]+)?\.ya?ml$`)

var helmFiles = reader{
	kind:  "Helm values",
	named: func(name string) bool { return helmName.MatchString(path.Base(name)) },
	holds: func(text []byte) bool { return !apiVersionLine.Match(text) },
	read:  func(f *File) any { return readHelm(f) },
}

// HelmValues is the values of a chart. What its templates make of them is not read: they are hints.
type HelmValues struct {
	*File
	Env     []Setting // env, as a mapping or as a list
	Limits  map[string]Text
	Service struct{ Port, TargetPort Text }
	Image   struct{ Repository, Tag Text }
	Probes  map[string]Text // the paths of livenessProbe and readinessProbe
	// Replicas is replicaCount.
	Replicas Text
}

func (h *HelmValues) settings() []Setting { return h.Env }

func readHelm(f *File) *HelmValues {
	h := &HelmValues{File: f, Probes: map[string]Text{}}
	for _, d := range documents(f) {
		n := d.top()
		text := func(keys ...string) Text { return n.get(keys...).text() }
		h.Replicas = text("replicaCount")
		h.Service.Port, h.Service.TargetPort = text("service", "port"), text("service", "targetPort")
		h.Image.Repository, h.Image.Tag = text("image", "repository"), text("image", "tag")
		h.Limits = texts(n.get("resources", "limits"))
		for _, probe := range []string{"livenessProbe", "readinessProbe"} {
			if t := text(probe, "httpGet", "path"); !t.IsZero() {
				h.Probes[probe] = t
			}
		}
		for _, e := range n.get("env").entries() {
			if e.value.isScalar() && !e.value.isNull() {
				h.Env = append(h.Env, Setting{Name: e.key, Value: e.value.text(), File: f})
			}
		}
		for _, e := range n.get("env").items() {
			if name := e.get("name").text(); name.Value != "" && e.get("value").isScalar() {
				h.Env = append(h.Env, Setting{Name: name, Value: e.get("value").text(), File: f})
			}
		}
	}
	return h
}
