package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/checks/leak"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/monitor"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/suppress"
	"github.com/gindoctor/gindoctor/target"
)

// monitorOptions are those of check that make sense for a watch, and its own.
type monitorOptions struct {
	checkOptions
	interval, length time.Duration
	listen           string
}

func newMonitor(s *streams) *cobra.Command {
	opts := &monitorOptions{checkOptions: checkOptions{streams: s, profile: "prod"}}
	cmd := &cobra.Command{
		Use:   "monitor [DIR]",
		Short: "watch a running server for leaks",
		Long: `Watch a running server from outside, and say what it leaks, where to and how many. Nothing is changed in it.

The server is the one on --port, the process --pid, or the one of the project in DIR (the current folder if left out) that runs.
It is looked at every --interval, --for as long as that; Ctrl-C ends it with the verdict so far, and so does the end of the process.
What is called an error has been proved, which takes 30 seconds at least: better a minute, with requests and a quiet spell in it.

With --listen the figures and the verdict are served to a Prometheus, and without --for it watches until it is stopped. An address
without a host is open to this machine only.

Exit codes: 1 findings at or above --fail-on; 2 there is no such server, or it could not be looked at; 0 otherwise.`,
		Example: `  gindoctor monitor --port 8080                           a minute, then the verdict
  gindoctor monitor --port 8080 --for 10m --format html=leaks.html
  gindoctor monitor --pid 4711 --pprof http://127.0.0.1:6060/debug/pprof/
  gindoctor monitor --port 8080 --listen 9753             for a Prometheus, until it is stopped`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd.Context(), args) },
	}
	opts.flags(cmd)
	return cmd
}

func (o *monitorOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVar(&o.port, "port", 0, "the port of the server")
	f.IntVar(&o.pid, "pid", 0, "the process of the server")
	f.DurationVar(&o.interval, "interval", time.Second, "the time between two samples, 100ms or more")
	f.DurationVar(&o.length, "for", time.Minute, "how long to watch (with --listen: until it is stopped, unless given)")
	f.StringVar(&o.pprof, "pprof", "", "where the server shows its profiles, such as http://127.0.0.1:6060/debug/pprof/")
	f.StringVar(&o.listen, "listen", "", "serve metrics for Prometheus at this address: HOST:PORT, or a port of this machine only")
	o.measuringFlags(cmd, "also every piece of evidence, and what could not be looked at", "profile") // a watch has one profile
	cmd.MarkFlagsMutuallyExclusive("port", "pid")
}

// leastInterval is as often as anybody needs: below, watching would be work.
const leastInterval = 100 * time.Millisecond

func (o *monitorOptions) read(args []string) (*settings, error) {
	set, err := o.checkOptions.read(args)
	if err != nil {
		return nil, err
	}
	switch {
	case o.given("port") && o.port == 0:
		return nil, errors.New("--port: 0 is no port (1 to 65535)")
	case o.given("pid") && o.pid == 0:
		return nil, errors.New("--pid: 0 is no process id")
	case o.interval < leastInterval:
		return nil, fmt.Errorf("--interval: %s is less than %s", o.interval, leastInterval)
	case o.listen != "" && !o.given("for"):
		o.length = 0
	case o.length <= 0:
		return nil, fmt.Errorf("--for: %s is no time to watch; a day is 24h", o.length)
	case o.length < o.interval:
		return nil, fmt.Errorf("--for: %s is less than the %s between two samples (--interval)", o.length, o.interval)
	}
	return set, nil
}

func (o *monitorOptions) run(ctx context.Context, args []string) error {
	set, err := o.read(args)
	if err != nil {
		return err
	}
	r, err := o.watch(ctx, set)
	if err != nil {
		return err
	}
	return o.deliver(r, set)
}

// watched is a watch and what its reports are made of.
type watched struct {
	*monitorOptions
	set     *settings
	target  *target.Target
	head    report.Report
	server  *monitor.Server
	answers []*checks.Check
}

