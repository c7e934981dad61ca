package artefact_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// setOf is artefacts by their names.
func setOf(t *testing.T, files map[string]string) *artefact.Set {
	t.Helper()
	s := &artefact.Set{}
	for name, text := range files {
		f := artefact.Parse(name, []byte(text))
		if f == nil {
			t.Fatalf("%s is not recognised", name)
		}
		s.Files = append(s.Files, f)
	}
	return s
}

const baseDeployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: example.org/shop:1
          envFrom: [{configMapRef: {name: settings}}]
          env: [{name: A, value: base}, {name: B, value: base}]
          ports: [{containerPort: 8080}]
`

func TestKustomizeLaysOverlaysOverTheBase(t *testing.T) {
	t.Parallel()
	s := setOf(t, map[string]string{
		"k8s/base/kustomization.yaml": "resources: [shop.yaml]\nconfigMapGenerator:\n  - name: settings\n    literals: [X=1, \"Y='two'\"]\n",
		"k8s/base/shop.yaml":          baseDeployment,
		"k8s/prod/kustomization.yaml": `resources: [../base]
images:
  - name: example.org/shop
    newTag: "2"
replicas: [{name: shop, count: 5}]
patches:
  - path: probes.yaml
  - target: {kind: Deployment}
    patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: any
      spec:
        template:
          spec:
            containers:
              - name: shop
                env:
                  - name: A
                    value: prod
`,
		"k8s/prod/probes.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          readinessProbe: {httpGet: {path: /ready, port: 8080}}\n",
	})
	all := s.Clusters()
	if len(all) != 1 || all[0].Name != "k8s/prod/kustomization.yaml" || !all[0].Complete {
		t.Fatalf("%+v", all)
	}
	shop := all[0].Object("Deployment", "shop")
	c := shop.Pod.Containers[0]
	same(t, "5", shop.Replicas.Value)
	same(t, "k8s/prod/kustomization.yaml", shop.Replicas.File.Path)
	same(t, "example.org/shop:2", c.Image.Value)
	same(t, "/ready", c.Readiness.Path.Value)
	same(t, "k8s/prod/probes.yaml", c.Readiness.Path.File.Path)
	got := map[string]string{}
	for _, e := range all[0].Environment(c) {
		got[e.Name.Value] = e.Value.Value
		if e.Name.Value == "A" {
			same(t, artefact.Span{Line: 21, Column: 28, EndLine: 21, EndColumn: 32}, e.Value.Span)
		}
	}
	same(t, map[string]string{"A": "prod", "B": "base", "X": "1", "Y": "two"}, got)
	base := artefact.Of[*artefact.Manifests](s)
	for _, m := range base {
		if m.Path == "k8s/base/shop.yaml" && (m.Objects[0].Replicas.Value != "1" || m.Objects[0].Pod.Containers[0].Readiness != nil) {
			t.Error("the base has been changed")
		}
	}
}

func TestKustomizeThatIsNotReadIsTold(t *testing.T) {
	t.Parallel()
	s := setOf(t, map[string]string{
		"a/kustomization.yaml": "resources: [shop.yaml, 'https://example.org/x']\npatches: [{target: {kind: Deployment}, patch: '[{op: add, path: /spec/replicas, value: 3}]'}]\n",
		"a/shop.yaml":          baseDeployment,
	})
	c := s.Clusters()[0]
	same(t, false, c.Complete)
	same(t, true, c.Object("Deployment", "shop").Unsure)
}

func TestManifestsWithoutKustomize(t *testing.T) {
	t.Parallel()
	s := setOf(t, map[string]string{"a/x.yaml": baseDeployment, "b/y.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}}\n"})
	same(t, 1, len(s.Clusters()))
	s = setOf(t, map[string]string{"a/x.yaml": baseDeployment, "b/y.yaml": baseDeployment})
	same(t, 2, len(s.Clusters()))
}

func TestComposeOverridesAndExtends(t *testing.T) {
	t.Parallel()
	s := setOf(t, map[string]string{
		"compose.yaml":          "services:\n  api:\n    extends: {file: common/compose.yaml, service: app}\n    environment: [A=1, B=1]\n    volumes: ['./x:/app']\n    ports: ['1:1']\n",
		"compose.override.yaml": "services:\n  api:\n    environment: {B: 2}\n    volumes: ['./y:/app/']\n    restart: always\n    ports: !override ['2:2']\n",
		"common/compose.yaml":   "services: {app: {build: {dockerfile: D}, environment: {C: 3}}}\n",
	})
	var all []*artefact.Compose
	for _, c := range s.Composed() {
		if c.Path == "compose.yaml" {
			all = append(all, c)
		}
		if c.Path == "compose.override.yaml" {
			t.Error("the override stands by itself")
		}
	}
	api := all[0].Service("api")
	same(t, "common/D", api.DockerfilePath())
	same(t, "always", api.Restart.Value)
	same(t, 1, len(api.Ports))
	same(t, 2, api.Ports[0].Host)
	same(t, "./y", api.Volumes[0].Source)
	got := map[string]string{}
	for _, e := range api.Environment {
		got[e.Name.Value] = e.Value.Value
	}
	same(t, map[string]string{"A": "1", "B": "2", "C": "3"}, got)
	same(t, "compose.override.yaml", api.Restart.File.Path)
}

func TestHelmValuesAreHints(t *testing.T) {
	t.Parallel()
	h := read[*artefact.HelmValues](t, "charts/shop/values.yaml", "replicaCount: 2\nservice: {port: 80, targetPort: 8080}\nenv: {A: b}\nresources: {limits: {memory: 128Mi}}\n")
	same(t, "8080", h.Service.TargetPort.Value)
	same(t, "128Mi", h.Limits["memory"].Value)
	same(t, "A", h.Env[0].Name.Value)
}

func TestWhatYAMLTakesForNoText(t *testing.T) {
	t.Parallel()
	c := read[*artefact.Compose](t, "compose.yaml", "services:\n  a:\n    ports: [2525:25, '2525:25', 8080:80]\n")
	types := []string{c.Services[0].Ports[0].Type, c.Services[0].Ports[1].Type, c.Services[0].Ports[2].Type}
	same(t, []string{artefact.Base60, "", ""}, types)
}
