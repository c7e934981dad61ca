package limit_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/limit"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/host"
)

// TestRaise looks at what would be done about a limit: by root, with and without a setting that is there, and by others.
func TestRaise(t *testing.T) {
	t.Parallel()
	const (
		setting = "/proc/sys/fs/inotify/max_user_watches"
		dropIn  = "/etc/sysctl.d/99-inotify-watches.conf"
		text    = "fs.inotify.max_user_watches = 524288"
	)
	now := plan.Edit{File: setting, Old: "10", New: "524288"}
	for name, test := range map[string]struct {
		uid   int
		texts map[string]string
		want  []plan.Step
	}{
		"root": {0, nil, []plan.Step{now, plan.CreateFile{File: dropIn, Content: text + "\n"}}},
		"set already": {
			0, map[string]string{"/etc/sysctl.d/10-x.conf": "fs.inotify.max_user_watches = 1\n", "/etc/sysctl.conf": "# ours\nfs/inotify/max_user_watches=10\n"},
			[]plan.Step{now, plan.ReplaceAt("/etc/sysctl.conf", 2, 1, "fs/inotify/max_user_watches=10", text)},
		},
		"somebody else": {1000, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), "limit", "inotify-watches", "bad-root.txtar"))
			fake := f.Options.Host.(*host.Fake)
			fake.SelfUID, fake.Texts = test.uid, test.texts
			var steps []plan.Step
			for _, finding := range f.Ask(t, &limit.InotifyWatches).Findings {
				if finding.Fix != nil {
					steps = finding.Fix.Steps
				}
			}
			if diff := cmp.Diff(test.want, steps); diff != "" {
				t.Error(diff)
			}
		})
	}
}
