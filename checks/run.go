package checks

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/target"
)

// Status is how a check ended.
type Status string

// The four states of design.md section 5.
const (
	Passed  Status = "passed"  // looked, nothing found
	Found   Status = "found"   // findings, also when part of the input could not be read
	Skipped Status = "skipped" // the question does not arise
	Unknown Status = "unknown" // it arises and looking failed
)

// Outcome is what became of one check.
type Outcome struct {
	Check    *Check
	Status   Status
	Reason   Message // of skipped and unknown; of found where part could not be looked at
	Findings []Finding
	Duration time.Duration
	Broken   bool   // it crashed or ran out of time: a fault of ours, not of the target
	Stack    string // of a crash; shown with -v only
}

// LeftOut tells whether a flag (--fast) kept the question from being asked.
func (o *Outcome) LeftOut() bool {
	return o.Status == Skipped && o.Reason.String() == target.ErrFast.Error()
}

// RunOptions bound a run.
type RunOptions struct {
	Timeout  time.Duration // for the whole run; 0 means none
	Workers  int           // checks at once; 0 means one per processor and a few more, since some wait for processes
	OnFinish func(Outcome) // called as checks end, in any order, never concurrently; nil means nobody listens
}

// Run asks every check about the target, concurrently, and returns the outcomes in the order of the checks. A check that
// crashes, fails or does not end in time is unknown with the reason; the others go on.
func Run(ctx context.Context, t *target.Target, selected []*Check, opts RunOptions) []Outcome {
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Timeout)
		defer cancel()
	}
	workers := opts.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0) + 4
	}
	outcomes := make([]Outcome, len(selected))
	var (
		wg     sync.WaitGroup
		notify sync.Mutex
		slots  = make(chan struct{}, workers)
	)
	for i, c := range selected {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			outcomes[i] = runOne(ctx, t, c)
			if opts.OnFinish != nil {
				notify.Lock()
				defer notify.Unlock()
				opts.OnFinish(outcomes[i])
			}
		})
	}
	wg.Wait()
	return outcomes
}

// runOne runs a check in a goroutine of its own, so that one that ignores its context cannot hold up the report.
func runOne(ctx context.Context, t *target.Target, c *Check) Outcome {
	started := time.Now()
	done := make(chan Outcome, 1)
	go func() { done <- ask(ctx, t, c) }()
	var o Outcome
	select {
	case o = <-done:
	case <-ctx.Done():
		select { // prefer an answer that arrived at the same moment
		case o = <-done:
		case <-time.After(grace):
			o = Outcome{Check: c, Status: Unknown, Broken: true, Reason: timeoutReason(ctx)}
		}
	}
	o.Duration = time.Since(started)
	return o
}

// grace is how long a check may take to notice that its time is over before its answer is given up.
const grace = 200 * time.Millisecond

func timeoutReason(ctx context.Context) Message {
	if errors.Is(ctx.Err(), context.Canceled) {
		return Msg("interrupted before it had an answer")
	}
	return Msg("no answer within the time limit (--timeout)")
}

func ask(ctx context.Context, t *target.Target, c *Check) (o Outcome) {
	o = Outcome{Check: c}
	var mu sync.Mutex
	report := func(f Finding) {
		mu.Lock()
		defer mu.Unlock()
		o.Findings = append(o.Findings, c.Complete(f))
	}
	defer func() {
		if p := recover(); p != nil {
			o.Status, o.Broken = Unknown, true
			o.Reason = Msg("the check crashed: %v", p)
			o.Stack = string(debug.Stack())
			o.Findings = nil
		}
	}()
	if err := c.Needs.met(ctx, t); err != nil {
		return conclude(ctx, o, err)
	}
	return conclude(ctx, o, c.Run(ctx, t, report))
}

func conclude(ctx context.Context, o Outcome, err error) Outcome {
	var notAsked *NotAsked
	switch {
	case errors.As(err, &notAsked):
		o.Status, o.Reason = Skipped, notAsked.Reason
	case errors.Is(err, target.ErrFast): // switched off by a flag
		o.Status, o.Reason = Skipped, Msg("%s", target.ErrFast)
	case err != nil && ctx.Err() != nil:
		o.Status, o.Broken, o.Reason = Unknown, true, timeoutReason(ctx)
	case err != nil:
		o.Status, o.Reason = Unknown, Msg("%s", err)
	default:
		o.Status = Passed
	}
	if len(o.Findings) > 0 {
		o.Status = Found
	}
	return o
}

// Complete fills in what the declaration says, and holds the rule that an error is certain.
func (c *Check) Complete(f Finding) Finding {
	f.Check = c.ID
	if f.Stage == "" {
		f.Stage = c.Stage
	}
	if f.Severity == 0 {
		f.Severity = c.Severity
	}
	f.Fix = f.Fix.Of(c.ID)
	if f.Severity == Error && f.Confidence != Certain {
		panic(fmt.Sprintf("an error that is only %s: %s", f.Confidence, f.Message))
	}
	return f
}

// Select returns the checks of a profile, narrowed by globs of ids: only names checks whatever their profile, skip takes
// some away. A glob that names nothing is an error.
func Select(all []*Check, profile Profile, only, skip []string) ([]*Check, error) {
	for _, glob := range slices.Concat(only, skip) {
		if err := Known(all, glob); err != nil {
			return nil, err
		}
	}
	var out []*Check
	for _, c := range all {
		wanted := c.Profiles&profile != 0
		if len(only) > 0 {
			wanted = MatchAny(only, c.ID)
		}
		if wanted && !MatchAny(skip, c.ID) {
			out = append(out, c)
		}
	}
	return out, nil
}
