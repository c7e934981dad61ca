package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Debugger finds a debugger between the watcher and the server that keeps the server from starting.
var Debugger = checks.Check{
	ID:       "watch/debugger",
	Title:    "the debugger keeps the server from starting, or is not there",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Run:      debugger,
}

func debugger(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return airDebugger(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			if r.Run == nil {
				continue
			}
			if f, ok := judgeDebugger(t, s.Tool.Name, r.Run.Debugger()); ok {
				f.Location = s.near(r.Run.Place, r.Place)
				s.report(f)
			}
		}
		return nil
	})
}

func airDebugger(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		key, d := debuggerCall(a)
		if f, ok := judgeDebugger(t, "air", d); ok {
			f.Location = a.near(key)
			a.report(f)
		}
		return nil
	})
}

// judgeDebugger looks at a call of dlv that a tool makes; none is nil.
func judgeDebugger(t *target.Target, tool string, d *watcher.Debugger) (checks.Finding, bool) {
	f := checks.Finding{Key: "dlv"}
	switch {
	case d == nil:
		return f, false
	case !strings.Contains(d.Program, "/") && t.Profile() == "dev" && t.LookPath(d.Program) == "":
		f.Message = checks.Msg("the server is started by dlv, which is not on PATH")
		f.Why = checks.Msg("The server is never started: dlv: not found, code 127.")
		f.Help = checks.Msg("go install github.com/go-delve/delve/cmd/dlv@latest")
	case !d.Headless:
		f.Message = checks.Msg("dlv is started without --headless: it waits for commands that nobody can type")
		f.Why = checks.Msg("%s gives it no terminal; the server does not start, or dlv ends at once.", tool)
		f.Help = checks.Msg("add --headless --accept-multiclient --continue --listen=127.0.0.1:2345")
	case !d.Continues:
		f.Message = checks.Msg("dlv is started without --continue: the server waits for a debugger to connect")
		f.Why = checks.Msg("Its port stays closed after each reload until somebody connects; it looks like a hang.")
		f.Help = checks.Msg("add --accept-multiclient --continue")
	case !d.Multiclient:
		f.Message = checks.Msg("dlv refuses --continue without --accept-multiclient")
		f.Why = checks.Msg("The server is never started.")
		f.Help = checks.Msg("add --accept-multiclient")
	default:
		return f, false
	}
	return f, true
}

// debuggerCall finds the call of dlv in what air starts, and the key that makes it.
func debuggerCall(a *airFile) (key string, d *watcher.Debugger) {
	if a.Build.FullBin == "" && len(a.Build.Entrypoint) > 0 && a.Version.AtLeast("v1.63.2") {
		return "entrypoint", watcher.DebuggerOf(slices.Concat(a.Build.Entrypoint, a.Build.ArgsBin))
	}
	return "full_bin", watcher.Line{Text: strings.Join(append([]string{a.Build.FullBin}, a.Build.ArgsBin...), " ")}.Debugger()
}
