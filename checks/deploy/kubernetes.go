package deploy

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// Kubernetes finds what Kubernetes refuses of the project's manifests, and what costs requests at a rollout.
var Kubernetes = checks.Check{
	ID:       "deploy/kubernetes",
	Title:    "a Kubernetes manifest loses requests at a rollout, or is refused",
	Stage:    checks.Route,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      kubernetes,
}

// clusterLook is what the questions of deploy/kubernetes are asked of.
type clusterLook struct {
	ctx    context.Context
	t      *target.Target
	report checks.Reporter
	*workload
}

func kubernetes(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	all := workloads(d)
	for _, w := range all {
		l := clusterLook{ctx, t, report, w}
		for _, ask := range []func(clusterLook) error{
			blindRollout, capacity, selector, resources, localState, autoscaled, staleMount, lackingKeys, lackingObjects, lackingVolumes, nonRoot, lackingHook, readOnlyUploads, readOnlyWrites, oldScheduler, cascade, slowStart, rewritten,
		} {
			if err := ask(l); err != nil {
				return err
			}
		}
	}
	asked := len(all) > 0
	for _, c := range d.Artefacts.Clusters() {
		for _, o := range c.Objects {
			if ours(o, all) {
				asked = true
				mistyped(c, o, report)
				secretValues(c, o, report)
			}
		}
		strayServices(c, all, report)
		strayIngresses(c, all, report)
		nodePorts(c, all, report)
	}
	if !asked {
		if reason, ok := onlyTemplates(d.Artefacts); ok {
			return checks.Skip("%s", reason)
		}
		return checks.Skip("no Kubernetes manifest here runs a program of this project")
	}
	return nil
}

// ours tells whether an object is a workload of the project's, or a ConfigMap or Secret that one of them takes its environment from.
func ours(o *artefact.Object, all []*workload) bool {
	for _, w := range all {
		if w.Object == o {
			return true
		}
		for _, from := range w.container.EnvFrom {
			if w.cluster.Object(from.Kind, from.Name.Value) == o {
				return true
			}
		}
		for _, key := range w.container.Keys {
			if w.cluster.Object(key.Kind, key.Name.Value) == o {
				return true
			}
		}
	}
	return false
}

// at reports a finding at a value, or where there is none at the container.
func (l clusterLook) at(t artefact.Text, f checks.Finding) {
	if t.IsZero() {
		t = l.container.Name
	}
	if t.IsZero() {
		t = l.Name
	}
	f.Location = textAt(t, l.File.File)
	f.Service = l.match.Module.Dir
	if !l.match.Certain && f.Severity == 0 {
		f.Confidence = checks.Likely
	}
	f.Key += " " + l.Kind + " " + l.Name.Value
	l.report(f)
}

// mistyped tells of values that have to be texts and are numbers or yes and no for YAML 1.1, which the tools of Kubernetes read.
func mistyped(c *artefact.Cluster, o *artefact.Object, report checks.Reporter) {
	for _, t := range o.Mistyped {
		f := checks.Finding{
			Severity: refusedSeverity(c),
			Message:  checks.Msg("this value of %s %s is a %s for YAML, where Kubernetes takes texts only", o.Kind, o.Name.Value, typeName(t.Type)),
			Why:      checks.Msg("kubectl apply refuses the whole object: cannot unmarshal %s into a field of type string.", typeName(t.Type)),
			Help:     checks.Msg("put it in quotes"),
			Location: textAt(t, o.File.File),
			Key:      "unquoted " + o.Kind + " " + o.Name.Value + " " + t.Raw,
		}
		if o.Kind == "Secret" {
			f.Key = "unquoted Secret " + o.Name.Value
		} else if t.File != nil && t.Raw != "" {
			f.Fix = writeInstead(t.File.Path, t, `"`+t.Raw+`"`)
		}
		report(f)
	}
}

func typeName(t string) string {
	if t == artefact.Bool {
		return "bool"
	}
	return "number"
}
