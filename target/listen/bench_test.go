package listen_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// BenchmarkFind reads the trees named in LISTEN_TREES, the listing and the import pass not counted.
func BenchmarkFind(b *testing.B) {
	for _, root := range filepath.SplitList(os.Getenv("LISTEN_TREES")) {
		b.Run(filepath.Base(root), func(b *testing.B) {
			tree, err := project.List(b.Context(), root)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				b.StopTimer()
				modules, err := project.Modules(b.Context(), tree) // afresh: a file is parsed once
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if _, err := listen.Find(context.Background(), listen.Input{Root: root, Modules: modules}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
