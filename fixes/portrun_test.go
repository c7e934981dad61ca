package fixes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// fakeClock lets every wait be over at once; passes is told of each and may change the world meanwhile.
type fakeClock struct {
	now    time.Time
	passes func(d time.Duration)
}

func (c *fakeClock) Now() time.Time { return c.now }

func (c *fakeClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if c.passes != nil {
		c.passes(d)
	}
	ctx, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	return ctx, cancel
}

// leftoverHost runs one leftover (pid 10) of [::]:8080 below an orphaned shell (pid 5).
func leftoverHost() *host.Fake {
	return &host.Fake{
		SelfPID: self, SelfUID: anna,
		Procs: []host.FakeProcess{
			{Process: host.Process{PID: 1, Name: "init", Exe: "/sbin/init"}},
			{Process: host.Process{PID: self, PPID: 1, UID: anna, Exe: "/usr/bin/gindoctor", TTY: "pts/1"}},
			{Process: host.Process{PID: 5, PPID: 1, UID: anna, StartTicks: 50, Exe: "/bin/sh", Args: []string{"/bin/sh", "-c", "tmp/main"}, Cwd: "/home/anna/shop"}},
			{Process: host.Process{PID: 10, PPID: 5, UID: anna, User: "anna", StartTicks: 100, State: "S", Exe: "/home/anna/shop/tmp/main",
				ExeID: host.FileID{Device: 1, Inode: 7}, Args: []string{"tmp/main", "--api-key", "hunter2"}, Cwd: "/home/anna/shop"},
				Build: host.FakeGo{Main: "example.com/shop", Package: "example.com/shop"}},
		},
		Sockets: []host.Listener{listener("[::]:8080", 77, 10)},
	}
}

// planOf plans on what a host shows now, everything allowed.
func planOf(t *testing.T, h *host.Fake) PortPlan {
	t.Helper()
	holders, err := server.Holders(t.Context(), h, shop, ourPort)
	if err != nil {
		t.Fatal(err)
	}
	plan := PlanPort(holders, PlanOptions{Port: ourPort, Yes: true, Force: true, UID: h.UID(), Self: self, Project: true, Grace: 10 * time.Second})
	if len(plan.Refusals) > 0 {
		t.Fatalf("refused: %+v", plan.Refusals)
	}
	return plan
}

var shop = server.Scope{Roots: []string{"/home/anna/shop"}, Modules: []string{"example.com/shop"}}

// told is what was done in short, with the signals that were really sent.
func told(done []Done, h *host.Fake) string {
	var parts []string
	for _, d := range done {
		parts = append(parts, fmt.Sprintf("%d %s", d.Step.Process.PID, d.Outcome))
	}
	for _, s := range h.Signals {
		parts = append(parts, fmt.Sprintf("%s>%d", strings.TrimPrefix(string(s.Signal), "SIG"), s.PID))
	}
	return strings.Join(parts, "; ")
}

func find(h *host.Fake, pid int) *host.FakeProcess {
	return &h.Procs[slices.IndexFunc(h.Procs, func(p host.FakeProcess) bool { return p.PID == pid })]
}

