package watcher

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAirBuild(t *testing.T) {
	dir := filepath.FromSlash("/shop")
	for name, tt := range map[string]struct {
		text string
		want *AirBuild
	}{
		"empty":    {"", &AirBuild{File: filepath.Join(dir, ".air.toml"), Dir: dir, TmpDir: filepath.Join(dir, "tmp"), Cmd: "go build -o ./tmp/main ."}},
		"said":     {"root = \"api\"\ntmp_dir = \"out\"\n[build]\ncmd = \"make\"\n", &AirBuild{File: filepath.Join(dir, ".air.toml"), Dir: filepath.Join(dir, "api"), TmpDir: filepath.Join(dir, "api", "out"), Cmd: "make"}},
		"no toml":  {"[build", nil},
		"mistyped": {"tmp_dir = 3", nil},
	} {
		if diff := cmp.Diff(tt.want, ParseAirBuild(dir, []byte(tt.text))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzParseAirBuild(f *testing.F) {
	f.Add([]byte("root = \".\"\n[build]\ncmd = \"go build .\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b := ParseAirBuild("/shop", data); b != nil && (b.Cmd == "" || b.TmpDir == "") {
			t.Fatalf("%+v", b)
		}
	})
}
