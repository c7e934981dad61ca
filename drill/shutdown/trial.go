package shutdown

import (
	"cmp"
	"go/ast"
	"path"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// trial is the account of one run.
func (d *drill) trial(p plan, m measured, v verdict, began time.Time) account.Trial {
	m.Deadline = account.Millis(d.fact.Deadline)
	if v.orderly {
		m.Needs = m.Exited
	}
	t := account.Trial{Name: p.name(), State: v.state, Said: v.said, Began: account.Millis(began.Sub(d.began)), Length: account.Millis(time.Since(began)), Shutdown: &m.Shutdown}
	t.Events = events(m)
	if v.proves != "" {
		t.Proves = append(t.Proves, d.finding(v))
	}
	for _, g := range d.graces {
		e, f := compare(m, g)
		if f != nil {
			f.Service = d.program.Module.Dir
			t.Proves = append(t.Proves, *f)
			if t.State == account.OK {
				t.State = account.Warning
			}
		}
		if !e.Text.IsZero() {
			t.Events = append(t.Events, e)
		}
	}
	if f := signalPath(m, v, d.graces); f != nil {
		f.Service = d.program.Module.Dir
		t.Proves = append(t.Proves, *f)
	}
	switch {
	case t.State == account.Broken && v.orderly && m.PortFree < 0:
		t.Stage = checks.Bind
	case t.State == account.Broken:
		t.Stage = checks.Stop
	}
	return t
}

// finding is what a verdict proves, at the place that the check itself would name.
func (d *drill) finding(v verdict) checks.Finding {
	f := checks.Finding{Check: v.proves, Message: v.said, Help: v.help, Service: d.program.Module.Dir, Key: "drill shutdown"}
	at := v.at
	if at.File == "" {
		at = mainOf(d.program.Program)
	}
	if at.File != "" {
		f.Location = checks.At(at.File, at.Line, at.Column)
	}
	return f
}

// mainOf is where a program's function main stands.
func mainOf(p target.Program) shutdown.Place {
	for _, f := range p.Files() {
		if path.Dir(f.Path) != p.Package.Dir {
			continue
		}
		syntax, _ := f.Syntax()
		if syntax == nil || syntax.File == nil || syntax.File.Name.Name != "main" {
			continue
		}
		for _, decl := range syntax.File.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "main" {
				return shutdown.Place{File: f.Path, Position: syntax.Position(fn.Name.Pos())}
			}
		}
	}
	return shutdown.Place{}
}

// events are the moments of a run, in their order; times count from the signal.
func events(m measured) []account.Event {
	var out []account.Event
	add := func(at account.Millis, state account.State, text checks.Message) {
		out = append(out, account.Event{At: max(at, 0), Stage: checks.Stop, State: state, Text: text})
	}
	if m.early != "" {
		return nil
	}
	add(0, "", checks.Msg("%s sent", m.Signal))
	if m.way != nil {
		out[0].Text = checks.Msg("%s sent while %s was under way", m.Signal, m.way)
	}
	if m.ListenerClosed >= 0 {
		add(m.ListenerClosed, account.OK, checks.Msg("no new connections are taken"))
	}
	if m.IdleClosed >= 0 {
		add(m.IdleClosed, account.OK, checks.Msg("the idle connection is closed"))
	}
	if r := m.InFlight; m.way != nil {
		switch {
		case r.Complete:
			add(r.At, account.OK, checks.Msg("the request in flight is answered in full: status %d, %d bytes", r.Status, r.Bytes))
		case r.At >= 0:
			add(r.At, account.Broken, checks.Msg("the request in flight is cut after %d bytes: %s", r.Bytes, r.Error))
		default:
			add(account.Millis(m.limit), account.Broken, checks.Msg("the request in flight is not answered"))
		}
	}
	if m.Exited < 0 {
		add(account.Millis(m.limit), account.Broken, checks.Msg("the server still runs: killed"))
		return ordered(out)
	}
	switch {
	case m.KilledBy != "":
		add(m.Exited, account.Broken, checks.Msg("the server is ended by %s", m.KilledBy))
	case m.ExitCode != 0:
		add(m.Exited, account.Warning, checks.Msg("the server ends with exit code %d", m.ExitCode))
	case m.way != nil && !m.InFlight.Complete:
		add(m.Exited, account.Warning, checks.Msg("the server ends with exit code 0, as if all were well"))
	default:
		add(m.Exited, account.OK, checks.Msg("the server ends with exit code 0"))
	}
	if m.PortFree >= 0 {
		add(m.PortFree, account.OK, checks.Msg("the port is free"))
	} else {
		add(m.Exited, account.Broken, checks.Msg("the port is not free %s after the end", account.Millis(aftermath)))
	}
	for _, l := range m.Left {
		add(m.Exited, account.Broken, checks.Msg("process %d is left behind: %s", l.PID, l.Command))
	}
	return ordered(out)
}

func ordered(events []account.Event) []account.Event {
	slices.SortStableFunc(events, func(a, b account.Event) int { return cmp.Compare(a.At, b.At) })
	return events
}
