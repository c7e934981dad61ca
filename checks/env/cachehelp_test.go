package env

import (
	"io/fs"
	"testing"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// TestWhoseFolder holds the help against whose folder it is: what is the system's is never to be made one user's.
func TestWhoseFolder(t *testing.T) {
	t.Parallel()
	const yours = `sudo chown -R "$(id -un)" `
	cache := place{name: "build cache", variable: "GOCACHE", create: true}
	air := place{name: "tmp_dir of air", create: true}
	for _, test := range []struct {
		what                string
		p                   place
		path, nearest, home string
		want                string
	}{
		{"made by sudo", cache, "/home/anna/.cache/go-build", "/home/anna/.cache/go-build", "/home/anna", yours + "/home/anna/.cache/go-build"},
		{"made by sudo, a folder above", cache, "/home/anna/.cache/go-build", "/home/anna/.cache", "/home/anna", yours + "/home/anna/.cache"},
		{"a cache elsewhere", cache, "/var/cache/go", "/var/cache/go", "/home/anna", yours + "/var/cache/go"},
		{"a cache to be made elsewhere", cache, "/var/cache/go", "/var/cache", "/home/anna", "set HOME, or GOCACHE, to a folder of your own"},
		{"somebody else's home", cache, "/root/.cache/go-build", "/root", "/root", "set HOME, or GOCACHE, to a folder of your own"},
		{"an account without a home", cache, "/nonexistent/.cache/go-build", "/", "/nonexistent", "set HOME, or GOCACHE, to a folder of your own"},
		{"a container's user", cache, "/.cache/go-build", "/", "/", "set HOME, or GOCACHE, to a folder of your own"},
		{"a container's user, and an image that built", cache, "/.cache/go-build", "/.cache", "/", "set HOME, or GOCACHE, to a folder of your own"},
		{"the folder for all", place{name: "folder for temporary files", variable: "TMPDIR"}, "/tmp", "/tmp", "/home/anna", "set TMPDIR to a folder of your own"},
		{"a project at home", air, "/home/anna/shop/tmp", "/home/anna/shop", "/home/anna", yours + "/home/anna/shop"},
		{"a project elsewhere", air, "/srv/shop/tmp", "/srv/shop", "/home/anna", "set tmp_dir to a folder that you may write to"},
	} {
		test.p.path = test.path
		t.Run(test.what, func(t *testing.T) {
			shop, err := target.Open(t.Context(), target.Options{Dir: t.TempDir(), Environ: []string{"HOME=" + test.home}})
			if err != nil {
				t.Fatal(err)
			}
			is := host.Folder{Path: test.path, Missing: test.path != test.nearest, Nearest: test.nearest, IsFolder: true, Refused: fs.ErrPermission}
			if f := test.p.judge(is, shop.Personal); f == nil || f.Help.String() != test.want {
				t.Errorf("%+v, want %s", f, test.want)
			}
		})
	}
}
