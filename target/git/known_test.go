package git

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestKnown(t *testing.T) {
	r := repo(t, map[string]string{".gitignore": "*.log\n/gen/\n", "main.go": "", "a b/ü.go": "", "x.log": "", "gen/g.go": "", "new.txt": "", "gone.go": ""})
	inner := repo(t, map[string]string{".gitignore": "skip\n", "lib.go": "", "skip": "", "deep/new.go": ""})
	git := func(r *Repo, args ...string) {
		t.Helper()
		if _, err := r.must(t.Context(), nil, args...); err != nil {
			t.Fatal(err)
		}
	}
	git(r, "add", "main.go", "a b", "gone.go")
	if err := os.Remove(filepath.Join(r.Dir, "gone.go")); err != nil {
		t.Fatal(err)
	}
	git(inner, "add", "lib.go")
	git(inner, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
	for _, as := range []string{"sub", "loose"} { // one that git knows as a submodule, one that merely lies there
		if err := os.CopyFS(filepath.Join(r.Dir, as), os.DirFS(inner.Dir)); err != nil {
			t.Fatal(err)
		}
	}
	git(r, "-c", "advice.addEmbeddedRepo=false", "add", "sub")
	got, ok, err := r.Known(t.Context())
	want := []string{".gitignore", "a b/ü.go", "gone.go", "loose/.gitignore", "loose/deep/new.go", "loose/lib.go", "main.go", "new.txt",
		"sub/.gitignore", "sub/deep/new.go", "sub/lib.go"}
	if err != nil || !ok || !slices.Equal(got, want) {
		t.Errorf("%q %v %v", got, ok, err)
	}
	below := &Repo{Dir: filepath.Join(r.Dir, "a b"), Environ: r.Environ}
	if got, ok, err := below.Known(t.Context()); err != nil || !ok || !slices.Equal(got, []string{"ü.go"}) {
		t.Errorf("of a folder in it: %q %v %v", got, ok, err)
	}
	none := &Repo{Dir: t.TempDir(), Environ: append(slices.Clone(r.Environ), "GIT_CEILING_DIRECTORIES=/")}
	if _, ok, err := none.Known(t.Context()); ok || err != nil {
		t.Errorf("outside of a checkout: %v %v", ok, err)
	}
}
