package port

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
)

// Clash finds two listeners of one program, or two services that something starts side by side, that want the same port: the second one
// cannot have it. Two programs that merely share a default are no finding: they need not run at the same time, nor without their
// variables.
var Clash = checks.Check{
	ID:       "port/clash",
	Title:    "two listeners, or two services of one host, want the same port",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      clash,
}

func clash(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := t.Listens(ctx)
	if err != nil {
		return err
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.Together(b) && a.Overlaps(b) {
				report(clashing(a, b))
			}
		}
	}
	claims := &claims{report: once(report)}
	if err := claims.read(ctx, t); err != nil {
		return err
	}
	if err := claims.judge(); err != nil {
		return err
	}
	if len(all) == 0 && !claims.asked {
		return checks.Skip("no program here is seen to listen, and nothing publishes a port")
	}
	return nil
}

func clashing(a, b listen.Address) checks.Finding {
	if a.Secondary { // the one to move is the side listener
		a, b = b, a
	}
	f := checks.Finding{
		Message: checks.Msg("%s and %s of one program clash: both want port %d", a.String(), b.String(), b.Port),
		Why:     checks.Msg("The one that comes second gets \"address already in use\". Where its error is not looked at, the program goes on and one of the two never answers."),
		Help:    checks.Msg("give one of the two calls, %s:%d or %s:%d, another port", a.Call.File, a.Call.Line, b.Call.File, b.Call.Line),
		Evidence: []checks.Message{
			checks.Msg("%s:%d listens on %s", a.Call.File, a.Call.Line, a.String()),
			checks.Msg("%s:%d listens on %s", b.Call.File, b.Call.Line, b.String()),
			source(a),
			source(b),
		},
		Location: locate(b),
		Subject:  &checks.Subject{Kind: checks.PortSubject, Port: b.Port},
		Service:  b.Module,
		Key:      a.Call.File + " " + b.Call.File,
	}
	if !inevitable(a, b) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return f
}

// inevitable tells whether the two clash whatever is set: both ports are fixed, or one setting decides both, and nothing
// decides whether the calls are reached.
func inevitable(a, b listen.Address) bool {
	if a.Conditional || b.Conditional {
		return false
	}
	if a.Certainty == listen.Literal && b.Certainty == listen.Literal {
		return true
	}
	return a.Certainty == b.Certainty && a.Name != "" && a.Name == b.Name && a.At == b.At
}
