package toolchain

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// checked lists and checks a module, compiling what it needs of the standard library.
func checked(t *testing.T, g *Go, compile bool) *Types {
	t.Helper()
	l, err := g.List(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	types, err := g.TypeCheck(t.Context(), l, compile)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// errorsOf are the errors as "file:line: text".
func errorsOf(types *Types) []string {
	var out []string
	for _, p := range types.Packages {
		for _, e := range p.Errors {
			out = append(out, filepath.Base(e.File)+": "+e.Text)
		}
	}
	return out
}

func TestTypeCheckOfSoundCode(t *testing.T) {
	types := checked(t, lay(t, shop), true)
	if got := errorsOf(types); got != nil {
		t.Errorf("errors in sound code: %q", got)
	}
	for _, p := range types.Packages {
		if p.Types == nil || p.Unchecked != nil {
			t.Errorf("%s has no types: %v", p.ImportPath, p.Unchecked)
		}
	}
	if n := len(types.Packages); n != 2 {
		t.Errorf("%d packages", n)
	}
}

func TestTypeCheckFindsErrors(t *testing.T) {
	g := lay(t, shop+"-- cart/more.go --\npackage cart\n\nfunc more() int {\n\tx := 1\n\treturn OnPlan9() + missing\n}\n")
	types := checked(t, g, true)
	want := []string{"more.go: declared and not used: x", "more.go: undefined: OnPlan9", "more.go: undefined: missing"}
	if got := errorsOf(types); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, p := range types.Packages {
		if p.Name == "main" && !errors.Is(p.Unchecked, ErrBelow) {
			t.Errorf("the program above: %v", p.Unchecked)
		}
		for _, e := range p.Errors {
			if want := e.Text == "undefined: OnPlan9"; want != (filepath.Base(e.Elsewhere) == "cart_plan9.go") {
				t.Errorf("%q is declared in %q", e.Text, e.Elsewhere)
			}
		}
	}
}

func TestTypeCheckTellsWhatDoesNotParse(t *testing.T) {
	types := checked(t, lay(t, shop+"-- cart/more.go --\npackage cart\n\nfunc more( {\n"), true)
	got := errorsOf(types)
	if len(got) == 0 || types.Packages[0].Errors[0].Problem != Syntax {
		t.Errorf("got %q", got)
	}
}

func TestTypeCheckCompilesNothingUnasked(t *testing.T) {
	cache := t.TempDir()
	g := lay(t, shop, "GOCACHE="+cache)
	types := checked(t, g, false)
	if !slices.Equal(types.Cold, []string{"strings"}) {
		t.Errorf("cold: %q", types.Cold)
	}
	for _, p := range types.Packages {
		if !errors.Is(p.Unchecked, ErrCold) {
			t.Errorf("%s: %v", p.ImportPath, p.Unchecked)
		}
	}
	again, err := g.List(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range again.Packages {
		if p.Export != "" {
			t.Errorf("%s was compiled", p.ImportPath)
		}
	}
}

func TestTypeCheckLeavesOutWhatCannotBeLoaded(t *testing.T) {
	g := lay(t, shop)
	if err := os.WriteFile(filepath.Join(g.Dir, "cart", "more.go"), []byte("package cart\n\nimport \"example.org/gone\"\n\nvar _ = gone.X\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	types := checked(t, g, true)
	if got := errorsOf(types); got != nil {
		t.Errorf("follow-up errors: %q", got)
	}
	for _, p := range types.Packages {
		if !errors.Is(p.Unchecked, ErrNotLoaded) {
			t.Errorf("%s: %v", p.ImportPath, p.Unchecked)
		}
	}
}

func TestTypeCheckJudgesByTheModulesLanguage(t *testing.T) {
	old := "-- go.mod --\nmodule a\n\ngo 1.17\n-- a.go --\npackage a\n\nfunc f[T any](T) {}\n"
	if got := errorsOf(checked(t, lay(t, old), true)); len(got) == 0 {
		t.Error("type parameters in go 1.17")
	}
}

func TestTypeCheckPassesOverRings(t *testing.T) {
	g := lay(t, "-- go.mod --\nmodule a\n\ngo 1.24\n-- x/x.go --\npackage x\n\nimport _ \"a/y\"\n-- y/y.go --\npackage y\n\nimport _ \"a/x\"\n")
	if got := errorsOf(checked(t, g, true)); got != nil {
		t.Errorf("errors: %q", got)
	}
}
