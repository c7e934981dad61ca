package fixes

import (
	"encoding/json"
	"io"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/server"
)

// PortSchema names the form of a PortReport.
const PortSchema = "gindoctor/fix/v1"

// Result is how the freeing of a port ended.
type Result string

// The results. The exit code is 1 for Refused and Failed, else 0.
const (
	Freed   Result = "freed"   // also when this project's own live watcher has taken the port again
	Refused Result = "refused" // nothing was stopped
	Nothing Result = "nothing" // nobody holds the port
	Failed  Result = "failed"  // something is still there, or could not be looked at
	DryRun  Result = "dry-run"
)

// ExitCode is the exit code of a result.
func (r Result) ExitCode() int {
	if r == Refused || r == Failed {
		return 1
	}
	return 0
}

// PortReport is what `gindoctor fix --port N --format json` prints.
type PortReport struct {
	Schema   string         `json:"schema"`
	Port     int            `json:"port"`
	Holders  []PortHolder   `json:"holders"`
	Plan     []PlannedStep  `json:"plan"`
	Refusals []PortRefusal  `json:"refusals"`
	Done     []FinishedStep `json:"done"`
	Proof    *PortProof     `json:"proof,omitempty"`
	// StillFound are the findings about this port that a second look still has.
	StillFound []string `json:"still_found,omitempty"`
	Result     Result   `json:"result"`
	Reason     string   `json:"reason,omitempty"`
	ExitCode   int      `json:"exit_code"`
}

// PortHolder is one process that holds the port.
type PortHolder struct {
	PID         int          `json:"pid,omitempty"` // absent where the process may not be seen
	User        string       `json:"user,omitempty"`
	UID         int          `json:"uid"`
	Executable  string       `json:"executable,omitempty"`
	Command     []string     `json:"command,omitempty"` // secrets masked
	Started     *time.Time   `json:"started,omitempty"`
	Addresses   []string     `json:"addresses"`
	Relation    string       `json:"relation"` // ours, foreign
	Because     []string     `json:"because,omitempty"`
	Leftover    bool         `json:"leftover"`
	InTheWay    bool         `json:"in_the_way"` // false: it holds an address that the app does not want
	Manager     *PortManager `json:"manager,omitempty"`
	Terminal    string       `json:"terminal,omitempty"`
	Orphans     []int        `json:"orphaned_shells,omitempty"`
	Inherited   bool         `json:"inherited,omitempty"`
	InContainer bool         `json:"in_container,omitempty"`
}

// PortManager is who runs a holder.
type PortManager struct {
	Kind        string `json:"kind"`
	Name        string `json:"name,omitempty"`
	PID         int    `json:"pid,omitempty"`
	StopCommand string `json:"stop_command,omitempty"`
}

// PlannedStep is one process that is to be stopped.
type PlannedStep struct {
	PID        int           `json:"pid"`
	Role       Role          `json:"role"`
	Name       string        `json:"name"`
	Signals    []host.Signal `json:"signals"` // the last one only when the grace time is over
	GraceMS    int64         `json:"grace_ms"`
	StartAgain string        `json:"start_again,omitempty"`
}

// PortRefusal is why a holder is not stopped.
type PortRefusal struct {
	PID     int    `json:"pid,omitempty"`
	Rule    string `json:"rule"`
	Reason  string `json:"reason"`
	Command string `json:"command,omitempty"`
	Or      string `json:"or,omitempty"`
}

// FinishedStep is what became of one process.
type FinishedStep struct {
	PID       int           `json:"pid"`
	Role      Role          `json:"role"`
	Outcome   Outcome       `json:"outcome"`
	Sent      []host.Signal `json:"sent"`
	ElapsedMS int64         `json:"elapsed_ms"`
}

// PortProof is whether the port is free, and how that is known.
type PortProof struct {
	Free       bool     `json:"free"`
	Bound      []string `json:"bound"`
	TakenAgain []int    `json:"taken_again,omitempty"` // pids; 0 for one that may not be seen
	ByWatcher  bool     `json:"by_own_watcher,omitempty"`
	Sentence   string   `json:"sentence"`
}

