package artefact_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// fuzz feeds a reader with texts: it must neither crash nor hang, and what it says of places must be true.
func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := artefact.Parse(name, text)
		if file == nil {
			return
		}
		for _, s := range file.Settings() {
			truePlace(t, text, s.Name)
			truePlace(t, text, s.Value)
		}
	})
}

// truePlace fails where the raw text does not stand where it is said to.
func truePlace(t *testing.T, text []byte, v artefact.Text) {
	t.Helper()
	if v.IsZero() {
		return
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if v.Line < 1 || v.Line > len(lines) || v.Column < 1 {
		t.Fatalf("%q is said to stand at %d:%d of %q", v.Raw, v.Line, v.Column, text)
	}
	at := v.Column - 1
	for _, l := range lines[:v.Line-1] {
		at += len(l)
	}
	if at > len(text) || !bytes.HasPrefix(text[at:], []byte(v.Raw)) {
		t.Fatalf("%q does not stand at %d:%d of %q", v.Raw, v.Line, v.Column, text)
	}
}

func FuzzDockerfile(f *testing.F) {
	fuzz(f, "Dockerfile", "FROM a AS b\nENV A=1 B=\"x y\" \\\n # c\n C=$A\nRUN <<EOF\nx\nEOF\n", "# escape=`\nFROM a\nENV A=b`\n C=d\n", "FROM a\nENV A b c\nCMD [\"x\"]\n",
		"\xef\xbb\xbfFROM a\nENV A='b'\\''\n", "FROM a\nNOPE x\nHEALTHCHECK --interval=5s CMD curl x\n", "ARG X=1\nFROM a:$X\nARG X\nENV A=${X:-2}\n")
}

func FuzzCompose(f *testing.F) {
	fuzz(f, "compose.yaml", "services:\n  a:\n    environment:\n      A: ${B:-c}\n      C: \"d\\n\"\n", "x: &a {environment: [A=b, \"C=d\"]}\nservices: {a: {<<: *a, command: a b, ports: ['1:2'], healthcheck: {test: [CMD, x]}}}\n",
		"services:\n  a:\n    environment:\n      A: !!str |\n        b\n", "a: &a [*a]\nservices: *a\n", "services: {a: {healthcheck: {test: []}}}")
}

func FuzzManifests(f *testing.F) {
	fuzz(f, "k8s.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {A: b}\n---\napiVersion: v1\nkind: Pod\nspec: {containers: [{env: [{name: A, value: 'b'}]}]}\n",
		"apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret, data: {A: b}}]\n", "apiVersion: v1\nkind: ä\n\té: b\n")
}

func FuzzUnit(f *testing.F) {
	fuzz(f, "a.service", "[Service]\nEnvironment=A=b \"C=d e\" 'F=\\x41'\\\n ; x\n G=h\n", "[Service]\nEnvironment=A=\\\n", "[Service\nx\n[Unit]\n=\n\\\n\\\n", "[Service]\r\nEnvironment=\"A=b\"c\r\n")
}

func FuzzSupervisor(f *testing.F) {
	fuzz(f, "supervisord.conf", "[program:a]\nenvironment=A=\"b\",C='d',\n  E=f ; x\ncommand = x\n", "[program:a\nx=1\n", "[program:a]\nenvironment=A=,B\n\n  c\n")
}

func FuzzProcfile(f *testing.F) {
	fuzz(f, "Procfile", "web: A=b C='d e' F=\"g$H\" ./x\n", "a: export A=b && env C=d\\ e x\n", "a: A=$(b) c\n")
}

func FuzzPipelines(f *testing.F) {
	fuzz(f, ".github/workflows/a.yml", "env: {A: b}\njobs: {a: {env: {C: '${{ d }}'}, steps: [{run: \"go test\", env: {E: f}}]}}\n")
}

func FuzzGitLab(f *testing.F) {
	fuzz(f, ".gitlab-ci.yml", "variables: {A: {value: b}}\na: {script: [x, [y]], variables: {C: d}, image: {name: e}}\n")
}

func FuzzNginx(f *testing.F) {
	f.Add([]byte("server {\n  listen 80;\n  location / { proxy_pass http://a; }\n}\n"))
	f.Add([]byte("upstream a { server b:1 \"c\\\" d\"; }\nserver { x ${y;}z} ; } }\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file := artefact.Parse("a.conf", text)
		if file == nil {
			return
		}
		for _, n := range artefact.Of[*artefact.Nginx](&artefact.Set{Files: []*artefact.File{file}}) {
			n.Walk(func(d *artefact.Directive) {
				truePlace(t, text, d.Name)
				for _, a := range d.Args {
					truePlace(t, text, a)
				}
			})
		}
	})
}

// FuzzEnvFile holds the scan against godotenv: of a file that it reads, the names and values have to be the same.
func FuzzEnvFile(f *testing.F) {
	for _, s := range []string{"A=b\n", "export A = 'b c' # d\nB: \"e\\nf\"\n", "A=b # c # d\nA=e\n\n#x\nC=\n", "A='b\nc'\nD=e#f\n", "A=\"b\\\"c\"\r\nB=c\r\n", "=x\n", "A=\n=b", "A=b\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := artefact.Parse(".env", text)
		if file == nil || bytes.IndexByte(text, 0) >= 0 {
			return
		}
		got := map[string]string{}
		for _, s := range file.Settings() {
			truePlace(t, text, s.Name)
			truePlace(t, text, s.Value)
			got[s.Name.Value] = s.Value.Value
			if !s.Value.Known() {
				return // what godotenv fills in
			}
		}
		want, err := godotenv.UnmarshalBytes(text)
		if _, nameless := want[""]; err != nil || nameless { // it takes a last line without an equals sign for a value of nothing
			return
		}
		if file.Err != nil {
			t.Fatalf("godotenv reads %q, and we say: %s", text, file.Err)
		}
		for name, value := range want {
			if g, ok := got[name]; !ok || g != value && !strings.ContainsAny(value+g, "\\$") {
				t.Fatalf("%q: %q is %q here, %q for godotenv", text, name, g, value)
			}
		}
	})
}

