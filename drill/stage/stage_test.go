//go:build unix

package stage

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target"
)

const plain = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
`

// write makes a project.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// staged sets a stage for a project.
func staged(dir string, with ...func(*Options)) (*Stage, error) {
	return stagedBy(context.Background(), dir, with...)
}

func stagedBy(ctx context.Context, dir string, with ...func(*Options)) (*Stage, error) {
	t, err := target.Open(ctx, target.Options{Dir: dir, Profile: "dev", Environ: os.Environ()})
	if err != nil {
		return nil, err
	}
	o := Options{Target: t, Yes: true}
	for _, one := range with {
		one(&o)
	}
	return Set(ctx, o)
}

// set does so for a test, at whose end nothing may be left.
func set(t *testing.T, dir string, with ...func(*Options)) *Stage {
	t.Helper()
	s, err := staged(dir, with...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(s.dir); err == nil {
			t.Error(s.dir, "is there still")
		}
	})
	return s
}

func TestBuildAndServe(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}))
	p, err := s.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Serve(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if int(v.Addr.Port()) != s.Port || v.TLS || v.Answering < v.Listening || v.Listening <= 0 {
		t.Errorf("%+v", v)
	}
}
