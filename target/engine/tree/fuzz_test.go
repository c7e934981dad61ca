package tree_test

import (
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/engine/tree"
)

// Whatever the paths, an answer comes, the same each time; and what was refused leaves no trace.
func FuzzAdd(f *testing.F) {
	for _, paths := range []string{
		"/a\n/a", "/u/:id\n/u/:name/x", "/ping\n/*any", `/a\:b` + "\n" + `/a\c`, "/s/*f\n/s/*f/x", "/\n\n:\n*", "/ü\n/\xc3\n/:\\", "//*f\n//a",
		"/a/*f\n/a/b\n/a:c\n/a*d", "/:a/:b\n/:a/b/c\n/:a/*c",
	} {
		f.Add(paths, "v1.12.0")
	}
	f.Add("/x\n/:y", "v1.6.3")
	f.Add("/x\n/:y", "1.9")
	f.Add("/x\n/*y", "dev")
	f.Fuzz(func(t *testing.T, paths, version string) {
		all, kept := tree.New(version), tree.New(version)
		taken := map[int]int{} // index in all → index in kept
		for i, p := range strings.Split(paths, "\n") {
			route := get(p)[0]
			refused := all.Add(route)
			if refused == nil {
				taken[i] = len(taken)
				if again := kept.Add(route); again != nil {
					t.Fatalf("%q is refused where nothing was refused before: %s", p, again.Text)
				}
				continue
			}
			if refused.Text == "" || refused.With >= i {
				t.Fatalf("%q: %+v", p, refused)
			}
			if _, known := taken[refused.With]; refused.With >= 0 && !known {
				t.Fatalf("%q clashes with a route that was refused: %+v", p, refused)
			}
		}
	})
}
