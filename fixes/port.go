package fixes

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// PortOptions is all that freeing a port needs to know.
type PortOptions struct {
	Port   int
	Dir    string        // the folder as the user gave it; "" for the current one
	Yes    bool          // do it without a question, where it is evidently a leftover of this project
	Force  bool          // also what is not evidently one
	DryRun bool          // show the plan and end there
	Grace  time.Duration // between SIGTERM and SIGKILL
	JSON   bool          // print one PortReport instead of the screen; nothing is asked then

	Host   host.Host
	Scope  server.Scope // the project we stand in; its zero value outside any
	Wanted []string     // the addresses that the app will bind on this port, where known
	// Look tells who holds the port; nil asks the host, with the scope.
	Look Inspector
	// Recheck runs the checks about this port again, once it is free, and gives what they still find, a line each.
	Recheck func(ctx context.Context) ([]string, error)
	Clock   Clock // nil is the real one

	In       io.Reader
	Out      io.Writer
	Terminal bool // a person reads Out and can answer on In
	Style    Style
}

// Validate finds what is wrong with the options as a user gave them.
func (o PortOptions) Validate() error {
	switch {
	case o.Port < 1 || o.Port > 65535:
		return fmt.Errorf("--port: %d is no port (1 to 65535)", o.Port)
	case o.Grace < 0:
		return fmt.Errorf("--grace: %s is no time to wait", o.Grace)
	}
	return nil
}

// FreePort says who holds a port and what it would do, does it where it may, and proves that the port is free. It prints as
// it goes; the report it returns holds the same, with the exit code.
func FreePort(ctx context.Context, o PortOptions) (*PortReport, error) {
	if o.Clock == nil {
		o.Clock = wallClock{}
	}
	if o.Look == nil {
		o.Look = InspectorFunc(func(ctx context.Context, port int) ([]server.Holder, error) {
			return server.Holders(ctx, o.Host, o.Scope, port)
		})
	}
	out := o.Out
	if o.JSON {
		out, o.Terminal = io.Discard, false
	}
	f := &freeing{PortOptions: o, report: newPortReport(o.Port)}
	f.screen = portScreen{out: out, style: o.Style, roots: o.Scope.Roots, now: o.Clock.Now()}
	result, reason := f.run(ctx)
	f.report.Result, f.report.Reason, f.report.ExitCode = result, reason, result.ExitCode()
	if o.JSON {
		return f.report, f.report.write(o.Out)
	}
	return f.report, nil
}

// freeing is one run.
type freeing struct {
	PortOptions
	screen portScreen
	report *PortReport
}

func (f *freeing) run(ctx context.Context) (Result, string) {
	plan, err := f.plan(ctx)
	if err != nil {
		return f.fail(fmt.Errorf("it cannot be seen who holds port %d: %w", f.Port, err))
	}
	f.report.setPlan(plan)
	if len(plan.InTheWay) == 0 {
		return f.nobody(ctx, plan)
	}
	f.screen.holders(plan)
	if len(plan.Steps) > 0 && (f.DryRun || len(plan.Refusals) == 0) {
		f.screen.plan(plan)
	}
	switch {
	case f.DryRun:
		return f.dryRun(plan)
	case len(plan.Refusals) > 0:
		f.screen.refusals(plan, false)
		return Refused, refusalReason(plan)
	}
	if plan.Ask {
		yes, err := f.ask(ctx)
		if err != nil {
			return f.fail(err)
		}
		if !yes {
			f.screen.printf("Nothing was stopped.\n")
			return Refused, "the answer was no"
		}
		f.screen.printf("\n")
	}
	return f.carryOut(ctx, plan)
}

// plan looks who holds the port and decides.
func (f *freeing) plan(ctx context.Context) (PortPlan, error) {
	table, err := f.Host.Processes(ctx)
	if err != nil {
		return PortPlan{}, err
	}
	holders, err := f.Look.Holders(ctx, f.Port)
	if err != nil {
		return PortPlan{}, err
	}
	return PlanPort(holders, PlanOptions{
		Port: f.Port, Dir: f.Dir, Grace: f.Grace, Yes: f.Yes, Force: f.Force, Terminal: f.Terminal,
		Project: len(f.Scope.Roots) > 0 && len(f.Scope.Modules) > 0, UID: f.Host.UID(), Self: f.Host.Self(),
		Ancestors: table.Ancestors(table.ByPID[f.Host.Self()]), Wanted: f.Wanted,
	}), nil
}

