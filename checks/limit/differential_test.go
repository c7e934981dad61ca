//go:build differential && linux

package limit_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/limit"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

const inNamespace = "GINDOCTOR_TEST_IN_NAMESPACE"

// TestDifferentialInotify starts the real air in user namespaces with one watch too few, with as many as we count, and without an
// instance: it ends exactly where we say so.
func TestDifferentialInotify(t *testing.T) {
	if os.Getenv(inNamespace) != "" {
		judge(t)
		return
	}
	if err := exec.Command("unshare", "-U", "-r", "sh", "-c", "echo 24 > /proc/sys/user/max_inotify_watches").Run(); err != nil {
		t.Skipf("no user namespaces here: %v", err)
	}
	const needed = 17 // the folders of the fixture
	air := filepath.Join(airtest.Dir(t, airtest.Newest), "air")
	for _, test := range []struct {
		setting string
		limit   int
		says    string
		check   string
	}{
		{"watches", needed - 1, "no space left on device", "limit/inotify-watches"},
		{"watches", needed, "", ""},
		{"instances", 0, "too many open files", "limit/inotify-instances"},
		{"instances", 1, "", ""},
	} {
		t.Run(fmt.Sprintf("%s=%d", test.setting, test.limit), func(t *testing.T) {
			f := fixture(t)
			if said := inside(t, f.Options.Dir, test.setting, test.limit, "timeout", "-s", "INT", "3", air); !strings.Contains(said, test.says) ||
				test.says == "" && !strings.Contains(said, "building") {
				t.Errorf("air said:\n%s", said)
			}
			said := inside(t, f.Options.Dir, test.setting, test.limit, "env", inNamespace+"=1", os.Args[0], "-test.run=^TestDifferentialInotify$", "-test.v")
			if found := strings.Contains(said, "FOUND "+test.check); found != (test.check != "") && test.check != "" || test.check == "" && strings.Contains(said, "FOUND") {
				t.Errorf("we said:\n%s", said)
			}
		})
	}
}

// inside runs a command in a user namespace with a limit of its own, and gives what it prints.
func inside(t *testing.T, dir, setting string, limit int, command ...string) string {
	t.Helper()
	set := fmt.Sprintf(`echo %d > /proc/sys/user/max_inotify_%s && exec "$@"`, limit, setting)
	c := exec.CommandContext(t.Context(), "unshare", append([]string{"-U", "-r", "sh", "-c", set, "sh"}, command...)...)
	c.Dir, c.WaitDelay = dir, 5*time.Second
	out, err := c.CombinedOutput()
	t.Logf("%s: %v", command[0], err)
	return string(out)
}

func fixture(t *testing.T) *checktest.Fixture {
	t.Helper()
	return checktest.Load(t, filepath.Join(checktest.FixturesDir(), "limit", "inotify-watches", "bad-limit-small.txtar"))
}

// judge says what we find in the namespace that we are in.
func judge(t *testing.T) {
	f := fixture(t)
	f.Options.Host = host.Local()
	for _, c := range []*checks.Check{&limit.InotifyWatches, &limit.InotifyInstances} {
		for _, finding := range f.Ask(t, c).Findings {
			t.Logf("FOUND %s %s", finding.Check, checktest.Describe(finding))
		}
	}
}
