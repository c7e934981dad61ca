package fixes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// Outcome is what became of a process that was to be stopped.
type Outcome string

// The outcomes. All but Stays leave the port without that process.
const (
	Ended      Outcome = "ended"    // on SIGTERM
	Killed     Outcome = "killed"   // only on SIGKILL
	GoneBefore Outcome = "gone"     // before anything was sent to it: by itself, or with the one stopped before it
	Released   Outcome = "released" // it lives, and has let go of the port
	Stays      Outcome = "stays"    // still there after SIGKILL
)

// Done is one step carried out.
type Done struct {
	Step    Step
	Outcome Outcome
	Sent    []host.Signal
	Elapsed time.Duration
	State   string // of a process that stays, as the kernel has it
}

// ErrChanged says that the processes are no longer those that were judged, so that nothing (more) was sent.
var ErrChanged = errors.New("the processes have changed since they were looked at; nothing more was stopped")

const (
	// killWait is how long the kernel gets to end a process on SIGKILL. It does so at once, except in an uninterruptible wait.
	killWait = 3 * time.Second
	// settle is how long a holder gets to end on what its manager sent it, before it gets a signal of ours: a second SIGTERM
	// cuts the shutdown of many a Go server short (signal.NotifyContext restores the default after the first).
	settle = 2 * time.Second
)

// execution is one run of steps.
type execution struct {
	host  host.Host
	clock Clock
	steps []Step
	grace time.Duration
	port  int                 // that the holders among the steps hold
	pins  map[int]host.Pinned // nil for a process that had ended before
	tell  func(Done)
	// others makes sure that nobody has come who was not there when the steps were judged; nil where nobody could.
	others func(ctx context.Context) error
}

// Execute stops the processes of a plan. Each is pinned first, then looked at again, and only then signalled: what got the
// pid of an ended process in between can never be hit. tell hears of each process as soon as its fate is known.
//
// The error is ErrChanged, that of the context, or one of the system; what was done until then is returned with it.
func Execute(ctx context.Context, h host.Host, clock Clock, plan PortPlan, tell func(Done)) ([]Done, error) {
	x := &execution{host: h, clock: clock, steps: plan.Steps, grace: plan.Grace, port: plan.Port, tell: tell}
	x.others = func(ctx context.Context) error { return x.newcomers(ctx, slices.Concat(plan.InTheWay, plan.Aside)) }
	return x.run(ctx, RoleManager, RoleHolder, RoleShell)
}

// run stops the processes of one role after those of the other.
func (x *execution) run(ctx context.Context, roles ...Role) ([]Done, error) {
	x.pins = map[int]host.Pinned{}
	defer x.letGo()
	if err := x.pin(); err != nil {
		return nil, err
	}
	if err := x.unchanged(ctx); err != nil {
		return nil, err
	}
	var done []Done
	for _, role := range roles {
		part, err := x.stopAll(ctx, role)
		done = append(done, part...)
		if err != nil {
			return done, err
		}
		if slices.ContainsFunc(part, func(d Done) bool { return d.Outcome == Stays }) {
			return done, nil // what it runs would come back, what it holds stays held
		}
	}
	return done, nil
}

func (x *execution) pin() error {
	for _, s := range x.steps {
		pinned, err := x.host.Pin(s.Process.PID)
		if err != nil && !errors.Is(err, host.ErrGone) {
			return fmt.Errorf("holding on to %s: %w", s.who(), err)
		}
		if err == nil {
			x.pins[s.Process.PID] = pinned
		}
	}
	return nil
}

func (x *execution) letGo() {
	for _, p := range x.pins {
		p.Close()
	}
}

// unchanged makes sure, before anything is sent, that every process is still the one judged and that nobody else has come
// in the meantime: a person may have thought about the question for an hour.
func (x *execution) unchanged(ctx context.Context) error {
	for _, s := range x.steps {
		if _, err := x.look(ctx, s); err != nil {
			return err
		}
	}
	if x.others == nil {
		return nil
	}
	return x.others(ctx)
}

// newcomers makes sure that all who are at the port now were there when it was judged.
func (x *execution) newcomers(ctx context.Context, judged []server.Holder) error {
	known := map[int]bool{}
	for _, h := range judged {
		known[h.Process.PID] = true
	}
	sockets, err := x.host.Listeners(ctx, x.port)
	if err != nil {
		return fmt.Errorf("looking at port %d again: %w", x.port, err)
	}
	for _, l := range sockets.On(x.port) {
		for _, pid := range l.Holders {
			if !known[pid] {
				return fmt.Errorf("%w: pid %d has come to port %d", ErrChanged, pid, x.port)
			}
		}
	}
	return nil
}

