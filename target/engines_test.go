package target_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// TestEngines has one engine made for two programs, and one that no program makes.
func TestEngines(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module example.org/shop\n\ngo 1.25\n\nrequire github.com/gin-gonic/gin v1.12.0\n",
		"cmd/api/main.go":   "package main\n\nimport \"example.org/shop/router\"\n\nfunc main() { router.New().Run(\":1\") }\n",
		"cmd/admin/main.go": "package main\n\nimport \"example.org/shop/router\"\n\nfunc main() { router.New().Run(\":2\") }\n",
		"router/router.go":  "package router\n\nimport \"github.com/gin-gonic/gin\"\n\nfunc New() *gin.Engine { return gin.New() }\n\nfunc Spare() *gin.Engine { return gin.New() }\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tg, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "dev", TrustStubs: true, Host: &host.Fake{}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := tg.Imports(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	engines, err := tg.Engines(t.Context(), all[0])
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range engines {
		got[e.Package] = e.Seen
		if e.Program != (len(e.Ops) == 1 && len(e.Lost) == 0) {
			t.Errorf("%s: %+v", e.Package, e.Engine)
		}
	}
	want := map[string]string{"example.org/shop/cmd/api": "main", "example.org/shop/cmd/admin": "main", "example.org/shop/router": "Spare"}
	if len(engines) != len(want) {
		t.Errorf("%d engines", len(engines))
	}
	for p, seen := range want {
		if got[p] != seen {
			t.Errorf("%s is seen from %q, want %q", p, got[p], seen)
		}
	}
}
