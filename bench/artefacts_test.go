package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/target"
)

// artefactChecks are those that read what a project is deployed by.
func artefactChecks() []*checks.Check {
	var out []*checks.Check
	for _, c := range catalogue.All() {
		if strings.HasPrefix(c.ID, "deploy/") || c.ID == "env/bad-value" || c.ID == "env/missing-var" {
			out = append(out, c)
		}
	}
	return out
}

// BenchmarkArtefacts is all checks of artefacts on a service with 1,000 manifests, from when its files are read.
func BenchmarkArtefacts(b *testing.B) {
	root := generateManifests(b, 1000)
	var took []time.Duration
	for i := 0; i < max(b.N, 7); i++ {
		took = append(took, judged(b, root))
	}
	b.ReportMetric(float64(median(took).Milliseconds()), "ms")
	rows = append(rows, row{what: "checks of artefacts, 1,000 manifests that are read", ratio: median(took).Round(time.Millisecond).String(), aim: "< 300 ms",
		note: "best " + slices.Min(took).Round(time.Millisecond).String()})
	whole(b, "check --profile ci of it, artefacts only", "", root, "--only", "deploy/*,env/*")
}

// judged is how long the checks take that find all files read.
func judged(b *testing.B, root string) time.Duration {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	t, err := target.Open(ctx, target.Options{Dir: root, Profile: "ci", Types: target.TypesNever, Environ: os.Environ()})
	if err != nil {
		b.Fatal(err)
	}
	defer t.Settle()
	defer cancel() // runs first
	readFiles(b, ctx, t)
	started := time.Now()
	outcomes := checks.Run(ctx, t, artefactChecks(), checks.RunOptions{})
	took := time.Since(started)
	for _, o := range outcomes {
		if o.Broken {
			b.Fatalf("%s: %s\n%s", o.Check.ID, o.Reason, o.Stack)
		}
	}
	return took
}

