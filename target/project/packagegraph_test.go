package project_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target/project"
)

// readGraph unpacks a module and gives its packages for linux/amd64.
func readGraph(t *testing.T, archive string) (*project.Imports, *project.PackageGraph) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := project.List(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	modules, err := project.Modules(t.Context(), tree)
	if err != nil || len(modules) != 1 {
		t.Fatalf("modules: %v %v", modules, err)
	}
	build := project.Build{GOOS: "linux", GOARCH: "amd64", Minor: 24}
	im, err := project.ReadImports(t.Context(), project.NewResolver(modules[0], project.Settings{Build: build}))
	if err != nil {
		t.Fatal(err)
	}
	return im, im.PackageGraph()
}

const ringModule = `
-- go.mod --
module a

go 1.24
-- main.go --
package main

import _ "a/x"

func main() {}
-- x/x.go --
package x

import _ "a/y"
-- x/x_windows.go --
package x

import _ "a/lonely"
-- x/x_test.go --
package x

import _ "a/lonely"
-- y/y.go --
package y

import _ "a/z"
-- z/z.go --
package z

import (
	_ "a/x"
	_ "a/y"
)
-- lonely/l.go --
//go:build prod && linux && !cgo

package lonely
`

func TestPackageGraph(t *testing.T) {
	im, g := readGraph(t, ringModule)
	x := g.Package("a/x")
	if x == nil || len(x.Files) != 1 || len(x.Excluded) != 1 || !x.Needed || g.In("x") != x {
		t.Fatalf("a/x is %+v", x)
	}
	lonely := g.Package("a/lonely")
	if lonely.Needed || len(lonely.Files) != 0 || !slices.Equal(lonely.Excluded[0].OwnTags(), []string{"prod"}) {
		t.Errorf("a/lonely is %+v", lonely)
	}
	if programs := g.Programs(); len(programs) != 1 || programs[0].ImportPath != "a" {
		t.Errorf("programs: %v", programs)
	}
	if bad, err := im.Module.SyntaxErrors(t.Context(), g); len(bad) != 0 || err != nil {
		t.Errorf("syntax errors: %v %v", bad, err)
	}
}

func TestRings(t *testing.T) {
	_, g := readGraph(t, ringModule)
	rings := g.Rings()
	if len(rings) != 1 {
		t.Fatalf("%d rings", len(rings))
	}
	var way []string
	for _, step := range rings[0] {
		way = append(way, step.Import.Path)
	}
	// The shortest way from the first package back to itself; a/y and a/z, which also import each other, are of the same group.
	if want := []string{"a/y", "a/z", "a/x"}; !slices.Equal(way, want) {
		t.Errorf("ring %q, want %q", way, want)
	}
}

func TestSyntaxErrors(t *testing.T) {
	im, g := readGraph(t, ringModule+"-- x/bad.go --\npackage x\n\nfunc f( {\n-- x/bad_windows.go --\npackage x\n\nfunc f( {\n")
	bad, err := im.Module.SyntaxErrors(t.Context(), g)
	if err != nil || len(bad) != 1 || bad[0].File.Path != "x/bad.go" || bad[0].Err.Pos.Line != 3 {
		t.Errorf("syntax errors: %+v %v", bad, err)
	}
}
