package restart

import (
	"slices"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/load"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// restarted is what some restarts made of a load.
func restarted(k kind, kept bool, errors map[string]int, exit stage.Exit) measured {
	m := measured{method: method{kind: k}, times: 3, ends: []stage.Exit{exit, exit, exit}}
	m.requests = account.Requests{Client: "new connections", Sent: 3464, Errors: errors}
	if kept {
		m.requests.Client = "keep-alive"
	}
	for _, n := range errors {
		m.requests.Lost += n
	}
	m.requests.Answered = m.requests.Sent - m.requests.Lost
	if errors[load.Refused] > 0 {
		m.down = account.Millis(40 * time.Millisecond)
	}
	return m
}

func TestJudge(t *testing.T) {
	t.Parallel()
	var orderly, killed = stage.Exit{}, stage.Exit{Code: -1, Signal: "SIGTERM"}
	interrupt := shutdown.Fact{Interrupt: true, Calls: shutdown.Place{File: "main.go"}}
	failed := restarted(stopStart, false, map[string]int{load.Refused: 900}, orderly)
	failed.failed, failed.times = "the program ended before it listened: exit code 4", 0
	overseer := restarted(passing, false, map[string]int{load.Reset: 3}, orderly)
	overseer.method.from = "github.com/jpillora/overseer"
	stuck := overseer
	stuck.failed = "no new process took its place"
	nothing := restarted(stopStart, false, nil, orderly)
	nothing.requests = account.Requests{}
	silent := restarted(stopStart, false, map[string]int{load.Timeout: 3464}, orderly)

	tests := []struct {
		name    string
		m       measured
		fact    shutdown.Fact
		state   account.State
		proves  string
		advised bool
	}{
		{"stop and start", restarted(stopStart, false, map[string]int{load.Refused: 123}, orderly), shutdown.Fact{}, account.Warning, "", true},
		{"stop and start, nothing handles the signal", restarted(stopStart, false, map[string]int{load.Refused: 120, load.Reset: 5}, killed), shutdown.Fact{}, account.Broken, "src/no-graceful", true},
		{"the same, by luck nothing was in flight", restarted(stopStart, false, map[string]int{load.Refused: 120}, killed), shutdown.Fact{}, account.Warning, "", true},
		{"only SIGINT is handled", restarted(stopStart, true, map[string]int{load.Reset: 5}, killed), interrupt, account.Broken, "src/notify", true},
		{"reuseport", restarted(reusePort, false, nil, orderly), shutdown.Fact{}, account.OK, "", false},
		{"tableflip, connections kept", restarted(passing, true, map[string]int{load.Reset: 2}, stage.Exit{}), shutdown.Fact{}, account.Warning, "", true},
		{"overseer", overseer, shutdown.Fact{}, account.Warning, "src/restart-library", true},
		{"overseer does not replace it", stuck, shutdown.Fact{}, account.Broken, "src/restart-library", false},
		{"socket activation", restarted(activation, true, nil, orderly), shutdown.Fact{}, account.OK, "", false},
		{"it does not come up again", failed, shutdown.Fact{}, account.Broken, "", false},
		{"nothing was sent", nothing, shutdown.Fact{}, account.Unknown, "", false},
		{"nothing was answered", silent, shutdown.Fact{}, account.Unknown, "", true},
	}
	for _, tt := range tests {
		if tt.name == "tableflip, connections kept" {
			tt.m.method.from = "github.com/cloudflare/tableflip"
		}
		v := judge(tt.m, tt.fact)
		if v.state != tt.state || v.proves != tt.proves || v.said.IsZero() {
			t.Errorf("%s: %s, proves %q: %s", tt.name, v.state, v.proves, v.said)
		}
		if a := advice(tt.m); a.IsZero() == tt.advised {
			t.Errorf("%s: advice %q", tt.name, a)
		}
	}
}

func TestTold(t *testing.T) {
	t.Parallel()
	began := time.Now()
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	made := []moment{{at(500), at(600)}, {at(1100), at(1200)}, {at(1700), at(1800)}, {at(2400), at(2500)}}
	lost := []load.Loss{{At: at(510)}, {At: at(550)}, {At: at(1150)}}
	var got []account.State
	for _, e := range told(made, lost, began, at(2000)) {
		got = append(got, e.State)
	}
	if want := []account.State{account.Warning, account.Warning, account.OK, account.Unknown}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
