package shutdown

import (
	"context"
	"slices"
	"strconv"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// platforms are those whose grace periods deploy/grace-period is about.
var platforms = []target.Platform{target.ByCompose, target.ByKubernetes, target.BySystemd, target.BySupervisor}

// graces are the grace periods that the project's artefacts and watchers give to a program for certain.
func graces(ctx context.Context, t *target.Target, p target.Program) ([]target.GracePeriod, error) {
	all, err := t.GracePeriods(ctx)
	if err != nil {
		return nil, err
	}
	watched, err := t.WatchGracePeriods(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(append(all, watched...), func(g target.GracePeriod) bool {
		return !g.Certain || g.Package.Dir != p.Package.Dir || g.Signal == "SIGKILL"
	}), nil
}

// compare holds the time that an orderly end took against one that it is given. The event says what came of it; the finding is there
// where the time is too short.
func compare(m measured, g target.GracePeriod) (account.Event, *checks.Finding) {
	if m.Needs < 0 || g.Signal != m.Signal {
		return account.Event{}, nil
	}
	takes, gives := m.Needs+account.Millis(g.Pause), account.Millis(g.Time)
	e := account.Event{At: m.Needs, Stage: checks.Stop, State: account.OK, Text: checks.Msg("%s would have waited %s (%s)", g.By, gives, place(g))}
	if takes < gives {
		return e, nil
	}
	e.State, e.Text = account.Broken, checks.Msg("%s would have killed it after %s (%s)", g.By, gives, place(g))
	f := &checks.Finding{Check: watchCheck(g), Location: spanOf(g), Key: "grace",
		Message: checks.Msg("%s kills the program after %s; ending in order took %s", g.By, gives, takes),
		Help:    checks.Msg("give it at least %s", roomy(takes)),
	}
	if m.Silent {
		f.Message = checks.Msg("%s kills the program after %s; ending in order took %s while a connection was open that never sent a byte", g.By, gives, takes)
	}
	return e, f
}

// watchCheck is the check that is about a grace period.
func watchCheck(g target.GracePeriod) string {
	switch {
	case slices.Contains(platforms, g.By):
		return "deploy/grace-period"
	case g.By == "air" && g.Time > 0:
		return "watch/delay-unit"
	}
	return "watch/hard-kill"
}

// roomy is a time with some to spare.
func roomy(takes account.Millis) account.Millis { return takes + takes/4 }

func place(g target.GracePeriod) string {
	if at := spanOf(g); at.Line > 0 {
		return at.File + ":" + strconv.Itoa(at.Line)
	}
	return g.File
}

func spanOf(g target.GracePeriod) *checks.Location {
	s := g.Near
	if !g.Said.IsZero() {
		s = g.Said.Span
	}
	return location(g.File, s)
}

func location(file string, s artefact.Span) *checks.Location {
	return &checks.Location{File: file, Line: s.Line, Column: s.Column, EndLine: s.EndLine, EndColumn: s.EndColumn}
}

// signalPath is there where an artefact ends the program by a signal that did not end it in order.
func signalPath(m measured, v verdict, graces []target.GracePeriod) *checks.Finding {
	if v.state != account.Broken || v.orderly || m.Signal == "SIGTERM" || m.KilledBy == "" && m.Exited >= 0 {
		return nil
	}
	i := slices.IndexFunc(graces, func(g target.GracePeriod) bool { return g.Signal == m.Signal && !g.SignalSaid.IsZero() })
	if i < 0 {
		return nil
	}
	g := graces[i]
	return &checks.Finding{Check: "deploy/signal-path", Location: location(g.SignalFile, g.SignalSaid.Span), Key: "signal " + m.Signal, Message: v.said,
		Help: checks.Msg("let %s send a signal that the program handles", g.By)}
}
