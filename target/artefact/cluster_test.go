package artefact_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
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
	h := read[*artefact.HelmValues](t, "charts/shop/values.yaml", "env: {A: b}\n")
	same(t, "A", h.Env[0].Name.Value)
}

func TestHelmTemplates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"chart/values.yaml": "image: {repository: example.org/shop, tag: v1}\nservice:\n  port: 8081 # inside\nname: \"a: b\"\nmode: release\n",
		"chart/templates/shop.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\nspec:\n  containers:\n    - name: shop\n" +
			"      image: \"{{ .Values.image.repository }}:{{.Values.image.tag}}\"\r\n      env:\n        - name: GIN_MODE\n" +
			"          value: {{ .Values.mode | quote }}\n      ports:\n        - containerPort: {{ .Values.service.port }}\n",
		"chart/templates/more.yaml":  "apiVersion: v1\nkind: Pod\n{{- if .Values.mode }}\nmetadata: {name: x}\n{{- end }}\n",
		"chart/templates/none.yaml":  "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.nothing }}\n",
		"chart/templates/blank.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := project.List(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := artefact.Find(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"more": "line 3 is more than {{ .Values.x }}", "none": "does not tell what line 4 becomes", "blank": "does not tell what line 4 becomes"} {
		if got := s.At("chart/templates/" + name + ".yaml").Skipped; !strings.Contains(got, want) {
			t.Errorf("%s is skipped because %q", name, got)
		}
	}
	pod := s.Object("Pod", "shop")
	if pod == nil {
		t.Fatalf("the pod is not read: %s", s.At("chart/templates/shop.yaml").Skipped)
	}
	c := pod.Pod.Containers[0]
	same(t, "example.org/shop:v1", c.Image.Value)
	same(t, "chart/templates/shop.yaml", c.Image.File.Path)
	same(t, artefact.Span{Line: 8, Column: 14, EndLine: 8, EndColumn: 68}, c.Image.Span)
	same(t, "release", c.Env[0].Value.Value)
	same(t, 8081, c.Ports[0].Number)
	same(t, "chart/values.yaml:3", fmt.Sprintf("%s:%d", c.Ports[0].Port.File.Path, c.Ports[0].Port.Line))
	same(t, artefact.Default, c.Ports[0].Port.Origin)
	same(t, 0, len(pod.Mistyped))
}

func TestWhatYAMLTakesForNoText(t *testing.T) {
	t.Parallel()
	c := read[*artefact.Compose](t, "compose.yaml", "services:\n  a:\n    ports: [2525:25, '2525:25', 8080:80]\n")
	types := []string{c.Services[0].Ports[0].Type, c.Services[0].Ports[1].Type, c.Services[0].Ports[2].Type}
	same(t, []string{artefact.Base60, "", ""}, types)
}

func TestComposeTakesInWhatItIncludes(t *testing.T) {
	t.Parallel()
	s := setOf(t, map[string]string{
		".env":                  "COMPOSE_FILE=compose.yaml:compose.live.yaml\n",
		"compose.yaml":          "include: [api/compose.yaml]\nservices:\n  db: {image: postgres}\n",
		"compose.live.yaml":     "services:\n  api:\n    environment: {A: live}\n",
		"compose.override.yaml": "services:\n  api:\n    environment: {A: override}\n",
		"api/compose.yaml":      "services:\n  api:\n    extends: {file: compose.common.yml, service: base}\n    environment: {B: api}\n    healthcheck: {interval: 5s}\n",
		"api/compose.common.yml": "services:\n  base:\n    image: shop\n    environment: {A: base, B: base}\n    env_file: a.env\n" +
			"    healthcheck: {test: [CMD, /shop, -health], retries: 4}\n",
	})
	var names []string
	for _, c := range s.Composed() {
		names = append(names, c.Path)
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"api/compose.common.yml", "compose.override.yaml", "compose.yaml"}, names); diff != "" {
		t.Errorf("what stands by itself: %s", diff)
	}
	for _, c := range s.Composed() {
		switch api := c.Service("api"); c.Path {
		case "api/compose.common.yml":
			if base := c.Service("base"); !base.Base || !base.Partial {
				t.Error("what others extend counts as one that runs")
			}
		case "compose.yaml":
			set := map[string]string{}
			for _, e := range api.Environment {
				set[e.Name.Value] = e.Value.Value
			}
			if diff := cmp.Diff(map[string]string{"A": "live", "B": "api"}, set); diff != "" {
				t.Error(diff)
			}
			if api.Healthcheck.Retries != 4 || api.Healthcheck.Test == nil || api.Healthcheck.Interval != 5*time.Second {
				t.Errorf("the healthcheck is %+v", api.Healthcheck)
			}
			if diff := cmp.Diff([]string{"api/a.env"}, api.EnvFilePaths()); diff != "" {
				t.Error(diff)
			}
		}
	}
}
