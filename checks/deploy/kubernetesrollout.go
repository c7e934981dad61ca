package deploy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// blindRollout tells of containers without a readiness probe: a pod counts as ready the moment its process runs. A startup probe has
// the same effect while the pod starts (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes).
func blindRollout(l clusterLook) error {
	c := l.container
	if c.Readiness != nil || l.Unsure || !l.match.Gin || !l.asked() {
		return nil
	}
	f := checks.Finding{
		Message: checks.Msg("the container %s of %s has no readiness probe", c.Name.Value, l.title()),
		Why:     checks.Msg("At a rollout new pods get requests before the program listens, and the old ones are stopped all the same: callers see connection errors for that time."),
		Help:    checks.Msg("add a readinessProbe to the container %s", c.Name.Value),
		Key:     "readiness " + c.Name.Value,
	}
	if p := c.Liveness; p != nil && p.Kind == "httpGet" {
		f.Evidence = append(f.Evidence, checks.Msg("a liveness probe there is: %s. It restarts the container and keeps no request away", p.Path.Value))
		f.Help = checks.Msg("add a readinessProbe: httpGet of a route that answers once the program can serve, on port %s", p.Port.Value)
	}
	switch {
	case c.Startup != nil:
		f.Severity, f.Why = checks.Info, checks.Msg("The startup probe holds requests back while the program starts; after that a pod that cannot serve keeps getting them.")
	case l.Kind == "Pod":
		f.Severity = checks.Info
	}
	l.at(c.Name, f)
	return nil
}

// asked tells whether anybody sends requests to the pod, as far as the manifests say: an agent or a worker has no port to name and no
// Service.
func (w *workload) asked() bool {
	if len(w.container.Ports) > 0 {
		return true
	}
	return slices.ContainsFunc(w.cluster.Of("Service"), func(s *artefact.Object) bool {
		return s.Unsure || s.Namespace == w.Namespace && selectsAll(s.Selector, w.Pod.Labels)
	})
}

// capacity tells of strategies that stop pods before others stand in for them.
func capacity(l clusterLook) error {
	if l.Kind != "Deployment" && l.Kind != "Rollout" {
		return nil
	}
	surge, away := l.Strategy["maxSurge"], l.Strategy["maxUnavailable"]
	switch n := l.count(); {
	case l.Strategy["type"] == "Recreate":
		if l.holdsVolume() || l.Pod.HostNetwork || n == 0 {
			return nil // two pods at a time could not hold it
		}
		l.at(l.StrategyAt["type"], checks.Finding{
			Message: checks.Msg("%s is rolled out by Recreate: all its pods are stopped before the first new one starts", l.title()),
			Why:     checks.Msg("Nothing serves from then until a new pod is ready, at each rollout."),
			Help:    checks.Msg("write type: RollingUpdate, or leave strategy out"),
			Key:     "recreate",
		})
	case zero(surge) && zero(away):
		l.at(l.StrategyAt["maxUnavailable"], checks.Finding{
			Severity: refusedSeverity(l.cluster),
			Message:  checks.Msg("maxSurge and maxUnavailable of %s are both 0, which Kubernetes refuses", l.title()),
			Why:      checks.Msg("No pod may be added and none taken away, so nothing could ever be rolled out: spec.strategy.rollingUpdate.maxUnavailable: may not be 0 when maxSurge is 0."),
			Help:     checks.Msg("write maxSurge: 1 and keep maxUnavailable: 0"),
			Evidence: []checks.Message{checks.Msg("maxSurge: %s, maxUnavailable: %s", surge, away)},
			Key:      "both 0",
		})
	case n > 0 && takesAll(away, n):
		l.at(l.StrategyAt["maxUnavailable"], checks.Finding{
			Message: checks.Msg("maxUnavailable: %s lets a rollout of %s stop every pod at once (replicas: %d)", away, l.title(), n),
			Why:     checks.Msg("Nothing may serve until a new pod is ready, at each rollout."),
			Help:    checks.Msg("write maxUnavailable: 0 and maxSurge: 1"),
			Key:     "all unavailable",
		})
	}
	return nil
}

// zero tells whether a count or share is said, and is none.
func zero(value string) bool { return value == "0" || value == "0%" }

// takesAll tells whether a count or share (rounded down) of n pods is all of them.
func takesAll(value string, n int) bool {
	if share, ok := strings.CutSuffix(value, "%"); ok {
		p, err := strconv.Atoi(share)
		return err == nil && p*n/100 >= n
	}
	k, err := strconv.Atoi(value)
	return err == nil && k >= n
}

