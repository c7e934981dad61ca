package project

import (
	"go/build"
	"path/filepath"
	"testing"
)

// TestBuildAgreesWithGo compares our rule with go/build's own, for names and constraints of all kinds.
func TestBuildAgreesWithGo(t *testing.T) {
	names := []string{
		"a.go", "linux.go", "a_linux.go", "a_windows.go", "a_amd64.go", "a_linux_amd64.go", "a_windows_arm64.go", "a_linux_test.go",
		"a_unix.go", "a_foo_linux.go", "a_js_wasm.go", "a_test_linux.go", "a_android.go", "windows_a.go",
	}
	headers := []string{
		"", "//go:build linux\n\n", "//go:build !linux\n\n", "//go:build unix && !cgo\n\n", "//go:build ignore\n\n", "//go:build go1.22 && !go1.99\n\n",
		"// +build linux darwin\n// +build !cgo\n\n", "// +build windows\npackage-like doc\n\n", "// Doc.\n// +build windows\n", "/* //go:build windows */\n",
		"// Licence.\n\n//go:build enterprise || linux\n\n", "//go:build gc && amd64.v1\n\n", "/*\n//go:build windows\n*/\n\n",
	}
	for _, platform := range [][2]string{{"linux", "amd64"}, {"windows", "arm64"}, {"darwin", "arm64"}, {"js", "wasm"}} {
		ctxt := build.Default
		ctxt.GOOS, ctxt.GOARCH, ctxt.CgoEnabled = platform[0], platform[1], platform[0] == "linux"
		ctxt.BuildTags, ctxt.ToolTags = []string{"enterprise"}, nil
		if ctxt.GOARCH == "amd64" {
			ctxt.ToolTags = []string{"amd64.v1"}
		}
		ours := Build{GOOS: ctxt.GOOS, GOARCH: ctxt.GOARCH, Cgo: ctxt.CgoEnabled, Tags: ctxt.BuildTags, Minor: len(ctxt.ReleaseTags)}
		for _, header := range headers {
			files := map[string]string{}
			for _, name := range names {
				files[name] = header + "package a\n"
			}
			root := tree(t, files)
			p := importParser{root: root}
			for _, name := range names {
				want, err := ctxt.MatchFile(root, name)
				if err != nil {
					continue // a header that go/build refuses
				}
				f := p.parse(File{Path: filepath.Base(name)})
				if got := ours.Has(f); got != want {
					t.Errorf("%s/%s %s %q: %v, go/build says %v", ctxt.GOOS, ctxt.GOARCH, name, header, got, want)
				}
			}
		}
	}
}

// TestPossible holds the examples of cmd/go/internal/imports.
func TestPossible(t *testing.T) {
	for header, want := range map[string]bool{
		"":                                        true,
		"//go:build windows && linux\n\n":         true, // both taken for set
		"//go:build a && !a\n\n":                  true, // and for not set
		"//go:build ignore\n\n":                   false,
		"//go:build !ignore\n\n":                  true,
		"//go:build ignore || tools\n\n":          true,
		"//go:build ignore && tools\n\n":          false,
		"// +build ignore\n\n":                    false,
		"// +build ignore\n":                      true, // no blank line: a comment
		"//go:build a\n//go:build b\n\n":          false,
		"//go:build (\n\n":                        false,
		"/* c */\n//go:build ignore\n\n":          false,
		"/*\n//go:build ignore\n*/\n\n":           true,
		"// +build linux\n\n// +build ignore\n\n": false,
	} {
		f := &GoFile{Path: "x.go", Constraint: buildConstraint([]byte(header))}
		if got := f.Possible(); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}
