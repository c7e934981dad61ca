package air

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMountedAt tells the settings of a container, where /src is the folder that air is started in, by what is here.
func TestMountedAt(t *testing.T) {
	t.Parallel()
	cwd := filepath.Join(t.TempDir(), "shop")
	load := func(toml string) *Config {
		c := Load(Newest, ".", ".air.toml", []byte(toml))
		c.MountedAt(cwd, "/src", func(name string) (string, bool) {
			rest, ok := strings.CutPrefix(name+"/", "/src/")
			return filepath.Join(cwd, filepath.FromSlash(rest)), ok
		})
		return c
	}
	c := load(`root = "/src/api"
tmp_dir = "/src/api/tmp"
[build]
pre_cmd = ["sh -c '/src/gen.sh /etc/x'"]
cmd = "cd /src && go build -o=/src/api/tmp/main /src/cmd/api"
bin = "/tmp/main"
entrypoint = ["/src/api/tmp/main", "-c", "/src/x"]
include_dir = ["/src/api/web/", "/src/pkg", "/data", "own"]
exclude_regex = ["^/src/api/web/old"]
`)
	for _, s := range []struct{ name, got, want string }{
		{"root", c.Root, "./api"},
		{"tmp_dir", c.TmpDir, "tmp"},
		{"pre_cmd", c.Build.PreCmd[0], "sh -c './gen.sh /etc/x'"},
		{"cmd", c.Build.Cmd, "cd . && go build -o=./api/tmp/main ./cmd/api"},
		{"bin", c.Build.Bin, "/tmp/main"},
		{"entrypoint", strings.Join(c.Build.Entrypoint, " "), "./tmp/main -c /src/x"},
		{"include_dir", strings.Join(c.Build.IncludeDir, " "), "./web ../pkg /data own"},
		{"a name inside", c.Inside("./cmd/api"), "/src/cmd/api"},
	} {
		if s.got != s.want {
			t.Errorf("%s: %q, want %q", s.name, s.got, s.want)
		}
	}
	m := c.Matcher(cwd, func(string) bool { return false })
	for file, want := range map[string]Reason{"api/web/x.go": Watched, "pkg/x.go": Watched, "api/tmp/x.go": TmpDir, "api/web/old.go": ExcludeRegex, "api/other/x.go": IncludeDir} {
		if d := m.Reacts(filepath.Join(cwd, filepath.FromSlash(file))); d.Reason != want {
			t.Errorf("%s: %v, want %v", file, d.Reason, want)
		}
	}
	if old := Load("v1.49.0", ".", ".air.toml", []byte(`tmp_dir = "/src/tmp"`)); old.Inside("x") != "" {
		t.Error("an air that runs here has no other names")
	} else if old.MountedAt(cwd, "/src", func(string) (string, bool) { return filepath.Join(cwd, "tmp"), true }); old.TmpDir != "/src/tmp" {
		t.Errorf("tmp_dir of an old air: %q, and it took an absolute one as one below the root", old.TmpDir)
	}
	if files := Load(Newest, ".", "", nil); !slices.Equal(files.Build.IncludeExt, Defaults(Newest).Build.IncludeExt) {
		t.Error("defaults were changed")
	}
}