// holdsVolume tells whether the pod keeps something that only one pod can hold: a volume, a device.
func (w *workload) holdsVolume() bool {
	for _, v := range w.Pod.Volumes {
		switch v.Kind {
		case "persistentVolumeClaim", "hostPath", "ephemeral", "csi", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk", "cinder", "iscsi", "rbd":
			return true
		}
	}
	for _, all := range []map[string]artefact.Text{w.container.Limits, w.container.Requests} {
		for name := range all {
			if strings.Contains(name, "/") { // a device, such as nvidia.com/gpu
				return true
			}
		}
	}
	return false
}

// resources tells of containers that say nothing of what they need, and of requests above the limit.
func resources(l clusterLook) error {
	c := l.container
	if l.Unsure {
		return nil
	}
	for _, o := range l.cluster.Objects {
		if o.Kind == "LimitRange" {
			return nil // gives defaults
		}
	}
	limit, request := c.Limits["memory"], c.Requests["memory"]
	high, ok := artefact.Bytes(limit.Value)
	low, both := artefact.Bytes(request.Value)
	switch {
	case len(c.Limits) == 0 && len(c.Requests) == 0:
		l.at(c.Name, checks.Finding{
			Message: checks.Msg("the container %s of %s has neither requests nor limits", c.Name.Value, l.title()),
			Why:     checks.Msg("It is put on a node without regard for what it needs, may take all memory there, and is the first to be evicted (BestEffort)."),
			Help:    checks.Msg("add resources: requests of cpu and memory, and a memory limit"),
			Key:     "resources " + c.Name.Value,
		})
	case limit.IsZero():
		l.at(c.Name, checks.Finding{
			Severity: checks.Info,
			Message:  checks.Msg("the container %s of %s has no memory limit", c.Name.Value, l.title()),
			Why:      checks.Msg("A leak takes the memory of the node, and others are stopped for it."),
			Help:     checks.Msg("add limits: memory, and GOMEMLIMIT at some nine tenths of it"),
			Key:      "limit " + c.Name.Value,
		})
	case ok && both && low > high:
		l.at(request, checks.Finding{
			Message: checks.Msg("the container %s of %s requests more memory (%s) than its limit (%s), which Kubernetes refuses", c.Name.Value, l.title(), request.Value, limit.Value),
			Why:     checks.Msg("No pod is made: must be less than or equal to memory limit."),
			Help:    checks.Msg("request at most the limit"),
			Key:     "request above limit " + c.Name.Value,
		})
	}
	return nil
}

// autoscaled tells of replicas that each apply resets while an autoscaler sets them, and of a scaler that has nothing to measure.
func autoscaled(l clusterLook) error {
	for _, h := range l.cluster.Of("HorizontalPodAutoscaler") {
		if !l.scaledBy(h) {
			continue
		}
		if !l.Replicas.IsZero() {
			l.at(l.Replicas, checks.Finding{
				Message:  checks.Msg("%s says replicas: %s, and the HorizontalPodAutoscaler %s sets that too", l.title(), l.Replicas.Value, h.Name.Value),
				Why:      checks.Msg("Each apply puts the count back to %s, however many pods the load has called for: under load that stops pods that are needed.", l.Replicas.Value),
				Help:     checks.Msg("take replicas out of %s; see gindoctor explain deploy/kubernetes for how to do that while it runs", textAt(l.Replicas, l.File.File).File),
				Evidence: []checks.Message{checks.Msg("%s:%d  HorizontalPodAutoscaler %s", h.File.Path, h.Name.Line, h.Name.Value)},
				Key:      "replicas and autoscaler",
			})
		}
		if _, ok := l.container.Requests["cpu"]; h.Scales.CPU && !ok && l.container.Limits["cpu"].IsZero() && !l.Unsure {
			l.at(l.container.Name, checks.Finding{
				Message:  checks.Msg("the HorizontalPodAutoscaler %s measures the share of the requested CPU, and the container %s requests none", h.Name.Value, l.container.Name.Value),
				Why:      checks.Msg("The autoscaler cannot work out a share (missing request for cpu) and leaves the count as it is."),
				Help:     checks.Msg("add requests: cpu to the container %s", l.container.Name.Value),
				Evidence: []checks.Message{checks.Msg("%s:%d  HorizontalPodAutoscaler %s", h.File.Path, h.Name.Line, h.Name.Value)},
				Key:      "autoscaler without request",
			})
		}
	}
	return nil
}
