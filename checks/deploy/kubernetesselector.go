package deploy

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// selector tells of workloads that Kubernetes refuses for their selector.
func selector(l clusterLook) error {
	if l.Kind == "Pod" || !strings.HasPrefix(l.APIVersion.Value, "apps/") || l.Unsure {
		return nil
	}
	if !l.HasSelector {
		if l.APIVersion.Value != "apps/v1" {
			return nil // taken from the labels
		}
		l.at(l.Name, checks.Finding{
			Severity: refusedSeverity(l.cluster),
			Message:  checks.Msg("%s has no selector, which apps/v1 requires", l.title()),
			Why:      checks.Msg("kubectl apply refuses it: spec.selector: Required value."),
			Help:     checks.Msg("add spec.selector.matchLabels with labels of the pod template"),
			Key:      "no selector",
		})
		return nil
	}
	if key, ok := firstMiss(l.Selector, l.Pod.Labels); ok {
		l.at(l.SelectorAt[key], checks.Finding{
			Severity: refusedSeverity(l.cluster),
			Message:  checks.Msg("the selector of %s asks for %s=%s, and its own pods have %s", l.title(), key, l.Selector[key], has(l.Pod.Labels, key)),
			Why:      checks.Msg("kubectl apply refuses it: selector does not match template labels."),
			Help:     checks.Msg("give the pod template the label %s: %s", key, l.Selector[key]),
			Evidence: []checks.Message{checks.Msg("labels of the pod template: %s", labels(l.Pod.Labels))},
			Key:      "selector " + key,
			Fix:      align(l.SelectorAt[key], l.Pod.Labels[key]),
		})
	}
	return nil
}

// strayServices tells of Services that are meant for a workload of the project's and select none of its pods.
func strayServices(c *artefact.Cluster, all []*workload, report checks.Reporter) {
	for _, s := range c.Of("Service") {
		if len(s.Selector) == 0 || s.Unsure || selectsSome(c, s) {
			continue
		}
		for _, w := range all {
			if w.cluster != c || w.Unsure || w.Namespace != s.Namespace || !meant(s, w) {
				continue
			}
			key, _ := firstMiss(s.Selector, w.Pod.Labels)
			f := checks.Finding{
				Severity: refusedSeverity(c),
				Message:  checks.Msg("the Service %s selects no pod: it asks for %s=%s, and the pods of %s have %s", s.Name.Value, key, s.Selector[key], w.title(), has(w.Pod.Labels, key)),
				Why:      checks.Msg("It has no endpoints: connections to it are refused or time out, and an Ingress in front of it answers 503."),
				Help:     checks.Msg("write labels of the pod template into the selector of %s", s.Name.Value),
				Location: textAt(s.SelectorAt[key], s.File.File),
				Evidence: []checks.Message{checks.Msg("%s:%d  labels of the pod template: %s", w.File.Path, w.Pod.Line, labels(w.Pod.Labels))},
				Service:  w.match.Module.Dir,
				Key:      "service " + s.Name.Value,
			}
			if missing(s.Selector, w.Pod.Labels) == 1 {
				f.Fix = align(s.SelectorAt[key], w.Pod.Labels[key])
			}
			if s.Name.Value != w.Name.Value {
				f.Severity, f.Confidence = checks.Warning, checks.Likely
			}
			report(f)
			break
		}
	}
}

// refusedSeverity is that of what Kubernetes refuses, or never starts: an error where all that is applied stands here in plain, and nothing of it makes pods of its own: what a
// kustomization or a chart makes of manifests, and what an operator adds, is not known for certain.
func refusedSeverity(c *artefact.Cluster) checks.Severity {
	if !c.Complete || strings.HasPrefix(path.Base(strings.ToLower(c.Name)), "kustomization") {
		return checks.Warning
	}
	for _, o := range c.Objects {
		if !o.APIVersion.Known() || !ownGroup.MatchString(o.APIVersion.Value) {
			return checks.Warning
		}
	}
	return checks.Error
}

// ownGroup matches the API groups of Kubernetes itself, and those of operators that make no pods for Services of the user's own.
var ownGroup = lazyregexp.New(`^(v1|(apps|batch|autoscaling|policy|extensions|[\w.-]+\.k8s\.io|cert-manager\.io|monitoring\.coreos\.com|traefik\.(io|containo\.us))/\w+)$`)

// selectsSome tells whether a Service selects the pods of anything that is applied with it.
func selectsSome(c *artefact.Cluster, s *artefact.Object) bool {
	return slices.ContainsFunc(c.Objects, func(o *artefact.Object) bool {
		return o.Pod != nil && o.Namespace == s.Namespace && (selectsAll(s.Selector, o.Pod.Labels) || o.Kind == "Pod" && selectsAll(s.Selector, o.Labels))
	})
}

// meant tells whether a Service must be for a workload: it has its name, or asks for some of its labels.
func meant(s *artefact.Object, w *workload) bool {
	if s.Name.Value == w.Name.Value {
		return true
	}
	n := missing(s.Selector, w.Pod.Labels)
	return n > 0 && n < len(s.Selector) && w.cluster.Complete && onlyPods(w)
}

// onlyPods tells whether no other workload shares a label with this one, so that its labels are its own.
func onlyPods(w *workload) bool {
	for _, o := range w.cluster.Objects {
		if o == w.Object || o.Pod == nil {
			continue
		}
		for k, v := range w.Pod.Labels {
			if o.Pod.Labels[k] == v {
				return false
			}
		}
	}
	return true
}

func missing(selector, labels map[string]string) int {
	n := 0
	for k, v := range selector {
		if labels[k] != v {
			n++
		}
	}
	return n
}

// firstMiss is the first key whose value the labels do not have.
func firstMiss(selector, labels map[string]string) (string, bool) {
	for _, k := range slices.Sorted(maps.Keys(selector)) {
		if labels[k] != selector[k] {
			return k, true
		}
	}
	return "", false
}

func has(labels map[string]string, key string) string {
	if v, ok := labels[key]; ok {
		return key + "=" + v
	}
	return "no " + key
}

func labels(all map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		out = append(out, k+"="+all[k])
	}
	return strings.Join(out, ", ")
}

// align is a plan that writes a label's value into a selector. It is unsafe: which of the two was meant is not known, and the selector
// of what is applied already cannot be changed.
func align(at artefact.Text, value string) *plan.Plan {
	if at.File == nil || at.Raw == "" || value == "" {
		return nil
	}
	return &plan.Plan{
		Title:  fmt.Sprintf("write %s in the place of %s", value, at.Raw),
		Safety: plan.Unsafe,
		Steps:  []plan.Step{plan.ReplaceAt(at.File.Path, at.Line, at.Column, at.Raw, value)},
	}
}
