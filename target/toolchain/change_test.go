package toolchain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/internal/quietgo"
)

func TestChangeFlags(t *testing.T) {
	for goflags, want := range map[string]string{
		"":                                "-buildvcs=false",
		"-mod=vendor -trimpath":           "-buildvcs=false -trimpath",
		"--modfile=x.mod -tags=a -a":      "-buildvcs=false -tags=a",
		"-toolexec=/bin/x -buildvcs=true": "-buildvcs=false",
	} {
		if got := changeFlags(goflags); got != want {
			t.Errorf("%q becomes %q, want %q", goflags, got, want)
		}
	}
}

// What is in no cache is not fetched, and the error says that the network would have helped.
func TestChangeStaysOffline(t *testing.T) {
	dir := t.TempDir()
	goMod := filepath.Join(dir, "go.mod")
	if err := os.WriteFile(goMod, []byte("module m\n\ngo 1.24\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	quietgo.Home(t, dir)
	environ := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GOPATH=" + dir, "GOFLAGS=-mod=vendor", "GOPROXY=https://proxy.invalid", "GOPRIVATE=*", "GOTOOLCHAIN=local"}
	g := &Go{Dir: dir, Environ: environ}
	err := g.Change(t.Context(), false, "get", "-modfile="+goMod, "example.org/never@v1.0.0")
	if !NeedsNetwork(err) || strings.Contains(err.Error(), "proxy.invalid") {
		t.Errorf("got %v", err)
	}
	err = g.Change(t.Context(), false, "get", "-modfile="+goMod, "-no-such-flag")
	if err == nil || NeedsNetwork(err) {
		t.Errorf("a wrong flag: %v", err)
	}
}
