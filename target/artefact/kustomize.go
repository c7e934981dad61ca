package artefact

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var kustomizeFiles = reader{
	kind: "kustomization",
	named: func(name string) bool {
		return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, path.Base(name))
	},
	read: func(f *File) any { return readKustomization(f) },
}

// Kustomization is one kustomization file.
type Kustomization struct {
	*File
	Component bool
	Resources []Text // files, folders and addresses: resources, bases and components
	Patches   []KustomizePatch
	Images    []KustomizeImage
	Replicas  []KustomizeReplicas
	Generated []*Object // the ConfigMaps and Secrets of its generators; Data holds what stands in the repository
	envs      map[*Object][]Text
	labels    []kustomizeLabel
	// Remote says that it takes something in that is not in the repository, or made by another tool.
	Remote bool
}

// kustomizeLabel is a label that a kustomization gives to all of its objects: to the pods too, and into the selectors too.
type kustomizeLabel struct {
	key, value      string
	pods, selectors bool
}

// KustomizePatch is one patch: a file, or what stands in the kustomization itself.
type KustomizePatch struct {
	Path   Text
	Inline *Object // nil for a file, and for a JSON patch
	JSON   bool    // a list of operations, which is not read
	Target PatchTarget
}

// PatchTarget is what a patch says it is for; what is empty matches all.
type PatchTarget struct{ Kind, Name string }

// KustomizeImage is one entry of images.
type KustomizeImage struct{ Name, NewName, NewTag, Digest Text }

// KustomizeReplicas is one entry of replicas.
type KustomizeReplicas struct{ Name, Count Text }

func readKustomization(f *File) *Kustomization {
	k := &Kustomization{File: f, envs: map[*Object][]Text{}}
	if bytes.Contains(f.Text, []byte("{{")) {
		f.Skipped = "it is a template: {{ }} is filled in by another tool"
		k.Remote = true
		return k
	}
	for _, d := range documents(f) {
		k.document(d.top())
	}
	return k
}

func (k *Kustomization) document(n node) {
	k.Component = k.Component || n.get("kind").text().Value == "Component"
	for _, key := range []string{"resources", "bases", "components"} {
		for _, r := range n.get(key).items() {
			k.Resources = append(k.Resources, r.text())
		}
	}
	for _, key := range []string{"helmCharts", "helmChartInflationGenerator", "generators", "transformers"} {
		k.Remote = k.Remote || len(n.get(key).items()) > 0
	}
	for _, key := range []string{"patches", "patchesStrategicMerge", "patchesJson6902"} {
		for _, p := range n.get(key).items() {
			k.Patches = append(k.Patches, k.patch(p, key == "patchesJson6902"))
		}
	}
	for _, i := range n.get("images").items() {
		k.Images = append(k.Images, KustomizeImage{i.get("name").text(), i.get("newName").text(), i.get("newTag").text(), i.get("digest").text()})
	}
	for _, r := range n.get("replicas").items() {
		k.Replicas = append(k.Replicas, KustomizeReplicas{r.get("name").text(), r.get("count").text()})
	}
	for _, e := range n.get("commonLabels").entries() {
		k.labels = append(k.labels, kustomizeLabel{e.key.Value, e.value.text().Value, true, true})
	}
	for _, l := range n.get("labels").items() {
		selectors := l.get("includeSelectors").text().Value == "true"
		pods := selectors || l.get("includeTemplates").text().Value == "true"
		for _, e := range l.get("pairs").entries() {
			k.labels = append(k.labels, kustomizeLabel{e.key.Value, e.value.text().Value, pods, selectors})
		}
	}
	for key, kind := range map[string]string{"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"} {
		for _, g := range n.get(key).items() {
			k.generator(kind, g)
		}
	}
}

func (k *Kustomization) patch(n node, json bool) KustomizePatch {
	p := KustomizePatch{JSON: json, Target: PatchTarget{n.get("target", "kind").text().Value, n.get("target", "name").text().Value}}
	inline := n.get("patch")
	if n.isScalar() { // patchesStrategicMerge: a file, or the patch itself
		if !strings.Contains(n.text().Value, "\n") {
			p.Path = n.text()
			return p
		}
		inline = n
	}
	p.Path = n.get("path").text()
	if d := inline.block(); d.root != nil {
		p.JSON = p.JSON || d.root.Kind == yaml.SequenceNode
		if !p.JSON {
			p.Inline = (&Manifests{File: k.File}).object(d.top())
		}
	}
	return p
}

// block reads the YAML that stands in a block scalar, with the places that it has in the file.
func (n node) block() document {
	m := n.deref()
	if m.n == nil || m.n.Kind != yaml.ScalarNode {
		return document{}
	}
	text := []byte(m.n.Value)
	if m.n.Style&yaml.LiteralStyle != 0 {
		from := m.d.src.offset(m.n.Line+1, 1)
		lines := strings.Count(strings.TrimRight(m.n.Value, "\n"), "\n") + 1
		to := m.d.src.offset(m.n.Line+1+lines, 1)
		text = append(bytes.Repeat([]byte("\n"), m.n.Line), m.d.src.text[from:to]...)
	}
	var node yaml.Node
	if yaml.Unmarshal(text, &node) != nil || len(node.Content) == 0 {
		return document{}
	}
	return document{file: m.d.file, src: m.d.src, root: node.Content[0]}
}

func (k *Kustomization) generator(kind string, n node) {
	o := &Object{Span: n.span(), File: &Manifests{File: k.File}, Kind: kind, Name: n.get("name").text()}
	add := func(name, value Text) {
		s := Setting{Name: name, Value: value, File: k.File, For: o.Name.Value}
		if kind == "Secret" {
			s.Value = Text{Span: value.Span, File: k.File, Origin: Referred}
			s.From = "Secret " + o.Name.Value
		}
		o.Data = append(o.Data, s)
	}
	for _, l := range n.get("literals").items() {
		if s := assignment(l.text()); s.Value.Origin != Passed {
			value := s.Value
			if len(value.Value) >= 2 && (value.Value[0] == '"' || value.Value[0] == '\'') && value.Value[len(value.Value)-1] == value.Value[0] {
				value.Value = value.Value[1 : len(value.Value)-1]
			}
			add(s.Name, value)
		}
	}
	for _, file := range n.get("files").items() {
		name := file.text()
		if key, _, ok := strings.Cut(name.Value, "="); ok {
			name.Value = key
		} else {
			name.Value = path.Base(name.Value)
		}
		add(name, Text{Span: name.Span, File: k.File, Origin: Open})
	}
	envs := n.get("envs").items()
	if e := n.get("env"); e.n != nil {
		envs = append(envs, e)
	}
	for _, e := range envs {
		k.envs[o] = append(k.envs[o], e.text())
	}
	o.Unsure = n.get("behavior").text().Value == "merge"
	k.Generated = append(k.Generated, o)
}
