package air_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// TestReacts holds the behaviours that were seen on the real tool (watchers.md section 6); the differential test finds the
// rest.
func TestReacts(t *testing.T) {
	t.Parallel()
	noLinks := func(string) bool { return false }
	tests := []struct {
		name    string
		version air.Version
		config  string
		links   []string
		path    string
		want    air.Reason
	}{
		{"defaults", "", "", nil, "sub/x.go", air.Watched},
		{"test file", "", "", nil, "sub/x_test.go", air.ExcludeRegex},
		{"test file, no patterns", "", "[build]\nexclude_regex = []", nil, "sub/x_test.go", air.Watched},
		{"go.mod", "", "", nil, "go.mod", air.Extension},
		{"hidden folder", "", "", nil, ".cache/x.go", air.Hidden},
		{"tmp_dir moved", "", "tmp_dir = \"out\"", nil, "out/x.go", air.TmpDir},
		{"tmp_dir moved, tmp is free", "", "tmp_dir = \"out\"", nil, "tmp/x.go", air.Watched},
		{"dotted extension", "", "[build]\ninclude_ext = [\".go\"]", nil, "x.go", air.Extension},
		{"no extension", "", "[build]\ninclude_ext = []", nil, "x.go", air.Extension},
		{"every extension", "", "[build]\ninclude_ext = [\"*\"]", nil, "x.log", air.Watched},
		{"every extension, old", "v1.61.7", "[build]\ninclude_ext = [\"*\"]", nil, "x.log", air.Extension},
		{"excluded", "", "[build]\nexclude_dir = [\"sub\"]", nil, "sub/deep/x.go", air.ExcludeDir},
		{"excluded with a slash", "", "[build]\nexclude_dir = [\"sub/\"]", nil, "sub/x.go", air.ExcludeDir},
		{"./sub excludes nothing", "", "[build]\nexclude_dir = [\"./sub\"]", nil, "sub/x.go", air.Watched},
		{"a glob excludes nothing", "", "[build]\nexclude_dir = [\"s*\"]", nil, "sub/x.go", air.Watched},
		{"a bare nested name excludes nothing", "", "[build]\nexclude_dir = [\"node\"]", nil, "sub/node/x.go", air.Watched},
		{"excluding the root", "", "[build]\nexclude_dir = [\".\"]", nil, "x.go", air.ExcludeDir},
		{"include_dir leaves main out", "", "[build]\ninclude_dir = [\"sub\"]", nil, "main.go", air.IncludeDir},
		{"include_dir", "", "[build]\ninclude_dir = [\"sub\"]", nil, "sub/deep/x.go", air.Watched},
		{"include_dir deep, other", "", "[build]\ninclude_dir = [\"a/b\"]", nil, "a/c/x.go", air.IncludeDir},
		{"include_file", "", "[build]\ninclude_file = [\"conf.yaml\"]", nil, "conf.yaml", air.Watched},
		{"include_file beside include_dir", "", "[build]\ninclude_dir = [\"sub\"]\ninclude_file = [\"main.go\"]", nil, "main.go", air.Watched},
		{"exclude_file", "", "[build]\nexclude_file = [\"sub/*.go\"]", nil, "sub/x.go", air.ExcludeFile},
		{"the pattern meets the whole path", "", "[build]\nexclude_regex = [\"^/home\"]", nil, "x.go", air.ExcludeRegex},
		{"link", "", "", []string{"sub"}, "sub/x.go", air.BehindLink},
		{"link, follow_symlink alone", "", "[build]\nfollow_symlink = true", []string{"sub"}, "sub/x.go", air.BehindLink},
		{"link, followed", "", "[build]\nfollow_symlink = true\nexclude_unchanged = true", []string{"sub"}, "sub/x.go", air.Watched},
		{"link, followed, deeper", "", "[build]\nfollow_symlink = true\nexclude_unchanged = true", []string{"sub"}, "sub/deep/x.go", air.BehindLink},
		{"linked file", "", "", []string{"x.go"}, "x.go", air.BehindLink},
		{"outside", "", "", nil, "../lib/x.go", air.Outside},
		{"outside, included", "", "[build]\ninclude_dir = [\".\", \"../lib\"]", nil, "../lib/x.go", air.Watched},
		{"outside, included, old", "v1.61.7", "[build]\ninclude_dir = [\".\", \"../lib\"]", nil, "../lib/x.go", air.Outside},
		{"include_dir by its first letters, old", "v1.61.7", "[build]\ninclude_dir = [\"s\"]", nil, "sub/x.go", air.Watched},
		{"include_dir with a slash, old", "v1.61.7", "[build]\ninclude_dir = [\"sub/\"]", nil, "sub/x.go", air.IncludeDir},
		{"include_dir of the root, old", "v1.61.7", "[build]\ninclude_dir = [\".\"]", nil, "sub/x.go", air.IncludeDir},
		{"include_file asks for the extension, old", "v1.49.0", "[build]\ninclude_file = [\"conf.yaml\"]", nil, "conf.yaml", air.Extension},
		{"patterns behind a bad one, old", "v1.49.0", "[build]\nexclude_regex = [\"*\", \"sub\"]", nil, "sub/x.go", air.Watched},
		{"an empty list, oldest", "v1.27.3", "[build]\ninclude_ext = []", nil, "x.go", air.Watched},
		{"no testdata_dir, oldest", "v1.27.3", "", nil, "testdata/x.go", air.Watched},
		{"rules, old", "v1.65.0", "[[build.rules]]\ncmd = \"x\"\ninclude_ext = [\"go\"]", nil, "x.go", air.Watched},
		{"rule", "", "[[build.rules]]\ncmd = \"x\"\ninclude_ext = [\"css\"]", nil, "a.css", air.ByRule},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const root = "/home/anna/shop"
			isLink := noLinks
			if len(tt.links) > 0 {
				isLink = func(path string) bool { return path == root+"/"+tt.links[0] }
			}
			c := air.Load(tt.version, ".", ".air.toml", []byte(tt.config))
			if c.Err != nil {
				t.Fatal(c.Err)
			}
			if got := c.Matcher(root, isLink).Reacts(root + "/" + tt.path); got.Reason != tt.want {
				t.Errorf("got %d, want %d", got.Reason, tt.want)
			}
		})
	}
}