// write prints the report as one JSON object.
func (r *PortReport) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

func newPortReport(port int) *PortReport {
	return &PortReport{Schema: PortSchema, Port: port, Holders: []PortHolder{}, Plan: []PlannedStep{}, Refusals: []PortRefusal{}, Done: []FinishedStep{}}
}

func (r *PortReport) setPlan(plan PortPlan) {
	for _, h := range plan.InTheWay {
		r.Holders = append(r.Holders, portHolder(h, true))
	}
	for _, h := range plan.Aside {
		r.Holders = append(r.Holders, portHolder(h, false))
	}
	r.Plan = append(r.Plan, plannedSteps(plan.Steps, plan.Grace)...)
	r.Refusals = append(r.Refusals, refusals(plan.Refusals)...)
}

func plannedSteps(steps []Step, grace time.Duration) []PlannedStep {
	out := []PlannedStep{}
	for _, s := range steps {
		p := PlannedStep{PID: s.Process.PID, Role: s.Role, Name: s.Name, Signals: []host.Signal{host.Terminate}, GraceMS: grace.Milliseconds()}
		if s.Wakes {
			p.Signals = append(p.Signals, host.Continue)
		}
		p.Signals = append(p.Signals, host.Kill)
		if s.Role != RoleShell && s.Role != RoleChild {
			p.StartAgain = startAgain(s.Process)
		}
		out = append(out, p)
	}
	return out
}

func refusals(list []Refusal) []PortRefusal {
	out := []PortRefusal{}
	for _, f := range list {
		out = append(out, PortRefusal{PID: f.PID, Rule: f.Rule, Reason: f.Reason, Command: f.Command, Or: f.Or})
	}
	return out
}

func portHolder(h server.Holder, inTheWay bool) PortHolder {
	p := h.Process
	out := PortHolder{PID: p.PID, User: p.User, UID: p.UID, Executable: p.Exe, Command: mask.Args(p.Args), Addresses: []string{},
		Relation: string(h.Relation), Because: h.Because, Leftover: evident(h), InTheWay: inTheWay, Terminal: h.Terminal,
		Inherited: h.Inherited, InContainer: h.InContainer}
	if !p.Started.IsZero() {
		out.Started = &p.Started
	}
	for _, l := range h.Listeners {
		out.Addresses = append(out.Addresses, addressOf(l))
	}
	for _, o := range h.Orphans {
		out.Orphans = append(out.Orphans, o.PID)
	}
	if m := h.Manager; m.Kind != server.None {
		out.Manager = &PortManager{Kind: string(m.Kind), Name: m.Name, StopCommand: m.StopCommand}
		if m.Process != nil {
			out.Manager.PID = m.Process.PID
		}
	}
	return out
}

func (r *PortReport) setDone(done []Done) { r.Done = append(r.Done, finishedSteps(done)...) }

func finishedSteps(done []Done) []FinishedStep {
	out := []FinishedStep{}
	for _, d := range done {
		f := FinishedStep{PID: d.Step.Process.PID, Role: d.Step.Role, Outcome: d.Outcome, Sent: d.Sent, ElapsedMS: d.Elapsed.Milliseconds()}
		if f.Sent == nil {
			f.Sent = []host.Signal{}
		}
		out = append(out, f)
	}
	return out
}

func (r *PortReport) setProof(plan PortPlan, p Proof) {
	out := &PortProof{Free: p.Free, Bound: p.Bound, ByWatcher: p.Again != nil, Sentence: proofSentence(plan, p)}
	if out.Bound == nil {
		out.Bound = []string{}
	}
	taken := p.Taken
	if p.Again != nil {
		taken = append(taken, *p.Again)
	}
	for _, h := range taken {
		out.TakenAgain = append(out.TakenAgain, h.Process.PID)
	}
	r.Proof = out
}
