package toolchain

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestTidied(t *testing.T) {
	for name, tt := range map[string]struct {
		require string
		want    map[string]bool
	}{
		"as it is":     {"require example.org/b v0.0.0\n", map[string]bool{"example.org/b": false}},
		"marked wrong": {"require (\n\texample.org/b v0.0.0 // indirect\n)\n", map[string]bool{"example.org/b": false}},
		"not needed":   {"require (\n\texample.org/b v0.0.0\n\texample.org/c v0.0.0\n)\n", map[string]bool{"example.org/b": false}},
	} {
		g := lay(t, "-- go.mod --\nmodule example.org/a\n\ngo 1.24\n\n"+tt.require+"\nreplace (\n\texample.org/b => ./b\n\texample.org/c => ./c\n)\n"+
			"-- a.go --\npackage a\n\nimport _ \"example.org/b\"\n-- b/go.mod --\nmodule example.org/b\n-- b/b.go --\npackage b\n-- c/go.mod --\nmodule example.org/c\n")
		before := tree(t, g.Dir)
		goMod, err := os.ReadFile(filepath.Join(g.Dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Tidied(t.Context(), goMod)
		if err != nil || !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v %v, want %v", name, got, err, tt.want)
		}
		if tree(t, g.Dir) != before {
			t.Errorf("%s: the module was changed", name)
		}
	}
}

func FuzzParseRequirement(f *testing.F) {
	for _, seed := range []string{"\ta.b/c v1.0.0 // indirect", "require a.b/c v1.0.0", "go 1.24", ")", "\"a\" v0 // indirect; why"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if r, ok := parseRequirement(line); !ok && r != (requirement{}) {
			t.Errorf("%+v", r)
		}
	})
}
