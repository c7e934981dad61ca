// Package leak loads the routes of the project's server twice, each time equally, and tells what the second load has left behind
// above the first. What is called a leak, and how sure that is, package verdict says: here is only made what it needs to be sure,
// which are equal waves of requests whose times are known, and quiet between and after.
package leak

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
	checksleak "github.com/gindoctor/gindoctor/checks/leak"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target"
)

// Options say what is loaded.
type Options struct {
	Path   string      // with its query, where there is one; empty: each GET route that takes no parameters
	Header http.Header // sent with each request
	// Known are findings of the checks of the code. What they tell of the handler of a route counts where a load shows nothing: the
	// garbage collector hides some leaks.
	Known []checks.Finding
}

// drill is one under way.
type drill struct {
	*stage.Stage
	options  Options
	program  *stage.Program
	serving  *stage.Server
	profiler *target.Profiler // nil where the program serves no profiles that are known
	services []verdict.Service
	began    time.Time
	account  *account.Account
}

// Run loads the routes and tells what it saw. Of several it loads all together first: where that leaves nothing behind, none does.
func Run(ctx context.Context, s *stage.Stage, o Options) (*account.Account, error) {
	d := &drill{Stage: s, options: o, began: time.Now(), account: &account.Account{Drill: "leak", Port: s.Port, Trials: []account.Trial{}}}
	var err error
	if d.program, err = s.Build(ctx); err != nil {
		return nil, err
	}
	routes, err := d.choose(ctx)
	if err != nil {
		return nil, err
	}
	d.account.Command = strings.Join(append([]string{filepath.Base(d.program.Binary)}, d.program.Arguments...), " ")
	if err := d.serve(ctx); err != nil {
		return nil, err
	}
	defer d.end(ctx)
	d.services = checksleak.Services(ctx, s.Target)
	d.findProfiles(ctx)
	if d.profiler != nil {
		defer d.profiler.Close()
	}
	if err := d.all(ctx, routes); err != nil && len(d.account.Trials) == 0 {
		return nil, err
	}
	d.remember(routes)
	return d.account, nil
}

// all loads the routes: together, where there are several, and then each alone where something stayed.
func (d *drill) all(ctx context.Context, routes []route) error {
	if len(routes) > 1 {
		seen, err := d.load(ctx, routes)
		if err != nil {
			return d.cut(seen, err)
		}
		if seen.clean() {
			d.account.Notes = append(d.account.Notes, checks.Msg("The %d routes were loaded together, and nothing stayed: so none of them was loaded alone.", len(routes)))
			d.account.Trials = seen.trials()
			return nil
		}
		if err := d.again(ctx); err != nil {
			return err
		}
		d.account.Notes = append(d.account.Notes, checks.Msg("The %d routes were loaded together first; something stayed, so each was loaded alone.", len(routes)))
	}
	for i, r := range routes {
		seen, err := d.load(ctx, []route{r})
		if err != nil {
			return d.cut(seen, err)
		}
		d.account.Trials = append(d.account.Trials, seen.trials()...)
		if i < len(routes)-1 && !seen.clean() {
			if err := d.again(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// cut keeps what was seen until an error.
func (d *drill) cut(seen *observed, err error) error {
	if seen != nil {
		d.account.Trials = append(d.account.Trials, seen.trials()...)
	}
	return err
}

// load loads routes of the running server.
func (d *drill) load(ctx context.Context, routes []route) (*observed, error) {
	name := fmt.Sprintf("%d routes together", len(routes))
	again := "gindoctor drill leak"
	if len(routes) == 1 {
		name = routes[0].String()
		again += " --path '" + routes[0].path + "'"
	}
	v := &server{
		host: d.Target.Host(), pid: d.holder(ctx), addr: d.serving.Addr, tls: d.serving.TLS, gone: d.serving.Exited(),
		profiler: d.profiler, header: d.options.Header, about: verdict.Span{Services: d.services, Again: again},
		tell: func(doing string) { d.Tell("%s: %s", name, doing) },
	}
	began := time.Since(d.began)
	seen, err := v.load(ctx, routes)
	if seen == nil {
		return nil, err
	}
	seen.cut = err != nil
	seen.at, seen.root, seen.module = began, d.Root, d.program.Module.Dir
	if seen.ended {
		seen.exit = "a child of the program that served"
		if closed(d.serving.Exited()) {
			seen.exit = d.serving.Exit().String()
		}
	}
	return seen, err
}

// holder is the process that serves: the program, or a child that holds its port.
func (d *drill) holder(ctx context.Context) int {
	sockets, err := d.serving.Listeners(ctx)
	if err != nil {
		return d.serving.PID
	}
	for _, l := range sockets {
		if l.Port == int(d.serving.Addr.Port()) && len(l.Holders) > 0 && !slices.Contains(l.Holders, d.serving.PID) {
			return l.Holders[0]
		}
	}
	return d.serving.PID
}

// serve starts the program.
func (d *drill) serve(ctx context.Context) (err error) {
	d.serving, err = d.Serve(ctx, d.program)
	return err
}

// again starts the program anew: what one route has left behind is not held against the next.
func (d *drill) again(ctx context.Context) error {
	if err := d.serving.End(ctx); err != nil {
		return err
	}
	return d.serve(ctx)
}

func (d *drill) end(ctx context.Context) {
	_ = d.serving.End(context.WithoutCancel(ctx)) // the stage tells of what does not end
}

// findProfiles finds where the program serves its profiles. The facts of the copy were read before it ran.
func (d *drill) findProfiles(ctx context.Context) {
	running, err := target.Open(ctx, target.Options{Dir: d.Root, Profile: "dev", Port: d.Port, Environ: d.Environ, Host: d.Target.Host()})
	if err == nil {
		d.profiler, err = running.Profiler(ctx, d.serving.PID)
	}
	switch {
	case errors.Is(err, target.ErrNoProfiler):
		d.account.Notes = append(d.account.Notes, checks.Msg("Goroutines that wait for ever, and hold no connection, cannot be seen: the program serves no profiles. With import _ \"net/http/pprof\" and its route they can."))
	case err != nil:
		d.account.Notes = append(d.account.Notes, checks.Msg("Goroutines were not looked at: %s.", err))
	}
}

// remember adds what the checks of the code know of what a load cannot show.
func (d *drill) remember(routes []route) {
	for _, f := range d.options.Known {
		if f.Location == nil || !slices.Contains([]string{"src/unclosed", "src/client-per-request"}, f.Check) || d.proved() {
			continue
		}
		in := slices.IndexFunc(routes, func(r route) bool {
			return r.handler != nil && d.program.Holds(*r.handler, f.Location.File, f.Location.Line)
		})
		if in >= 0 && in < len(d.account.Trials) && d.account.Trials[in].State == account.OK {
			t := &d.account.Trials[in]
			t.State = account.Unknown
			t.Said = checks.Msg("nothing stayed, yet %s (%s:%d) says: %s; the garbage collector may close such things before they are counted", f.Check, f.Location.File, f.Location.Line, f.Message)
			continue
		}
		if in < 0 {
			d.account.Notes = append(d.account.Notes, checks.Msg("%s at %s:%d was not reached by a route that was loaded, or the garbage collector closed what it left: %s", f.Check, f.Location.File, f.Location.Line, f.Message))
		}
	}
}

// proved tells whether a trial has shown that something leaks: then the code is where to look, and the reports show both.
func (d *drill) proved() bool {
	return slices.ContainsFunc(d.account.Trials, func(t account.Trial) bool { return len(t.Proves) > 0 })
}