// readFiles has the target read the artefacts, the scripts and the code, and ask the go command for its environment.
func readFiles(b *testing.B, ctx context.Context, t *target.Target) {
	b.Helper()
	if _, err := t.Artefacts(ctx); err != nil {
		b.Fatal(err)
	}
	if _, err := t.Scripts(ctx); err != nil {
		b.Fatal(err)
	}
	if _, err := t.GoEnv(ctx); err != nil {
		b.Fatal(err)
	}
	imports, err := t.Imports(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for _, im := range imports {
		if _, err := t.EnvReads(ctx, im); err != nil {
			b.Fatal(err)
		}
	}
}

// whole adds the line of a command from its start to its end, and one of its memory.
func whole(b *testing.B, what, aim, root string, args ...string) {
	b.Helper()
	bin, err := doctor()
	if err != nil {
		b.Fatal(err)
	}
	started := time.Now()
	kb, err := command(root, nil, bin, append([]string{"check", "--profile", "ci", "--allow-unknown"}, args...)...)
	if err != nil {
		b.Fatal(err)
	}
	rows = append(rows, row{what: what, ratio: time.Since(started).Round(10 * time.Millisecond).String(), aim: aim})
	memory(kb)
}

// BenchmarkHugeArtefacts is the whole check of a service beside one artefact of ten megabytes that no hand wrote.
func BenchmarkHugeArtefacts(b *testing.B) {
	for _, kind := range []struct{ what, name, head, line string }{
		{"a compose file with 250,000 variables", "compose.yaml", "services:\n  shop:\n    build: .\n    environment:\n", "      SHOP_VARIABLE_%06d: \"value %06d\"\n"},
		{"a compose file with 250,000 variables of an URL each", "compose.yaml", "services:\n  shop:\n    image: shop\n    environment:\n", "      - DATABASE_URL_%06d=postgres://localhost:5432/%06d\n"},
		{"an env file with 250,000 lines", ".env", "PORT=8080\n", "SHOP_VARIABLE_%06d=value_%06d_of_many\n"},
		{"a compose file with 40,000 services", "compose.yaml", "services:\n", "  shop%05d:\n    image: shop\n    environment:\n      DATABASE_URI: postgres://localhost/%05d\n    depends_on: [shop00001]\n    ports:\n      - 127.0.0.1::8080\n    restart: always\n    mem_limit: 100m\n    command: /bin/shop\n    stop_grace_period: 10s\n"},
		{"a ConfigMap with 250,000 keys", "config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\ndata:\n", "  SHOP_VARIABLE_%06d: value_%06d\n"},
	} {
		b.Run(kind.what, func(b *testing.B) {
			root := b.TempDir()
			write := writer(b, root)
			writeService(write)
			var s strings.Builder
			s.WriteString(kind.head)
			n := 250_000
			if strings.Contains(kind.what, "services") {
				n = 40_000
			}
			for i := range n {
				fmt.Fprintf(&s, kind.line, i, i)
			}
			write(kind.name, s.String())
			if kind.name == "config.yaml" {
				write("deployment.yaml", deployment("shop"))
			}
			whole(b, "check beside "+kind.what, "≤ 60 s", root)
		})
	}
}

// writer writes files below a folder.
func writer(b *testing.B, root string) func(name, text string) {
	return func(name, text string) {
		b.Helper()
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// writeService writes a small service with its image.
func writeService(write func(name, text string)) {
	write("go.mod", "module example.org/shop\n\ngo 1.24\n\nrequire github.com/gin-gonic/gin v1.12.0\n")
	write("main.go", `package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
)

func main() {
	log.Println(os.Getenv("DATABASE_URL"), os.Getenv("SHOP_NAME"))
	r := gin.New()
	r.LoadHTMLGlob("templates/*")
	r.GET("/healthz", func(c *gin.Context) { c.String(200, "ok") })
	r.GET("/metrics", func(c *gin.Context) { c.String(200, "") })
	srv := &http.Server{Addr: ":" + os.Getenv("PORT"), Handler: r}
	go func() {
		if err := srv.ListenAndServe(); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		log.Fatal(err)
	}
}
`)
	write("templates/index.html", "{{ . }}\n")
	write("Dockerfile", `FROM golang:1.24 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /shop .

FROM alpine:3.20
COPY --from=build /shop /shop
COPY templates /templates
ENV PORT=8080 GIN_MODE=release
CMD ["/shop"]
`)
}

// generateManifests writes a service and so many manifests: bases of a Deployment, a Service, a ConfigMap and an Ingress each, and
// overlays that patch them, five to a group; and a few compose files and Dockerfiles.
func generateManifests(b *testing.B, n int) string {
	b.Helper()
	root := b.TempDir()
	write := writer(b, root)
	writeService(write)
	for i := 0; i < n/10; i++ {
		name := "shop"
		if i > 0 {
			name = fmt.Sprintf("shop-%d", i)
		}
		dir := fmt.Sprintf("deploy/%s/", name)
		write(dir+"base/deployment.yaml", deployment(name))
		write(dir+"base/service.yaml", fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata:\n  name: %s\nspec:\n  selector:\n    app: %[1]s\n  ports:\n    - port: 80\n      targetPort: http\n", name))
		write(dir+"base/config.yaml", fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  DATABASE_URL: postgres://db:5432/shop\n  SHOP_NAME: a\n  PORT: \"8080\"\n", name))
		write(dir+"base/ingress.yaml", fmt.Sprintf("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: %s\nspec:\n  rules:\n    - http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: %[1]s\n                port:\n                  number: 80\n", name))
		write(dir+"base/kustomization.yaml", "resources:\n  - deployment.yaml\n  - service.yaml\n  - config.yaml\n  - ingress.yaml\n")
		for _, overlay := range []string{"test", "live"} {
			write(dir+overlay+"/kustomization.yaml", "resources:\n  - ../base\npatches:\n  - path: replicas.yaml\nimages:\n  - name: registry.example.org/"+name+"\n    newTag: v2\n")
			write(dir+overlay+"/replicas.yaml", fmt.Sprintf("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: %s\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n        - name: %[1]s\n          env:\n            - name: SHOP_NAME\n              value: %s\n", name, overlay))
		}
		write(dir+"live/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  A: b\n")
	}
	for i := range 5 {
		dir := fmt.Sprintf("stacks/%d/", i)
		write(dir+"compose.yaml", "services:\n  shop:\n    build: ../..\n    ports: [\"8080:8080\"]\n    environment:\n      DATABASE_URL: postgres://db:5432/shop\n    depends_on: [db]\n  db:\n    image: postgres:17\n")
		write(dir+"compose.override.yaml", "services:\n  shop:\n    environment:\n      PORT: \"8080\"\n")
		write(dir+"Dockerfile", "FROM alpine:3.20\nCOPY shop /shop\nCMD [\"/shop\"]\n")
	}
	return root
}

func deployment(name string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: %s
spec:
  selector:
    matchLabels:
      app: %[1]s
  template:
    metadata:
      labels:
        app: %[1]s
    spec:
      containers:
        - name: %[1]s
          image: registry.example.org/shop:v1
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: %[1]s
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
          resources:
            limits:
              memory: 256Mi
`, name)
}
