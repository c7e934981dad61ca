package fixes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// StopReport is what became of a plan that stops processes, in the report of `gindoctor fix`.
type StopReport struct {
	Check    string         `json:"check"`
	Plan     []PlannedStep  `json:"plan"`
	Refusals []PortRefusal  `json:"refusals"`
	Done     []FinishedStep `json:"done"`
}

// stopPlan is what would be done to stop the processes that a finding names.
type stopPlan struct {
	Steps    []Step // those it names, then what these have started
	Refusals []Refusal
	Grace    time.Duration
}

// planStop decides what to stop, and what must not be stopped. A process that is no longer the one that was judged is passed
// over: it has ended. Where one must not be stopped, none is.
func planStop(ctx context.Context, s *server.Snapshot, named []plan.Process, o PlanOptions) stopPlan {
	p := stopPlan{Grace: o.Grace}
	seen := map[int]bool{}
	for _, n := range named {
		q, ok := s.Processes.ByPID[n.PID]
		if !ok || q.StartTicks != n.StartTicks || q.State == "Z" || seen[q.PID] {
			continue
		}
		if n.Exe != "" && q.Exe != "" && n.Exe != q.Exe {
			continue
		}
		seen[q.PID] = true
		p.Steps = append(p.Steps, Step{Role: RoleNamed, Process: q, Name: fallback(n.Name, programName(q)), Wakes: q.State == "T"})
		if r := refuseStop(s.Process(ctx, q), o); r != nil {
			p.Refusals = append(p.Refusals, *r)
		}
	}
	for _, step := range p.Steps {
		for _, q := range s.Processes.Descendants(step.Process.PID) {
			if seen[q.PID] || q.State == "Z" {
				continue
			}
			seen[q.PID] = true
			p.Steps = append(p.Steps, Step{Role: RoleChild, Process: q, Name: programName(q), Wakes: q.State == "T", TakenAlong: true})
			if h := (server.Holder{Process: q, Known: true}); otherUser(h, o) {
				p.Refusals = append(p.Refusals, *othersProcess(h, o))
			}
		}
	}
	if len(p.Refusals) > 0 {
		p.Steps = nil
	}
	return p
}

// refuseStop gives the reason why a process is not stopped by name, or nil. No flag lifts it.
func refuseStop(h server.Holder, o PlanOptions) *Refusal {
	r := forbidden(h, o)
	switch {
	case r != nil && r.Rule != "other user":
	case otherUser(h, o):
		r = othersProcess(h, o)
	case stopsManager(h.Manager):
		r = &Refusal{Rule: "managed", Reason: fmt.Sprintf("It is run by %s, which would start it again.", managerName(h.Manager)), Command: h.Manager.StopCommand}
	}
	if r != nil {
		r.PID = h.Process.PID
	}
	return r
}

func othersProcess(h server.Holder, o PlanOptions) *Refusal {
	kill := fmt.Sprintf("kill %d", h.Process.PID)
	if o.UID != 0 {
		kill = "sudo " + kill
	}
	return &Refusal{PID: h.Process.PID, Rule: "other user", Reason: fmt.Sprintf("It belongs to %s, not to you.", userName(h, o)), Command: kill}
}

// executeStop stops the processes of a plan as those of a port are stopped, those it names first.
func executeStop(ctx context.Context, h host.Host, clock Clock, p stopPlan, tell func(Done)) ([]Done, error) {
	x := &execution{host: h, clock: clock, steps: p.Steps, grace: p.Grace, tell: tell}
	return x.run(ctx, RoleNamed, RoleChild)
}

// planStop looks at the processes that a proposal wants to stop.
func (m *mending) planStop(ctx context.Context, p *proposal) (stopPlan, error) {
	if m.Host == nil {
		return stopPlan{}, errors.New("processes are not stopped here")
	}
	s, err := server.Look(ctx, m.Host)
	if err != nil {
		return stopPlan{}, fmt.Errorf("the processes cannot be seen: %w", err)
	}
	return planStop(ctx, s, p.finding.Fix.Stop, PlanOptions{Grace: m.Grace, UID: m.Host.UID(), Self: m.Host.Self(),
		Ancestors: s.Processes.Ancestors(s.Processes.ByPID[m.Host.Self()])}), nil
}

// previewStop plans and shows what would be stopped. It is false where that is not to be done at all.
func (m *mending) previewStop(ctx context.Context, p *proposal) (stopPlan, bool) {
	planned, err := m.planStop(ctx, p)
	if err != nil {
		p.refuse(err)
		m.screen.result(false, m.sentence(p))
		return planned, false
	}
	m.finding(p)
	if len(planned.Refusals) > 0 {
		m.refuseStop(p, planned)
		return planned, false
	}
	m.screen.stop(planned)
	return planned, true
}

func (m *mending) refuseStop(p *proposal, planned stopPlan) {
	first := planned.Refusals[0]
	p.fate, p.reason, p.command = Declined, first.Reason, first.Command
	m.report.Stops = append(m.report.Stops, stopReport(p, planned, nil))
	m.screen.printf("Nothing was stopped.\n")
	for _, r := range planned.Refusals {
		m.screen.refusal(r, len(p.finding.Fix.Stop) > 1 || len(planned.Refusals) > 1)
	}
}

// stopProcesses carries out the plans that stop processes.
func (m *mending) stopProcesses(ctx context.Context) {
	var done []*proposal
	for _, p := range m.found.stops {
		if m.stop(ctx, p) {
			done = append(done, p)
		}
	}
	if len(done) > 0 {
		outcomes, err := m.Look(ctx, ids(done))
		m.verify(done, outcomes, err)
	}
}

