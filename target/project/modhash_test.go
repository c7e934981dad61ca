package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/target/project"
)

func TestMismatches(t *testing.T) {
	cache := t.TempDir()
	dir := filepath.Join(cache, "cache", "download", "example.com", "!dep", "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"v1.0.0.ziphash": "h1:right=\n", "v1.0.0.mod": "module example.com/dep\n\ngo 1.24\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := &project.ModCache{Dir: cache}
	v := module.Version{Path: "example.com/Dep", Version: "v1.0.0"}
	goMod := c.GoModHash(v)
	// As `go mod download -json` tells it of this text.
	if want := "h1:pZQlAqZcZKVJ/7xy0f2Rd9cpHIfOzgOgzlotY9KW2io="; goMod != want {
		t.Fatalf("hash of go.mod %q, want %q", goMod, want)
	}
	for name, tt := range map[string]struct {
		sum  string
		want int
	}{
		"right":                {"example.com/Dep v1.0.0 h1:right=\nexample.com/Dep v1.0.0/go.mod " + goMod + "\n", 0},
		"both wrong":           {"example.com/Dep v1.0.0 h1:wrong=\nexample.com/Dep v1.0.0/go.mod h1:wrong=\n", 2},
		"wrong after right":    {"example.com/Dep v1.0.0 h1:right=\nexample.com/Dep v1.0.0 h1:wrong=\n", 0},
		"right after wrong":    {"example.com/Dep v1.0.0 h1:wrong=\nexample.com/Dep v1.0.0 h1:right=\n", 1},
		"another kind of hash": {"example.com/Dep v1.0.0 h9:other=\n", 0},
		"not in the cache":     {"example.com/Dep v1.1.0 h1:wrong=\n", 0},
	} {
		if got := project.ParseSum("go.sum", []byte(tt.sum)).Mismatches(c); len(got) != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
