// Package restart replaces the project's server by a new one, the way the project does it, while clients send requests, and counts
// those that are lost. How it is done is read out of the source (method.go) and carried out (replace.go); what was seen is judged apart
// (judge.go).
package restart

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/load"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// Options say what is tried.
type Options struct {
	Path string // the route that the clients ask; "/" if empty

	// testOnlyThrough puts a test's own client between the load and the server.
	testOnlyThrough func(*load.Options)
}

const (
	restarts = 3
	clients  = 8
	calm     = 500 * time.Millisecond // before, between and after the restarts
)

// drill is what its trials share.
type drill struct {
	Options
	stage   *stage.Stage
	program *stage.Program
	method  method
	fact    shutdown.Fact
	began   time.Time
	account *account.Account
}

// Run restarts the server three times under each kind of client, and tells what they lost.
func Run(ctx context.Context, s *stage.Stage, o Options) (*account.Account, error) {
	program, err := s.Build(ctx)
	if err != nil {
		return nil, err
	}
	d := &drill{Options: o, stage: s, program: program, method: methodOf(s.Target, program.Program), fact: shutdown.Read(program.Files()), began: time.Now()}
	command := strings.Join(append([]string{filepath.Base(program.Binary)}, program.Arguments...), " ")
	d.account = &account.Account{Drill: "restart", Command: command, Trials: []account.Trial{}}
	d.account.Notes = append(d.account.Notes, d.method.said())
	for _, kept := range []bool{false, true} {
		began := time.Now()
		t, err := d.trial(ctx, kept, began)
		if err != nil {
			if len(d.account.Trials) == 0 && ctx.Err() == nil {
				return nil, err
			}
			if ctx.Err() == nil {
				d.account.Trials = append(d.account.Trials, d.untried(kept, began, err))
			}
			break // what was measured stands
		}
		d.account.Trials = append(d.account.Trials, *t)
		if t.Restart.Times < restarts {
			break // with other clients it comes up no better
		}
	}
	d.account.Port = s.Port
	return d.account, nil
}

// said tells how the server is restarted, and why so.
func (m method) said() checks.Message {
	switch m.kind {
	case passing:
		return checks.Msg("restarted by %s, which %s takes for a new process that inherits the socket", m.signal, m.from)
	case reusePort:
		return checks.Msg("restarted by a second process beside the first, %s before it ends: the program sets SO_REUSEPORT (%s)", overlap, m.from)
	case activation:
		return checks.Msg("restarted with a socket that is held open for it, as by a systemd .socket unit: the program takes one (%s)", m.from)
	}
	return checks.Msg("restarted by SIGTERM and a new start as soon as it has ended, as a unit, a container and a watcher do; what they wait in between comes on top")
}

// trial makes the restarts under one kind of client.
func (d *drill) trial(ctx context.Context, kept bool, began time.Time) (*account.Trial, error) {
	d.stage.Tell("%s", name(kept))
	r, err := begin(ctx, d.stage, d.program, d.method, d.fact)
	if err != nil {
		return nil, err
	}
	defer func() { r.end(ctx) }()
	m, events, err := d.loaded(ctx, r, kept, began)
	if err != nil {
		return nil, err
	}
	v := judge(m, d.fact)
	t := &account.Trial{Name: name(kept), State: v.state, Stage: v.stage, Said: v.said, Began: account.Millis(began.Sub(d.began)), Length: account.Millis(time.Since(began)),
		Events: events, Requests: []account.Requests{m.requests}, Restart: &account.Restart{Method: string(m.method.kind), Times: m.times, Down: m.down}}
	if a := advice(m); !a.IsZero() {
		t.Events = append(t.Events, account.Event{At: t.Length, Text: a})
	}
	if v.proves != "" {
		t.Proves = append(t.Proves, checks.Finding{Check: v.proves, Message: v.said, Help: v.help, Service: d.program.Module.Dir, Key: "drill restart"})
	}
	return t, nil
}

// name is what a trial tries.
func name(kept bool) checks.Message {
	if kept {
		return checks.Msg("%d restarts, connections kept alive", restarts)
	}
	return checks.Msg("%d restarts, new connections", restarts)
}

// untried is a trial for which the server did not come up once more.
func (d *drill) untried(kept bool, began time.Time, err error) account.Trial {
	said, at := why(err)
	return account.Trial{Name: name(kept), State: account.Unknown, Stage: at, Said: checks.Msg("%s", said),
		Began: account.Millis(began.Sub(d.began)), Length: account.Millis(time.Since(began))}
}

// loaded makes the restarts while the clients send.
func (d *drill) loaded(ctx context.Context, r *series, kept bool, began time.Time) (measured, []account.Event, error) {
	m := measured{method: d.method}
	o := load.Options{Addr: r.server.Addr, TLS: r.server.TLS, Path: d.Path, Clients: clients, KeepAlive: kept, Timeout: endTime + d.fact.Deadline}
	if d.testOnlyThrough != nil {
		d.testOnlyThrough(&o)
	}
	until := time.Now().Add(load.MaxTime)
	l, err := load.Start(ctx, o)
	if err != nil {
		return m, nil, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	w := watched(watching, r.server.Addr.String())
	sleep(ctx, calm)
	var made []moment
	for range restarts {
		at := time.Now()
		if err := r.replace(ctx); err != nil {
			m.failed, m.failedAt = why(err)
			break
		}
		made = append(made, moment{at, time.Now()})
		m.times++
		sleep(ctx, calm)
	}
	stop()
	m.requests, m.down, m.ends = l.Stop(), w.longest(), r.ends
	if err := ctx.Err(); err != nil {
		return m, nil, err
	}
	return m, told(made, l.Lost(), began, until), nil
}

// why is a failure in words, with the last line that the program printed, and the link that broke.
func why(err error) (string, checks.Stage) {
	f, ok := errors.AsType[*stage.Failure](err)
	switch {
	case !ok:
		return err.Error(), checks.Start
	case len(f.Tail) > 0:
		return fmt.Sprintf("%s (%s)", f.Said, f.Tail[len(f.Tail)-1]), f.Stage
	}
	return f.Said.String(), f.Stage
}

// moment is when a restart began and ended.
type moment struct{ from, to time.Time }

// told is an event for each restart, with the requests that were lost from its beginning to that of the next; times
// count from when the trial began, and until is the end of the load.
func told(made []moment, lost []load.Loss, began, until time.Time) []account.Event {
	var out []account.Event
	for i, of := range made {
		n := 0
		for _, l := range lost {
			if !l.At.Before(of.from) && (i+1 == len(made) || l.At.Before(made[i+1].from)) {
				n++
			}
		}
		e := account.Event{At: account.Millis(of.from.Sub(began)), Stage: checks.Start, State: account.OK,
			Text: checks.Msg("restart %d took %s; no request was lost", i+1, account.Millis(of.to.Sub(of.from)))}
		switch {
		case of.from.After(until):
			e.State, e.Text = account.Unknown, checks.Msg("restart %d took %s; the load was over by then: it ends after %s", i+1, account.Millis(of.to.Sub(of.from)), load.MaxTime)
		case n > 0:
			e.State, e.Text = account.Warning, checks.Msg("restart %d took %s; lost requests: %d", i+1, account.Millis(of.to.Sub(of.from)), n)
		}
		out = append(out, e)
	}
	return out
}
