package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// sample is a module that needs nothing but the standard library.
const sample = `
-- go.mod --
module example.org/sample

go 1.25
-- main.go --
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop := make(chan os.Signal)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
}
-- ask/ask.go --
package ask

import "net/http"

func Once() {
	if resp, err := http.Get("https://example.org"); err == nil {
		resp.Body.Close()
	}
}
`

// TestVetTool has the go command run ginvet as its vet tool.
func TestVetTool(t *testing.T) {
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(sample)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tool := filepath.Join(t.TempDir(), "ginvet.exe")
	if strings.Contains(tool, " ") {
		t.Skip("go vet starts no tool from a folder with a blank in its name")
	}
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, flags := range [][]string{nil, {"-info"}} {
		vet := exec.Command("go", slices.Concat([]string{"vet", "-vettool=" + tool}, flags, []string{"./..."})...)
		vet.Dir = dir
		vet.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := vet.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "main.go:10:") || !strings.Contains(string(out), "(src/notify)") {
			t.Errorf("go vet: %v\n%s", err, out)
		}
		if infos := strings.Contains(string(out), "ask.go:6:"); infos != (flags != nil) {
			t.Errorf("go vet %q says infos: %v\n%s", flags, infos, out)
		}
	}
}