func end(t *testing.T, h *host.Fake, pid int) {
	t.Helper()
	before := h.Signals
	react := h.React
	h.React = nil
	pinned, err := h.Pin(pid)
	if err == nil {
		err = pinned.Signal(host.Kill)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.React, h.Signals = react, before
}

func TestExecute(t *testing.T) {
	tests := []struct {
		name    string
		before  func(h *host.Fake)               // the world when it is judged
		between func(t *testing.T, h *host.Fake) // what happens before it is acted upon
		react   func(t *testing.T, h *host.Fake) func(pid int, sig host.Signal) bool
		want    string
		changed string // text of the ErrChanged
	}{
		{name: "it ends on SIGTERM, the shell with it", want: "10 ended; 5 ended; TERM>10; TERM>5"},
		{
			name: "the shell ends by itself",
			react: func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
				return func(pid int, sig host.Signal) bool { end(t, h, 5); return true }
			},
			want: "10 ended; 5 gone; TERM>10",
		},
		{
			name: "it ignores SIGTERM",
			react: func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
				return func(pid int, sig host.Signal) bool { return pid == 5 || sig == host.Kill }
			},
			want: "10 killed; 5 ended; TERM>10; KILL>10; TERM>5",
		},
		{
			name: "it does not even end on SIGKILL: nothing further is stopped",
			react: func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
				return func(pid int, sig host.Signal) bool { find(h, 10).State = "D"; return false }
			},
			want: "10 stays; TERM>10; KILL>10",
		},
		{
			name:   "it was stopped with Ctrl-Z",
			before: func(h *host.Fake) { find(h, 10).State = "T" },
			react: func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
				return func(pid int, sig host.Signal) bool { return pid == 5 || sig == host.Continue }
			},
			want: "10 ended; 5 ended; TERM>10; CONT>10; TERM>5",
		},
		{
			name: "it closes the port and finishes its requests: no SIGKILL",
			react: func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
				return func(pid int, sig host.Signal) bool { h.Sockets = nil; return pid == 5 }
			},
			want: "10 released; 5 ended; TERM>10; TERM>5",
		},
		{
			name:    "it ended before anything was sent",
			between: func(t *testing.T, h *host.Fake) { end(t, h, 10) },
			want:    "10 gone; 5 ended; TERM>5",
		},
		{
			name:    "it let go of the port by itself: nothing is sent to it",
			between: func(t *testing.T, h *host.Fake) { h.Sockets = nil },
			want:    "10 released; 5 ended; TERM>5",
		},
		{
			name:    "it is a zombie now",
			between: func(t *testing.T, h *host.Fake) { find(h, 10).State = "Z" },
			want:    "10 gone; 5 ended; TERM>5",
		},
		{
			name:    "its pid was used again",
			between: func(t *testing.T, h *host.Fake) { find(h, 10).StartTicks = 999 },
			changed: "pid 10 is another process now",
		},
		{
			name:    "its pid runs another program",
			between: func(t *testing.T, h *host.Fake) { find(h, 10).ExeID = host.FileID{Device: 1, Inode: 8} },
			changed: "pid 10 runs another program now",
		},
		{
			name:    "the shell's pid was used again: not even the first one is stopped",
			between: func(t *testing.T, h *host.Fake) { find(h, 5).StartTicks = 999 },
			changed: "pid 5 is another process now",
		},
		{
			name: "somebody else has come to the port",
			between: func(t *testing.T, h *host.Fake) {
				h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 11, UID: anna}})
				h.Sockets = append(h.Sockets, listener("[::]:8080", 78, 11))
			},
			changed: "pid 11 has come to port 8080",
		},
		{
			name: "two with SO_REUSEPORT get SIGTERM before either is waited for",
			before: func(h *host.Fake) {
				h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 11, UID: anna, Exe: "/usr/bin/other"}})
				h.Sockets = append(h.Sockets, listener("[::]:8080", 78, 11))
			},
			react: func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
				return func(pid int, sig host.Signal) bool { return pid == 5 || sig == host.Kill }
			},
			want: "10 killed; 11 killed; 5 ended; TERM>10; TERM>11; KILL>10; KILL>11; TERM>5",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := leftoverHost()
			if tt.before != nil {
				tt.before(h)
			}
			plan := planOf(t, h)
			if tt.between != nil {
				tt.between(t, h)
			}
			if tt.react != nil {
				h.React = tt.react(t, h)
			}
			done, err := Execute(t.Context(), h, &fakeClock{}, plan, func(Done) {})
			if tt.changed != "" {
				if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), tt.changed) {
					t.Errorf("error %v, want one that says %q", err, tt.changed)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, told(done, h)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// underWatcher is a plan for a server (pid 10) below a live watcher (pid 20).
func underWatcher(h *host.Fake) PortPlan {
	find(h, 10).PPID = 20
	h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 20, PPID: 1, UID: anna, StartTicks: 20, Exe: "/home/anna/go/bin/air", Args: []string{"air"}}})
	watcher := find(h, 20).Process
	return PlanPort([]server.Holder{{
		Listeners: h.Sockets, Process: find(h, 10).Process, Known: true, Relation: server.Ours,
		Manager: server.Manager{Kind: server.Watcher, Name: "air", Process: &watcher},
	}}, PlanOptions{Port: ourPort, Yes: true, Force: true, UID: anna, Self: self, Project: true, Grace: 10 * time.Second})
}

func TestExecuteStopsTheWatcherFirst(t *testing.T) {
	tests := []struct {
		name  string
		react func(t *testing.T, h *host.Fake) func(pid int, sig host.Signal) bool
		want  string
	}{
		{"which takes its child along", func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
			return func(pid int, sig host.Signal) bool { end(t, h, 10); return true }
		}, "20 ended; 10 gone; TERM>20"},
		{"which leaves its child behind", nil, "20 ended; 10 ended; TERM>20; TERM>10"},
		{"which does not end", func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
			return func(pid int, sig host.Signal) bool { return false }
		}, "20 stays; TERM>20; KILL>20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := leftoverHost()
			plan := underWatcher(h)
			if tt.react != nil {
				h.React = tt.react(t, h)
			}
			done, err := Execute(t.Context(), h, &fakeClock{}, plan, func(Done) {})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, told(done, h)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestExecuteInterrupted(t *testing.T) {
	h := leftoverHost()
	plan := planOf(t, h)
	ctx, cancel := context.WithCancel(t.Context())
	h.React = func(int, host.Signal) bool { cancel(); return false } // Ctrl-C while we wait
	done, err := Execute(ctx, h, &fakeClock{}, plan, func(Done) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if diff := cmp.Diff("TERM>10", told(done, h)); diff != "" {
		t.Errorf("no SIGKILL after an interrupt (-want +got)\n%s", diff)
	}
}

// TestExecutePinsBeforeItLooks proves the order that makes a reused pid harmless.
func TestExecutePinsBeforeItLooks(t *testing.T) {
	h := &orderHost{Fake: leftoverHost()}
	plan := planOf(t, h.Fake)
	if _, err := Execute(t.Context(), h, &fakeClock{}, plan, func(Done) {}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"pin 10", "pin 5", "look 10", "look 5", "look 10", "signal 10", "look 5", "signal 5"}, h.order); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

type orderHost struct {
	*host.Fake
	order []string
}

func (h *orderHost) note(what string, pid int) { h.order = append(h.order, fmt.Sprint(what, " ", pid)) }

func (h *orderHost) Process(ctx context.Context, pid int) (host.Process, error) {
	h.note("look", pid)
	return h.Fake.Process(ctx, pid)
}

func (h *orderHost) Pin(pid int) (host.Pinned, error) {
	h.note("pin", pid)
	p, err := h.Fake.Pin(pid)
	return orderPinned{p, h, pid}, err
}

type orderPinned struct {
	host.Pinned
	h   *orderHost
	pid int
}

func (p orderPinned) Signal(sig host.Signal) error {
	p.h.note("signal", p.pid)
	return p.Pinned.Signal(sig)
}
