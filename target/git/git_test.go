package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

func repo(t *testing.T, files map[string]string) *Repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &Repo{Dir: dir, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1"}}
	if _, code, err := r.run(context.Background(), "", "init", "-q", dir); err != nil || code != 0 {
		t.Fatal(code, err)
	}
	for name, content := range files {
		abs := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, abs, content)
	}
	return r
}

func write(t *testing.T, abs, content string) {
	t.Helper()
	if err := os.WriteFile(abs, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestIgnored(t *testing.T) {
	r := repo(t, map[string]string{".gitignore": "/gen/\nserver\n", "cmd/main.go": "package main\n"})
	paths := []string{filepath.Join(r.Dir, "gen", "api", "x.go"), filepath.Join(r.Dir, "cmd", "server", "x.go"), filepath.Join(r.Dir, "cmd", "main.go")}
	got, err := r.Ignored(t.Context(), paths...)
	if err != nil {
		t.Fatal(err)
	}
	if !got[paths[0]] || !got[paths[1]] || got[paths[2]] {
		t.Errorf("ignored: %v", got)
	}
}

func TestOutsideARepository(t *testing.T) {
	r := repo(t, nil)
	if err := os.RemoveAll(filepath.Join(r.Dir, ".git")); err != nil {
		t.Fatal(err)
	}
	r.Environ = append(r.Environ, "GIT_CEILING_DIRECTORIES="+filepath.Dir(r.Dir))
	got, err := r.Ignored(t.Context(), filepath.Join(r.Dir, "x.go"))
	if err != nil || len(got) > 0 {
		t.Errorf("ignored: %v, %v", got, err)
	}
}

func TestRewritesAndRemote(t *testing.T) {
	r := repo(t, map[string]string{".gitconfig": "[url \"ssh://git@git.acme.local/\"]\n\tinsteadOf = https://git.acme.local/\n\tinsteadOf = https://old.acme.local/\n[remote \"origin\"]\n\turl = https://git.acme.local/shop.git\n"})
	got, err := r.Rewrites(t.Context())
	if want := []string{"https://git.acme.local/", "https://old.acme.local/"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("rewrites: %v, %v", got, err)
	}
	if remote, err := r.Remote(t.Context()); err != nil || remote != "https://git.acme.local/shop.git" {
		t.Errorf("remote: %q, %v", remote, err)
	}
}

func TestNoGit(t *testing.T) {
	r := &Repo{Dir: t.TempDir(), Environ: []string{"PATH=bin:" + t.TempDir()}}
	if _, err := r.Ignored(t.Context(), "x"); !errors.Is(err, ErrNoGit) {
		t.Errorf("got %v", err)
	}
}
