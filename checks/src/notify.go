package src

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// Notify finds signal handling that does not get the signal that ends a service. What it says of channels without room is what
// vet's sigchanyzer says; that one needs the object resolution of go/parser, which nothing else here does.
var Notify = &Rule{
	Check: checks.Check{
		ID:       "src/notify",
		Title:    "signal.Notify that misses the signal to stop",
		Stage:    checks.Stop,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Imports:  []string{"os/signal"},
	Requires: []*analysis.Analyzer{lifecycleAnalyzer},
	Look:     notify,
}

func notify(p *Pass) error {
	if p.example() {
		return nil
	}
	for c, call := range p.Calls() {
		fn := p.Callee(call)
		if !isFunc(fn, "os/signal", "Notify", "NotifyContext") {
			continue
		}
		if fn.Name() == "Notify" && len(call.Args) > 0 {
			p.noRoom(c, call)
		}
		p.judgeSignals(c, call)
	}
	return nil
}

// noRoom finds a channel without a buffer: os/signal does not wait for a receiver.
func (p *Pass) noRoom(c inspector.Cursor, call *ast.CallExpr) {
	made, ok := p.Follow(call.Args[0]).(*ast.CallExpr)
	if !ok || made == ast.Unparen(call.Args[0]) || !isBuiltin(p.TypesInfo, made.Fun, "make") {
		return
	}
	f := Finding{Pos: made.Pos(), End: made.End(), Finding: checks.Finding{
		Message: checks.Msg("the channel %s has no room for a signal", types.ExprString(call.Args[0])),
		Why:     checks.Msg("signal.Notify does not wait: a signal that comes while nobody is receiving is lost, and the server does not stop"),
		Help:    checks.Msg("write: make(%s, 1)", types.ExprString(made.Args[0])),
		Key:     "buffer" + within(c),
	}}
	switch len(made.Args) {
	case 1:
		f.Edits = []analysis.TextEdit{insertAt(made.Args[0].End(), ", 1")}
	case 2:
		if n, ok := p.ConstInt(made.Args[1]); !ok || n != 0 {
			return
		}
		f.Edits = []analysis.TextEdit{{Pos: made.Args[1].Pos(), End: made.Args[1].End(), NewText: []byte("1")}}
	}
	f.Repair = "give the channel room for one signal"
	p.Report(f)
}

func isBuiltin(info *types.Info, fun ast.Expr, name string) bool {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := info.Uses[id].(*types.Builtin)
	return ok && b.Name() == name
}

// judgeSignals judges the signals of one call.
func (p *Pass) judgeSignals(c inspector.Cursor, call *ast.CallExpr) {
	args, listed := p.signalArgs(call)
	names, known := p.signals(call)
	fun := types.ExprString(call.Fun)
	lacksTerm := listed && known && p.lacksTerm(c, names)
	for _, a := range args {
		name := p.signal(a)
		if !slices.Contains(uncatchable, name) {
			continue
		}
		f := Finding{Pos: a.Pos(), End: a.End(), Finding: checks.Finding{
			Message: checks.Msg("%s asks for %s, which no program can catch", fun, name),
			Key:     name + within(c),
		}}
		switch {
		case known && len(catchable(names)) == 0 && len(args) == 1:
			f.Why = checks.Msg("nothing ever arrives here: what waits for it waits for ever, and no stop is a clean one")
			f.Severity = p.orWarning(c)
			f.Help, f.Repair = checks.Msg("write: syscall.SIGTERM"), "catch SIGTERM in its place"
			f.Edits = p.replaceSignal(a)
		case lacksTerm:
			f.Why = checks.Msg("what stops a service is SIGTERM, and nobody catches that here: it ends at once, with requests in flight")
			f.Help, f.Repair = checks.Msg("write: syscall.SIGTERM"), "catch SIGTERM in its place"
			f.Edits = p.replaceSignal(a)
			lacksTerm = false // one thing to mend
		default:
			f.Severity = checks.Info
			f.Why = checks.Msg("it has no effect: kill -9 ends the program wherever it stands")
			f.Help, f.Repair = checks.Msg("leave it out"), "leave it out"
			f.Edits = p.dropSignal(args, a)
		}
		p.Report(f)
	}
	if !lacksTerm || len(catchable(names)) == 0 {
		return
	}
	f := Finding{Pos: call.Pos(), End: call.End(), Finding: checks.Finding{
		Message: checks.Msg("%s does not ask for SIGTERM, only for %s", fun, strings.Join(catchable(names), " and ")),
		Why:     checks.Msg("docker stop, Kubernetes, systemd and supervisor send SIGTERM: the program ends at once, with requests in flight and nothing of its own shutdown done"),
		Help:    checks.Msg("add syscall.SIGTERM to the signals"),
		Key:     "SIGTERM" + within(c),
	}}
	f.Edits = p.addTerm(args)
	f.Repair = "catch SIGTERM too"
	p.Report(f)
}

// lacksTerm tells whether a call that catches some signals is there to stop a server, and SIGTERM is caught nowhere in the program.
func (p *Pass) lacksTerm(c inspector.Cursor, names []string) bool {
	l := p.lifecycle()
	if l.all.CaughtUnknown || slices.Contains(l.all.Caught, "SIGTERM") || len(l.all.Serves) == 0 {
		return false
	}
	if slices.Contains(names, "SIGINT") || slices.Contains(names, "SIGQUIT") || len(catchable(names)) == 0 {
		return true
	}
	// a signal to read the configuration again, or is it meant to stop the server?
	decl := declOf(c)
	return decl != nil && slices.ContainsFunc(append(slices.Clip(l.Shuts), l.Stops...), func(s inspector.Cursor) bool { return declOf(s) == decl })
}
