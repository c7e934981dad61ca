package air_test

import (
	"slices"
	"testing"

	"github.com/gindoctor/gindoctor/target/watcher/air"
)

func TestOverride(t *testing.T) {
	t.Parallel()
	c := air.Load("", ".", "", nil)
	c.Override([]string{"-d", "--build.cmd", "go build -o bin/x ./cmd/x", "-build.bin=bin/x", "--build.exclude_dir", "a,b", "--build.delay=5", "--build.send_interrupt", "true", "--tmp_dir", "tmp", "serve", "--port", "1"})
	if c.Build.Cmd != "go build -o bin/x ./cmd/x" || c.Build.Bin != "bin/x" || !slices.Equal(c.Build.ExcludeDir, []string{"a", "b"}) ||
		c.Build.Delay != 5 || !c.Build.SendInterrupt || !slices.Equal(c.Build.ArgsBin, []string{"serve", "--port", "1"}) {
		t.Errorf("%+v", c.Build)
	}
	if want := []string{"build.cmd", "build.bin", "build.exclude_dir", "build.delay", "build.send_interrupt"}; !slices.Equal(c.Overridden, want) {
		t.Errorf("%q are given, want %q: a flag that repeats the default counts as not given", c.Overridden, want)
	}
	old := air.Load("v1.27.3", ".", "", nil)
	old.Override([]string{"--build.cmd", "x"})
	if len(old.Overridden) > 0 {
		t.Error("before 1.40 there are no such flags")
	}
}
