//go:build unix

package stage

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target"
)

// TestPassedOver asks for a program that ./... does not have: another one must not be drilled in its place.
func TestPassedOver(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, "_example/x/main.go": plain, "internal/testdata/y/main.go": plain, "internal/z.go": "package internal\n"})
	facts, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"_example/x", "internal/testdata/y"} {
		_, err := pick(t.Context(), facts, filepath.Join(dir, name))
		if r, ok := errors.AsType[*Refused](err); !ok || !strings.HasPrefix(r.Reason, name+" is none of ./...") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p, err := pick(t.Context(), facts, filepath.Join(dir, "internal")); err != nil || p.Package.Dir != "." {
		t.Errorf("%+v %v", p.Package, err)
	}
}

func TestWithout(t *testing.T) {
	got := without([]string{"serve", "-port", "9000", "--addr=:9000", "-v", "--porter", "x"}, []string{"--port=1", "--addr=:1"})
	if want := []string{"serve", "-v", "--porter", "x"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
