package envvars_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzFind reads programs whose code may be anything: it may find nothing, and must not fail.
func FuzzFind(f *testing.F) {
	archives, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if filepath.Base(file.Name) == "main.go" {
				f.Add(string(file.Data))
			}
		}
	}
	f.Add("package main\nimport \"os\"\nfunc main() { if os.Getenv(\"A\") == \"\" { } else if")
	f.Add("package main\nimport \"os\"\nfunc a(k string) string { return b(k) }\nfunc b(k string) string { return a(os.Getenv(k)) }\nfunc main() { a(\"X\") }")
	f.Fuzz(func(t *testing.T, src string) {
		root := t.TempDir()
		files := map[string]string{"go.mod": "module example.org/shop\n\ngo 1.25\n", "main.go": src, ".config/go/telemetry/mode": "off"}
		for name, text := range files {
			path := filepath.Join(root, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		describe(t, root)
	})
}
