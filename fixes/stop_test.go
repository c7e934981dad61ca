package fixes

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/host"
)

// twoAirs runs air in a terminal (pid 30) and a forgotten one (pid 20) with a shell and a server below it.
func twoAirs() *host.Fake {
	air := func(pid, ppid int) host.FakeProcess {
		return host.FakeProcess{Process: host.Process{PID: pid, PPID: ppid, UID: anna, User: "anna", StartTicks: uint64(pid), State: "S",
			Exe: "/go/bin/air", ExeID: host.FileID{Device: 1, Inode: 3}, Args: []string{"air"}, Cwd: "/home/anna/shop"}}
	}
	below := func(pid, ppid int, exe string) host.FakeProcess {
		return host.FakeProcess{Process: host.Process{PID: pid, PPID: ppid, UID: anna, User: "anna", StartTicks: uint64(pid), State: "S", Exe: exe}}
	}
	return &host.Fake{SelfPID: self, SelfUID: anna, Procs: []host.FakeProcess{
		{Process: host.Process{PID: 1, Name: "init", Exe: "/sbin/init"}},
		below(self, 1, "/usr/bin/gindoctor"),
		air(20, 1), below(21, 20, "/bin/sh"), below(22, 21, "/home/anna/shop/tmp/main"), air(30, 1),
	}}
}

// stopWorld is a project in which a check finds that pid 20 runs beside pid 30, for as long as both do.
func stopWorld(t *testing.T, h *host.Fake) *world {
	w := newWorld(t)
	w.opts.Host, w.opts.Unsafe, w.opts.Clock, w.opts.Grace = h, true, &fakeClock{}, 10*time.Second
	w.opts.Only = []string{"watch/two-instances"}
	fix := &plan.Plan{Title: "stop air (pid 20), keep pid 30", Safety: plan.Unsafe, Stop: []plan.Process{{PID: 20, StartTicks: 20, Exe: "/go/bin/air", Name: "air"}}}
	w.opts.Look = func(ctx context.Context, _ []string) ([]checks.Outcome, error) {
		o := checks.Outcome{Check: &checks.Check{ID: "watch/two-instances"}, Status: checks.Passed}
		if p, err := h.Process(ctx, 20); err == nil && p.Name != "other" {
			o.Status = checks.Found
			o.Findings = []checks.Finding{{Check: "watch/two-instances", Severity: checks.Error, Message: checks.Msg("air runs twice"), Key: "air .",
				Fix: fix.Of("watch/two-instances")}}
		}
		return []checks.Outcome{o}, nil
	}
	return w
}

// sent lists the signals that were really sent.
func sent(h *host.Fake) string {
	var out []string
	for _, s := range h.Signals {
		out = append(out, fmt.Sprintf("%s>%d", strings.TrimPrefix(string(s.Signal), "SIG"), s.PID))
	}
	return strings.Join(out, " ")
}

