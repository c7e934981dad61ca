package watch

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
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
			for _, c := range project.ParseShell(r.Run.Text, project.Position{Line: 1, Column: 1}) {
				if f, ok := judgeDebugger(t, s.Tool.Name, c.Words); isDebugger(c.Words) && ok {
					f.Location = s.near(r.Run.Place, r.Place)
					s.report(f)
				}
			}
		}
		return nil
	})
}

func airDebugger(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		key, words := debuggerCall(a)
		if words == nil {
			return nil
		}
		if f, ok := judgeDebugger(t, "air", words); ok {
			f.Location = a.near(key)
			a.report(f)
		}
		return nil
	})
}

// judgeDebugger looks at a call of dlv that a tool makes.
func judgeDebugger(t *target.Target, tool string, words []string) (checks.Finding, bool) {
	f := checks.Finding{Key: "dlv"}
	has := func(flag string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return w == flag || strings.HasPrefix(w, flag+"=") && w != flag+"=false" })
	}
	switch {
	case !strings.Contains(words[0], "/") && t.Profile() == "dev" && t.LookPath(words[0]) == "":
		f.Message = checks.Msg("the server is started by dlv, which is not on PATH")
		f.Why = checks.Msg("The server is never started: dlv: not found, code 127.")
		f.Help = checks.Msg("go install github.com/go-delve/delve/cmd/dlv@latest")
	case !has("--headless"):
		f.Message = checks.Msg("dlv is started without --headless: it waits for commands that nobody can type")
		f.Why = checks.Msg("%s gives it no terminal; the server does not start, or dlv ends at once.", tool)
		f.Help = checks.Msg("add --headless --accept-multiclient --continue --listen=127.0.0.1:2345")
	case !has("--continue"):
		f.Message = checks.Msg("dlv is started without --continue: the server waits for a debugger to connect")
		f.Why = checks.Msg("Its port stays closed after each reload until somebody connects; it looks like a hang.")
		f.Help = checks.Msg("add --accept-multiclient --continue")
	case !has("--accept-multiclient"):
		f.Message = checks.Msg("dlv refuses --continue without --accept-multiclient")
		f.Why = checks.Msg("The server is never started.")
		f.Help = checks.Msg("add --accept-multiclient")
	default:
		return f, false
	}
	return f, true
}

// isDebugger tells whether a command runs a program under dlv.
func isDebugger(words []string) bool {
	return len(words) > 1 && path.Base(words[0]) == "dlv" && (words[1] == "exec" || words[1] == "debug")
}

// debuggerCall finds `dlv exec` in what air starts.
func debuggerCall(a *airFile) (key string, words []string) {
	if a.Build.FullBin == "" && len(a.Build.Entrypoint) > 0 && a.Version.AtLeast("v1.63.2") {
		key, words = "entrypoint", slices.Concat(a.Build.Entrypoint, a.Build.ArgsBin)
	} else {
		key = "full_bin"
		for _, c := range project.ParseShell(a.Build.FullBin, project.Position{Line: 1, Column: 1}) {
			words = slices.Concat(c.Words, a.Build.ArgsBin)
		}
	}
	if !isDebugger(words) {
		return "", nil
	}
	return key, words
}
