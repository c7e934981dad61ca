// Package account is what a drill has measured: trials, with the links of the chain and their times. It is data without an opinion
// on any of it; the reports show it as it stands.
package account

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/gindoctor/gindoctor/checks"
)

// Account is what one drill did and saw.
type Account struct {
	Drill string `json:"drill"` // reload, shutdown, restart or leak
	// Command is what was started in the copy, as one would type it; Tool the watcher and its version, where one was.
	Command string `json:"command,omitempty"`
	Tool    string `json:"tool,omitempty"`
	Port    int    `json:"port,omitempty"` // that the server had in the copy
	// Notes say what was decided, and what the copy cannot show: how the port was given, a database that was reached.
	Notes  []checks.Message `json:"notes,omitempty"`
	Trials []Trial          `json:"trials"`
}

// Count is the number of trials that ended so.
func (a *Account) Count(state State) int {
	n := 0
	for _, t := range a.Trials {
		if t.State == state {
			n++
		}
	}
	return n
}

// Broken is the number of trials in which something broke.
func (a *Account) Broken() int { return a.Count(Broken) }

// State is how a trial, or one event of it, ended.
type State string

// The states.
const (
	OK      State = "ok"
	Warning State = "warning" // it works, at a price: slow, at the edge of a deadline, by luck
	Broken  State = "broken"
	Unknown State = "unknown" // it could not be tried, or not be judged
)

// Trial is one thing that was tried: an edit, a signal, a restart, a route.
type Trial struct {
	Name  checks.Message `json:"name"` // "a line in internal/cart/cart.go", "SIGTERM", "GET /items"
	State State          `json:"state"`
	// Stage is the first link of the chain that broke; empty where none did.
	Stage checks.Stage `json:"broken,omitempty"`
	// Said is what happened, in one sentence.
	Said   checks.Message `json:"said,omitzero"`
	Began  Millis         `json:"began_ms"` // since the drill began
	Length Millis         `json:"length_ms"`
	Links  []Link         `json:"links,omitempty"`
	Events []Event        `json:"events,omitempty"`
	// Findings are the places of what this trial proves in the report's findings.
	Findings []int `json:"findings,omitempty"`

	Requests []Requests `json:"requests,omitempty"`
	Shutdown *Shutdown  `json:"shutdown,omitempty"`
	Restart  *Restart   `json:"restart,omitempty"`
	Leak     *Leak      `json:"leak,omitempty"`

	// Proves are the checks of the catalogue that the trial proves, for those who join it with their findings.
	Proves []checks.Finding `json:"-"`
}

// Link is one stage of the chain: when it began and how long it took.
type Link struct {
	Stage checks.Stage `json:"stage"`
	State State        `json:"state"`
	At    Millis       `json:"at_ms"` // since the trial began
	Took  Millis       `json:"took_ms"`
}

// Event is a moment of a trial.
type Event struct {
	At    Millis         `json:"at_ms"` // since the trial began
	Stage checks.Stage   `json:"stage,omitempty"`
	State State          `json:"state,omitempty"`
	Text  checks.Message `json:"text"`
}

// Requests counts what one kind of client sent.
type Requests struct {
	Client   string `json:"client"` // "new connections", "keep-alive"
	Sent     int    `json:"sent"`
	Answered int    `json:"answered"`
	Lost     int    `json:"lost"` // no answer, or not all of it
	// Left counts those whose client went away before the answer, as it was meant to.
	Left int `json:"left,omitempty"`
	// Errors counts the lost ones by what their client saw: "connection refused", "connection reset", "timeout", "cut".
	Errors map[string]int `json:"errors,omitempty"`
	// Statuses counts the answers by their class: "2xx", "5xx".
	Statuses map[string]int `json:"statuses,omitempty"`
	Slowest  Millis         `json:"slowest_ms,omitempty"`
}

// Shutdown is how a server ended. The time of what did not happen is Never.
type Shutdown struct {
	Signal         string  `json:"signal"`
	Silent         bool    `json:"silent"`             // a connection that never sent a byte was open
	ListenerClosed Millis  `json:"listener_closed_ms"` // since the signal, as all times here
	InFlight       Request `json:"in_flight"`
	IdleClosed     Millis  `json:"idle_closed_ms"`
	Exited         Millis  `json:"exited_ms"`
	ExitCode       int     `json:"exit_code"`           // -1 where a signal ended it
	KilledBy       string  `json:"killed_by,omitempty"` // the signal
	PortFree       Millis  `json:"port_free_ms"`
	Left           []Left  `json:"left,omitempty"`        // processes that it left behind
	Needs          Millis  `json:"needs_ms"`              // the time it takes to end in order: what a grace period has to give
	Deadline       Millis  `json:"deadline_ms,omitempty"` // its own, as its source says
}

// Request is what became of a request that was being served when the signal came.
type Request struct {
	Path     string `json:"path"`
	Complete bool   `json:"complete"`
	Status   int    `json:"status,omitempty"`
	Bytes    int64  `json:"bytes"` // that arrived
	At       Millis `json:"at_ms"` // when it ended, since the signal
	Error    string `json:"error,omitempty"`
}

// Left is a process that outlived what started it.
type Left struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
}

// Restart is how a server was replaced by a new one.
type Restart struct {
	Method string `json:"method"` // "stop and start", "reuseport", "descriptor passing", "socket activation"
	Times  int    `json:"times"`
	Down   Millis `json:"down_ms"` // the longest time in which nobody listened
}

// Leak is what was left behind by two equal loads on one route.
type Leak struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Waves  []Wave `json:"waves"`
	// Grows are the counts that the second wave left higher than the first.
	Grows []Growth `json:"grows,omitempty"`
}

// Wave is one load and what was left of it in the quiet after it.
type Wave struct {
	Requests
	Residue map[string]int `json:"residue"` // by kind, above the count before the first wave: "outgoing sockets", "files", "goroutines"
}

// Growth is one kind of thing that stays.
type Growth struct {
	Kind   string `json:"kind"`
	First  int    `json:"first"`  // after the first wave
	Second int    `json:"second"` // after the second
	To     string `json:"to,omitempty"`
}

// Millis is a time that JSON holds in milliseconds, to a thousandth.
type Millis time.Duration

// Never is the time of what did not happen.
const Never Millis = -1

// MarshalJSON writes milliseconds; -1 for what did not happen.
func (m Millis) MarshalJSON() ([]byte, error) {
	if m < 0 {
		return []byte("-1"), nil
	}
	return json.Marshal(math.Round(float64(m)/1e3) / 1e3)
}

// UnmarshalJSON reads milliseconds.
func (m *Millis) UnmarshalJSON(data []byte) error {
	var ms float64
	if err := json.Unmarshal(data, &ms); err != nil {
		return err
	}
	*m = Millis(ms * float64(time.Millisecond))
	return nil
}

// Duration is the time as Go counts it.
func (m Millis) Duration() time.Duration { return time.Duration(m) }

// String is the time in a sentence: "5 ms", "1.6 s".
func (m Millis) String() string {
	if d := m.Duration(); d < time.Second {
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", m.Duration().Seconds())
}
