package source

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// chain has a package c that imports b, which imports a, and one that stands alone.
var chain = map[string]string{
	"a/a.go": "package a\n\nfunc Bad() {}\n\nfunc Good() {}\n",
	"b/b.go": "package b\n\nimport \"example.org/m/a\"\n\nfunc Calls() { a.Bad() }\n",
	"c/c.go": "package c\n\nimport \"example.org/m/b\"\n\nfunc Main() { b.Calls() }\n",
	"d/d.go": "package d\n\nfunc Alone() {}\n",
}

type badFact struct{ Says string }

func (*badFact) AFact() {}

// marker leaves a fact about each function called Bad and about each package, and tells what it knows of those below.
func marker(runs *atomic.Int32) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: "marker", Doc: "for the test", RunDespiteErrors: true, FactTypes: []analysis.Fact{new(badFact)}, ResultType: reflect.TypeFor[string](),
		Run: func(pass *analysis.Pass) (any, error) {
			runs.Add(1)
			pass.ExportPackageFact(&badFact{pass.Pkg.Name()})
			var said []string
			for _, f := range pass.AllPackageFacts() {
				said = append(said, f.Fact.(*badFact).Says)
			}
			for _, file := range pass.Files {
				ast.Inspect(file, func(n ast.Node) bool {
					id, ok := n.(*ast.Ident)
					if !ok {
						return true
					}
					if fn, ok := pass.TypesInfo.Defs[id].(*types.Func); ok && id.Name == "Bad" {
						pass.ExportObjectFact(fn, &badFact{"bad"})
					}
					var f badFact
					if fn, ok := pass.TypesInfo.Uses[id].(*types.Func); ok && pass.ImportObjectFact(fn, &f) {
						said = append(said, "calls "+f.Says)
					}
					return true
				})
			}
			return strings.Join(said, " "), nil
		},
	}
}

func TestFacts(t *testing.T) {
	var runs atomic.Int32
	a := marker(&runs)
	code := FromFiles("example.org/m", chain)
	for range 2 { // what a suite has heard is not asked again
		said, err := Analyze(t.Context(), code, Suite{{Analyzer: a}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, answer := range said.Of(a) {
			got = append(got, fmt.Sprintf("%s: %s", answer.Package.Name, answer.Result))
		}
		if want := []string{"a: a", "b: a b calls bad", "c: a b c", "d: d"}; !slices.Equal(got, want) {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if runs.Load() != 4 {
		t.Errorf("the analyzer ran %d times", runs.Load())
	}
}

func TestMembersForSome(t *testing.T) {
	names := &analysis.Analyzer{Name: "names", Doc: "for the test", RunDespiteErrors: true, ResultType: reflect.TypeFor[string](),
		Run: func(pass *analysis.Pass) (any, error) { return pass.Pkg.Name(), nil }}
	said, err := Analyze(t.Context(), FromFiles("example.org/m", chain), Suite{{Analyzer: names, Imports: []string{"example.org/m/a"}}})
	if err != nil {
		t.Fatal(err)
	}
	if all := said.Of(names); len(all) != 1 || all[0].Result != "b" {
		t.Errorf("%v, not b alone", all)
	}
}

func TestCrash(t *testing.T) {
	crashes := &analysis.Analyzer{Name: "crashes", Doc: "for the test", RunDespiteErrors: true, FactTypes: []analysis.Fact{new(badFact)},
		Run: func(pass *analysis.Pass) (any, error) {
			if pass.Pkg.Name() == "b" {
				panic("oh")
			}
			return nil, nil
		}}
	requires := &analysis.Analyzer{Name: "requires", Doc: "for the test", RunDespiteErrors: true, Requires: []*analysis.Analyzer{crashes},
		Run: func(*analysis.Pass) (any, error) { return nil, nil }}
	said, err := Analyze(t.Context(), FromFiles("example.org/m", chain), Suite{{Analyzer: crashes}, {Analyzer: requires}})
	if err != nil {
		t.Fatal(err)
	}
	tell := func(a *analysis.Analyzer) (out []string) {
		for _, answer := range said.Of(a) {
			out = append(out, fmt.Sprintf("%s: %v", answer.Package.Name, answer.Err))
		}
		return out
	}
	want := []string{"a: <nil>", "b: the analysis crashed: oh", "c: failed prerequisites: crashes of example.org/m/b", "d: <nil>"}
	if got := tell(crashes); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	want = []string{"a: <nil>", "b: failed prerequisites: crashes", "c: failed prerequisites: crashes", "d: <nil>"}
	if got := tell(requires); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	var crash *Crash
	if !errors.As(said.Of(crashes)[1].Err, &crash) || !strings.Contains(crash.Stack, "driver_test.go") {
		t.Error("the crash does not say where")
	}
}

// TestGaps has an analyzer that wants all types, and a package that lacks some.
func TestGaps(t *testing.T) {
	picky := &analysis.Analyzer{Name: "picky", Doc: "for the test", Run: func(*analysis.Pass) (any, error) { return nil, nil }}
	said, err := Analyze(t.Context(), FromFiles("example.org/m", map[string]string{"a/a.go": "package a\n\nvar x = unknown\n"}), Suite{{Analyzer: picky}})
	if err != nil {
		t.Fatal(err)
	}
	if all := said.Of(picky); len(all) != 1 || all[0].Err == nil {
		t.Errorf("%v: an answer in spite of gaps", all)
	}
}
