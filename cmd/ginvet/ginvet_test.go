package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
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
`

// TestVetTool has the go command run ginvet as its vet tool.
func TestVetTool(t *testing.T) {
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(sample)).Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tool := filepath.Join(t.TempDir(), "ginvet.exe")
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	vet := exec.Command("go", "vet", "-vettool="+tool, "./...")
	vet.Dir = dir
	vet.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := vet.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "main.go:10:") || !strings.Contains(string(out), "(src/notify)") {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
