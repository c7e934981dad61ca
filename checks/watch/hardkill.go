package watch

import (
	"context"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/shutdown"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// HardKill finds a watcher that kills a server which could end in order.
var HardKill = checks.Check{
	ID:       "watch/hard-kill",
	Title:    "the watcher kills the server before it can shut down",
	Stage:    checks.Stop,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      hardKill,
}

func hardKill(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if goos == "windows" {
		return checks.Skip("there are no signals on Windows")
	}
	return alike(ctx, t, report, func() error { return airHardKill(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			if r.Run == nil || !r.Restarts || r.Stop.Signal == "" || isUserSignal(r.Stop.Signal) { // those end nothing: watch/shell-wrapper
				continue
			}
			fact, err := t.WatchShutdown(ctx, s.Watch, r)
			if err != nil {
				return err
			}
			if fact == nil || !fact.Graceful() {
				continue
			}
			if f, ok := endsHard(s, r, fact); ok {
				s.report(f)
			}
		}
		return nil
	})
}

// endsHard tells of a tool that ends a server which could end in order by a signal that it does not catch, or too soon.
func endsHard(s *setup, r *watcher.Reaction, fact *shutdown.Fact) (checks.Finding, bool) {
	tool, stop := s.Tool.Name, r.Stop
	f := checks.Finding{
		Why:      checks.Msg("Requests under way are cut off at each reload, and what shutdown would close or flush is not."),
		Evidence: shutdownEvidence(fact),
		Location: s.near(stop.Wish, r.Place),
		Key:      "kill",
	}
	if stop.Wish.File != "" {
		f.Severity = checks.Warning
	}
	wait := longest
	if fact.Deadline > 0 {
		wait = fact.Deadline
	}
	switch caught := map[string]bool{"SIGINT": fact.Interrupt, "SIGTERM": fact.Terminate}; {
	case stop.Signal == "SIGKILL":
		f.Message = checks.Msg("%s kills the server at once (SIGKILL); its shutdown code never runs", tool)
		f.Help = checks.Msg("let %s send SIGTERM first, where it can", tool)
	case !caught[stop.Signal]:
		f.Key = "signal"
		f.Message = checks.Msg("%s ends the server by %s, which it does not catch; its shutdown code never runs", tool, stop.Signal)
		f.Help = checks.Msg("catch it, or let %s send one that is caught", tool)
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d catches the signal", fact.Caught.File, fact.Caught.Line))
	case stop.Kill > 0 && fact.Deadline > stop.Kill:
		f.Key = "timeout"
		f.Message = checks.Msg("%s kills the server %s after %s; its shutdown may take %s", tool, stop.Kill, stop.Signal, fact.Deadline)
		f.Help = checks.Msg("give it more time, or let the shutdown take less")
	default:
		return f, false
	}
	if stop.Gently != nil {
		changes := stop.Gently(wait)
		if text := said(changes); text != "" {
			f.Help = checks.Msg("%s, and %s", text, s.restart())
			f.Fix = s.plan("let the server end in order", plan.Safe, changes)
		}
	}
	return f, true
}

func airHardKill(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		fact, err := t.Shutdown(ctx, a.AirSetup)
		if err != nil {
			return err
		}
		delay := a.Build.KillDelay.Duration(a.Version)
		switch {
		case fact == nil:
		case !fact.Graceful():
			if !a.Build.SendInterrupt && delay > 0 {
				a.report(idleDelay(a))
			}
		case !a.Build.SendInterrupt:
			a.report(killed(a, fact))
		case !fact.Interrupt:
			a.report(otherSignal(a, fact))
		case delay == 0 && !barelyWrong(a):
			a.report(noTime(a, fact))
		}
		return nil
	})
}

// barelyWrong tells whether a bare number is there, of which another release would make a delay: watch/delay-unit says so.
func barelyWrong(a *airFile) bool { return a.Build.KillDelay.Bare && a.Build.KillDelay.Number > 0 }

// wished is where the configuration shows that the server is to end in order; false where nothing does.
func wished(a *airFile) (*checks.Location, bool) {
	if a.Doc == nil {
		return nil, false
	}
	for _, h := range a.Doc.Tables {
		if slices.Contains([]string{"kill", "build.kill", "signal"}, joinPath(h.Path)) {
			return a.at(h.Name), true
		}
	}
	if e, ok := a.Doc.Find("build", "kill_delay"); ok && (a.Build.KillDelay.Number > 0 || a.Build.KillDelay.Text > 0) {
		return a.at(e.Whole), true
	}
	if e, ok := a.Doc.Find("build", "send_interrupt"); ok && a.Build.SendInterrupt {
		return a.at(e.Whole), true
	}
	return nil, false
}

func joinPath(path []string) string {
	name := ""
	for i, p := range path {
		if i > 0 {
			name += "."
		}
		name += p
	}
	return name
}

