package fs

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target"
)

// TestWhoseOutput has builds write into the project and into a folder of the system, which nobody is to be told to make theirs.
func TestWhoseOutput(t *testing.T) {
	t.Parallel()
	shop, err := target.Open(t.Context(), target.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: shop}
	for dir, want := range map[string]string{
		filepath.Join(shop.Root(), "tmp"): `make it yours: sudo chown -R "$(id -un)" .`, // the folder above is there
		"/usr/local/bin":                  "let the build write in the project",
	} {
		if help := w.outputFinding(dir, filepath.Join(dir, "shop")).Help.String(); !strings.HasPrefix(help, want) {
			t.Errorf("%s: %s, want %s", dir, help, want)
		}
	}
}
