package git

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestListed(t *testing.T) {
	files := map[string]string{"main.go": "x", "a/b c.go": "y", "z": "", "a/eightchr": "", "new.go": ""}
	r := repo(t, files)
	for _, args := range [][]string{{"add", "-A"}, {"rm", "--cached", "-q", "z"}, {"add", "-N", "z"}, {"rm", "--cached", "-q", "new.go"}} {
		if _, err := r.must(t.Context(), nil, args...); err != nil {
			t.Fatal(err)
		}
	}
	index, err := os.ReadFile(filepath.Join(r.Dir, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	paths, ok := Listed(index)
	if got := slices.Sorted(maps.Keys(paths)); !ok || !slices.Equal(got, []string{"a/b c.go", "a/eightchr", "main.go", "z"}) {
		t.Errorf("%q, %v", got, ok)
	}
	for cut := range index {
		if paths, ok := Listed(index[:cut]); ok && len(paths) < 4 {
			t.Errorf("the first %d bytes are taken for a whole index", cut)
		}
	}
}
