package host

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// unpackProc makes a /proc out of an archive: "\0" in a file stands for a zero byte, and the archive's file "links" holds the
// symbolic links, NAME -> TARGET, a line each.
func unpackProc(t *testing.T, archive string) *local {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, f := range a.Files {
		if f.Name == "links" {
			for line := range strings.Lines(string(f.Data)) {
				name, to, ok := strings.Cut(strings.TrimSpace(line), " -> ")
				if !ok {
					continue
				}
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(to, path); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := strings.ReplaceAll(strings.TrimSuffix(string(f.Data), "\n"), `\0`, "\x00")
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &local{proc: root}
}

func TestProcOfAnArchive(t *testing.T) {
	l := unpackProc(t, "testdata/proc.txtar")

	table, err := l.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(table.ByPID) != 3 {
		t.Errorf("%d processes, want 3 (the one without a stat has ended)", len(table.ByPID))
	}
	got := table.ByPID[4711]
	got.UID, got.User, got.ExeID = 0, "", FileID{} // those of the unpacked files
	want := Process{
		PID: 4711, PPID: 4705, PGID: 4705, SID: 300, Name: "main (v2) x", State: "S", TTY: "pts/3",
		Args: []string{"/home/anna/shop/tmp/main", "-addr", ":8080"}, Exe: "/home/anna/shop/tmp/main", ExeDeleted: true,
		Cwd: "/home/anna/shop", StartTicks: 123456, NetNS: 4026531840, PIDNS: 4026531836,
		Cgroup: "/user.slice/user-1000.slice/session-2.scope", RSS: 5000 * uint64(os.Getpagesize()),
	}
	got.Started = want.Started // moves with the clock
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("process (-want +got):\n%s", diff)
	}

	sockets, err := l.Listeners(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Addr    string
		Port    int
		UID     int
		Holders []int
		Other   bool
	}
	var rows []row
	for _, s := range sockets.Listeners {
		rows = append(rows, row{s.Addr.String(), s.Port, s.UID, s.Holders, s.OtherNS})
	}
	wantRows := []row{
		{"127.0.0.1", 8080, 1000, []int{4711, 5000}, false},
		{"::", 8080, 1000, []int{4711}, false},
		{"::1", 9090, 33, nil, false},
		{"0.0.0.0", 8080, 0, []int{1}, true},
	}
	if diff := cmp.Diff(wantRows, rows); diff != "" {
		t.Errorf("listeners (-want +got):\n%s", diff)
	}

	limits, err := l.Limits(t.Context(), 4711)
	if err != nil || limits != (Limits{OpenFilesSoft: 1048575, OpenFilesHard: -1}) {
		t.Errorf("limits %+v, %v", limits, err)
	}
	env, err := l.Environ(t.Context(), 4711)
	if diff := cmp.Diff(map[string]string{"PORT": "8080", "EMPTY": ""}, env); diff != "" || err != nil {
		t.Errorf("environment: %v\n%s", err, diff)
	}
	if low, high, err := l.EphemeralPorts(t.Context()); low != 32768 || high != 60999 || err != nil {
		t.Errorf("ephemeral ports %d to %d, %v", low, high, err)
	}
	if start, err := l.UnprivilegedPortStart(t.Context()); start != 1024 || err != nil {
		t.Errorf("unprivileged ports from %d, %v", start, err)
	}
}

func TestTTYName(t *testing.T) {
	for device, want := range map[int]string{
		0:              "",
		136<<8 | 3:     "pts/3",
		137 << 8:       "pts/256",
		4<<8 | 1:       "tty1",
		4<<8 | 64:      "ttyS0",
		5<<8 | 1:       "console",
		204<<8 | 64:    "tty 204:64",
		136<<8 | 1<<20: "pts/256", // a minor beyond 8 bits stands in the bits from 20 on
	} {
		if got := ttyName(device); got != want {
			t.Errorf("ttyName(%#x) = %q, want %q", device, got, want)
		}
	}
}

func TestParseCgroup(t *testing.T) {
	for text, want := range map[string]string{
		"0::/system.slice/shop.service\n":                              "/system.slice/shop.service",
		"12:cpu:/x\n1:name=systemd:/system.slice/cron.service\n0::/\n": "/system.slice/cron.service",
		"0::/\n": "/",
		"":       "",
		"13:pids:/docker/0123456789ab\n1:name=systemd:/docker/0123456789ab\n": "/docker/0123456789ab",
		"0::/system.slice/a:b.service\n":                                      "/system.slice/a:b.service",
	} {
		if got := parseCgroup(text); got != want {
			t.Errorf("parseCgroup(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestParseHexAddress(t *testing.T) {
	for text, want := range map[string]string{
		"0100007F:1F90":                         "127.0.0.1 8080 true",
		"00000000000000000000000001000000:0050": "::1 80 true",
		"0000000000000000FFFF00000100007F:0050": "::ffff:127.0.0.1 80 true",
		"0100007F":                              "invalid IP 0 false",
		"0100007F:FFFFF":                        "invalid IP 0 false",
		"ZZ00007F:0050":                         "invalid IP 0 false",
	} {
		addr, port, ok := parseHexAddress([]byte(text))
		got := addr.String() + " " + strconv.Itoa(port) + " " + strconv.FormatBool(ok)
		if got != want {
			t.Errorf("parseHexAddress(%s) = %s, want %s", text, got, want)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("4711 (main (v2) x) S 4705 4705 300 34819 -1 4194304 1 0 0 0 1 2 0 0 20 0 8 0 123456 1 5000"))
	f.Add([]byte("1 (a) S"))
	f.Add([]byte(") ("))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := parseStat(text); err == nil && p.State == "" {
			t.Errorf("%q has no state and no error", text)
		}
	})
}

func FuzzParseSocketTable(f *testing.F) {
	f.Add([]byte("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1\n"))
	f.Add([]byte("x\n\x00: : : 0A\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, l := range parseSocketTable(text) {
			if !l.Addr.IsValid() || l.Port < 0 || l.Port > 65535 {
				t.Errorf("%q gave %+v", text, l)
			}
		}
	})
}

// Pid 2 is the parent of the kernel's threads, except in a container, where it is a program like any other.
func TestPID2(t *testing.T) {
	stat := "2 (main) S 1 0 0 0 -1 4194560 " + strings.Repeat("0 ", 16)
	for cmdline, want := range map[string]string{"./main\x00": "/srv/main", "": ""} {
		root := t.TempDir()
		dir := filepath.Join(root, "2")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "stat"), []byte(stat), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "cmdline"), []byte(cmdline), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/srv/main", filepath.Join(dir, "exe")); err != nil {
			t.Fatal(err)
		}
		p, _, err := (&local{proc: root}).read(2, time.Time{})
		if err != nil || p.Exe != want {
			t.Errorf("with the command line %q: %+v, %v", cmdline, p, err)
		}
	}
}