// watch makes the report; also one that says why nothing could be watched. The error is one of usage.
func (o *monitorOptions) watch(ctx context.Context, set *settings) (*report.Report, error) {
	w := &watched{monitorOptions: o, set: set, head: heading(set)}
	if err := w.find(ctx); err != nil {
		return report.Failed(w.head, err), nil
	}
	var exporter *monitor.Exporter
	if o.listen != "" {
		var err error
		if exporter, err = monitor.Listen(ctx, o.listen, w.server, w.answers, version()); err != nil {
			return nil, fmt.Errorf("--listen: %w", err)
		}
		defer exporter.Close()
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	look := w.onlooker(stop)
	look.begin(exporter)
	state, err := w.sample(ctx, func(s *monitor.State) {
		if exporter != nil {
			exporter.Update(s)
		}
		look.seen(s)
	})
	look.end()
	if err != nil {
		return report.Failed(w.head, err), nil
	}
	return w.report(state), nil
}

// find opens the target and finds the server in it.
func (w *watched) find(ctx context.Context) (err error) {
	if w.target, err = target.Open(ctx, w.set.target); err != nil {
		return err
	}
	w.head.Target.Root = filepath.ToSlash(w.target.Root())
	if err := w.configure(w.set, w.target.Root()); err != nil {
		return err
	}
	if w.target, err = target.Open(ctx, w.set.target); err != nil {
		return err
	}
	scope, _ := lookAround(ctx, w.target, w.port)
	if w.server, err = monitor.Find(ctx, w.target, scope); err != nil {
		return err
	}
	w.head.Target.Port = w.server.Port
	w.answers = monitor.Answers(w.set.checks)
	return nil
}

// sample watches, with the profiles that the server shows.
func (w *watched) sample(ctx context.Context, seen func(*monitor.State)) (*monitor.State, error) {
	watch := monitor.Watch{
		Host: w.target.Host(), PID: w.server.Process.PID, Interval: w.interval, For: w.length, Seen: seen,
		Span: verdict.Span{Services: leak.Services(ctx, w.target)},
	}
	if w.server.Holder != nil {
		watch.Span.Pools = leak.Pools(ctx, w.target, *w.server.Holder)
	}
	profiler, err := w.target.Profiler(ctx, watch.PID)
	switch {
	case err == nil:
		defer profiler.Close()
		watch.Profile, watch.Leaks = profiler.Goroutines, profiler.Leaks
	case w.pprof != "":
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	teller, err := w.target.Teller(ctx, watch.PID)
	if err == nil {
		defer teller.Close()
		watch.Figures = teller.Figures
	}
	watch.Mine = func(client netip.AddrPort) bool {
		return profiler != nil && profiler.Mine(client) || teller != nil && teller.Mine(client)
	}
	return watch.Run(ctx)
}

// report makes of what was seen so far what check makes of its outcomes.
func (w *watched) report(s *monitor.State) *report.Report {
	outcomes := s.Outcomes(w.answers, w.server)
	hidden := suppress.Apply(outcomes, suppress.Rules{Config: w.set.config, Catalogue: catalogue.All(), Today: time.Now()})
	head := w.head
	head.Time.Duration = time.Since(head.Time.Started).Milliseconds()
	r := report.Build(head, outcomes, catalogue.All(), w.set.gate)
	r.Series = report.NewSeries(s.Series, w.server.Name, w.interval, s.Samples, s.End.Why())
	r.Hide(hidden, false)
	return r
}

// onlooker tells a person how the watch goes.
func (w *watched) onlooker(stop func()) onlooker {
	switch {
	case w.quiet:
		return silent{}
	case w.outTTY && lookup(w.environ, "TERM") != "dumb" && w.set.toScreen():
		return &liveView{watched: w, stop: stop}
	}
	return &lines{watched: w}
}

// toScreen tells whether a text report goes to standard output.
func (set *settings) toScreen() bool {
	for _, out := range set.outputs {
		if out.name == "text" && out.file == "" {
			return true
		}
	}
	return false
}

type onlooker interface {
	begin(exporter *monitor.Exporter)
	seen(*monitor.State)
	end()
}

type silent struct{}

func (silent) begin(*monitor.Exporter) {}
func (silent) seen(*monitor.State)     {}
func (silent) end()                    {}

// liveView is the report of what was seen so far, on a whole terminal.
type liveView struct {
	*watched
	stop  func()
	live  *monitor.Live
	where string // the metrics
}

func (l *liveView) begin(exporter *monitor.Exporter) {
	if exporter != nil {
		l.where = "   metrics: " + exporter.URL()
	}
	var keys io.Reader
	if l.inTTY {
		keys = l.in
	}
	l.live = monitor.NewLive(keys, l.out, l.environ, l.stop)
}

func (l *liveView) seen(s *monitor.State) {
	r := l.report(s)
	text := l.lookOf(r, l.set)
	foot := "q ends it with the verdict so far" + l.where
	if l.length > 0 {
		left := max(0, l.length-s.Series.Length()).Round(time.Second)
		foot = fmt.Sprintf("%s left   %s", left, foot)
	}
	l.live.Show(func(width int) (string, string) {
		look := text
		look.Width = width
		var page strings.Builder
		_ = report.Text{}.Render(&page, r, look) // a strings.Builder takes all
		return page.String(), foot
	})
}

func (l *liveView) end() { l.live.Close() }

// lines tells on standard error, where there is no terminal to draw on, when the watch begins and when the verdict changes.
type lines struct {
	*watched
	said string
}

func (l *lines) begin(exporter *monitor.Exporter) {
	span := "until it is stopped"
	if l.length > 0 {
		span = "for " + l.length.String()
	}
	fmt.Fprintf(l.err, "gindoctor: watching %s (pid %d) %s\n", report.Plain(l.server.Name), l.server.Process.PID, span)
	if exporter != nil {
		fmt.Fprintf(l.err, "gindoctor: metrics at %s\n", exporter.URL())
	}
}

func (l *lines) seen(s *monitor.State) {
	now := ""
	if len(s.Verdicts) > 0 {
		v := s.Verdicts[0]
		now = fmt.Sprintf("%s: %s", v.Severity, v.Check)
	}
	if now == l.said {
		return
	}
	l.said = now
	after := s.Series.Length().Round(time.Second)
	if now == "" {
		fmt.Fprintf(l.err, "gindoctor: after %s: nothing any more\n", after)
		return
	}
	fmt.Fprintf(l.err, "gindoctor: after %s: %s: %s\n", after, now, report.Plain(s.Verdicts[0].Message.String()))
}

func (*lines) end() {}