// nobody ends a run on a port that nobody listens on. That it can be bound is tried all the same: an outgoing connection can
// occupy the number, and that is not to be passed over as fine.
func (f *freeing) nobody(ctx context.Context, plan PortPlan) (Result, string) {
	for _, address := range plan.Addresses {
		err := f.Host.Bind(ctx, address)
		if err != nil && len(plan.Aside) == 0 && !cannotTry(err) {
			return f.fail(fmt.Errorf("nobody is seen to listen on port %d, yet it cannot be bound: %w", f.Port, err))
		}
	}
	reason := fmt.Sprintf("nobody listens on port %d", f.Port)
	if len(plan.Aside) > 0 {
		reason = fmt.Sprintf("nobody listens on port %d where the app wants it (%s)", f.Port, inSentence(f.Wanted))
	}
	f.screen.printf("%s. There is nothing to stop.\n", strings.ToUpper(reason[:1])+reason[1:])
	return Nothing, reason
}

func (f *freeing) dryRun(plan PortPlan) (Result, string) {
	if len(plan.Refusals) > 0 {
		f.screen.refusals(plan, true)
		return DryRun, refusalReason(plan)
	}
	f.screen.printf("Nothing was stopped: this was a dry run.\n")
	return DryRun, ""
}

// ask puts the question and reads a line. Whatever is not a yes is a no.
func (f *freeing) ask(ctx context.Context) (bool, error) {
	f.screen.printf("Go ahead? [y/N] ")
	answer := make(chan string, 1)
	go func() { // a read from a terminal cannot be called off; it ends with the program
		line, _ := bufio.NewReader(f.In).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		f.screen.printf("\n")
		return false, errors.New("interrupted; nothing was stopped")
	case line := <-answer:
		return line == "y" || line == "yes", nil
	}
}

func (f *freeing) carryOut(ctx context.Context, plan PortPlan) (Result, string) {
	done, err := Execute(ctx, f.Host, f.Clock, plan, f.screen.done)
	f.report.setDone(done)
	if err != nil {
		return f.fail(executionError(err, done))
	}
	if i := slices.IndexFunc(done, func(d Done) bool { return d.Outcome == Stays }); i >= 0 {
		return Failed, "pid " + strconv.Itoa(done[i].Step.Process.PID) + " is still there after SIGKILL"
	}
	proof, err := prove(ctx, f.Host, f.Look, f.Clock, plan)
	if err != nil {
		return f.fail(executionError(err, done))
	}
	f.report.setProof(plan, proof)
	f.screen.proof(plan, proof)
	if !proof.Free && proof.Again == nil {
		f.adviseTaken(proof)
		return Failed, proofSentence(plan, proof)
	}
	return f.recheck(ctx, proofSentence(plan, proof))
}

// adviseTaken gives the next command when the port is held again.
func (f *freeing) adviseTaken(p Proof) {
	for _, h := range p.Taken {
		if h.Manager.StopCommand != "" {
			f.screen.command("To stop it where it is managed:", h.Manager.StopCommand)
			return
		}
	}
	if len(p.Taken) > 0 {
		f.screen.command("To look at it:", command(PlanOptions{Port: f.Port, Dir: f.Dir}, "--dry-run"))
	}
}

// recheck runs the checks about the port again: a fix is done when its finding is gone.
func (f *freeing) recheck(ctx context.Context, freed string) (Result, string) {
	if f.Recheck == nil {
		return Freed, freed
	}
	still, err := f.Recheck(ctx)
	if err != nil {
		return f.fail(fmt.Errorf("the port is free, but the checks could not be run again: %w", err))
	}
	f.report.StillFound = still
	for _, line := range still {
		f.screen.result(false, "still found: "+line)
	}
	if len(still) > 0 {
		return Failed, "still found: " + strings.Join(still, "; ")
	}
	return Freed, freed
}

// fail shows an error as the last word.
func (f *freeing) fail(err error) (Result, string) {
	f.screen.result(false, printable(err.Error()))
	return Failed, err.Error()
}

// executionError adds to an error what had been done when it came.
func executionError(err error, done []Done) error {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if errors.Is(err, ErrChanged) {
		err = fmt.Errorf("%w; run this again to see who is there now", err)
	}
	var stopped []string
	for _, d := range done {
		if len(d.Sent) > 0 && d.Outcome != Stays {
			stopped = append(stopped, strconv.Itoa(d.Step.Process.PID))
		}
	}
	if len(stopped) == 0 {
		return err
	}
	return fmt.Errorf("%w (stopped until then: %s)", err, strings.Join(stopped, ", "))
}

func refusalReason(plan PortPlan) string {
	var reasons []string
	for _, r := range plan.Refusals {
		reasons = append(reasons, r.Reason)
	}
	return strings.Join(reasons, " ")
}
