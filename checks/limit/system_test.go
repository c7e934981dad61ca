package limit_test

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/limit"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/host"
)

func TestSystem(t *testing.T) { checktest.Run(t, &limit.System) }

// TestPortsForOutgoingConnections has one destination take most of the ports that there are, or several together.
func TestPortsForOutgoingConnections(t *testing.T) {
	t.Parallel()
	const range28 = 60999 - 32768 + 1
	far, other, near := netip.MustParseAddrPort("192.0.2.9:5432"), netip.MustParseAddrPort("192.0.2.10:5432"), netip.MustParseAddrPort("127.0.0.1:5432")
	for name, test := range map[string]struct {
		to    []netip.AddrPort // in turn
		count int
		state host.TCPState
		want  string
	}{
		"nearly all wait":        {[]netip.AddrPort{far}, range28 * 9 / 10, host.TimeWait, "25408 of the 28232 ports for outgoing connections are taken by those to 192.0.2.9:5432"},
		"nearly all are open":    {[]netip.AddrPort{far}, range28 * 9 / 10, host.Established, "25408 of the 28232 ports"},
		"half":                   {[]netip.AddrPort{far}, range28 / 2, host.TimeWait, ""},
		"two destinations":       {[]netip.AddrPort{far, other}, range28 * 9 / 10, host.TimeWait, ""},
		"this machine, waiting":  {[]netip.AddrPort{near}, range28 * 9 / 10, host.TimeWait, ""},
		"this machine, all open": {[]netip.AddrPort{near}, range28 * 9 / 10, host.Established, "127.0.0.1:5432"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), "limit", "system", "ok-no-limits.txtar"))
			fake := f.Options.Host.(*host.Fake)
			server := &fake.Procs[len(fake.Procs)-1]
			for i := range test.count {
				to := test.to[i%len(test.to)]
				from := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.7"), uint16(32768+i))
				server.Connections = append(server.Connections, host.Connection{State: test.state, Local: from, Remote: to})
			}
			found := f.Ask(t, &limit.System).Findings
			switch {
			case test.want == "" && len(found) > 0:
				t.Errorf("found %s", found[0].Message)
			case test.want != "" && (len(found) != 1 || !strings.Contains(found[0].Message.String(), test.want)):
				t.Errorf("found %v, want %s", found, test.want)
			}
		})
	}
}

// TestPlans looks at what would be written: nothing by other users than root.
func TestPlans(t *testing.T) {
	t.Parallel()
	dropIn := plan.CreateFile{File: "/etc/systemd/system/shop.service.d/90-open-files.conf", Content: "[Service]\nLimitNOFILE=65536\n"}
	raised := []plan.Step{
		plan.Edit{File: "/proc/sys/fs/file-max", Old: "100000", New: "262144"},
		plan.CreateFile{File: "/etc/sysctl.d/99-file-max.conf", Content: "fs.file-max = 262144\n"},
	}
	for name, test := range map[string]struct {
		check   *checks.Check
		fixture string
		uid     int
		texts   map[string]string
		want    []plan.Step
	}{
		"unit, root":            {&limit.OpenFiles, "open-files/bad-unit", 0, nil, []plan.Step{dropIn}},
		"unit, drop-in there":   {&limit.OpenFiles, "open-files/bad-unit", 0, map[string]string{dropIn.File: "[Service]\n"}, nil},
		"unit, somebody else":   {&limit.OpenFiles, "open-files/bad-unit", 1000, nil, nil},
		"no unit, root":         {&limit.OpenFiles, "open-files/bad-near", 0, nil, nil},
		"kernel, root":          {&limit.System, "system/bad-file-max", 0, nil, raised},
		"kernel, somebody else": {&limit.System, "system/bad-file-max", 1000, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), "limit", filepath.FromSlash(test.fixture)+".txtar"))
			fake := f.Options.Host.(*host.Fake)
			fake.SelfUID, fake.Texts = test.uid, test.texts
			var steps []plan.Step
			for _, finding := range f.Ask(t, test.check).Findings {
				if finding.Fix != nil {
					steps = finding.Fix.Steps
					if finding.Fix.Safety != plan.Unsafe {
						t.Error("it changes the system and is not unsafe")
					}
				}
			}
			if diff := cmp.Diff(test.want, steps); diff != "" {
				t.Error(diff)
			}
		})
	}
}