func FuzzKustomization(f *testing.F) {
	for _, s := range []string{
		"resources: [x.yaml, ../k]\nimages: [{name: a/b, newTag: c}]\nreplicas: [{name: a, count: 3}]\n",
		"patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: a}\n      spec: {replicas: 2}\n    target: {kind: Deployment}\n",
		"configMapGenerator:\n  - name: c\n    literals: ['A=b', \"C='d'\"]\n    envs: [.env]\n", "resources: [.]\n", "&a patches: [*a]\n", "patchesStrategicMerge: [x.yaml, \"a\\nb\"]\n",
	} {
		f.Add([]byte(s))
	}
	manifest := artefact.Parse("k/x.yaml", []byte(baseDeployment))
	f.Fuzz(func(t *testing.T, text []byte) {
		k := artefact.Parse("k/kustomization.yaml", text)
		s := &artefact.Set{Files: []*artefact.File{k, manifest}}
		for _, c := range s.Clusters() {
			for _, o := range c.Objects {
				for _, d := range o.Data {
					if d.File == k {
						truePlace(t, text, d.Value)
					}
				}
				if o.Pod == nil {
					continue
				}
				for _, container := range o.Pod.Containers {
					for _, e := range container.Env {
						if e.File == k {
							truePlace(t, text, e.Value)
						}
					}
				}
			}
		}
	})
}

func FuzzComposed(f *testing.F) {
	f.Add([]byte("services: {a: {extends: b}, b: {extends: {service: a}}}\n"), []byte("services: {a: {ports: !reset []}}\n"))
	f.Add([]byte("include: [compose.yaml, {path: [x]}]\nservices: {a: {extends: a}}\n"), []byte("services: {a: {build: {target: x}}}\n"))
	f.Fuzz(func(t *testing.T, base, over []byte) {
		s := &artefact.Set{Files: []*artefact.File{artefact.Parse("compose.yaml", base), artefact.Parse("compose.override.yaml", over)}}
		for _, c := range s.Composed() {
			for _, service := range c.Services {
				for _, e := range service.Environment {
					text := base
					if e.File.Path != "compose.yaml" {
						text = over
					}
					truePlace(t, text, e.Name)
				}
			}
		}
	})
}

// FuzzHelm fills values into templates: no value may stand where it is none, and none of the places may be made up.
func FuzzHelm(f *testing.F) {
	const values = "image: {repository: example.org/shop, tag: v1}\nport: 8081\nname: \"a: b\"\nmode: release\n"
	f.Add("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.mode }}\nspec:\n  containers:\n    - image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n")
	f.Add("apiVersion: v1\nkind: ConfigMap\ndata:\n  A: {{ .Values.mode | quote }}\n  B: '{{.Values.port}}'\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		template := artefact.Parse("chart/templates/a.yaml", []byte(text))
		if template == nil {
			return
		}
		s := &artefact.Set{Files: []*artefact.File{artefact.Parse("chart/values.yaml", []byte(values)), template}}
		s.FillTemplates()
		for _, e := range template.Settings() {
			if e.Value.File != nil && e.Value.File != template {
				truePlace(t, []byte(values), e.Value)
			}
		}
	})
}