// stop carries out one such plan, and tells whether all it names is gone.
func (m *mending) stop(ctx context.Context, p *proposal) bool {
	shown, agreed := m.agreed[p]
	if p.fate == Declined {
		return false // already told, before the question
	}
	if !agreed {
		var ok bool
		if shown, ok = m.previewStop(ctx, p); !ok {
			return false
		}
		if m.DryRun {
			p.fate = Planned
			m.report.Stops = append(m.report.Stops, stopReport(p, shown, nil))
			return false
		}
		if err := m.mayStop(ctx); err != nil {
			m.screen.printf("Nothing was stopped: %s.\n", err)
			p.fate, p.reason = Declined, err.Error()
			return false
		}
	}
	planned, err := m.planStop(ctx, p) // again: a watcher may have started a new server while a person thought about it
	if err == nil && len(planned.Refusals) > 0 {
		m.refuseStop(p, planned)
		return false
	}
	var done []Done
	if err == nil {
		planned.keep(shown)
		done, err = executeStop(ctx, m.Host, m.Clock, planned, m.screen.done)
	}
	return m.stopped(ctx, p, planned, done, err)
}

// keep takes the named processes as they were when they were shown, so that what has changed since then shows.
func (p *stopPlan) keep(shown stopPlan) {
	children := slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return s.Role == RoleNamed })
	named := slices.DeleteFunc(slices.Clone(shown.Steps), func(s Step) bool { return s.Role != RoleNamed })
	p.Steps = append(named, children...)
}

// askToStop puts an unsafe plan that stops processes to a person, who is then not asked again.
func (m *mending) askToStop(ctx context.Context, p *proposal) error {
	p.verdict = verdict{}
	shown, ok := m.previewStop(ctx, p)
	if !ok {
		m.found.stops = append(m.found.stops, p)
		return nil
	}
	yes, err := m.confirm(ctx, "This is not always what you want. Do it? [y/N] ")
	m.screen.printf("\n")
	switch {
	case err != nil:
		return err
	case !yes:
		p.fate = NotAsked
	default:
		m.found.stops, m.agreed[p] = append(m.found.stops, p), shown
	}
	return nil
}

// mayStop asks, where that is needed. The error is why not.
func (m *mending) mayStop(ctx context.Context) error {
	switch {
	case m.Yes:
		return nil
	case !m.Terminal:
		return errors.New("there is no terminal to ask on, and --yes was not given")
	}
	yes, err := m.confirm(ctx, "Go ahead? [y/N] ")
	if err == nil && !yes {
		err = errors.New("the answer was no")
	}
	m.screen.printf("\n")
	return err
}

// stopped writes down what was done, and tells whether the second look may follow.
func (m *mending) stopped(ctx context.Context, p *proposal, planned stopPlan, done []Done, err error) bool {
	r := stopReport(p, planned, done)
	m.report.Stops = append(m.report.Stops, r)
	title := p.finding.Check + ": " + p.finding.Fix.Title
	if noted := m.noteEnded(ctx, title, r.lasting()); noted != nil {
		m.screen.result(false, printable(noted.Error()))
	}
	i := slices.IndexFunc(done, func(d Done) bool { return d.Outcome == Stays })
	switch {
	case err != nil:
		p.refuse(executionError(err, done))
	case i >= 0:
		p.fate, p.reason = StillThere, fmt.Sprintf("pid %d is still there after SIGKILL", done[i].Step.Process.PID)
	default:
		return true
	}
	m.screen.result(false, m.sentence(p))
	return false
}

func stopReport(p *proposal, planned stopPlan, done []Done) *StopReport {
	return &StopReport{Check: p.finding.Check, Plan: plannedSteps(planned.Steps, planned.Grace), Refusals: refusals(planned.Refusals), Done: finishedSteps(done)}
}

func (r *StopReport) lasting() []string {
	var out []string
	for _, s := range r.Plan {
		i := slices.IndexFunc(r.Done, func(d FinishedStep) bool { return d.PID == s.PID })
		if i >= 0 {
			out = append(out, lasting([]PlannedStep{s}, r.Done[i:i+1], fmt.Sprintf(" (%s)", s.Name))...)
		}
	}
	return out
}

// stop says in words what would be ended, what comes with it, and how to start it again.
func (s portScreen) stop(p stopPlan) {
	if len(p.Steps) == 0 {
		s.printf("It has ended in the meantime.\n\n")
		return
	}
	s.paragraph("", stopSentence(p))
	s.printf("\n")
	s.startAgain(p.Steps)
}

func stopSentence(p stopPlan) string {
	var named, children, wakes []string
	for _, step := range p.Steps {
		if step.Role == RoleNamed {
			named = append(named, step.who())
		} else {
			children = append(children, step.who())
		}
		if step.Wakes {
			wakes = append(wakes, fmt.Sprint(step.Process.PID))
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "I would send SIGTERM to %s", inSentence(named))
	if len(wakes) > 0 {
		fmt.Fprintf(&text, " (and SIGCONT to %s, stopped as by Ctrl-Z: it could not end)", inSentence(wakes))
	}
	fmt.Fprintf(&text, ", wait up to %s, and use SIGKILL only on what is still there.", seconds(p.Grace))
	if len(children) > 0 {
		fmt.Fprintf(&text, " What was started by it ends with it: %s; if it does not, it gets the same.", inSentence(children))
	}
	return text.String()
}
