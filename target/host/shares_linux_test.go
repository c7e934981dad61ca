package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine makes a folder with proc and sys/fs/cgroup in it, in which process 7 lives.
func machine(t *testing.T, files map[string]string) *local {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &local{proc: filepath.Join(root, "proc")}
}

func TestShares(t *testing.T) {
	t.Parallel()
	const group = "sys/fs/cgroup/"
	for name, test := range map[string]struct {
		files map[string]string
		want  Shares
	}{
		"of the machine": {
			map[string]string{
				"proc/7/cgroup": "0::/\n", "proc/sys/fs/file-nr": "559\t0\t2466170\n",
				"proc/sys/net/netfilter/nf_conntrack_count": "12\n", "proc/sys/net/netfilter/nf_conntrack_max": "65536\n", "proc/sys/net/core/somaxconn": "4096\n",
				"proc/7/net/netstat": "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 5 6\n",
			},
			Shares{Files: Share{Used: 559, Max: 2466170}, Tracked: Share{Used: 12, Max: 65536}, Backlog: 4096, Overflows: 5},
		},
		"version 2, the group above binds": {
			map[string]string{
				"proc/7/cgroup": "0::/a/b\n", group + "cgroup.controllers": "memory pids\n",
				group + "a/b/pids.current": "5\n", group + "a/b/pids.max": "max\n", group + "a/pids.current": "90\n", group + "a/pids.max": "100\n",
				group + "a/b/memory.current": "5000\n", group + "a/b/memory.max": "8000\n", group + "a/b/memory.stat": "anon 1\ninactive_file 2000\n",
				group + "a/b/memory.events": "low 0\noom 1\noom_kill 2\n", group + "a/memory.current": "6000\n", group + "a/memory.max": "100000\n",
			},
			Shares{Tasks: Share{90, 100, "/a"}, Memory: Share{3000, 8000, "/a/b"}, Killed: 2},
		},
		"version 1, in a container that sees the path of outside": {
			map[string]string{
				"proc/7/cgroup":             "8:pids:/docker/0123\n4:memory:/docker/0123\n1:name=systemd:/docker/0123\n",
				group + "pids/pids.current": "5\n", group + "pids/pids.max": "10\n",
				group + "memory/memory.usage_in_bytes": "5000\n", group + "memory/memory.limit_in_bytes": "8000\n",
				group + "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 1000\n", group + "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
			},
			Shares{Tasks: Share{5, 10, "/"}, Memory: Share{4000, 8000, "/"}, Killed: 3},
		},
		"version 1 without limits": {
			map[string]string{"proc/7/cgroup": "4:memory:/\n", group + "memory/memory.usage_in_bytes": "5000\n", group + "memory/memory.limit_in_bytes": "9223372036854771712\n"},
			Shares{},
		},
		"files that tell nothing": {
			map[string]string{"proc/7/cgroup": "what\n0::\n", "proc/sys/fs/file-nr": "a b c\n", "proc/7/net/netstat": "TcpExt: A B\nTcpExt: 1\n", group + "cgroup.controllers": "", group + "pids.max": "-3\n"},
			Shares{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := machine(t, test.files).Shares(t.Context(), 7)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := machine(t, map[string]string{"proc/self/stat": ""}).Shares(t.Context(), 8); err != ErrGone {
		t.Errorf("a process that is not there: %v", err)
	}
	if s, err := Local().Shares(t.Context(), os.Getpid()); err != nil || s.Files.Max == 0 {
		t.Errorf("of this machine: %+v, %v", s, err)
	}
}

func FuzzGroupField(f *testing.F) {
	f.Add("anon 1\ninactive_file 2000\n", "inactive_file")
	f.Fuzz(func(t *testing.T, text, field string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "memory.stat"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		groupField(dir, "memory.stat", field)
		groupNumber(dir, "memory.stat")
	})
}
