package scaffold_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/scaffold"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goMod = "module example.org/shop\n\ngo 1.25\n"

// tree writes a repository and opens a folder of it.
func tree(t *testing.T, dir string, files ...string) *target.Target {
	t.Helper()
	top := t.TempDir()
	for _, name := range append(files, ".git/HEAD") {
		file := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		text := "package main\n"
		switch filepath.Base(name) {
		case "go.mod":
			text = goMod
		case "go.work":
			text = "go 1.25\n\nuse (\n\t./api\n\t./worker\n)\n"
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := target.Open(context.Background(), target.Options{Dir: filepath.Join(top, filepath.FromSlash(dir)), Profile: "dev", Environ: os.Environ(), Host: &host.Fake{}})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestPipeline(t *testing.T) {
	for _, c := range []struct {
		name, dir string
		files     []string
	}{
		{"top", ".", []string{"go.mod", "main.go"}},
		{"subfolder", "services/shop", []string{"services/shop/go.mod", "services/shop/main.go"}},
		{"workspace", ".", []string{"go.work", "api/go.mod", "api/main.go", "worker/go.mod", "worker/main.go"}},
		{"two-modules", ".", []string{"api/go.mod", "api/main.go", "worker/go.mod", "worker/main.go"}},
		{"hostile", "-o $(id): 'x' #", []string{"-o $(id): 'x' #/go.mod", "-o $(id): 'x' #/main.go"}},
	} {
		for _, platform := range []string{"github", "gitlab"} {
			f, err := scaffold.Pipeline(context.Background(), tree(t, c.dir, c.files...), platform, "v1.2.3")
			if err != nil {
				t.Fatal(c.name, err)
			}
			golden(t, c.name+"."+platform+".yml", f.Text)
			var parsed map[string]any
			if err := yaml.Unmarshal([]byte(f.Text), &parsed); err != nil {
				t.Errorf("%s for %s: %v", c.name, platform, err)
			}
			if want := ".git" + platform[3:]; !strings.HasPrefix(f.Name, want) {
				t.Errorf("%s: written to %s", platform, f.Name)
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./scaffold -update rewrites it\n%s", file, diff)
	}
}

func TestNoPipeline(t *testing.T) {
	for name, c := range map[string]struct {
		dir   string
		files []string
		want  string
	}{
		"an expression": {"${{x}}", []string{"${{x}}/go.mod", "${{x}}/main.go"}, "cannot be named"},
		"a line end":    {"a\nb", []string{"a\nb/go.mod", "a\nb/main.go"}, "cannot be named"},
		"no module":     {".", []string{"main.go"}, "there is no go.mod"},
		"written once":  {".", []string{"go.mod", ".github/workflows/gindoctor.yml"}, "there already"},
	} {
		_, err := scaffold.Pipeline(context.Background(), tree(t, c.dir, c.files...), "github", "v1.2.3")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestNotReleased(t *testing.T) {
	f, err := scaffold.Pipeline(context.Background(), tree(t, ".", "go.mod", "main.go"), "github", "devel")
	if err != nil || !strings.Contains(f.Text, "gindoctor@latest") || len(f.Notes) != 1 {
		t.Errorf("%v, %+v", err, f)
	}
}