func TestKillDelay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version air.Version
		value   string
		want    time.Duration
	}{
		{"v1.27.3", "500", 500 * time.Millisecond},
		{"v1.49.0", "500", 500 * time.Nanosecond},
		{"v1.61.2", "500", 500 * time.Nanosecond}, // the tag with the old code
		{"v1.49.0", `"500ms"`, 500 * time.Millisecond},
		{"v1.67.4", "500", 500 * time.Millisecond},
		{"v1.67.4", "5000000", 5 * time.Millisecond},
		{"v1.67.4", `"2s"`, 2 * time.Second},
		{"v1.67.4", `"0s"`, 0},
	}
	for _, tt := range tests {
		c := air.Load(tt.version, ".", ".air.toml", []byte("[build]\nkill_delay = "+tt.value))
		if c.Err != nil {
			t.Errorf("%s %s: %v", tt.version, tt.value, c.Err)
		}
		if got := c.Build.KillDelay.Duration(tt.version); got != tt.want {
			t.Errorf("%s: %s means %s, want %s", tt.version, tt.value, got, tt.want)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, config string
		refused      bool
	}{
		{"unknown keys", "[watch]\nx = 1\n[build]\ninclde_ext = [\"go\"]", false},
		{"a string for a number", "[build]\ndelay = \"1000\"", true},
		{"a string for a list", "[build]\ninclude_ext = \"go\"", true},
		{"a string for a bool", "[build]\nstop_on_error = \"true\"", true},
		{"a duration that is none", "[build]\nkill_delay = \"half a second\"", true},
		{"entrypoint as a string", "[build]\nentrypoint = \"./tmp/main\"", false},
		{"entrypoint of numbers", "[build]\nentrypoint = [1]", true},
		{"unterminated", "[build]\ninclude_ext = [\"go\"", true},
		{"twice", "[build]\ncmd = \"a\"\ncmd = \"b\"", true},
		{"YAML", "build:\n  cmd: go build\n", true},
		{"bad pattern", "[build]\nexclude_regex = [\"*_test.go\"]", true},
	}
	for _, tt := range tests {
		c := air.Load("", ".", ".air.toml", []byte(tt.config))
		if (c.Err != nil) != tt.refused {
			t.Errorf("%s: %v", tt.name, c.Err)
		}
		old := air.Load("v1.63.7", ".", ".air.toml", []byte(tt.config))
		if _, bad := errors.AsType[*air.BadRegex](old.Err); tt.refused && (old.Err == nil || !old.Ignored && !bad) {
			t.Errorf("%s: the release before 1.63.8 goes on with its defaults: %v, %v", tt.name, old.Err, old.Ignored)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("root = \".\"\n[build]\nkill_delay = 500\nentrypoint = \"x\"\n"))
	f.Add([]byte("[[build.rules]]\ncmd = 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := air.Load("", ".", ".air.toml", data)
		if c.Doc == nil && data != nil {
			t.Fatal("no document")
		}
		c.Matcher("/home/anna/shop", func(string) bool { return false }).Reacts("/home/anna/shop/main.go")
	})
}
