package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/source"
)

// FuzzAnalyze takes any text as the main package of a program.
func FuzzAnalyze(f *testing.F) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if filepath.Ext(file.Name) == ".go" {
				f.Add(string(file.Data))
			}
		}
	}
	f.Add("package main\nimport \"github.com/gin-gonic/gin\"\nfunc main() { r := gin.New(; r.GET( }")
	f.Add("package main\nimport \"github.com/gin-gonic/gin\"\nfunc f(r *gin.Engine) { for { f(r.Group(\"\").GET) } }\nvar x = gin.New(x...)")
	f.Fuzz(func(t *testing.T, src string) {
		code := source.FromFiles("example.org/shop", map[string]string{"main.go": src})
		describe(t, code)
	})
}

// TestFacts has each fact written down and read again, as go vet does between packages: the engines stay the same.
func TestFacts(t *testing.T) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range archives {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, file := range txtar.Parse(data).Files {
			files[file.Name] = string(file.Data)
		}
		code := source.FromFiles("example.org/shop", files)
		graph, err := checker.Analyze([]*analysis.Analyzer{engine.Analyzer}, code.Packages, &checker.Options{SanityCheck: true, Sequential: true})
		if err != nil {
			t.Fatal(err)
		}
		plain := map[string]*engine.Result{}
		for _, a := range analyze(t, code) {
			plain[a.Package.PkgPath] = a.Result.(*engine.Result)
		}
		for _, act := range graph.Roots {
			if act.Err != nil {
				t.Fatal(act.Err)
			}
			got, want := list(act.Result.(*engine.Result)), list(plain[act.Package.PkgPath])
			if got != want {
				t.Errorf("%s: with facts written down\n%s\nelse\n%s", name, got, want)
			}
		}
	}
}
