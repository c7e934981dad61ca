package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fsnotify/fsnotify"
)

// watchFolders watches n folders of its own with one instance.
func watchFolders(t *testing.T, n int) {
	t.Helper()
	w, err := fsnotify.NewWatcher()
	if err != nil {
		t.Skipf("no instance to be had: %v", err)
	}
	t.Cleanup(func() { w.Close() })
	for i := range n {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := w.Add(dir); err != nil {
			t.Skipf("no watch to be had: %v", err)
		}
	}
}

func TestInotify(t *testing.T) {
	before, err := Local().Inotify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	watchFolders(t, 7)
	after, err := Local().Inotify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Holder(os.Getpid()), after.Holder(os.Getpid())
	if is.Watches-was.Watches != 7 || is.Instances-was.Instances != 1 {
		t.Errorf("before %+v, after %+v", was, is)
	}
	if after.MostWatches() <= 0 || after.MostInstances() <= 0 || after.Queue <= 0 {
		t.Errorf("limits %+v", after)
	}
}

const inNamespace = "GINDOCTOR_TEST_IN_NAMESPACE"

// TestInotifyInNamespace looks from a user namespace with a limit of its own: that binds, and what is watched outside of it is not
// counted.
func TestInotifyInNamespace(t *testing.T) {
	if os.Getenv(inNamespace) != "" {
		watchFolders(t, 3)
		i, err := Local().Inotify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		used, instances := i.Used()
		if i.MostWatches() != 24 || !i.Nested || i.SystemWatches == 24 || used != 3 || instances != 1 {
			t.Errorf("%+v", i)
		}
		return
	}
	watchFolders(t, 5)
	script := fmt.Sprintf("echo 24 > /proc/sys/user/max_inotify_watches && exec '%s' -test.run='^TestInotifyInNamespace$'", os.Args[0])
	if err := exec.Command("unshare", "-U", "-r", "sh", "-c", "echo 24 > /proc/sys/user/max_inotify_watches").Run(); err != nil {
		t.Skipf("no user namespaces here: %v", err)
	}
	inside := exec.Command("unshare", "-U", "-r", "sh", "-c", script)
	inside.Env = append(os.Environ(), inNamespace+"=1")
	if out, err := inside.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestApart(t *testing.T) {
	t.Parallel()
	lines := "inotify wd:1 ino:2 sdev:3\ninotify wd:2 ino:4 sdev:3\n"
	got := apart([]held{
		{pid: 10, ppid: 1, name: "parent", instances: map[string]string{"5": lines}},
		{pid: 11, ppid: 10, name: "child", instances: map[string]string{"5": lines, "6": "inotify wd:1 ino:9 sdev:3\n"}},
	})
	want := []InotifyHolder{{10, "parent", 1, 2}, {11, "child", 1, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWSL(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]int{
		"4.4.0-19041-Microsoft\n": 1, "5.15.90.1-microsoft-standard-WSL2\n": 2, "6.6.87.2-microsoft-standard-WSL2+\n": 2, "6.1.0-28-amd64\n": 0, "": 0,
	} {
		if got := wslOf(release); got != want {
			t.Errorf("%q is WSL %d, want %d", release, got, want)
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := Local().Probe(t.Context(), dir)
	if err != nil || !p.Event || p.Clock.Abs() > ProbeWait {
		t.Errorf("%+v, %v", p, err)
	}
	left(t, dir)
}

// TestProbeInterrupted ends the run before the probe.
func TestProbeInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := Local().Probe(ctx, dir); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", p, err)
	}
	left(t, dir)
}

func left(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestProbeRefused probes where nothing can be made.
func TestProbeRefused(t *testing.T) {
	t.Parallel()
	if _, err := Local().Probe(t.Context(), "/proc"); err == nil || !strings.Contains(err.Error(), "/proc/"+ProbePrefix) {
		t.Errorf("got %v", err)
	}
}
