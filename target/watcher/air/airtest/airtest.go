// Package airtest gives tests the real air and its kin, each release built once for this user.
package airtest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Release is one air.
type Release struct{ Module, Version string }

// Newest is the release that is compared and proved against first.
var Newest = Release{"github.com/air-verse/air", "v1.67.4"}

// Dir builds a release where it is not there yet, and gives the folder that holds its "air".
func Dir(t *testing.T, r Release) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	to := filepath.Join(cache, "gindoctor-differential", r.Version)
	if _, err := os.Stat(filepath.Join(to, "air")); err == nil {
		return to
	}
	// Built where it is unpacked, by its own go.sum: `go install` refuses the releases under the former path.
	get := exec.Command("go", "mod", "download", "-json", r.Module+"@"+r.Version)
	get.Dir, get.Env = t.TempDir(), append(os.Environ(), "GOFLAGS=")
	said, err := get.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", r.Version, err, said)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(said, &module); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(to, "air"), ".")
	build.Dir, build.Env = module.Dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", r.Version, err, out)
	}
	return to
}

var building sync.Mutex

// Program builds another tool where it is not there yet, a package of a module, and gives its path.
func Program(t *testing.T, module, version, pkg, name string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	to := filepath.Join(cache, "gindoctor-differential", name+"-"+version)
	program := filepath.Join(to, name)
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if Sampled && name == "templ" {
		t.Skip("templ takes 40 s of a processor to build: a sample uses it where it is there")
	}
	dir := t.TempDir()
	mod := fmt.Sprintf("module tools\n\ngo 1.26.0\n\nrequire %s %s\n", module, version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		t.Fatal(err)
	}
	install := exec.Command("go", "install", pkg) // from a module of its own: `go install PKG@VERSION` asks for all versions first
	install.Dir, install.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOBIN="+to)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", pkg, err, out)
	}
	return program
}
