//go:build unix

package stage

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
)

func TestPick(t *testing.T) {
	helper := "package main\n\nfunc main() {}\n"
	two := map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "cmd/api/main.go": plain, "cmd/admin/main.go": plain, "cmd/migrate/main.go": helper}
	dir := write(t, two)
	_, err := staged(dir)
	if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(r.Reason, "2 programs of the project are servers: cmd/admin, cmd/api. Name the folder of one: gindoctor drill reload cmd/admin") {
		t.Error(err)
	}
	s := set(t, dir, func(o *Options) { o.Dir = filepath.Join(dir, "cmd", "api") })
	if p, err := pick(t.Context(), s.Target, s.asked); err != nil || p.Package.Dir != "cmd/api" {
		t.Error(p.Package, err)
	}
	two[".air.toml"] = "[build]\ncmd = \"go build -o ./tmp/main ./cmd/admin\"\n"
	s = set(t, write(t, two))
	if p, err := pick(t.Context(), s.Target, ""); err != nil || p.Package.Dir != "cmd/admin" {
		t.Error("the watcher's:", p.Package, err)
	}
	if _, err := staged(write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "lib.go": "package shop\n"})); err == nil || !strings.Contains(err.Error(), "no package main") {
		t.Error(err)
	}
}

// TestUsage reads how the project builds and starts its server from what says so.
func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		name            string
		files           map[string]string
		arguments, from string
		flags, environ  string
		dir             string // relative to the root
	}{
		{name: "nothing says so", files: map[string]string{"main.go": plain}, dir: "."},
		{name: "air", files: map[string]string{"main.go": plain, ".air.toml": "[build]\ncmd = \"CGO_ENABLED=0 go build -tags dev,sqlite -o ./tmp/main .\"\nfull_bin = \"APP_ENV=dev ./tmp/main serve --config dev.yaml\"\n"},
			arguments: "serve --config dev.yaml", from: "air (.air.toml)", flags: "-tags=dev,sqlite", environ: "APP_ENV=dev", dir: "."},
		{name: "a Makefile", files: map[string]string{"cmd/api/main.go": plain, "Makefile": "run:\n\tgo run -race ./cmd/api serve -v\n"},
			arguments: "serve -v", from: "go run (Makefile:2)", flags: "-race", dir: "."},
		{name: "tags of a Makefile", files: map[string]string{"main.go": plain, "Makefile": "build:\n\tGOOS=plan9 go build -tags sqlite -o shop .\ndist:\n\tgo build -tags sqlite -trimpath -o dist/shop .\n"},
			flags: "-tags=sqlite", dir: "."},
		{name: "tags that differ", files: map[string]string{"main.go": plain, "Makefile": "build:\n\tgo build -tags sqlite -o shop .\ndist:\n\tgo build -o dist/shop .\n"}, dir: "."},
		{name: "an image", files: map[string]string{"main.go": plain, "Dockerfile": "FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/shop .\nENTRYPOINT [\"/bin/shop\", \"serve\"]\n"},
			arguments: "serve", from: "the image of Dockerfile", dir: "."},
		{name: "an image with a file of its own", files: map[string]string{"main.go": plain, "Dockerfile": "FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/shop .\nENTRYPOINT [\"/bin/shop\", \"--config=/etc/shop/x.yaml\"]\n"}, dir: "."},
		{name: "a debugger", files: map[string]string{"main.go": plain, ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\nfull_bin = \"dlv exec --headless --continue ./tmp/main -- serve\"\n"},
			arguments: "serve", from: "air (.air.toml)", dir: "."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.files["go.mod"] = "module shop\n\ngo 1.26\n"
			s := set(t, write(t, tt.files))
			p, err := pick(t.Context(), s.Target, "")
			if err != nil {
				t.Fatal(err)
			}
			u, err := s.usage(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(u.arguments, " "); got != tt.arguments || u.from != tt.from {
				t.Errorf("%q, %q", got, u.from)
			}
			if got := strings.Join(u.Flags, " "); got != tt.flags || strings.Join(u.environ, " ") != tt.environ {
				t.Errorf("%q, %q", got, u.environ)
			}
			if u.dir != filepath.Join(s.Root, tt.dir) {
				t.Error(u.dir)
			}
		})
	}
}

func TestBuildFails(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain + "\nvar x int = \"y\"\n"}))
	_, err := s.Build(t.Context())
	f, ok := errors.AsType[*Failure](err)
	if !ok || f.Stage != checks.Build || f.Said.String() != "the program does not build: go build, exit code 1" || !slices.ContainsFunc(f.Tail, func(l string) bool { return strings.HasPrefix(l, "./main.go:17:13:") }) {
		t.Errorf("%v %q", err, f.Tail)
	}
	s.Environ = with(s.Environ, "PATH", "/nowhere")
	if _, err := s.Build(t.Context()); err == nil || err.Error() != "there is no go command on PATH" {
		t.Error(err)
	}
}

func TestBuildHangs(t *testing.T) {
	buildTime = 300 * time.Millisecond
	t.Cleanup(func() { buildTime = 10 * time.Minute })
	s := shop(t)
	err := s.build(t.Context(), Command{Args: []string{s.self}, Environ: with(s.Environ, act, "never")})
	if f, ok := errors.AsType[*Failure](err); !ok || f.Stage != checks.Build || !strings.Contains(f.Said.String(), "the build is not done after 300ms") {
		t.Error(err)
	}
}

func TestOutside(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain})
	config := "root = \"" + dir + "\"\n[build]\ncmd = \"go build -o ./tmp/main .\"\n"
	if err := os.WriteFile(filepath.Join(dir, ".air.toml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	s := set(t, dir)
	out, err := s.Outside(t.Context())
	if err != nil || len(out) != 1 || out[0].File != ".air.toml" || out[0].Line != 1 || out[0].Tool != "air" {
		t.Errorf("%+v %v", out, err)
	}
	if out, err := shop(t).Outside(t.Context()); err != nil || len(out) != 0 {
		t.Errorf("%+v %v", out, err)
	}
}

func TestEnvironment(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain})
	t.Setenv("SHOP_CONFIG", dir+"/config.yaml")
	t.Setenv("OTHER", dir+"ping")
	s := set(t, dir)
	if !slices.Contains(s.Environ, "SHOP_CONFIG="+s.Root+"/config.yaml") || !slices.Contains(s.Environ, "OTHER="+dir+"ping") {
		t.Error(s.Environ)
	}
}

func TestReactionsByAbsolutePath(t *testing.T) {
	files := map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\nexclude_regex = [\"gindoctor-drill\"]\n"}
	if said := notes(set(t, write(t, files))); !strings.Contains(said, "air does something else with main.go in the copy than in the project: its rule build.exclude_regex") {
		t.Error(said)
	}
	files[".air.toml"] = "[build]\ncmd = \"go build -o ./tmp/main .\"\nexclude_regex = [\"_test.go\"]\n"
	if said := notes(set(t, write(t, files))); strings.Contains(said, "something else") {
		t.Error(said)
	}
}
