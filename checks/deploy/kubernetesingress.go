package deploy

import (
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// rewriteTarget is the annotation by which ingress-nginx changes the path (https://kubernetes.github.io/ingress-nginx/examples/rewrite/).
const rewriteTarget = "nginx.ingress.kubernetes.io/rewrite-target"

// rewritten tells of an Ingress that takes off the path what the program's routes begin with, or puts one path in the place of all.
func rewritten(l clusterLook) error {
	routing, err := l.t.Routing(l.ctx, l.match.Deployed)
	if err != nil || !routing.Complete || l.Unsure {
		return err
	}
	routes := ownRoutes(routing)
	if len(routes) == 0 || l.t.CodeHas(l.match.Program, stripsInCode) {
		return nil
	}
	for _, in := range l.cluster.Of("Ingress") {
		to, ok := in.Annotations[rewriteTarget]
		if !ok || !to.Known() || in.Unsure || in.Namespace != l.Namespace {
			continue
		}
		for _, b := range in.Backends {
			if s := l.cluster.Object("Service", b.Service.Value); s != nil && selectsAll(s.Selector, l.Pod.Labels) && !b.Path.IsZero() && b.Path.Known() {
				l.rewrite(to, b, in, routes[0].Path, func(prefix string) bool {
					for _, op := range routes {
						if !strings.HasPrefix(target.RoutePath(op)+"/", prefix) {
							return false
						}
					}
					return true
				}, len(routes))
			}
		}
	}
	return nil
}

// rewrite judges one path of an Ingress.
func (l clusterLook) rewrite(to artefact.Text, b artefact.Backend, in *artefact.Object, sample string, begin func(prefix string) bool, routes int) {
	prefix := b.Path.Value
	if i := strings.IndexAny(prefix, `(.*?+[\^$|`); i >= 0 {
		prefix = prefix[:i]
	}
	prefix = strings.TrimSuffix(prefix, "/")
	f := checks.Finding{
		Confidence: checks.Likely,
		Evidence:   []checks.Message{checks.Msg("%s:%d  path: %s", textAt(b.Path, in.File.File).File, b.Path.Line, b.Path.Value), checks.Msg("a route of the program: %s", sample)},
		Key:        "rewrite " + in.Name.Value + " " + b.Path.Value,
	}
	switch {
	case !strings.Contains(to.Value, "$") && prefix != strings.TrimSuffix(to.Value, "/") && routes > 1 && b.Type != "Exact":
		f.Message = checks.Msg("the Ingress %s sends every request below %s/ to %s", in.Name.Value, prefix, to.Value)
		f.Why = checks.Msg("rewrite-target without $1 or $2 puts that one path in the place of each: all routes but one are never asked for.")
		f.Help = checks.Msg("write path: %s(/|$)(.*) with pathType: ImplementationSpecific, and rewrite-target: /$2; or take the annotation out", prefix)
	case strings.Contains(to.Value, "$") && prefix != "" && !strings.HasPrefix(to.Value, prefix+"/") && begin(prefix+"/"):
		f.Message = checks.Msg("the Ingress %s takes %s off the path, and all routes of the program begin with it", in.Name.Value, prefix)
		f.Why = checks.Msg("%s arrives at the program without %s: 404 from gin, while the same request to the pod is answered.", sample, prefix)
		f.Help = checks.Msg("take the annotation rewrite-target out, and write path: %s with pathType: Prefix", prefix)
	default:
		return
	}
	l.at(to, f)
}
