package artefact_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/unit"
	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// read parses one artefact of a type.
func read[T any](t testing.TB, name, text string) T {
	t.Helper()
	f := artefact.Parse(name, []byte(text))
	if f == nil {
		t.Fatalf("%s is not recognised", name)
	}
	all := artefact.Of[T](&artefact.Set{Files: []*artefact.File{f}})
	if len(all) != 1 {
		t.Fatalf("%s is a %s", name, f.Kind)
	}
	return all[0]
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDockerfileStages(t *testing.T) {
	t.Parallel()
	d := read[*artefact.Dockerfile](t, "build/Dockerfile.prod", `# syntax=docker/dockerfile:1
ARG GO=1.26
ARG BASE
FROM --platform=$BUILDPLATFORM golang:${GO}-alpine AS Build
ARG GO
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/root/.cache go mod download && \
    # why
    CGO_ENABLED=0 go build -o /out/shop ./cmd/shop
RUN <<EOS
set -e
apk add curl
EOS
NOSUCH thing
FROM $BASE AS run
FROM build AS test
ENV APP=/app
WORKDIR $APP/x
USER 10001:10001
EXPOSE 8080 9090/tcp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/ || exit 1
COPY --from=build --chown=a:b ["/out/shop", "/etc/x y", "$APP/"]
ENTRYPOINT ["/sbin/tini", "--"]
CMD exec "$APP/shop" -v
`)
	if d.Err == nil || !strings.Contains(d.Err.Error(), "line 15") {
		t.Errorf("the unknown instruction is told as %v", d.Err)
	}
	build, run, test := d.Stages[0], d.Stages[1], d.Final()
	same(t, "golang:1.26-alpine", build.Base.Value)
	same(t, artefact.Default, build.Base.Origin)
	same(t, artefact.Open, build.Platform.Origin)
	same(t, false, run.Base.Known())
	same(t, true, test.Parent == build && test.Image() == build.Base)
	same(t, "/app/x", test.Workdirs[0].Value)
	same(t, "10001:10001", test.Users[0].Value)
	same(t, []string{"8080", "9090/tcp"}, []string{test.Ports[0].Value, test.Ports[1].Value})
	same(t, artefact.Span{Line: 21, Column: 13, EndLine: 21, EndColumn: 21}, test.Ports[1].Span)
	same(t, "SIGINT", test.StopSignal.Value)
	same(t, true, test.Healthcheck.Test.Shell)
	same(t, "curl", test.Healthcheck.Test.Commands[0].Name())
	same(t, project.Position{Line: 23, Column: 31}, test.Healthcheck.Test.Commands[0].Pos)
	c := test.Copies[0]
	same(t, []string{"/out/shop", "/etc/x y", "/app/"}, []string{c.Sources[0].Value, c.Sources[1].Value, c.Dest.Value})
	same(t, true, c.Stage == build)
	var names []string
	for _, r := range build.Runs {
		for _, c := range r.Commands {
			names = append(names, fmt.Sprintf("%d:%d %s", c.Pos.Line, c.Pos.Column, strings.Join(c.Words, " ")))
		}
	}
	same(t, []string{"8:44 go mod download", "10:19 go build -o /out/shop ./cmd/shop", "12:1 set -e", "13:1 apk add curl"}, names)
	entrypoint, cmd := test.Starts()
	same(t, "/sbin/tini", entrypoint.Program())
	same(t, []string(nil), artefact.Started(nil, nil))
	same(t, true, cmd.Shell)
}

func TestStarted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lines, want string }{
		{`ENTRYPOINT ["/shop", "-v"]`, "/shop"},
		{`ENTRYPOINT ["/sbin/tini", "--", "/shop"]`, "/shop"},
		{"ENTRYPOINT [\"/sbin/tini\", \"--\"]\nCMD [\"/shop\"]", "/shop"},
		{`CMD exec /shop`, "/shop"},
		{`CMD ["sh", "-c", "cd /x && exec ./shop -a"]`, "cd ./shop"},
		{"ENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"/shop\", \"-v\"]", "/entrypoint.sh /shop -v"},
		{"ENTRYPOINT [\"dumb-init\", \"--\"]\nCMD /shop", "/shop"},
		{`CMD ["$APP"]`, "$APP"},
	} {
		d := read[*artefact.Dockerfile](t, "Dockerfile", "FROM a\n"+tt.lines+"\n")
		e, c := d.Final().Starts()
		same(t, tt.want, strings.Join(artefact.Started(e, c), " "))
	}
}

