package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/drill"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/leak"
	"github.com/gindoctor/gindoctor/drill/reload"
	"github.com/gindoctor/gindoctor/drill/restart"
	"github.com/gindoctor/gindoctor/drill/shutdown"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/suppress"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/mask"
)

// drillOptions are those of check that make sense for a drill, and its own.
type drillOptions struct {
	checkOptions
	kind    drillKind
	yes     bool
	envFile string
	signals []string
	path    string
	// arguments are those of the program, in place of what the project starts it with.
	arguments []string
}

// drillKind is one of the drills.
type drillKind struct {
	name, short, long, example string
	// run makes the drill; found is what the checks have found.
	run func(ctx context.Context, s *stage.Stage, o *drillOptions, found []checks.Finding) (*account.Account, error)
}

var drillKinds = []drillKind{
	{
		name: "reload", short: "make real edits under the project's own watcher, and time each link of the chain",
		long: `Start the project's own watcher on a copy of it, as you would, and make real edits one after another: a line in a package, a template,
a new folder, a save by rename, a compile error and its repair, two saves at once. Each link is timed: the watcher notices, the build,
the end of the old process, the start of the new one, the first good answer. Where one breaks it is named, with the findings that foretell it.`,
		run: func(ctx context.Context, s *stage.Stage, _ *drillOptions, found []checks.Finding) (*account.Account, error) {
			return reload.Run(ctx, s, reload.Options{Foretold: found})
		},
	},
	{
		name: "shutdown", short: "end the server with a request in flight, and see what becomes of it",
		long: `Build and start the server in a copy of the project, hold a slow request and an idle connection, send SIGTERM, and measure: when the
listener closed, whether the request was answered in full, how and when the process ended. Once more with a connection that never sends
a byte. The time it takes is held against every grace period in the project's artefacts. An exit code of 0 proves nothing.`,
		example: `  gindoctor drill shutdown --path /reports/slow     the route that takes its time
  gindoctor drill shutdown --signal SIGINT`,
		run: func(ctx context.Context, s *stage.Stage, o *drillOptions, _ []checks.Finding) (*account.Account, error) {
			return shutdown.Run(ctx, s, shutdown.Options{Signal: strings.Join(o.signals, ","), Path: o.path})
		},
	},
	{
		name: "restart", short: "restart the server under load, and count the requests lost",
		long: `Start the server in a copy of the project and restart it the way the project does, three times, under a bounded load from this machine:
with new connections, and with connections that are kept alive. The requests that were lost are counted by what their client saw.`,
		run: func(ctx context.Context, s *stage.Stage, o *drillOptions, _ []checks.Finding) (*account.Account, error) {
			return restart.Run(ctx, s, restart.Options{Path: o.path})
		},
	},
	{
		name: "leak", short: "load each route twice, and see what is left behind",
		long: `Start the server in a copy of the project and send two equal, bounded loads to a route, with quiet between and after. What the second
leaves behind above the first is a leak, and the route has a name. Without --path each GET route without parameters gets its turn.`,
		example: `  gindoctor drill leak --path /orders`,
		run: func(ctx context.Context, s *stage.Stage, o *drillOptions, found []checks.Finding) (*account.Account, error) {
			return leak.Run(ctx, s, leak.Options{Path: o.path, Known: found})
		},
	},
}

