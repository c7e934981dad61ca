package port

import (
	"bytes"
	"cmp"
	"path"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// nodePort is a port that a Service takes on every node of its cluster.
type nodePort struct {
	o        *artefact.Object
	at       artefact.Text
	number   int
	protocol string
}

// nodePorts judges the Services of manifests that are applied together: a port of the nodes belongs to one of them, of whatever
// namespace it is.
func (c *claims) nodePorts(cluster *artefact.Cluster) {
	var all []nodePort
	for _, o := range cluster.Of("Service") {
		if o.Unsure || bytes.Contains(o.File.Text, []byte("{{")) {
			continue
		}
		for _, p := range o.Ports {
			if n, err := strconv.Atoi(p.NodePort.Value); err == nil && n > 0 && p.NodePort.Origin == artefact.Literal {
				all = append(all, nodePort{o, p.NodePort, n, cmp.Or(strings.ToUpper(p.Protocol.Value), "TCP")})
			}
		}
	}
	c.asked = c.asked || len(all) > 0
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.number == b.number && a.protocol == b.protocol && (a.o == b.o || !a.sameAs(b) && c.applied(cluster, a, b)) {
				c.oneNodePort(cluster, a, b)
				break // that one is held against the next
			}
		}
	}
}

// sameAs tells whether the objects are two states of one: the later one takes the place of the earlier one.
func (a nodePort) sameAs(b nodePort) bool {
	return a.o.Name.Value == b.o.Name.Value && a.o.Namespace == b.o.Namespace
}

// applied tells whether two Services go to one cluster, as far as can be seen. Those of several folders may be meant for several.
func (c *claims) applied(cluster *artefact.Cluster, a, b nodePort) bool {
	return together(cluster, a, b) || path.Dir(a.o.File.Path) == path.Dir(b.o.File.Path) && a.o.Namespace == b.o.Namespace
}

// together tells whether two Services are certainly applied in one go: by one kustomization, or out of one file.
func together(cluster *artefact.Cluster, a, b nodePort) bool {
	return a.o.File == b.o.File || strings.HasPrefix(strings.ToLower(path.Base(cluster.Name)), "kustomization")
}

func (c *claims) oneNodePort(cluster *artefact.Cluster, a, b nodePort) {
	claimed := func(p nodePort) claim {
		file := p.o.File.File
		if p.at.File != nil {
			file = p.at.File
		}
		return claim{who: "the Service " + p.o.Name.Value, at: p.at, file: file, service: c.folder(cluster), sure: together(cluster, a, b)}
	}
	finding := checks.Finding{
		Message: checks.Msg("the Services %s and %s both want nodePort %d", a.o.Name.Value, b.o.Name.Value, a.number),
		Why:     checks.Msg("A port of the nodes belongs to one Service of the cluster: Kubernetes refuses the second one (provided port is already allocated)."),
		Help:    checks.Msg("give one of them another port, or leave nodePort away, so that Kubernetes picks one"),
	}
	if a.o == b.o {
		finding.Message = checks.Msg("the Service %s wants nodePort %d twice", a.o.Name.Value, a.number)
		finding.Why = checks.Msg("A port of the nodes leads to one port of the Service: Kubernetes refuses it.")
	}
	c.both(claimed(a), claimed(b), a.number, finding)
}

// folder is the one of the module whose program a cluster runs.
func (c *claims) folder(cluster *artefact.Cluster) string {
	for _, i := range c.instances() {
		if i.Cluster == cluster {
			return i.Module.Dir
		}
	}
	return "."
}
