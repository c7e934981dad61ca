package envvars_test

import (
	"os"
	"testing"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/host"
)

// BenchmarkFind reads the project that GINDOCTOR_BENCH_PROJECT names, its files parsed already as far as their imports.
func BenchmarkFind(b *testing.B) {
	dir := os.Getenv("GINDOCTOR_BENCH_PROJECT")
	if dir == "" {
		b.Skip("GINDOCTOR_BENCH_PROJECT names no project")
	}
	for b.Loop() {
		b.StopTimer()
		t, err := target.Open(b.Context(), target.Options{Dir: dir, Profile: "ci", Types: target.TypesNever, Host: &host.Fake{}, Environ: os.Environ()})
		if err != nil {
			b.Fatal(err)
		}
		imports, err := t.Imports(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for _, im := range imports {
			if _, err := envvars.Find(b.Context(), t.Root(), im); err != nil {
				b.Fatal(err)
			}
		}
	}
}
