package opens_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
)

// FuzzProgram reads any code: what does not parse, or goes in rings, must not stop it.
func FuzzProgram(f *testing.F) {
	for _, file := range txtar.Parse([]byte(shop)).Files {
		if strings.HasSuffix(file.Name, ".go") {
			f.Add(string(file.Data))
		}
	}
	f.Add("package main\n\nimport \"os\"\n\nconst a = b\nconst b = a\n\nfunc main() { os.Open(a); main(); for range 3 { main() } }\n")
	f.Add("package main\n\nimport (\n\t\"embed\"\n\t\"os\"\n)\n\n//go:embed \"x\nvar x embed.FS\n\nfunc main() { func() { os.Open() }(); os.ReadFile(\"x\" + ) }\n")
	root := f.TempDir()
	f.Fuzz(func(t *testing.T, code string) {
		if err := os.WriteFile(filepath.Join(root, "main.go"), []byte(code), 0o644); err != nil {
			t.Fatal(err)
		}
		files := project.PackageIn(root, ".").Files
		p := &project.BuildPackage{Dir: ".", ImportPath: "example.org/shop", Name: "main", Files: files}
		all := opens.Program(p)
		named := slices.DeleteFunc(all, func(o opens.Open) bool { return len(o.Names) == 0 })
		diff := cmp.Diff(named, opens.Named(p), cmpopts.EquateEmpty())
		// What the parser makes of code that does not parse is not what the short way reads in the text.
		if _, err := parser.ParseFile(token.NewFileSet(), "main.go", code, parser.SkipObjectResolution); err == nil && diff != "" {
			t.Error("Named says something else than Program (-program +named):\n", diff)
		}
		opens.ChangesFolder(p)
		for _, file := range files {
			for _, e := range opens.Embeds(file) {
				_, _ = opens.Embedded(root, e.Pattern, false)
			}
		}
	})
}
