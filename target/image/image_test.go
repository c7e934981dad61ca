package image

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

func TestParseRef(t *testing.T) {
	for _, c := range []struct {
		name, version, variant string
		official               bool
		libc                   Libc
	}{
		{"golang:1.24-alpine3.21", "1.24", "-alpine3.21", true, Musl},
		{"docker.io/library/golang:1.24.3", "1.24.3", "", true, Glibc},
		{"mirror.example.org:5000/library/golang:1.25rc1-bookworm", "1.25rc1", "-bookworm", true, Glibc},
		{"golang:alpine", "", "", true, Musl},
		{"golang", "", "", true, Glibc},
		{"golang:1.24@sha256:0123", "1.24", "", true, Glibc},
		{"scratch", "", "", true, NoLibc},
		{"gcr.io/distroless/static-debian12:nonroot", "", "", false, NoLibc},
		{"gcr.io/distroless/base-debian12", "", "", false, Glibc},
		{"cgr.dev/chainguard/static:latest", "", "", false, NoLibc},
		{"busybox:1.37-musl", "", "", true, NoLibc},
		{"busybox:1.37", "", "", true, UnknownLibc},
		{"acme/shop:1.24", "", "", false, UnknownLibc},
	} {
		r := ParseRef(c.name)
		version, variant, _ := r.Go()
		if version != c.version || variant != c.variant || r.Official != c.official || r.Libc() != c.libc {
			t.Errorf("%s: Go %q %q, official %v, %s", c.name, version, variant, r.Official, r.Libc())
		}
	}
}

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		tag, line string
		want      bool
	}{
		{"1.24", "1.25.0", true}, {"1.25", "1.25.3", false}, {"1.25.1", "1.25.3", true}, {"1.26", "1.25", false}, {"1.25rc1", "1.25", false}, {"1.25rc1", "1.25.0", true},
		{"1.9", "1.10", true}, {"nonsense", "1.25", false},
	} {
		if got := Older(c.tag, c.line); got != c.want {
			t.Errorf("Older(%q, %q) = %v", c.tag, c.line, got)
		}
	}
}

// played is what the last stage of a Dockerfile makes of a small project.
func played(t testing.TB, dockerfile, ignore string) *Image {
	root := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.org/shop\n", "main.go": "package main\n", "web/index.html": "hello", ".dockerignore": ignore,
		"Makefile": "OUT ?= bin/shop\nbuild: deps\n\tcd web && ls\n\tgo build -o $(OUT) $(FLAGS) .\ndeps: ; go mod download\n", "build.sh": "#!/bin/sh\nexport CGO_ENABLED=0\nmake -C /src build \"$@\"\n"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := project.List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	set := &artefact.Set{Files: []*artefact.File{artefact.Parse("Dockerfile", []byte(dockerfile))}}
	d := artefact.Of[*artefact.Dockerfile](set)
	if len(d) == 0 || d[0].Final() == nil {
		return nil
	}
	c := NewContext(tree, ".", "Dockerfile", true, func(string) string { return "shop" })
	return Plan(d[0], c, []*artefact.Stage{d[0].Final()})[0]
}

func TestPlan(t *testing.T) {
	i := played(t, `FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN export CGO_ENABLED=0 && go build -o /out/ ./ && go build -o bin/shop . && cp bin/shop /usr/local/bin/

FROM alpine AS base
WORKDIR /app

FROM base
COPY --from=build /usr/local/bin/shop .
COPY --from=build /src/web ./web
CMD ["./shop"]
`, "*.mod\n")
	b, at := i.Start()
	if b == nil || at != "/app/shop" || b.Package != "." {
		t.Fatalf("the image starts %q, built by %+v", at, b)
	}
	if on, known, _ := b.Cgo(); on || !known {
		t.Errorf("cgo is %v, known %v", on, known)
	}
	if got := i.Holds(i.State, "/app/web/index.html"); got != "web/index.html" {
		t.Errorf("/app/web/index.html is %q", got)
	}
	if i.Holds(i.State, "/app/go.mod") != "" || i.Holds(b.Before, "/src/go.mod") != "" || i.Holds(b.Before, "/src/main.go") != "main.go" {
		t.Error("the .dockerignore does not count")
	}
	if i.MayHold(i.State, "/app/templates") {
		t.Error("nothing unknown lies in the image")
	}
	if len(i.Path()) != 3 {
		t.Errorf("made of %d stages", len(i.Path()))
	}
}

