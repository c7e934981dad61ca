package watch

import (
	"context"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/shutdown"
	"github.com/gindoctor/gindoctor/target/tomldoc"
)

// DelayUnit finds a kill_delay that means another time than it seems to, or does not fit what the server needs.
var DelayUnit = checks.Check{
	ID:       "watch/delay-unit",
	Title:    "the time that the watcher gives the server to end is not what it looks like, or does not fit",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"port/taken", "run/two-servers"},
	Run:      delayUnit,
}

func delayUnit(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		e, ok := a.inBuild("kill_delay")
		if !ok || !a.Version.AtLeast("v1.12.1") || !a.Build.SendInterrupt || len(a.Overridden) > 0 || goos == "windows" {
			return nil // without send_interrupt it has no effect: watch/hard-kill
		}
		fact, err := t.Shutdown(ctx, a.AirSetup)
		if err != nil {
			return err
		}
		if f, ok := judgeDelay(a, e, fact); ok {
			a.report(f)
		}
		return nil
	})
}

func judgeDelay(a *airFile, e tomldoc.Entry, fact *shutdown.Fact) (checks.Finding, bool) {
	delay, raw := a.Build.KillDelay.Duration(a.Version), a.Raw(e.Value.Span)
	f := checks.Finding{Location: a.at(e.Value.Span), Key: "kill_delay"}
	if fact != nil {
		if fact.Graceful() {
			f.Evidence = shutdownEvidence(fact)
		}
	}
	switch seems := time.Duration(a.Build.KillDelay.Number) * time.Millisecond; {
	case delay > 5*time.Second && a.Version.AtLeast("v1.61.6"):
		tooLong(&f, raw, fact)
	case a.Build.KillDelay.Bare && a.Build.KillDelay.Number > 0 && delay < seems:
		f.Severity = checks.Warning
		f.Message = checks.Msg("kill_delay = %s means %s to air %s, not %s", raw, delay, a.Version, seems)
		f.Why = checks.Msg("The server is killed before its shutdown is over.")
		if !a.Version.AtLeast("v1.50.0") && fact != nil && fact.Graceful() && fact.Interrupt {
			f.Severity = checks.Error // some nanoseconds: nothing
		}
	case a.Build.KillDelay.Bare && a.Build.KillDelay.Number > 0:
		f.Message = checks.Msg("kill_delay = %s has no unit: it means %s to air %s, and another time to other releases", raw, delay, a.Version)
		f.Why = checks.Msg("Up to 1.30 it counts milliseconds, in 1.40 to 1.49 nanoseconds, which is nothing, and milliseconds again from 1.50 on.")
	case a.Version.AtLeast("v1.40.0") || a.Build.KillDelay.Text == 0:
		if fact == nil || !fact.Graceful() || !fact.Interrupt || delay == 0 || delay >= min(fact.Deadline, longest) {
			return f, false
		}
		f.Message = checks.Msg("kill_delay is %s, but the server's own shutdown may take %s", raw, fact.Deadline)
		f.Why = checks.Msg("air kills the server while it still serves its last requests.")
	default: // before 1.40 a duration is multiplied by a million once more
		f.Message = checks.Msg("kill_delay = %s: air %s wants a plain number of milliseconds", raw, a.Version)
		f.Why = checks.Msg("It multiplies the duration by a million; what comes out is any time at all.")
		ms := a.Build.KillDelay.Text.Milliseconds()
		f.Help = checks.Msg("write kill_delay = %d", ms)
		return f, true
	}
	to := fitting(a, fact)
	if a.Build.KillDelay.Bare && fact == nil || fact != nil && fact.Deadline == 0 {
		if seems := time.Duration(a.Build.KillDelay.Number) * time.Millisecond; a.Build.KillDelay.Bare && seems > 0 && seems <= longest {
			to = seems
		}
	}
	if !a.Version.AtLeast("v1.40.0") {
		return f, a.Build.KillDelay.Bare && delay > 5*time.Second
	}
	f.Help = checks.Msg("write kill_delay = %s", quoted(to.String()))
	f.Fix = mend("write kill_delay = "+quoted(to.String()), plan.Safe, a.replace(e.Value.Span, quoted(to.String())))
	return f, true
}

// tooLong: from 1.61.6 on air waits 5 s for the old server and then starts the new one beside it (runner/engine.go, stopBin). A
// server that calls Shutdown at once has let go of its port by then.
func tooLong(f *checks.Finding, raw string, fact *shutdown.Fact) {
	f.Message = checks.Msg("kill_delay = %s is above 5s: after 5s air starts the new server beside the old one", raw)
	f.Why = checks.Msg("A server that still holds its port then makes the new one fail: address already in use.")
	if fact != nil && (fact.Interrupt && fact.Calls.File == "" || fact.Pause >= 5*time.Second) {
		f.Severity = checks.Error
	}
}
