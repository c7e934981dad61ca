package deploy

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// image is the image that the container runs, where the project builds it and only one Dockerfile is for it; nil otherwise.
func (l clusterLook) image() (*target.Image, error) {
	d, err := l.t.Deployment(l.ctx)
	if err != nil || l.match.Deployed == nil {
		return nil, err
	}
	stage := d.StageOf(l.match.Deployed)
	images, err := l.t.Images(l.ctx)
	if err != nil || stage == nil {
		return nil, err
	}
	for _, i := range images {
		if i.Stage == stage {
			return i, nil
		}
	}
	return nil, nil
}

// nonRoot tells of containers that are not to run as root, and whose image names no user, or one by a name that nobody but the image
// can look up (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/).
func nonRoot(l clusterLook) error {
	at := l.container.NonRoot
	if at.IsZero() {
		at = l.Pod.NonRoot
	}
	if at.Value != "true" || !l.container.RunAsUser.IsZero() || !l.Pod.RunAsUser.IsZero() || l.Unsure {
		return nil
	}
	i, err := l.image()
	if err != nil || i == nil || !startsWith(i) {
		return err
	}
	user := i.User()
	name, _, _ := strings.Cut(user.Value, ":")
	f := checks.Finding{Severity: refusedSeverity(l.cluster), Key: "non-root " + l.container.Name.Value}
	if !l.match.Certain {
		f.Severity = checks.Warning
	}
	switch {
	case !user.Known():
		return nil
	case user.IsZero() || isRoot(user.Value):
		f.Message = checks.Msg("the container %s is not to run as root, and its image runs as root", l.container.Name.Value)
		f.Why = checks.Msg("The container is not started: CreateContainerConfigError, container has runAsNonRoot and image will run as root.")
		f.Help = checks.Msg("write USER 65532:65532 in the last stage of %s, or runAsUser: 65532 beside it", i.Dockerfile.Path)
		f.Evidence = []checks.Message{checks.Msg("%s:%d  no USER", i.Dockerfile.Path, i.Stage.Line)}
	case strings.Trim(name, "0123456789") != "":
		f.Message = checks.Msg("the container %s is not to run as root, and the user of its image, %s, is no number", l.container.Name.Value, name)
		f.Why = checks.Msg("The container is not started: CreateContainerConfigError, image has non-numeric user (%s), cannot verify user is non-root.", name)
		f.Help = checks.Msg("write the number of the user in USER, or as runAsUser: beside it")
		f.Evidence = []checks.Message{checks.Msg("%s:%d  USER %s", i.Dockerfile.Path, user.Line, user.Value)}
	default:
		return nil
	}
	if !user.IsZero() && isRoot(user.Value) {
		f.Evidence = []checks.Message{checks.Msg("%s:%d  USER %s", i.Dockerfile.Path, user.Line, user.Value)}
	}
	l.at(at, f)
	return nil
}

// rootImages are images that are known to run as root where no USER is said.
var rootImages = map[string]bool{"scratch": true, "alpine": true, "debian": true, "ubuntu": true, "golang": true, "busybox": true, "fedora": true, "almalinux": true, "rockylinux": true}

// startsWith tells whether the user of an image is known: a USER is said, or its base is one that runs as root.
func startsWith(i *target.Image) bool {
	if !i.User().IsZero() {
		return true
	}
	base, known := i.Base()
	if !known || !base.Known() || i.Opaque() {
		return false
	}
	if strings.HasPrefix(base.Repo, "gcr.io/distroless/") {
		return !strings.Contains(base.Tag, "nonroot") && base.Digest == ""
	}
	return rootImages[base.Repo]
}

// lackingHook tells of a hook before the stop that runs what the image does not have: nothing is waited for then.
func lackingHook(l clusterLook) error {
	h := l.container.PreStop
	if h == nil || h.Exec == nil || len(h.Exec.Words) == 0 || l.Unsure {
		return nil
	}
	i, err := l.image()
	if err != nil || i == nil {
		return err
	}
	name := path.Base(h.Exec.Words[0].Value)
	if name != "sleep" && name != "sh" && name != "bash" && name != "curl" && name != "wget" {
		return nil
	}
	if !hookLacks(i, name) {
		return nil
	}
	l.at(h.Exec.Words[0], checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("the preStop hook of %s runs %s, which %s does not have", l.container.Name.Value, name, i.Stage.Image().Value),
		Why:        checks.Msg("FailedPreStopHook: the program gets its signal at once, while requests are still sent to it, and callers see 502 at each rollout."),
		Help:       checks.Msg("write preStop: sleep: seconds:, which the kubelet does by itself (Kubernetes 1.30 and later), or wait in the program before Shutdown"),
		Evidence:   []checks.Message{checks.Msg("%s:%d  FROM %s", i.Dockerfile.Path, i.Stage.Chain()[0].Line, i.Stage.Image().Value)},
		Key:        "hook " + l.container.Name.Value,
	})
	return nil
}

// hookLacks tells whether an image surely lacks a program: what has no shell has no sleep either.
func hookLacks(i *target.Image, name string) bool {
	switch {
	case i.Opaque() || tool(i.Stage, name) == present:
		return false
	case name == "curl" || name == "wget":
		return tool(i.Stage, name) == absent
	}
	return tool(i.Stage, "sh") == absent
}
