package deploy

import (
	"fmt"
	"strconv"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// workload is a Kubernetes workload, as it is applied, with the container that runs a program of the project.
type workload struct {
	*artefact.Object
	cluster   *artefact.Cluster
	container *artefact.Container
	match     target.Match
}

// workloads are the workloads that run the project's programs: those that go on, and no jobs.
func workloads(d *target.Deployment) []*workload {
	var out []*workload
	for _, c := range d.Artefacts.Clusters() {
		for _, o := range c.Objects {
			if o.Pod == nil || o.Kind == "Job" || o.Kind == "CronJob" {
				continue
			}
			for _, container := range o.Pod.Containers {
				if container.Init {
					continue
				}
				if m := d.Container(container); m.Deployed != nil {
					out = append(out, &workload{o, c, container, m})
				}
			}
		}
	}
	return out
}

// title is how to call the workload in a sentence.
func (w *workload) title() string { return "the " + w.Kind + " " + w.Name.Value }

// count is how many pods it may run: of an autoscaler the most; 1 where nothing says so, 0 where that is not plain.
func (w *workload) count() int {
	for _, h := range w.cluster.Of("HorizontalPodAutoscaler") {
		if w.scaledBy(h) {
			n, _ := strconv.Atoi(h.Scales.Max.Value)
			return n
		}
	}
	if w.Replicas.IsZero() {
		return 1
	}
	n, _ := strconv.Atoi(w.Replicas.Value)
	return n
}

func (w *workload) scaledBy(h *artefact.Object) bool {
	return h.Scales != nil && h.Scales.Kind.Value == w.Kind && h.Scales.Name.Value == w.Name.Value && h.Namespace == w.Namespace
}

// selectsAll tells whether all labels that are asked for are there.
func selectsAll(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

// textAt is where a value stands, in its own file or else in another.
func textAt(t artefact.Text, file *artefact.File) *checks.Location {
	if t.File != nil {
		file = t.File
	}
	return spanAt(file.Path, t.Span)
}

// distinct reports each finding once: what one base holds may be applied by several overlays.
func distinct(report checks.Reporter) checks.Reporter {
	told := map[string]bool{}
	return func(f checks.Finding) {
		key := fmt.Sprint(f.Key, f.Message)
		if f.Location != nil {
			key = fmt.Sprint(key, *f.Location)
		}
		if !told[key] {
			told[key] = true
			report(f)
		}
	}
}

// onlyTemplates tells whether manifests are there, and all of them are templates for another tool; and how that is to be said.
func onlyTemplates(set *artefact.Set) (string, bool) {
	n := 0
	name := ""
	for _, m := range artefact.Of[*artefact.Manifests](set) {
		if m.Skipped == "" {
			return "", false
		}
		n, name = n+1, m.Path
	}
	switch n {
	case 0:
		return "", false
	case 1:
		return name + " is a template, and what another tool makes of it is not known", true
	}
	return fmt.Sprintf("%s and %d more are templates, and what another tool makes of them is not known", name, n-1), true
}