func TestStop(t *testing.T) {
	takesAlong := func(t *testing.T, h *host.Fake) func(int, host.Signal) bool {
		return func(pid int, _ host.Signal) bool {
			if pid == 20 {
				end(t, h, 22)
				end(t, h, 21)
			}
			return true
		}
	}
	tests := []struct {
		name   string
		world  func(t *testing.T, h *host.Fake, w *world)
		result Result
		code   int
		sent   string
		says   []string
	}{
		{
			name:  "air ends and takes its server along",
			world: func(t *testing.T, h *host.Fake, w *world) { h.React = takesAlong(t, h) }, result: Fixed, sent: "TERM>20",
			says: []string{"I would send SIGTERM to air (pid 20), wait up to 10 s, and use SIGKILL only on what is still there.",
				"sh (pid 21) and main (pid 22)", "cannot be undone", "cd /home/anna/shop && air", "22 (main) ended with it", "looked again, it is gone"},
		},
		{name: "what it leaves behind is ended too", result: Fixed, sent: "TERM>20 TERM>21 TERM>22"},
		{
			name: "it ignores SIGTERM", result: Fixed, sent: "TERM>20 KILL>20 TERM>21 TERM>22", says: []string{"SIGKILL ended it"},
			world: func(t *testing.T, h *host.Fake, w *world) {
				h.React = func(pid int, sig host.Signal) bool { return pid != 20 || sig == host.Kill }
			},
		},
		{
			name: "it is stopped with Ctrl-Z", result: Fixed, sent: "TERM>20 CONT>20 TERM>21 TERM>22", says: []string{"SIGCONT to 20"},
			world: func(t *testing.T, h *host.Fake, w *world) {
				find(h, 20).State = "T"
				h.React = func(pid int, sig host.Signal) bool { return pid != 20 || sig == host.Continue }
			},
		},
		{
			name: "it does not end at all: what it runs is left alone", result: Failed, code: 1, sent: "TERM>20 KILL>20", says: []string{"pid 20 is still there after SIGKILL"},
			world: func(t *testing.T, h *host.Fake, w *world) {
				h.React = func(pid int, sig host.Signal) bool { find(h, 20).State = "D"; return false }
			},
		},
		{
			name: "it ended by itself and its pid was used again", result: Failed, code: 1, says: []string{"It has ended in the meantime"},
			world: func(t *testing.T, h *host.Fake, w *world) { find(h, 20).StartTicks = 999 },
		},
		{
			name: "its pid was used again while a person thought", result: Refused, code: 1, says: []string{"pid 20 is another process now"},
			world: func(t *testing.T, h *host.Fake, w *world) { answers(w, func() { find(h, 20).StartTicks = 999 }, "y\n") },
		},
		{
			name: "it runs another program now", result: Refused, code: 1, says: []string{"pid 20 runs another program now"},
			world: func(t *testing.T, h *host.Fake, w *world) {
				answers(w, func() { find(h, 20).ExeID = host.FileID{Device: 1, Inode: 9} }, "y\n")
			},
		},
		{
			name: "a yes on the terminal is enough", result: Fixed, sent: "TERM>20 TERM>21 TERM>22", says: []string{"Do it? [y/N]"},
			world: func(t *testing.T, h *host.Fake, w *world) { w.opts.Unsafe = false; answers(w, func() {}, "y\n") },
		},
		{
			name: "a no on the terminal", result: Refused, code: 1, says: []string{"Not done"},
			world: func(t *testing.T, h *host.Fake, w *world) { w.opts.Unsafe = false; answers(w, func() {}, "n\n") },
		},
		{
			name: "--yes is not --unsafe", result: Refused, code: 1, says: []string{"gindoctor fix --unsafe --only watch/two-instances"},
			world: func(t *testing.T, h *host.Fake, w *world) { w.opts.Unsafe = false },
		},
		{
			name: "nobody to ask", result: Refused, code: 1, says: []string{"Nothing was stopped: there is no terminal"},
			world: func(t *testing.T, h *host.Fake, w *world) { w.opts.Yes = false },
		},
		{
			name: "a dry run", result: DryRun, says: []string{"I would send SIGTERM to air (pid 20)"},
			world: func(t *testing.T, h *host.Fake, w *world) { w.opts.DryRun = true },
		},
		{
			name: "another user's", result: Refused, code: 1, says: []string{"belongs to user bea (uid 1001)", "sudo kill 20"},
			world: func(t *testing.T, h *host.Fake, w *world) { find(h, 20).UID, find(h, 20).User = 1001, "bea" },
		},
		{
			name: "another user's, for root", result: Refused, code: 1, says: []string{"belongs to user anna", "kill 20"},
			world: func(t *testing.T, h *host.Fake, w *world) { h.SelfUID = 0 },
		},
		{
			name: "another user's server below it", result: Refused, code: 1, says: []string{"belongs to user bea (uid 1001)", "sudo kill 22"},
			world: func(t *testing.T, h *host.Fake, w *world) { find(h, 22).UID, find(h, 22).User = 1001, "bea" },
		},
		{
			name: "gindoctor was started from it", result: Refused, code: 1, says: []string{"one of the processes that gindoctor itself was started from"},
			world: func(t *testing.T, h *host.Fake, w *world) { find(h, self).PPID = 22 },
		},
		{
			name: "systemd runs it", result: Refused, code: 1, says: []string{"systemd runs it as shop-air.service", "systemctl stop shop-air"},
			world: func(t *testing.T, h *host.Fake, w *world) {
				find(h, 1).Name, find(h, 20).Cgroup = "systemd", "/system.slice/shop-air.service"
			},
		},
		{
			name: "supervisord runs it", result: Refused, code: 1, says: []string{"run by supervisord (pid 15)", "supervisorctl status"},
			world: func(t *testing.T, h *host.Fake, w *world) { below(h, 15, "/usr/bin/supervisord") },
		},
		{
			name: "a shell loop runs it", result: Refused, code: 1, says: []string{"which would start it again", "kill 15"},
			world: func(t *testing.T, h *host.Fake, w *world) {
				below(h, 15, "/bin/sh")
				find(h, 15).Args = []string{"sh", "-c", "while true; do air; done"}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := twoAirs()
			w := stopWorld(t, h)
			if tt.world != nil {
				tt.world(t, h, w)
			}
			w.ends(w.fix(), tt.result, tt.code)
			if diff := cmp.Diff(tt.sent, sent(h)); diff != "" {
				t.Errorf("signals (-want +got)\n%s\n%s", diff, w.out.String())
			}
			w.says(tt.says...)
		})
	}
}