func TestCompose(t *testing.T) {
	t.Parallel()
	c := read[*artefact.Compose](t, "deploy/compose.yaml", `x-base: &base
  restart: always
  env_file: [a.env, {path: ../b.env, required: false}]
services:
  shop:
    <<: *base
    build: {context: .., dockerfile: build/Dockerfile, target: run}
    ports: ["127.0.0.1:8085:80/tcp", "9000", {target: 1, published: "2"}, "${P}:8080"]
    expose: [8080]
    command: ./shop -v "a b"
    volumes: ["./web:/app/web:ro", "data:/data"]
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: "curl x || exit 1", interval: 5s}
    develop: {watch: [{action: sync, path: ./web, target: /app/web}]}
    stop_grace_period: 1m
  db:
    image: postgres
    depends_on: [x]
`)
	s := c.Service("shop")
	same(t, "build/Dockerfile", s.DockerfilePath())
	same(t, []string{"deploy/a.env", "b.env"}, s.EnvFilePaths())
	same(t, "always", s.Restart.Value)
	var ports []string
	for _, p := range s.Ports {
		ports = append(ports, fmt.Sprint(p.HostIP, " ", p.Host, " ", p.Container, " ", p.HostOpen))
	}
	same(t, []string{"127.0.0.1 8085 80 false", " 0 9000 true", " 2 1 false", " 0 8080 true"}, ports)
	same(t, "./shop", s.Command.Program())
	same(t, "a b", s.Command.Words[2].Value)
	same(t, "bind ./web /app/web true", fmt.Sprint(s.Volumes[0].Type, " ", s.Volumes[0].Source, " ", s.Volumes[0].Target, " ", s.Volumes[0].ReadOnly))
	same(t, "volume", s.Volumes[1].Type)
	same(t, "service_healthy", s.DependsOn[0].Condition.Value)
	same(t, "curl", s.Healthcheck.Test.Commands[0].Name())
	same(t, "sync", s.Watch[0].Action.Value)
	same(t, "1m", s.StopGracePeriod.Value)
	same(t, "x", c.Service("db").DependsOn[0].Name.Value)
}

func TestManifests(t *testing.T) {
	t.Parallel()
	m := read[*artefact.Manifests](t, "k8s.yml", `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  selector: {matchLabels: {app: shop}}
  strategy: {rollingUpdate: {maxSurge: 0}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 35
      initContainers: [{name: migrate, image: shop}]
      containers:
        - name: shop
          image: r.example.org:5000/acme/shop:1@sha256:00
          command: [/shop]
          args: ["-a", $(X)]
          ports: [{name: web, containerPort: 8080}]
          envFrom: [{configMapRef: {name: shop, optional: true}, prefix: A_}]
          readinessProbe: {httpGet: {path: /ready, port: web}, timeoutSeconds: 2}
          lifecycle: {preStop: {sleep: {seconds: 5}}}
          resources: {limits: {memory: 1Gi}}
          volumeMounts: [{name: c, mountPath: /etc/c, subPath: c}]
      volumes: [{name: c, configMap: {name: shop}}]
---
	broken: yes
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: web}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec: {rules: [{host: a, http: {paths: [{path: /, backend: {service: {name: shop, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {GIN_MODE: release}
`)
	if m.Err == nil || !strings.Contains(m.Err.Error(), "line 25") {
		t.Errorf("the broken document is told as %v", m.Err)
	}
	o := m.Objects[0]
	c := o.Pod.Containers[1]
	same(t, "shop", artefact.ImageName(c.Image.Value))
	same(t, "35", o.Pod.GracePeriod.Value)
	same(t, true, o.Pod.Containers[0].Init)
	same(t, "/ready web httpGet", c.Readiness.Path.Value+" "+c.Readiness.Port.Value+" "+c.Readiness.Kind)
	same(t, "5", c.PreStop.Sleep.Value)
	same(t, "1Gi", c.Limits["memory"].Value)
	same(t, artefact.Open, c.Args.Words[1].Origin)
	same(t, 8080, c.Ports[0].Number)
	same(t, "configMap shop", o.Pod.Volumes[0].Kind+" "+o.Pod.Volumes[0].Source)
	same(t, "web", m.Objects[1].Ports[0].TargetPort.Value)
	same(t, 30, m.Objects[1].Ports[0].Port.Line)
	same(t, "shop 80", m.Objects[2].Backends[0].Service.Value+" "+m.Objects[2].Backends[0].Port.Value)
	set := &artefact.Set{Files: []*artefact.File{m.File}}
	env := set.Environment(c)
	same(t, "A_GIN_MODE=release", env[0].Name.Value+"="+env[0].Value.Value)
	same(t, true, set.Closed(c))
}

