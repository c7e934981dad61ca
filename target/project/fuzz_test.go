package project

import (
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

func FuzzParseGoMod(f *testing.F) {
	for _, seed := range []string{
		"", "module x\n", "module example.org/shop\n\ngo 1.24\n\nrequire (\n\texample.net/a v1.0.0 // indirect\n", "\ufeffmodule x\n",
		"module x\r\ngo 1.24\r\n", "go 1.24.x\n", "require x v1.2\n", "\x7fELF\x00\n", "replace a => ../b\nignore ./x\ntool a/b\n",
		"<<<<<<< HEAD\nmodule x\n=======\n", "module \"", "retract [v1.0.0, v1.2.0]\nexclude a v1.0.0\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mod, err := ParseGoMod("go.mod", data)
		if err == nil {
			if mod.Module == nil {
				t.Fatal("no module line and no error")
			}
			return
		}
		bad, ok := err.(*ParseError)
		if !ok {
			t.Fatalf("an error of type %T", err)
		}
		if bad.Pos.Line < 1 || bad.Pos.Column < 1 || bad.Reason == "" || bad.File != "go.mod" {
			t.Fatalf("no place or no reason: %+v", bad)
		}
	})
}

func FuzzParseSum(f *testing.F) {
	for _, seed := range []string{
		"", "a v1.0.0 h1:x=\na v1.0.0/go.mod h1:y=\n", "a v1.0.0\n", "<<<<<<< HEAD\n", "a v1.0.0 h1:x=\r\n", "\x00\x01 \x02\n\n\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := ParseSum("go.sum", data)
		lines := strings.Count(string(data), "\n") + 1
		for v, line := range s.Lines {
			if line < 1 || line > lines || !s.HasModule(v) {
				t.Fatalf("%v on line %d of %d", v, line, lines)
			}
		}
		for _, bad := range s.Bad {
			if bad.Pos.Line < 1 || bad.Pos.Line > lines {
				t.Fatalf("a bad line %d of %d", bad.Pos.Line, lines)
			}
		}
	})
}

func FuzzParseVendor(f *testing.F) {
	for _, seed := range []string{
		"", "## workspace\n# a v1.0.0\n## explicit; go 1.21\na\na/b\n", "# a v1.0.0 => b v1.2.0\n", "# a => ../b\n", "# \n", "a/b\n## explicit\n",
		"# a v1.0.0 =>\nx y\n", "#\x00\n## ;;go \n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v := ParseVendor("vendor/modules.txt", data)
		for _, m := range v.Modules {
			for _, p := range m.Packages {
				if _, ok := v.Provides(p); !ok {
					t.Fatalf("%s is listed and not provided", p)
				}
			}
		}
	})
}

// FuzzConstraint holds the rule of `go mod tidy`: a file without a constraint may be built, and one that may be built on
// some platform is never left out.
func FuzzConstraint(f *testing.F) {
	for _, seed := range []string{
		"//go:build linux\n\n", "//go:build ignore\n\n", "//go:build !ignore && windows\n", "// +build linux darwin\n// +build cgo\n\n",
		"// +build ignore\n\n", "/* c */ //go:build x\n", "//go:build (\n", "//go:build a\n//go:build b\n", "/*\n//go:build ignore\n*/\n", "// +build x\npackage",
	} {
		f.Add(seed)
	}
	builds := []Build{
		{GOOS: "linux", GOARCH: "amd64", Cgo: true, Minor: 26}, {GOOS: "windows", GOARCH: "386", Minor: 20}, {GOOS: "js", GOARCH: "wasm", Minor: 26},
	}
	f.Fuzz(func(t *testing.T, header string) {
		file := &GoFile{Path: "x.go", Constraint: buildConstraint([]byte(header))}
		for _, b := range builds {
			if b.Has(file) && !file.Possible() {
				t.Fatalf("%s/%s builds what no build could hold: %s", b.GOOS, b.GOARCH, file.Constraint)
			}
		}
	})
}

func FuzzLikelyModule(f *testing.F) {
	for _, seed := range []string{"github.com/a/b/v2/c", "gopkg.in/yaml.v3", "golang.org/x/net/html", "x", "gorm.io/gorm/clause", "a/b/c/d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if module.CheckImportPath(p) != nil {
			return
		}
		if m := likelyModule(p); !strings.HasPrefix(p, m) {
			t.Fatalf("%q is no part of %q", m, p)
		}
	})
}