// look tells what a process is up to: GoneBefore, Released, or "" when it is as it was planned. That another process has its pid
// now, or that it runs another program, is ErrChanged.
func (x *execution) look(ctx context.Context, s Step) (Outcome, error) {
	if x.pins[s.Process.PID] == nil {
		return GoneBefore, nil
	}
	now, err := x.host.Process(ctx, s.Process.PID)
	switch {
	case errors.Is(err, host.ErrGone):
		return GoneBefore, nil
	case err != nil:
		return "", fmt.Errorf("looking at %s again: %w", s.who(), err)
	case !now.Same(s.Process):
		return "", fmt.Errorf("%w: pid %d is another process now, the one that was judged has ended", ErrChanged, now.PID)
	case now.State == "Z" || now.State == "X":
		return GoneBefore, nil // it holds nothing any more; only its parent has yet to hear of it
	case now.ExeID != s.Process.ExeID && now.ExeID != host.FileID{} && s.Process.ExeID != host.FileID{}:
		return "", fmt.Errorf("%w: pid %d runs another program now (%s)", ErrChanged, now.PID, printable(now.Exe))
	}
	if s.Role != RoleHolder {
		return "", nil
	}
	return x.holds(ctx, s)
}

// holds tells whether a process still holds one of the sockets it was judged by; Released when it does not.
func (x *execution) holds(ctx context.Context, s Step) (Outcome, error) {
	sockets, err := x.host.Listeners(ctx, x.port)
	if err != nil {
		return "", fmt.Errorf("looking at port %d again: %w", x.port, err)
	}
	for _, l := range sockets.On(x.port) {
		same := func(was host.Listener) bool { return was.Inode == l.Inode && was.Addr == l.Addr }
		if slices.Contains(l.Holders, s.Process.PID) && slices.ContainsFunc(s.Sockets, same) {
			return "", nil
		}
	}
	return Released, nil
}

// stopping is a process that has been asked to end.
type stopping struct {
	Done
	began time.Time
}

// stopAll stops the processes of one role together: all get SIGTERM, all have the same time, and what is left gets SIGKILL.
func (x *execution) stopAll(ctx context.Context, role Role) ([]Done, error) {
	var done []Done
	finish := func(s *stopping, o Outcome) {
		s.Outcome, s.Elapsed = o, x.clock.Now().Sub(s.began)
		done = append(done, s.Done)
		x.tell(s.Done)
	}
	var asked []*stopping
	for _, step := range x.steps {
		if step.Role != role {
			continue
		}
		s := &stopping{Done: Done{Step: step}, began: x.clock.Now()}
		outcome, err := x.ask(ctx, s)
		if err != nil {
			return done, err
		}
		if outcome != "" {
			finish(s, outcome)
			continue
		}
		asked = append(asked, s)
	}
	grace, cancel := x.clock.WithTimeout(ctx, x.grace)
	defer cancel()
	for _, s := range asked {
		outcome, err := x.await(ctx, grace, s)
		if err != nil {
			return done, err
		}
		finish(s, outcome)
	}
	return done, nil
}

// ask sends SIGTERM, after one more look. An outcome other than "" says that there was nothing to send it to.
func (x *execution) ask(ctx context.Context, s *stopping) (Outcome, error) {
	pid := s.Step.Process.PID
	if s.Step.TakenAlong && x.pins[pid] != nil {
		if x.endsWithin(ctx, pid, min(settle, x.grace)) {
			return GoneBefore, nil
		}
		s.began = x.clock.Now()
	}
	if outcome, err := x.look(ctx, s.Step); outcome != "" || err != nil {
		return outcome, err
	}
	signals := []host.Signal{host.Terminate}
	if s.Step.Wakes {
		signals = append(signals, host.Continue)
	}
	for _, sig := range signals {
		err := x.pins[pid].Signal(sig)
		if errors.Is(err, host.ErrGone) {
			if len(s.Sent) > 0 {
				return Ended, nil
			}
			return GoneBefore, nil
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.Step.who(), err)
		}
		s.Sent = append(s.Sent, sig)
	}
	return "", nil
}

// await waits for a process to end on SIGTERM until the grace time is over, and then ends it with SIGKILL, if it is still
// the same and still holds the port.
func (x *execution) await(ctx, grace context.Context, s *stopping) (Outcome, error) {
	pid := s.Step.Process.PID
	switch err := x.pins[pid].Wait(grace); {
	case err == nil:
		return Ended, nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case grace.Err() == nil: // not the time that is over but the waiting that failed: no reason for SIGKILL
		return "", fmt.Errorf("waiting for %s: %w", s.Step.who(), err)
	}
	switch outcome, err := x.look(ctx, s.Step); {
	case err != nil:
		return "", err
	case outcome == GoneBefore:
		return Ended, nil
	case outcome != "":
		return outcome, nil // it answers its last requests and is in nobody's way
	}
	if err := x.pins[pid].Signal(host.Kill); errors.Is(err, host.ErrGone) {
		return Ended, nil
	} else if err != nil {
		return "", fmt.Errorf("%s: %w", s.Step.who(), err)
	}
	s.Sent = append(s.Sent, host.Kill)
	if x.endsWithin(ctx, pid, killWait) {
		return Killed, nil
	}
	if now, err := x.host.Process(ctx, pid); err == nil {
		s.State = now.State
	}
	return Stays, ctx.Err()
}

func (x *execution) endsWithin(ctx context.Context, pid int, d time.Duration) bool {
	limited, cancel := x.clock.WithTimeout(ctx, d)
	defer cancel()
	return x.pins[pid].Wait(limited) == nil
}
