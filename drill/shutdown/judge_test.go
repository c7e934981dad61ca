package shutdown

import (
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

const ms = account.Millis(time.Millisecond)

// end is a run as it was measured: when the request ended and with how many bytes, when the server did and how.
func end(answered account.Millis, complete bool, exited account.Millis, code int, killedBy string) measured {
	m := measured{Shutdown: account.Shutdown{Signal: "SIGTERM", ListenerClosed: ms, IdleClosed: ms, Exited: exited, ExitCode: code, KilledBy: killedBy, PortFree: exited + ms, Needs: never},
		way: &way{path: "/", lasts: 1500 * time.Millisecond}, limit: 20 * time.Second}
	m.InFlight = account.Request{Path: "/", Complete: complete, At: answered}
	if complete {
		m.InFlight.Status, m.InFlight.Bytes = 200, 120
	}
	return m
}

func at(line int) shutdown.Place {
	return shutdown.Place{File: "main.go", Position: project.Position{Line: line, Column: 1}}
}

// The rows of the reference: what one server after the other did with a request of 1.5 s in flight.
func TestJudge(t *testing.T) {
	t.Parallel()
	graceful := shutdown.Fact{Interrupt: true, Terminate: true, Caught: at(1), Calls: at(2), Deadline: 5 * time.Second, DeadlineAt: at(3)}
	short := graceful
	short.Deadline = 300 * time.Millisecond
	interrupt := shutdown.Fact{Interrupt: true, Caught: at(1), Calls: at(2), Deadline: 5 * time.Second, DeadlineAt: at(3)}
	closes := shutdown.Fact{Interrupt: true, Terminate: true, Caught: at(1)}
	computed := graceful
	computed.Deadline, computed.DeadlineAt = 0, shutdown.Place{}
	long := end(5000*ms, false, 5003*ms, 0, "")
	long.way = &way{path: "/long", slow: true, lasts: 7 * time.Second}
	stream := end(5000*ms, false, 5003*ms, 0, "")
	stream.way = &way{path: "/events", slow: true}
	unheld := func(code int, killedBy string) measured {
		m := end(never, false, 5*ms, code, killedBy)
		m.way, m.unheld = nil, "the server keeps no request"
		return m
	}
	silent := end(1502*ms, true, 5010*ms, 0, "")
	silent.Silent = true
	ignores := end(1502*ms, true, never, 0, "")
	ignores.ListenerClosed = never
	hangup := end(3*ms, false, 3*ms, -1, "SIGHUP")
	hangup.Signal = "SIGHUP"
	left := end(1502*ms, true, 1590*ms, 0, "")
	left.Left = []account.Left{{PID: 7, Command: "sleep 1000"}}
	early := unheld(0, "")
	early.early = "exit code 1"

	tests := []struct {
		name   string
		m      measured
		fact   shutdown.Fact
		state  account.State
		proves string
		line   int
	}{
		{"gin's Run", end(5*ms, false, 5*ms, -1, "SIGTERM"), shutdown.Fact{}, account.Broken, "src/no-graceful", 0},
		{"Shutdown", end(1502*ms, true, 1590*ms, 0, ""), graceful, account.OK, "", 0},
		{"Shutdown, silent connection", silent, graceful, account.OK, "", 0},
		{"a request longer than the deadline", long, graceful, account.Broken, "src/shutdown", 3},
		{"a stream", stream, graceful, account.Warning, "", 3},
		{"a short deadline", end(300*ms, false, 302*ms, 3, ""), short, account.Broken, "src/shutdown", 3},
		{"SIGINT only", end(4*ms, false, 4*ms, -1, "SIGTERM"), interrupt, account.Broken, "src/notify", 1},
		{"Close", end(5*ms, false, 5*ms, 0, ""), closes, account.Broken, "src/no-graceful", 0},
		{"main returns while Shutdown waits", end(5*ms, false, 5*ms, 0, ""), graceful, account.Broken, "src/shutdown", 2},
		{"a deadline that is computed", end(800*ms, false, 810*ms, 1, ""), computed, account.Broken, "src/shutdown", 2},
		{"SIGHUP", hangup, graceful, account.Broken, "", 0},
		{"an exit code after an orderly end", end(1502*ms, true, 1590*ms, 3, ""), graceful, account.Warning, "", 0},
		{"it ends itself by the signal when it is done", end(1502*ms, true, 1590*ms, -1, "SIGTERM"), graceful, account.OK, "", 0},
		{"SIGTERM is ignored", ignores, closes, account.Broken, "src/notify", 1},
		{"the listener is closed, the program hangs", end(1502*ms, true, never, 0, ""), graceful, account.Broken, "src/shutdown", 2},
		{"a crash", end(5*ms, false, 5*ms, -1, "SIGSEGV"), graceful, account.Broken, "", 0},
		{"a child is left", left, graceful, account.Broken, "", 0},
		{"no request, exit code 0", unheld(0, ""), graceful, account.Unknown, "", 0},
		{"no request, no handler", unheld(-1, "SIGTERM"), shutdown.Fact{}, account.Broken, "src/no-graceful", 0},
		{"gone before the signal", early, graceful, account.Unknown, "", 0},
	}
	for _, tt := range tests {
		v := judge(tt.m, tt.fact)
		if v.state != tt.state || v.proves != tt.proves || v.at.Line != tt.line || v.said.IsZero() {
			t.Errorf("%s: %s, proves %q at line %d, want %s, %q, %d: %s", tt.name, v.state, v.proves, v.at.Line, tt.state, tt.proves, tt.line, v.said)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		needs  account.Millis
		signal string
		grace  target.GracePeriod
		check  string
	}{
		{1590 * ms, "SIGTERM", target.GracePeriod{By: target.ByCompose, Signal: "SIGTERM", Time: 10 * time.Second}, ""},
		{5010 * ms, "SIGTERM", target.GracePeriod{By: target.ByCompose, Signal: "SIGTERM", Time: 3 * time.Second}, "deploy/grace-period"},
		{5010 * ms, "SIGTERM", target.GracePeriod{By: target.ByKubernetes, Signal: "SIGTERM", Time: 10 * time.Second, Pause: 6 * time.Second}, "deploy/grace-period"},
		{5010 * ms, "SIGTERM", target.GracePeriod{By: "air", Signal: "SIGINT", Time: time.Second}, ""},
		{5010 * ms, "SIGINT", target.GracePeriod{By: "air", Signal: "SIGINT", Time: time.Second}, "watch/delay-unit"},
		{1590 * ms, "SIGINT", target.GracePeriod{By: "air", Signal: "SIGINT"}, "watch/hard-kill"},
		{1590 * ms, "SIGINT", target.GracePeriod{By: "reflex", Signal: "SIGINT", Time: time.Second}, "watch/hard-kill"},
		{never, "SIGTERM", target.GracePeriod{By: target.ByCompose, Signal: "SIGTERM", Time: time.Second}, ""},
	}
	for _, tt := range tests {
		_, f := compare(measured{Shutdown: account.Shutdown{Signal: tt.signal, Needs: tt.needs}}, tt.grace)
		switch {
		case f == nil && tt.check != "":
			t.Errorf("%s after %s, needs %s: nothing, want %s", tt.grace.By, tt.grace.Time, tt.needs, tt.check)
		case f != nil && f.Check != tt.check:
			t.Errorf("%s after %s, needs %s: %s, want %q", tt.grace.By, tt.grace.Time, tt.needs, f.Check, tt.check)
		}
	}
}

func TestAsked(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]int{"": 0, "TERM": 1, "SIGTERM,int": 2, "15 SIGTERM": 1, "KILL": -1, "9": -1, "soon": -1} {
		got, err := asked(names)
		if err != nil && want >= 0 || err == nil && len(got) != want {
			t.Errorf("%q: %v, %v", names, got, err)
		}
	}
}
