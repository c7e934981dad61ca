package toolchain

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// lay unpacks an archive and returns the go command in it, bare of the surrounding settings.
func lay(t *testing.T, archive string, settings ...string) *Go {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	environ := append(os.Environ(), "GOFLAGS=", "GOENV=off", "GOWORK=", "GOTOOLCHAIN=local", "CGO_ENABLED=0")
	return &Go{Dir: dir, Environ: append(environ, settings...)}
}

// tree is every file below a folder with its text.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		b.WriteString(name + "\n" + string(data) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const shop = `
-- go.mod --
module example.org/shop

go 1.24
-- main.go --
package main

import "example.org/shop/cart"

func main() { println(cart.Total()) }
-- cart/cart.go --
package cart

import "strings"

func Total() string { return strings.Repeat("a", 3) }
-- cart/cart_plan9.go --
package cart

func OnPlan9() {}
-- cart/cart_test.go --
package cart

var broken int = "a"
`

func TestListLooksIntoTheBuildCache(t *testing.T) {
	g := lay(t, shop)
	before := tree(t, g.Dir)
	l, err := g.List(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	cart := l.ByPath["example.org/shop/cart"]
	if cart == nil || !cart.Local() || cart.Error != nil || len(cart.GoFiles) != 1 || len(cart.IgnoredGoFiles) != 1 {
		t.Fatalf("cart is %+v", cart)
	}
	if l.ByPath["strings"].Local() {
		t.Error("strings counts as local")
	}
	if cart.Export != "" {
		t.Error("cart was never compiled, and yet it has a compiled file: the list has compiled it")
	}
	if needed := l.Needed(); !needed["example.org/shop/cart"] || !needed["strings"] {
		t.Errorf("needed: %v", needed)
	}
	if after := tree(t, g.Dir); after != before {
		t.Error("the list has changed the project")
	}
}

func TestListTellsComplaintsApart(t *testing.T) {
	for name, tt := range map[string]struct {
		file, text string
		want       Problem
	}{
		"no module":     {"x.go", "import _ \"example.org/gone\"", NoPackage},
		"no std":        {"x.go", "import _ \"fmtx\"", NoPackage},
		"no folder":     {"x.go", "import _ \"example.org/shop/gone\"", NoPackage},
		"internal":      {"x.go", "import _ \"internal/abi\"", InternalImport},
		"relative":      {"x.go", "import _ \"./cart\"", RelativeImport},
		"malformed":     {"x.go", "import _ \"a b\"", BadImportPath},
		"syntax":        {"x.go", "import 3", Syntax},
		"ring":          {"cart/x.go", "import _ \"example.org/shop/cart\"", ImportCycle},
		"program":       {"x.go", "import _ \"example.org/shop/tool\"", MainImport},
		"left out":      {"x.go", "import _ \"example.org/shop/plan9\"", ConstraintsExclude},
		"only tests":    {"x.go", "import _ \"example.org/shop/tests\"", NoGoFiles},
		"two packages":  {"x.go", "", MixedPackages},
		"not embedding": {"x.go", "import _ \"embed\"\n\n//go:embed gone/*\nvar x string", Embed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := lay(t, shop+"-- tool/main.go --\npackage main\n\nfunc main() {}\n-- plan9/p_plan9.go --\npackage plan9\n-- tests/t_test.go --\npackage tests\n")
			clause := map[string]string{"x.go": "main", "cart/x.go": "cart"}[tt.file]
			if tt.want == MixedPackages {
				clause = "other"
			}
			if err := os.WriteFile(filepath.Join(g.Dir, tt.file), []byte("package "+clause+"\n\n"+tt.text+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			l, err := g.List(t.Context(), true)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range l.Packages {
				if p.Error == nil {
					continue
				}
				if p.Error.Problem != tt.want {
					t.Errorf("problem %d, want %d: %s", p.Error.Problem, tt.want, p.Error.Err)
				}
				placeless := tt.want == ConstraintsExclude || tt.want == ImportCycle || tt.want == NoGoFiles
				if !placeless && (filepath.Base(p.Error.Place.File) != "x.go" || p.Error.Place.Line < 1) {
					t.Errorf("place %+v of %s", p.Error.Place, p.Error.Err)
				}
				return
			}
			t.Error("no complaint")
		})
	}
}

func TestListFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		archive string
		want    Problem
	}{
		"newer Go": {"-- go.mod --\nmodule a\n\ngo 1.999\n-- a.go --\npackage a\n", GoTooOld},
		"go.mod":   {"-- go.mod --\nmodule a\n\nrequire (\n-- a.go --\npackage a\n", ModuleFile},
		"go.work":  {"-- go.work --\ngo 1.24\n\nuse ./gone\n-- go.mod --\nmodule a\n-- a.go --\npackage a\n", ModuleFile},
		"vendor":   {"-- go.mod --\nmodule a\n\ngo 1.24\n\nrequire example.org/b v1.0.0\n-- vendor/modules.txt --\n-- a.go --\npackage a\n", VendorDrift},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := lay(t, tt.archive).List(t.Context(), false)
			failed, ok := errors.AsType[*ListFailure](err)
			if !ok || failed.Problem != tt.want {
				t.Errorf("%v, want problem %d", err, tt.want)
			}
		})
	}
}

func TestListFallsBackToTheLocalToolchain(t *testing.T) {
	g := lay(t, "-- go.mod --\nmodule a\n\ngo 1.24\n-- a.go --\npackage a\n", "GOTOOLCHAIN=go1.23.45")
	if _, err := g.List(t.Context(), false); err != nil {
		t.Errorf("a toolchain that is not on disk: %v", err)
	}
}

func TestListOverridesHarmfulFlags(t *testing.T) {
	g := lay(t, shop, "GOFLAGS=-mod=mod -a -toolexec=/nowhere/tool -tags=prod")
	before := tree(t, g.Dir)
	l, err := g.List(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if l.ByPath["strings"].Export == "" && l.ByPath["errors"].Export != "" {
		t.Error("-a was not taken back")
	}
	if tree(t, g.Dir) != before {
		t.Error("the project was changed")
	}
}

func TestListLeavesTheWorkspaceAlone(t *testing.T) {
	g := lay(t, "-- go.work --\ngo 1.24\n\nuse ./a\n\nreplace example.org/b => ./b\n-- a/go.mod --\nmodule example.org/a\n\ngo 1.24\n\nrequire example.org/b v1.0.0\n"+
		"-- a/a.go --\npackage a\n\nimport _ \"example.org/b\"\n-- b/go.mod --\nmodule example.org/b\n-- b/b.go --\npackage b\n")
	before := tree(t, g.Dir)
	l, err := (&Go{Dir: filepath.Join(g.Dir, "a"), Environ: g.Environ}).List(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	b := l.ByPath["example.org/b"]
	if b == nil || b.Error != nil || !b.Local() {
		t.Errorf("the replaced module is %+v", b)
	}
	if tree(t, g.Dir) != before {
		t.Error("the workspace was changed")
	}
}