func TestNginx(t *testing.T) {
	t.Parallel()
	n := read[*artefact.Nginx](t, "nginx/a.conf", "http {\n  upstream a { ip_hash; server \"b;c\":1; }\n  server { listen 80; # x\n    location ~ ^/a{2} { proxy_pass http://${x}y; } }\n  oops\n}\n")
	var got []string
	n.Walk(func(d *artefact.Directive) {
		line := fmt.Sprintf("%d:%d %s", d.Line, d.Column, d.Name)
		for _, a := range d.Args {
			line += " " + a.Value
		}
		got = append(got, line)
	})
	same(t, []string{"1:1 http", "2:3 upstream a", "2:16 ip_hash", "2:25 server b;c :1", "3:3 server", "3:12 listen 80", "4:5 location ~ ^/a", "4:20 2}"}, got[:8])
	if n.Err == nil {
		t.Error("the directive without its semicolon is not told")
	}
}

func TestUnitsLikeGoSystemd(t *testing.T) {
	t.Parallel()
	text := "# x\n[Unit]\nDescription=a b\nAfter = c.target\n\n[Service]\nExecStart=/x -a \"b c\"\nEnvironment=A=1\nEnvironment=B=2\n; y\n[Install]\nWantedBy=multi-user.target\n"
	theirs, err := unit.DeserializeOptions(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, o := range theirs {
		want = append(want, o.Section+"|"+o.Name+"|"+o.Value)
	}
	for _, o := range read[*artefact.Unit](t, "a.service", text).Options {
		got = append(got, o.Section+"|"+o.Key.Value+"|"+o.Value.Value)
	}
	same(t, want, got)
}

func TestUnitGroups(t *testing.T) {
	t.Parallel()
	tree := write(t, map[string]string{
		"a.service":              "[Service]\nExecStart=-/srv/a -x\nEnvironment=A=1 B=2\nAfter=x\n",
		"a.service.d/10-b.conf":  "[Service]\nEnvironment=A=3\n",
		"a.service.d/20-c.conf":  "[Service]\nExecStart=\nExecStart=/srv/c\n",
		"b.service.d/x.conf":     "[Service]\nUser=b\n",
		"testdata/a.service":     "[Service]\nExecStart=/x\n",
		"nginx.conf":             "not of nginx\n",
		"bin/Dockerfile":         "FROM a\x00b\n",
		".github/workflows/a.sh": "x",
	})
	set, err := artefact.Find(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	groups := set.Units()
	same(t, 2, len(groups))
	same(t, "/srv/c", groups[0].Program().Value)
	var env []string
	for _, s := range groups[0].Environment() {
		env = append(env, s.File.Path+" "+s.Name.Value+"="+s.Value.Value)
	}
	same(t, []string{"a.service B=2", "a.service.d/10-b.conf A=3"}, env)
	if f := set.At("bin/Dockerfile"); f == nil || f.Err == nil {
		t.Error("binary content is not told")
	}
	if set.At("nginx.conf") != nil || set.At("testdata/a.service") != nil {
		t.Error("what is no artefact is taken for one")
	}
}

func write(t testing.TB, files map[string]string) *project.Tree {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		abs := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(abs, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := project.List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func BenchmarkThousandManifests(b *testing.B) {
	files := map[string]string{}
	text := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n" +
		strings.Repeat("        - name: shop\n          image: acme/shop:1\n          ports:\n            - containerPort: 8080\n          env:\n            - name: GIN_MODE\n              value: release\n", 3)
	for i := range 1000 {
		files[fmt.Sprintf("k8s/%d.yaml", i)] = text
	}
	tree := write(b, files)
	for b.Loop() {
		if _, err := artefact.Find(b.Context(), tree); err != nil {
			b.Fatal(err)
		}
	}
}
