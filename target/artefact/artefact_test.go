package artefact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// settings shows the variables of a file, a line each: where the value stands, what is set for whom.
func settings(f *artefact.File) string {
	var b strings.Builder
	for _, s := range f.Settings() {
		fmt.Fprintf(&b, "%d:%d-%d %s=%s", s.Value.Line, s.Value.Column, s.Value.EndColumn, s.Name, s.Value)
		if s.Value.Origin != artefact.Literal {
			fmt.Fprintf(&b, " (%s)", []string{"", "default", "open", "passed", "referred"}[s.Value.Origin])
		}
		if s.Value.Raw != s.Value.Value {
			fmt.Fprintf(&b, " raw %q", s.Value.Raw)
		}
		if s.For != "" {
			fmt.Fprintf(&b, " for %s", s.For)
		}
		b.WriteByte('\n')
	}
	if f.Err != nil {
		fmt.Fprintf(&b, "error: %s\n", f.Err)
	}
	if f.Skipped != "" {
		fmt.Fprintf(&b, "skipped: %s\n", f.Skipped)
	}
	return b.String()
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"Dockerfile", `FROM golang:1.26 AS build
ENV CGO_ENABLED=0
FROM alpine
# quiet
ENV GIN_MODE=production PORT="8080" \
    # in between
    HOME_DIR='/srv/a b'
ENV OLD a value  to the end
ARG V=1
ENV A=$V B=${X} C=$PORT D="a $PORT" E=x\ y
`, `2:17-18 CGO_ENABLED=0 for build
5:14-24 GIN_MODE=production for 1
5:31-35 PORT=8080 for 1
7:15-23 HOME_DIR=/srv/a b for 1
8:9-28 OLD=a value  to the end for 1
10:7-9 A=1 (default) raw "$V" for 1
10:12-16 B= (open) raw "${X}" for 1
10:19-24 C=8080 raw "$PORT" for 1
10:27-36 D=a 8080 raw "\"a $PORT\"" for 1
10:39-43 E=x y raw "x\\ y" for 1
`},
		{"deploy/docker-compose.prod.yml", `services:
  shop:
    build: {context: ., target: run}
    environment:
      GIN_MODE: production   # loud
      PORT: "${PORT:-8080}"
      KEEP:
      DSN: ${DSN}
      MONEY: a$$b
  api:
    image: shop
    environment:
      - GIN_MODE="release"
      - "PORT=:8080"
      - HOME
`, `5:17-27 GIN_MODE=production for shop
6:14-27 PORT=8080 (default) raw "${PORT:-8080}" for shop
0:0-0 KEEP= (passed) for shop
8:12-18 DSN=${DSN} (open) for shop
9:14-18 MONEY=a$b raw "a$$b" for shop
13:18-27 GIN_MODE="release" for api
14:15-20 PORT=:8080 for api
0:0-0 HOME= (passed) for api
`},
		{"k8s/all.yaml", `apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data:
  GIN_MODE: production
---
# two
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - name: shop
          image: acme/shop:1
          env:
            - {name: GIN_MODE, value: "prod"}
            - name: KEY
              valueFrom: {secretKeyRef: {name: shop, key: k}}
            - name: URL
              value: http://$(HOST)/
`, `5:13-23 GIN_MODE=production for shop
19:40-44 GIN_MODE=prod for shop
21:26-26 KEY= (referred) for shop
23:22-37 URL=http://$(HOST)/ (open) for shop
`},
		{"deploy/shop.service", `[Unit]
Description=x
[Service]
; note
ExecStart=/srv/shop
Environment=GIN_MODE=production "DSN=a b" 'Q=1'
Environment=A=1 \
   # a comment between
   B=2
Environment=PCT=50%% BAD=%z
`, `6:22-32 GIN_MODE=production for shop.service
6:38-41 DSN=a b for shop.service
6:46-47 Q=1 for shop.service
7:15-16 A=1 for shop.service
9:6-7 B=2 for shop.service
10:17-21 PCT=50% raw "50%%" for shop.service
10:26-28 BAD=%z (open) for shop.service
`},
		{"supervisord.conf", `[program:shop]
command=/srv/shop ; the program
environment=GIN_MODE="production",PORT=8080,
    PCT="5%%",H="%(ENV_HOME)s"
`, `3:23-33 GIN_MODE=production for shop
3:40-44 PORT=8080 for shop
4:10-13 PCT=5% raw "5%%" for shop
4:18-30 H=%(ENV_HOME)s (open) for shop
`},
		{"Procfile", "web: GIN_MODE=production PORT=$PORT env A=1 ./bin/shop\n# x\nrelease: export B=\"two words\" && ./migrate\nbroken\n",
			"1:15-25 GIN_MODE=production for web\n1:31-36 PORT=$PORT (open) for web\n1:43-44 A=1 for web\n3:20-29 B=two words for release\n" +
				"error: line 4: a line that is not NAME: COMMAND\n"},
		{".env", "# x\nGIN_MODE=production # loud\nexport PORT=\":8080\"\nA: b\nbad line\nD='x y'\nE=$D\n",
			"2:10-20 GIN_MODE=production\n3:14-19 PORT=:8080\n4:4-5 A=b\n6:4-7 D=x y\n7:3-5 E=$D (open)\nerror: line 5: a line without an equals sign\n"},
		{".github/workflows/ci.yml", "on: push\nenv:\n  GIN_MODE: test\njobs:\n  a:\n    env: {K: '${{ secrets.K }}'}\n    steps:\n      - run: go test ./...\n        env: {PORT: 8080}\n",
			"3:13-17 GIN_MODE=test\n6:15-31 K=${{ secrets.K }} (referred) for a\n9:21-25 PORT=8080 for a\n"},
		{".gitlab-ci.yml", "variables:\n  GIN_MODE: test\ntest:\n  image: golang:1.26\n  variables: {A: {value: b, description: c}}\n  script: [go test ./...]\n",
			"2:13-17 GIN_MODE=test\n5:26-27 A=b for test\n"},
		{"chart/templates/d.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .X }}}\n", "skipped: it is a template: {{ }} is filled in by another tool\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := artefact.Parse(tt.name, []byte(tt.text))
			if f == nil {
				t.Fatal("not recognised")
			}
			if diff := cmp.Diff(tt.want, settings(f)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