// answers puts a person at the terminal, who takes the time for something to happen.
func answers(w *world, meanwhile func(), line string) {
	w.opts.Yes, w.opts.Terminal = false, true
	answer := strings.NewReader(line)
	w.opts.In = readerFunc(func(b []byte) (int, error) {
		if answer.Len() == len(line) {
			meanwhile()
		}
		return answer.Read(b)
	})
}

// below puts pid 20 below a new process.
func below(h *host.Fake, pid int, exe string) {
	h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: pid, PPID: 1, UID: anna, StartTicks: uint64(pid), Exe: exe}})
	find(h, 20).PPID = pid
}

// TestStopSeesANewServer: what the watcher has started while a person thought about the question ends with it.
func TestStopSeesANewServer(t *testing.T) {
	h := twoAirs()
	w := stopWorld(t, h)
	answers(w, func() {
		end(t, h, 22)
		h.Procs = append(h.Procs, host.FakeProcess{Process: host.Process{PID: 23, PPID: 21, UID: anna, StartTicks: 23, Exe: "/home/anna/shop/tmp/main"}})
	}, "yes\n")
	w.ends(w.fix(), Fixed, 0)
	if got := sent(h); got != "TERM>20 TERM>21 TERM>23" {
		t.Errorf("sent %s\n%s", got, w.out.String())
	}
}

func TestStopIsToldByUndoAndJSON(t *testing.T) {
	h := twoAirs()
	w := stopWorld(t, h)
	w.opts.JSON = true
	r := w.fix()
	w.ends(r, Fixed, 0)
	if len(r.Stops) != 1 || len(r.Stops[0].Plan) != 3 || r.Stops[0].Done[0].Outcome != Ended || r.Stops[0].Plan[0].Role != RoleNamed || len(r.After) > 0 {
		t.Errorf("%+v", r.Stops)
	}
	if u := w.undo(); u.Result != Nothing || len(u.Lasting) != 3 {
		t.Errorf("undo: %+v", u)
	}
	w.says("This cannot be undone: the process 20 (air) was ended; to start it again: cd /home/anna/shop && air")
}

func TestStopIsRefusedWithoutAHost(t *testing.T) {
	w := stopWorld(t, twoAirs())
	w.opts.Host = nil
	w.ends(w.fix(), Refused, 1)
	w.says("processes are not stopped here")
}
