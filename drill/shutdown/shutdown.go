// Package shutdown ends the project's server by a signal, with a request in flight, an idle connection and, in a second run, a
// connection that never sends a byte, and measures what becomes of each. What is seen is judged apart (judge.go) from the seeing
// (measure.go).
package shutdown

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// Options say what is tried.
type Options struct {
	Signal string // or several, with commas; empty: SIGTERM, and what else the project's artefacts and watchers send
	Path   string // a route to ask, best one that is known to be slow; "/" if empty
}

// plan is one run that is to be made.
type plan struct {
	signal string
	silent bool // with a connection that never sends a byte
	way    *way
	unheld string
	limit  time.Duration
}

// drill is what its runs share.
type drill struct {
	stage   *stage.Stage
	began   time.Time
	program *stage.Program
	fact    shutdown.Fact
	graces  []target.GracePeriod
	path    string
	account *account.Account
}

// Run ends the server by each signal twice, and tells what it saw.
func Run(ctx context.Context, s *stage.Stage, o Options) (*account.Account, error) {
	signals, err := asked(o.Signal)
	if err != nil {
		return nil, err
	}
	d := &drill{stage: s, began: time.Now(), path: o.Path}
	if d.program, err = s.Build(ctx); err != nil {
		return nil, err
	}
	command := strings.Join(append([]string{filepath.Base(d.program.Binary)}, d.program.Arguments...), " ")
	d.account = &account.Account{Drill: "shutdown", Command: command, Trials: []account.Trial{}}
	d.fact = shutdown.Read(d.program.Files())
	if d.graces, err = graces(ctx, s.Target, d.program.Program); err != nil {
		d.note("the grace periods of the project could not be read: %s", err)
	}
	if len(signals) == 0 {
		signals = d.sent()
	}
	err = d.all(ctx, signals)
	d.account.Port = s.Port
	if err != nil && len(d.account.Trials) == 0 && ctx.Err() == nil {
		return nil, err
	}
	return d.account, nil
}

// uncatchable are the signals that ask a program nothing.
var uncatchable = []string{"SIGKILL", "SIGSTOP"}

// known are the signals that stop a program or tell it something.
var known = []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGALRM", "SIGABRT"}

// asked are the signals that the user has named.
func asked(names string) ([]string, error) {
	var out []string
	for _, written := range strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' }) {
		name := shutdown.SignalName(written)
		switch {
		case slices.Contains(uncatchable, name):
			return nil, &stage.Refused{Reason: fmt.Sprintf("%s is no question to a program: none can catch it", name)}
		case !slices.Contains(known, name):
			return nil, &stage.Refused{Reason: fmt.Sprintf("%q is no signal that ends a server: %s", written, strings.Join(known, ", "))}
		case !slices.Contains(out, name):
			out = append(out, name)
		}
	}
	return out, nil
}

// sent are the signals by which the project's own artefacts and watchers end the program, SIGTERM first.
func (d *drill) sent() []string {
	out := []string{"SIGTERM"}
	for _, g := range d.graces {
		if slices.Contains(known, g.Signal) && !slices.Contains(out, g.Signal) {
			out = append(out, g.Signal)
		}
	}
	return out
}

// all makes the runs of all signals, each once, and once more with a silent connection where that ended well or is not known. Where
// SIGTERM finds no handler and the source catches SIGINT, that is tried too.
func (d *drill) all(ctx context.Context, signals []string) error {
	var w *way
	unheld := ""
	for i := 0; i < len(signals); i++ {
		for _, silent := range []bool{false, true} {
			p := plan{signal: signals[i], silent: silent, way: w, unheld: unheld, limit: d.limit(w)}
			began := time.Now()
			server, err := d.stage.Serve(ctx, d.program)
			if err != nil {
				return d.failed(p, began, err)
			}
			if w == nil && unheld == "" {
				d.stage.Tell("looking for a request that can be held")
				if w, unheld = rehearse(ctx, server, d.path); w == nil {
					d.note("no request could be held: %s", unheld)
				} else if d.path != "" && w.status == http.StatusNotFound {
					d.note("GET %s is answered with status 404: no route of the program is asked by it", d.path)
				}
				p.way, p.unheld, p.limit = w, unheld, d.limit(w)
			}
			d.stage.Tell("%s", p.name())
			m := signalled(ctx, d.stage, server, p)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			v := judge(m, d.fact)
			d.account.Trials = append(d.account.Trials, d.trial(p, m, v, began))
			if v.proves == "src/notify" && m.KilledBy != "" && !slices.Contains(signals, "SIGINT") {
				signals = append(signals, "SIGINT") // that is caught, as the source says
			}
			if v.state == account.Broken && !v.orderly {
				break // with one connection more it ends no better
			}
		}
	}
	return nil
}

// failed keeps what was measured where the server does not come up once more.
func (d *drill) failed(p plan, began time.Time, err error) error {
	var failure *stage.Failure
	if len(d.account.Trials) == 0 || !errors.As(err, &failure) {
		return err
	}
	d.account.Trials = append(d.account.Trials, account.Trial{Name: p.name(), State: account.Unknown, Stage: failure.Stage, Said: failure.Said,
		Began: account.Millis(began.Sub(d.began)), Length: account.Millis(time.Since(began))})
	return nil
}

const (
	leastTime = 15 * time.Second // that a server is given to end
	mostTime  = 60 * time.Second
)

// limit is how long the server is given to end: what its source says it may take, and time to spare.
func (d *drill) limit(w *way) time.Duration {
	limit := leastTime + d.fact.Deadline + d.fact.Pause
	if w != nil {
		limit += w.lasts
	}
	return min(limit, mostTime)
}

func (d *drill) note(format string, args ...any) {
	d.account.Notes = append(d.account.Notes, checks.Msg(format, args...))
}

// name is what a run tries.
func (p plan) name() checks.Message {
	if p.silent {
		return checks.Msg("%s, with a silent connection besides", p.signal)
	}
	return checks.Msg("%s", p.signal)
}