func shutdownEvidence(fact *shutdown.Fact) []checks.Message {
	out := []checks.Message{checks.Msg("%s:%d shuts the server down in order", fact.Calls.File, fact.Calls.Line)}
	if fact.Deadline > 0 {
		out = append(out, checks.Msg("%s:%d gives it %s", fact.DeadlineAt.File, fact.DeadlineAt.Line, fact.Deadline))
	}
	return out
}

func killed(a *airFile, fact *shutdown.Fact) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("air kills the server at once (SIGKILL); its shutdown code never runs"),
		Why:      checks.Msg("Requests under way are cut off at each reload, and what shutdown would close or flush is not."),
		Help:     checks.Msg("write send_interrupt = true and kill_delay = %s under [build]", quoted(fitting(a, fact).String())),
		Evidence: shutdownEvidence(fact),
		Location: a.near("send_interrupt"),
		Key:      "send_interrupt",
	}
	if at, ok := wished(a); ok {
		f.Severity, f.Location = checks.Warning, at
	}
	if e, ok := a.inBuild("kill_delay"); ok && a.Build.KillDelay.Duration(a.Version) > 0 {
		f.Message = checks.Msg("kill_delay = %s has no effect without send_interrupt: air kills the server at once (SIGKILL)", a.Raw(e.Value.Span))
	}
	switch {
	case killSection(a): // watch/unknown-key writes what the section means
		f.Help = checks.Msg("gindoctor fix --unsafe --only watch/unknown-key")
	case a.Doc != nil && len(a.Overridden) == 0:
		f.Fix = patient(a, fact)
	}
	return f
}

// killSection tells whether a section that air does not know says how the server is to be ended.
func killSection(a *airFile) bool {
	at, ok := wished(a)
	return ok && slices.ContainsFunc(a.Doc.Tables, func(h tomldoc.Table) bool { return *a.at(h.Name) == *at })
}

// inBuild is an entry of [build], where there is a file.
func (a *airFile) inBuild(key string) (tomldoc.Entry, bool) {
	if a.Doc == nil {
		return tomldoc.Entry{}, false
	}
	return a.Doc.Find("build", key)
}

func otherSignal(a *airFile, fact *shutdown.Fact) checks.Finding {
	return checks.Finding{
		Severity: checks.Warning,
		Message:  checks.Msg("air sends SIGINT, but the server catches SIGTERM only; its shutdown code never runs"),
		Why:      checks.Msg("SIGINT ends the server at once; requests under way are cut off at each reload."),
		Help:     checks.Msg("catch both: signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)"),
		Evidence: append(shutdownEvidence(fact), checks.Msg("%s:%d catches the signal", fact.Caught.File, fact.Caught.Line)),
		Location: a.near("send_interrupt"),
		Key:      "signal",
	}
}

func noTime(a *airFile, fact *shutdown.Fact) checks.Finding {
	f := checks.Finding{
		Severity: checks.Warning,
		Message:  checks.Msg("send_interrupt is true, but kill_delay is 0: air kills the server right after the interrupt"),
		Why:      checks.Msg("The shutdown code begins and is cut off at each reload."),
		Help:     checks.Msg("write kill_delay = %s under [build]", quoted(fitting(a, fact).String())),
		Evidence: shutdownEvidence(fact),
		Location: a.near("send_interrupt"),
		Key:      "kill_delay",
	}
	if a.Doc != nil && len(a.Overridden) == 0 {
		f.Fix = patient(a, fact)
	}
	return f
}

func idleDelay(a *airFile) checks.Finding {
	return checks.Finding{
		Message:  checks.Msg("kill_delay has no effect without send_interrupt: air kills the server at once"),
		Why:      checks.Msg("The server catches no signal, so nothing is lost; the line does nothing."),
		Help:     checks.Msg("take kill_delay out, or let the server shut down in order and write send_interrupt = true"),
		Location: a.near("kill_delay"),
		Key:      "idle kill_delay",
	}
}

// longest is what air can be told to wait: after 5 s it starts the new server all the same (runner/engine.go, stopBin).
const longest = 4 * time.Second

// fitting is the delay that fits a shutdown: its own deadline, as far as air waits. Where that is not known: until 1.63.5 air
// sleeps the whole delay at each reload, so it is kept short there.
func fitting(a *airFile, fact *shutdown.Fact) time.Duration {
	switch {
	case fact != nil && fact.Deadline > 0:
		return min(max(fact.Deadline, 100*time.Millisecond), longest)
	case a.Version.AtLeast("v1.63.6"):
		return longest
	}
	return time.Second
}

// patient lets the server end in order.
func patient(a *airFile, fact *shutdown.Fact) *plan.Plan {
	var steps []plan.Step
	if !a.Build.SendInterrupt {
		steps = append(steps, a.put("build", "send_interrupt", "true"))
	}
	if d := a.Build.KillDelay.Duration(a.Version); d < fitting(a, fact) || d > longest {
		steps = append(steps, a.put("build", "kill_delay", quoted(fitting(a, fact).String())))
	}
	return mend("let the server end in order", plan.Safe, steps...)
}
