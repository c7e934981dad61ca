package fixes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

var noon = time.Date(2026, time.March, 4, 12, 12, 0, 0, time.UTC)

// options free port 8080 of a host on a terminal where somebody answers.
func options(h host.Host, answer string, out *bytes.Buffer) PortOptions {
	return PortOptions{
		Port: ourPort, Grace: 10 * time.Second, Host: h, Scope: shop, Clock: &fakeClock{now: noon},
		In: strings.NewReader(answer), Out: out, Terminal: true,
	}
}

func TestFreePortScreens(t *testing.T) {
	since9 := func(h *host.Fake) { find(h, 10).Started = noon.Add(-3 * time.Hour) }
	nginx := func(h *host.Fake) {
		p := find(h, 10)
		p.PPID, p.Exe, p.Args, p.Cwd, p.Build, p.Started = 1, "/usr/sbin/nginx", []string{"nginx", "-g", "daemon off;"}, "/", host.FakeGo{}, noon.Add(-75*time.Hour)
	}
	tests := []struct {
		name   string
		world  func(h *host.Fake)
		change func(o *PortOptions)
		answer string
		exit   int
		result Result
		want   string
	}{
		{
			name: "a leftover and a yes", world: since9, answer: "y\n", result: Freed,
			want: `
Port 8080 on every address is held by

  pid 10  tmp/main   since 09:12 (3 h)   user anna
     built from example.com/shop, executable tmp/main
     left over: what started it is gone, an orphaned ` + "`sh -c`" + ` (pid 5) is its
     parent

I would send SIGTERM to 10, wait up to 10 s, use SIGKILL only if it is still
there, and end 5 with it.

Ending a process cannot be undone. To start it again, with the variables it had:
  cd /home/anna/shop && tmp/main --api-key ***

Go ahead? [y/N] 
  ✔ 10 ended after 0 s on SIGTERM
  ✔ 5 (sh -c) ended after 0 s on SIGTERM
  ✔ port 8080 is free: bound on [::]:8080 and let go, again after 2 s
`,
		},
		{
			name: "a leftover and no answer", answer: "", exit: 1, result: Refused,
			want: `
Port 8080 on every address is held by

  pid 10  tmp/main   user anna
     built from example.com/shop, executable tmp/main
     left over: what started it is gone, an orphaned ` + "`sh -c`" + ` (pid 5) is its
     parent

I would send SIGTERM to 10, wait up to 10 s, use SIGKILL only if it is still
there, and end 5 with it.

Ending a process cannot be undone. To start it again, with the variables it had:
  cd /home/anna/shop && tmp/main --api-key ***

Go ahead? [y/N] Nothing was stopped.
`,
		},
		{
			name: "a foreigner and --yes", world: nginx, change: func(o *PortOptions) { o.Yes = true }, exit: 1, result: Refused,
			want: `
Port 8080 on every address is held by

  pid 10  /usr/sbin/nginx   since 1 Mar 09:12 (3 days)   user anna
     started as: nginx -g daemon off;
     in /

Nothing was stopped.
It is none of this project's.
To have it stopped all the same:  gindoctor fix --port 8080 --yes --force
`,
		},
		{
			name: "outside any project", change: func(o *PortOptions) { o.Scope, o.Terminal = server.Scope{}, false }, exit: 1, result: Refused,
			want: `
Port 8080 on every address is held by

  pid 10  /home/anna/shop/tmp/main   user anna
     started as: tmp/main --api-key ***
     in /home/anna/shop

Nothing was stopped.
This folder is no project, so nothing shows that it is a leftover of yours.
To have it stopped all the same:  gindoctor fix --port 8080 --yes --force
`,
		},
		{
			name: "a process that does not show", exit: 1, result: Refused,
			world: func(h *host.Fake) {
				h.Sockets[0].Holders, h.Sockets[0].UID, h.Sockets[0].User, h.Denied = nil, 0, "root", 3
			},
			want: `
Port 8080 on every address is held by

  a process that does not show   user root

Nothing was stopped.
It belongs to user root (uid 0), and you may not look at it. Run this again with
sudo.
To see who it is:  sudo gindoctor fix --port 8080
`,
		},
		{
			name: "nobody", world: func(h *host.Fake) { h.Sockets = nil }, result: Nothing,
			want: "\nNobody listens on port 8080. There is nothing to stop.\n",
		},
		{
			name: "no process table", world: func(h *host.Fake) { h.Broken = "/proc is not mounted" }, exit: 1, result: Failed,
			want: "\n  ✘ it cannot be seen who holds port 8080: /proc is not mounted\n",
		},
		{
			name: "a dry run", change: func(o *PortOptions) { o.DryRun, o.Style.ASCII = true, true }, result: DryRun,
			want: `
Port 8080 on every address is held by

  pid 10  tmp/main   user anna
     built from example.com/shop, executable tmp/main
     left over: what started it is gone, an orphaned ` + "`sh -c`" + ` (pid 5) is its
     parent

I would send SIGTERM to 10, wait up to 10 s, use SIGKILL only if it is still
there, and end 5 with it.

Ending a process cannot be undone. To start it again, with the variables it had:
  cd /home/anna/shop && tmp/main --api-key ***

Nothing was stopped: this was a dry run.
`,
		},
		{
			name: "a foreign name cannot write to the terminal", change: func(o *PortOptions) { o.Yes = true }, exit: 1, result: Refused,
			world: func(h *host.Fake) { nginx(h); find(h, 10).Args = []string{"\x1b[2J\x1b]0;owned\a", "x"} },
			want: `
Port 8080 on every address is held by

  pid 10  /usr/sbin/nginx   since 1 Mar 09:12 (3 days)   user anna
     started as: ?[2J?]0;owned? x
     in /

Nothing was stopped.
It is none of this project's.
To have it stopped all the same:  gindoctor fix --port 8080 --yes --force
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := leftoverHost()
			if tt.world != nil {
				tt.world(h)
			}
			var out bytes.Buffer
			o := options(h, tt.answer, &out)
			if tt.change != nil {
				tt.change(&o)
			}
			report, err := FreePort(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, "\n"+out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if report.Result != tt.result || report.ExitCode != tt.exit {
				t.Errorf("%s with exit code %d, want %s with %d", report.Result, report.ExitCode, tt.result, tt.exit)
			}
			if tt.result != Freed && len(h.Signals) > 0 {
				t.Errorf("%s, and yet it sent %v", tt.result, h.Signals)
			}
			for line := range strings.Lines(out.String()) {
				if len([]rune(strings.TrimRight(line, "\n"))) > columns {
					t.Errorf("longer than %d columns: %q", columns, line)
				}
			}
		})
	}
}

// TestFreePortAfterwards changes the world in the two seconds between the two proofs.
func TestFreePortAfterwards(t *testing.T) {
	airRuns := func(h *host.Fake) {
		h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 20, PPID: 1, UID: anna, StartTicks: 20, Exe: "/go/bin/air"}})
	}
	ours := host.FakeProcess{
		Process: host.Process{PID: 30, PPID: 20, UID: anna, StartTicks: 300, Exe: "/home/anna/shop/tmp/main", Cwd: "/home/anna/shop"},
		Build:   host.FakeGo{Main: "example.com/shop"},
	}
	tests := []struct {
		name   string
		change func(h *host.Fake)
		exit   int
		last   string
	}{
		{"nothing happens", func(*host.Fake) {}, 0, "port 8080 is free: bound on [::]:8080 and let go, again after 2 s"},
		{"our own watcher takes it again", func(h *host.Fake) {
			h.Procs = append(h.Procs, ours)
			h.Sockets = append(h.Sockets, listener("[::]:8080", 90, 30))
		}, 0, "port 8080 is in the right hands again: air (pid 20), which runs, has started this project's server anew (pid 30)"},
		{"a foreigner takes it", func(h *host.Fake) {
			h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 40, PPID: 1, UID: anna, StartTicks: 400, Exe: "/usr/bin/node"}})
			h.Sockets = append(h.Sockets, listener("[::]:8080", 91, 40))
		}, 1, "port 8080 is taken again by node (pid 40)"},
		{"a child had inherited it", func(h *host.Fake) {
			h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 41, PPID: 1, UID: anna, StartTicks: 400, Exe: "/bin/sleep"}})
			h.Sockets = append(h.Sockets, listener("[::]:8080", 77, 41))
		}, 1, "port 8080 is still held by sleep (pid 41), which inherited the socket"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := leftoverHost()
			airRuns(h)
			var out bytes.Buffer
			o := options(h, "", &out)
			o.Yes = true
			o.Clock = &fakeClock{now: noon, passes: func(d time.Duration) {
				if d == proofPause {
					tt.change(h)
				}
			}}
			report, err := FreePort(t.Context(), withAir(o, h))
			if err != nil {
				t.Fatal(err)
			}
			if report.ExitCode != tt.exit || report.Reason != tt.last {
				t.Errorf("exit code %d: %s\nwant %d: %s\n%s", report.ExitCode, report.Reason, tt.exit, tt.last, out.String())
			}
		})
	}
}

// withAir judges what runs below pid 20 as run by air.
func withAir(o PortOptions, h *host.Fake) PortOptions {
	o.Look = InspectorFunc(func(ctx context.Context, port int) ([]server.Holder, error) {
		holders, err := server.Holders(ctx, h, shop, port)
		for i := range holders {
			if holders[i].Process.PPID == 20 {
				air := find(h, 20).Process
				holders[i].Leftover, holders[i].Manager = false, server.Manager{Kind: server.Watcher, Name: "air", Process: &air}
			}
		}
		return holders, err
	})
	return o
}

func TestFreePortRecheck(t *testing.T) {
	for _, tt := range []struct {
		still []string
		err   error
		exit  int
		says  string
	}{
		{nil, nil, 0, "is free"},
		{[]string{"port/privileged: port 80"}, nil, 1, "still found: port/privileged: port 80"},
		{nil, errors.New("no rights"), 1, "the checks could not be run again: no rights"},
	} {
		var out bytes.Buffer
		o := options(leftoverHost(), "yes\n", &out)
		o.Recheck = func(context.Context) ([]string, error) { return tt.still, tt.err }
		report, err := FreePort(t.Context(), o)
		if err != nil || report.ExitCode != tt.exit || !strings.Contains(out.String(), tt.says) {
			t.Errorf("exit code %d, error %v, want %d and %q:\n%s", report.ExitCode, err, tt.exit, tt.says, out.String())
		}
	}
}

func TestFreePortLeavesTheOtherAddressAlone(t *testing.T) {
	h := &addressHost{leftoverHost()}
	h.Sockets = []host.Listener{listener("127.0.0.1:8080", 77, 10), listener("[::1]:8080", 78, 12)}
	h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 12, PPID: 1, UID: anna, User: "anna", Exe: "/usr/bin/node"}})
	var out bytes.Buffer
	o := options(h, "", &out)
	o.Yes, o.Wanted = true, []string{"127.0.0.1:8080"}
	report, err := FreePort(t.Context(), o)
	if err != nil || report.Result != Freed {
		t.Fatalf("%v, error %v\n%s", report, err, out.String())
	}
	if slices.ContainsFunc(h.Signals, func(s host.SentSignal) bool { return s.PID == 12 }) {
		t.Error("the other address's program was signalled")
	}
	if !strings.Contains(out.String(), "Left alone") || !strings.Contains(out.String(), "pid 12  /usr/bin/node") {
		t.Errorf("the screen does not say what was left alone:\n%s", out.String())
	}

	report, err = FreePort(t.Context(), o)
	if err != nil || report.Result != Nothing || !strings.Contains(report.Reason, "where the app wants it (127.0.0.1:8080)") {
		t.Errorf("a second run: %+v, error %v", report, err)
	}
}

// addressHost tells addresses apart when it binds.
type addressHost struct{ *host.Fake }

func (h *addressHost) Bind(ctx context.Context, address string) error {
	s, err := h.Listeners(ctx)
	if err != nil {
		return err
	}
	want := netip.MustParseAddrPort(address)
	for _, l := range s.Listeners {
		if l.Addr == want.Addr() && l.Port == int(want.Port()) {
			return fmt.Errorf("listen tcp %s: bind: address already in use", address)
		}
	}
	return nil
}

func TestFreePortJSON(t *testing.T) {
	var out bytes.Buffer
	o := options(leftoverHost(), "", &out)
	o.JSON, o.Yes = true, true
	if _, err := FreePort(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	const want = `{
  "schema": "gindoctor/fix/v1",
  "port": 8080,
  "holders": [
    {
      "pid": 10,
      "user": "anna",
      "uid": 1000,
      "executable": "/home/anna/shop/tmp/main",
      "command": [
        "tmp/main",
        "--api-key",
        "***"
      ],
      "addresses": [
        "[::]:8080"
      ],
      "relation": "ours",
      "because": [
        "built from example.com/shop",
        "executable tmp/main"
      ],
      "leftover": true,
      "in_the_way": true,
      "orphaned_shells": [
        5
      ]
    }
  ],
  "plan": [
    {
      "pid": 10,
      "role": "holder",
      "name": "main",
      "signals": [
        "SIGTERM",
        "SIGKILL"
      ],
      "grace_ms": 10000,
      "start_again": "cd /home/anna/shop && tmp/main --api-key ***"
    },
    {
      "pid": 5,
      "role": "shell",
      "name": "sh -c",
      "signals": [
        "SIGTERM",
        "SIGKILL"
      ],
      "grace_ms": 10000
    }
  ],
  "refusals": [],
  "done": [
    {
      "pid": 10,
      "role": "holder",
      "outcome": "ended",
      "sent": [
        "SIGTERM"
      ],
      "elapsed_ms": 0
    },
    {
      "pid": 5,
      "role": "shell",
      "outcome": "ended",
      "sent": [
        "SIGTERM"
      ],
      "elapsed_ms": 0
    }
  ],
  "proof": {
    "free": true,
    "bound": [
      "[::]:8080"
    ],
    "sentence": "port 8080 is free: bound on [::]:8080 and let go, again after 2 s"
  },
  "result": "freed",
  "reason": "port 8080 is free: bound on [::]:8080 and let go, again after 2 s",
  "exit_code": 0
}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestFreePortJSONAsksNothing: a program reads the object, so nobody is there to answer.
func TestFreePortJSONAsksNothing(t *testing.T) {
	h := leftoverHost()
	var out bytes.Buffer
	o := options(h, "y\n", &out)
	o.JSON = true
	report, err := FreePort(t.Context(), o)
	var object PortReport
	if jsonErr := json.Unmarshal(out.Bytes(), &object); err != nil || jsonErr != nil {
		t.Fatal(err, jsonErr)
	}
	if report.Result != Refused || object.Refusals[0].Rule != "nobody to ask" || len(h.Signals) > 0 {
		t.Errorf("%+v, sent %v", object, h.Signals)
	}
}

func TestFreePortInterruptedAtTheQuestion(t *testing.T) {
	h := leftoverHost()
	var out bytes.Buffer
	o := options(h, "", &out)
	ctx, cancel := context.WithCancel(t.Context())
	o.In = readerFunc(func([]byte) (int, error) { cancel(); select {} }) // Ctrl-C instead of an answer
	report, err := FreePort(ctx, o)
	if err != nil || report.ExitCode != 1 || len(h.Signals) > 0 || !strings.Contains(out.String(), "interrupted; nothing was stopped") {
		t.Errorf("%+v, error %v, sent %v\n%s", report, err, h.Signals, out.String())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		o  PortOptions
		ok bool
	}{
		{PortOptions{Port: 8080}, true},
		{PortOptions{Port: 0}, false},
		{PortOptions{Port: 65536}, false},
		{PortOptions{Port: 80, Grace: -time.Second}, false},
	} {
		if err := tt.o.Validate(); (err == nil) != tt.ok {
			t.Errorf("Validate(%+v) = %v", tt.o, err)
		}
	}
}
