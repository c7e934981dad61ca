package watch_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestTwoInstances(t *testing.T) { checktest.Run(t, &watch.TwoInstances) }

// TestTwoInstancesPlan: the plan stops all but the one to keep, as they were seen, and help says the same.
func TestTwoInstancesPlan(t *testing.T) {
	air := func(pid int) plan.Process {
		return plan.Process{PID: pid, StartTicks: uint64(pid), Exe: "/home/anna/go/bin/air", Name: "air"}
	}
	for _, tt := range []struct {
		fixture, title, help string
		stop                 []plan.Process
	}{
		{"bad-two-airs", "stop air (pid 301), keep pid 401", "kill 301", []plan.Process{air(301)}},
		{"bad-one-serves", "stop air (pid 401), keep pid 301", "kill 401", []plan.Process{air(401)}},
		{"bad-other-port", "stop air (pid 301), keep pid 401", "kill 301", []plan.Process{air(301)}},
		{"bad-named-config", "stop air (pid 301), keep pid 401", "kill 301", []plan.Process{air(301)}},
		{"bad-three", "stop air (pid 301 and 501), keep pid 401", "kill 301 501", []plan.Process{air(301), air(501)}},
	} {
		t.Run(tt.fixture, func(t *testing.T) {
			f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), "watch", "two-instances", tt.fixture+".txtar"))
			o := f.Ask(t, &watch.TwoInstances)
			if len(o.Findings) != 1 || o.Findings[0].Fix == nil {
				t.Fatalf("%+v", o)
			}
			found := o.Findings[0]
			want := &plan.Plan{ID: "watch/two-instances", Title: tt.title, Safety: plan.Unsafe, Stop: tt.stop,
				Remedy: "gindoctor fix --unsafe --only watch/two-instances"}
			if diff := cmp.Diff(want, found.Fix); diff != "" || found.Help.String() != tt.help {
				t.Errorf("help %q (-want +got)\n%s", found.Help, diff)
			}
		})
	}
}
