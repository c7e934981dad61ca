package git

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestChanged(t *testing.T) {
	t.Parallel()
	r := repo(t, map[string]string{"main.go": "package main\n", "a/b.go": "package a\n", "same.go": "package main // same\n"})
	git := func(args ...string) string {
		out, code, err := r.run(t.Context(), "", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
		if err != nil || code != 0 {
			t.Fatal(args, code, err)
		}
		return strings.TrimSpace(out)
	}
	git("add", "-A")
	git("commit", "-q", "-m", "one")
	commit := git("rev-parse", "HEAD")
	abs := func(name string) string { return filepath.Join(r.Dir, filepath.FromSlash(name)) }
	write(t, abs("main.go"), "package main\r\n") // line ends alone
	write(t, abs("a/b.go"), "package a // new\n")
	write(t, abs("new.go"), "package main\n")

	changed, added, known, err := r.Changed(t.Context(), commit, abs("main.go"), abs("a/b.go"), abs("same.go"), abs("new.go"), abs("gone.go"))
	if err != nil || !known || !slices.Equal(changed, []string{abs("a/b.go")}) || !slices.Equal(added, []string{abs("new.go")}) {
		t.Errorf("changed %v, added %v, known %v, %v", changed, added, known, err)
	}
	for _, unknown := range []string{strings.Repeat("0", 39) + "1", "HEAD", "--help", ""} {
		if _, _, known, err := r.Changed(t.Context(), unknown, abs("main.go")); known || err != nil {
			t.Errorf("commit %q: known %v, %v", unknown, known, err)
		}
	}
}
