package git

import (
	"context"
	"path/filepath"
	"testing"
)

func TestMayTrackAgreesWithGit(t *testing.T) {
	t.Parallel()
	r := repo(t, map[string]string{"shop/tmp/main": "x", "shop/main.go": "package main\n", ".gitignore": "/shop/out/\n", "shop/out/x": "x"})
	git := func(args ...string) {
		t.Helper()
		if out, code, err := r.run(context.Background(), "", args...); err != nil || code != 0 {
			t.Fatal(args, out, code, err)
		}
	}
	git("add", ".")
	shop := &Repo{Dir: filepath.Join(r.Dir, "shop"), Environ: r.Environ}
	tests := []struct {
		path string
		want bool
	}{
		{"shop/tmp", true}, {"shop/tmp/main", true}, {"shop/out", false}, {"shop/bin", false}, {".", true}, {"../elsewhere", true},
	}
	for _, version := range []string{"2", "4"} {
		git("update-index", "--index-version", version)
		for _, tt := range tests {
			want := tt.want || version == "4" // that one is left to git
			if got := shop.mayTrack(filepath.Join(r.Dir, filepath.FromSlash(tt.path))); got != want {
				t.Errorf("index version %s: %s: %v, want %v", version, tt.path, got, want)
			}
		}
	}
	none := &Repo{Dir: t.TempDir(), Environ: r.Environ}
	if !none.mayTrack(filepath.Join(none.Dir, "x")) {
		t.Error("outside a checkout the answer is git's")
	}
}