// TestMoved follows programs that a RUN moves after they are built, by variables that ENV sets.
func TestMoved(t *testing.T) {
	for run, want := range map[string]string{
		"cd $D && go build -o shop && cp shop /tmp/":                     "/tmp/shop",
		"cd ${D} && go build -o a . && mv a /tmp/b":                      "/tmp/b",
		"cd $D && go build -o a . && install -m 0755 a /usr/local/bin/s": "/usr/local/bin/s",
		"cd $D && go build -o a . && cp a go.mod /opt/":                  "/opt/a",
		"D=/other; cd $D && go build -o a . && cp a /tmp/":               "",
		"cd $E && go build -o a . && cp a /tmp/":                         "",
	} {
		i := played(t, "FROM golang:1.26 AS build\nENV D=/go/src/shop\nADD . $D\nRUN "+run+"\nFROM alpine\nCOPY --from=build "+cmp.Or(want, "/tmp/a")+" /app/shop\nCMD [\"/app/shop\"]\n", "")
		b, at := i.Start()
		if found := b != nil && at == "/app/shop" && b.Package == "."; found != (want != "") {
			t.Errorf("%s: the image starts %q, built by %+v", run, at, b)
		}
	}
}

// TestThrough follows a RUN into a Makefile and a script: the build is known by its name and its variables, and by where it stands.
func TestThrough(t *testing.T) {
	for run, want := range map[string]struct {
		out, cgo, file string
		line           int
		dark           bool
	}{
		"make build":                             {"/src/bin/shop", "", "Makefile", 4, false},
		"CGO_ENABLED=0 make OUT=/out/shop":       {"/out/shop", "0", "Makefile", 4, false},
		"cd / && make -C src CGO_ENABLED=1":      {"/src/bin/shop", "1", "Makefile", 4, false},
		"make build OUT=$V":                      {"", "", "", 0, false},
		"sh build.sh":                            {"", "", "", 0, true}, // what it hands on to make is not known
		"make -f none.mk":                        {"", "", "", 0, true},
		`["make", "build", "FLAGS=-tags x"]`:     {"/src/bin/shop", "", "Makefile", 4, false},
		"export OUT=/out/a; make && cp /out/a /": {"/out/a", "", "Makefile", 4, false},
	} {
		i := played(t, "FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN "+run+"\n", "")
		if i.Opaque() != want.dark {
			t.Errorf("%s: dark %v", run, i.Opaque())
		}
		b := i.Output(want.out)
		if b == nil {
			if want.out != "" {
				t.Errorf("%s: built %v", run, i.Outputs())
			}
			continue
		}
		if cgo, _ := b.Var("CGO_ENABLED"); cgo.Value != want.cgo || b.Through == nil || b.Through.File != want.file || b.Through.At.Line != want.line || b.Command.Pos.Line != 4 {
			t.Errorf("%s: CGO_ENABLED=%s, through %+v, at %v", run, cgo.Value, b.Through, b.Command.Pos)
		}
	}
}

func TestZoneName(t *testing.T) {
	if got := ZoneName("asia/tokyo"); got != "Asia/Tokyo" {
		t.Errorf("got %q", got)
	}
	if got := ZoneName("Asia/Nowhere"); got != "" {
		t.Errorf("got %q", got)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add("FROM golang:1.26\nCOPY --from=0 / /\nRUN cd / && go build -o x . && cp x /y\nCMD [\"/y\"]\n", "*\n!web")
	f.Add("FROM a AS b\nFROM b\nCOPY --from=b [\"*\", \"../..\"]\nWORKDIR $X\nADD http://x y\n", "[")
	f.Add("FROM scratch\nCOPY go.mod /a/b\nCOPY web /a\nRUN export A=$B CGO_ENABLED='0'; go install ./...\n", "**/.*")
	f.Add("FROM golang\nWORKDIR /src\nCOPY . .\nRUN cd web; make -C .. OUT=$X >a && ./build.sh\nRUN [\"make\"]\n", "web")
	f.Fuzz(func(t *testing.T, dockerfile, ignore string) {
		i := played(t, dockerfile, ignore)
		if i == nil {
			return
		}
		i.Start()
		i.HoldsMatch(i.State, "/*/[a-z]*")
		for _, s := range i.Path() {
			for _, b := range i.Builds(s) {
				b.Cgo()
				b.Static()
			}
			for _, c := range i.Commands(s) {
				i.Upward(c.Before, c.Dir, "go.mod")
			}
		}
	})
}