func newDrill(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "drill",
		Short: "do it for real in a copy, and measure: reload, shutdown, restart, leak",
		Long: `Do it for real, and measure each link of the chain: in a copy of the project, on a free port of this machine. Nothing of the project is
changed, and all that was started ends with the drill. The program gets its own environment: which databases and services it will
reach is said first, and takes a yes or --yes. It is started with the arguments that the project starts it with, or with those after --.

Exit codes: 1 findings at or above --fail-on; 2 the drill could not be made, or something broke that is no finding; 0 otherwise.`,
		Example: `  gindoctor drill reload
  gindoctor drill shutdown --path /slow
  gindoctor drill leak --format html=leaks.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return errors.New("which drill? " + strings.Join(drillNames(), ", "))
		},
	}
	for _, kind := range drillKinds {
		opts := &drillOptions{checkOptions: checkOptions{streams: s, profile: "dev"}, kind: kind}
		sub := &cobra.Command{
			Use: kind.name + " [DIR] [-- ARGUMENTS]", Short: kind.short, Long: kind.long, Example: kind.example,
			Args: func(cmd *cobra.Command, args []string) error {
				own, _ := dashed(cmd, args)
				return cobra.MaximumNArgs(1)(cmd, own)
			},
			RunE: func(cmd *cobra.Command, args []string) error {
				args, opts.arguments = dashed(cmd, args)
				return opts.run(cmd.Context(), args)
			},
		}
		opts.flags(sub)
		cmd.AddCommand(sub)
	}
	return cmd
}

// dashed divides arguments at "--": what follows is for the program.
func dashed(cmd *cobra.Command, args []string) (own, programs []string) {
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		return args[:n], args[n:]
	}
	return args, nil
}

func drillNames() []string {
	var out []string
	for _, kind := range drillKinds {
		out = append(out, kind.name)
	}
	return out
}

func (o *drillOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	o.only = drill.Checks[o.kind.name]
	f.BoolVar(&o.yes, "yes", false, "start it without a question about the databases and services that it will reach")
	f.StringVar(&o.envFile, "env-file", "", "the variables that the program gets, in place of its own .env")
	switch o.kind.name {
	case "shutdown":
		f.StringSliceVar(&o.signals, "signal", nil, "the signal that ends it (repeatable; default: SIGTERM, and what else the project's artefacts and watcher send)")
		f.StringVar(&o.path, "path", "", "the route of the request in flight, better one that takes its time")
	case "restart":
		f.StringVar(&o.path, "path", "", "the route that is asked (default: one that answers)")
	case "leak":
		f.StringVar(&o.path, "path", "", "only this route")
	}
	o.measuringFlags(cmd, "also every moment of every trial, and what could not be looked at", "profile", "port") // the copy has a port of its own
}

func (o *drillOptions) run(ctx context.Context, args []string) error {
	set, err := o.read(args)
	if err != nil {
		return err
	}
	for i, name := range o.signals {
		if o.signals[i], err = stage.SignalName(name); err != nil {
			return fmt.Errorf("--signal: %w", err)
		}
	}
	if o.path != "" && !strings.HasPrefix(o.path, "/") {
		return fmt.Errorf("--path: %q is no path of a route: it begins with a /", o.path)
	}
	return o.deliver(o.examine(ctx, set), set)
}

// examine asks the checks that foretell the drill, makes it, and joins what both say.
func (o *drillOptions) examine(ctx context.Context, set *settings) *report.Report {
	head := heading(set)
	t, err := o.open(ctx, set, &head)
	if err != nil {
		return report.Failed(head, err)
	}
	progress := o.newDrillProgress()
	defer progress.Done()
	progress.Tell("asking the checks")
	outcomes, hidden, err := set.ask(ctx, t, set.checks, checks.RunOptions{Timeout: set.timeout})
	if err != nil {
		return report.Failed(head, err)
	}
	a, err := o.drill(ctx, set, t, outcomes, progress)
	progress.Done()
	_, failed := errors.AsType[*stage.Failure](err)
	switch {
	case errors.Is(err, context.Canceled) && a == nil:
		return report.Failed(head, errors.New("interrupted before anything was measured; nothing is left running"))
	case err != nil && (!failed || a == nil):
		return report.Failed(head, err)
	}
	if ctx.Err() != nil {
		a.Notes = append(a.Notes, checks.Msg("It was interrupted: this is what was measured until then."))
	}
	outcomes = drill.Join(outcomes, catalogue.All(), a)
	hidden = append(hidden, suppress.Apply(outcomes, suppress.Rules{Config: set.config, Catalogue: catalogue.All(), Today: time.Now()})...)
	fixes.AddDiffs(ctx, t.Root(), outcomes, mask.Line)
	describe(ctx, t, &head.Target)
	head.Time.Duration = time.Since(head.Time.Started).Milliseconds()
	r := report.Build(head, outcomes, catalogue.All(), set.gate)
	r.SetDrill(a, failed || ctx.Err() != nil)
	r.Hide(hidden, false)
	return r
}

// drill sets the stage and makes the drill on it.
func (o *drillOptions) drill(ctx context.Context, set *settings, t *target.Target, outcomes []checks.Outcome, progress *report.Doing) (a *account.Account, err error) {
	dir, err := filepath.Abs(set.target.Dir)
	if err != nil {
		return nil, err
	}
	s, err := stage.Set(ctx, stage.Options{Target: t, Dir: dir, EnvFile: o.envFile, Arguments: o.arguments, Yes: o.yes, Ask: o.asker(ctx, progress), Tell: progress.Tell})
	if err != nil {
		return nil, err
	}
	defer func() {
		progress.Tell("ending everything")
		if closed := s.Close(); closed != nil {
			err = errors.Join(err, closed)
		}
	}()
	var found []checks.Finding
	for _, outcome := range outcomes {
		found = append(found, outcome.Findings...)
	}
	a, err = o.kind.run(ctx, s, o, found)
	if errors.Is(err, context.Canceled) && (a == nil || len(a.Trials) == 0) {
		return nil, err
	}
	if a == nil {
		a = &account.Account{Drill: o.kind.name, Port: s.Port}
	}
	a.Notes = append(a.Notes, s.Notes...)
	if f, ok := errors.AsType[*stage.Failure](err); ok && !told(a, f) {
		a.Trials = append(a.Trials, started(f, s.Root))
	}
	return a, err
}

// asker puts questions to the person at the terminal; nil where there is none.
func (o *drillOptions) asker(ctx context.Context, progress *report.Doing) func(string) (bool, error) {
	if !o.inTTY || !o.errTTY {
		return nil
	}
	return func(question string) (bool, error) {
		progress.Done()
		return fixes.Confirm(ctx, o.err, o.in, question)
	}
}

// told tells whether one of the trials says already what has failed.
func told(a *account.Account, f *stage.Failure) bool {
	return slices.ContainsFunc(a.Trials, func(t account.Trial) bool { return t.State == account.Broken && t.Said.String() == f.Error() })
}

// started is the trial of a drill that got no further than its beginning, with what the program said last; root is that of the copy.
func started(f *stage.Failure, root string) account.Trial {
	t := account.Trial{Name: checks.Msg("the start"), State: account.Broken, Stage: f.Stage, Said: f.Said}
	for _, line := range f.Tail {
		t.Events = append(t.Events, account.Event{Text: checks.Msg("%s", strings.ReplaceAll(line, root+string(filepath.Separator), ""))})
	}
	return t
}

// newDrillProgress tells on standard error what is being done: in one line of the terminal, or where there is none a line each.
func (o *drillOptions) newDrillProgress() *report.Doing {
	if o.quiet {
		return nil
	}
	return report.NewDoing(o.err, o.look.Width, o.errTTY && lookup(o.environ, "TERM") != "dumb")
}
