package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/server"
)

type fixOptions struct {
	*streams
	projectOptions
	port    int
	yes     bool
	force   bool
	dryRun  bool
	grace   time.Duration
	format  string
	noColor bool
}

func newFix(s *streams) *cobra.Command {
	opts := &fixOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "fix [DIR]",
		Short: "mend what check finds, or free a port",
		Long: `Mend what "gindoctor check" finds from warning up: show each change, make it after a yes, and look again whether the
finding is gone. All changes are made or none; "gindoctor undo" puts them back. Go commands are run offline.

With --port N free a TCP port instead: say who holds it, who manages that and what would be done; do it after a yes; prove that the port
is free by binding it, and again two seconds later. Works outside any project too.

What is evidently a leftover of this project takes a yes or --yes, all else a yes on the terminal or --yes --force.
What a service manager or a container engine runs is never killed: the command that stops it there is shown.

Exit codes: 0 all is done and proved, or there was nothing to do, or --dry-run; 1 something was refused, failed, has no
fix or is still there; 2 bad usage.`,
		Example: `  gindoctor fix                           show what would be changed, ask, and do it
  gindoctor fix --only 'mod/*' --yes      what is wrong with go.mod, without a question
  gindoctor fix --port 8080               ask, then free it
  gindoctor fix --port 8080 --dry-run     only say what would be done
  gindoctor fix --port 8080 --yes         free it of a leftover of this project, without a question`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := together(cmd.Flags()); err != nil {
				return err
			}
			if !cmd.Flags().Changed("port") {
				return opts.project(cmd.Context(), args)
			}
			return opts.run(cmd.Context(), args)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	opts.projectOptions.flags(f)
	f.IntVar(&opts.port, "port", 0, "free this TCP port instead")
	f.BoolVar(&opts.yes, "yes", false, "do not ask; enough for a leftover of this project")
	f.BoolVar(&opts.force, "force", false, "also stop what is not evidently a leftover of this project")
	f.BoolVar(&opts.dryRun, "dry-run", false, "say what would be done, and do nothing")
	f.DurationVar(&opts.grace, "grace", 10*time.Second, "how long a process has between SIGTERM and SIGKILL")
	f.StringVar(&opts.format, "format", "text", "how to tell it: text or json")
	f.BoolVar(&opts.noColor, "no-color", false, "no colour (as with the variable NO_COLOR)")
	return cmd
}

func (o *fixOptions) run(ctx context.Context, args []string) error {
	port, err := o.read(args)
	if err != nil {
		return err
	}
	report, err := o.free(ctx, port, args)
	if err != nil {
		return err
	}
	if err := o.note(ctx, report, args); err != nil {
		fmt.Fprintf(o.err, "gindoctor: %v\n", err) // the port is free all the same
	}
	if report.ExitCode != 0 {
		return exitCode(report.ExitCode)
	}
	return nil
}

// free frees a port with all that is known here of the project.
func (o *fixOptions) free(ctx context.Context, port fixes.PortOptions, args []string) (*fixes.PortReport, error) {
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: "dev", Environ: o.environ})
	if err != nil {
		return nil, err
	}
	port.Host = t.Host()
	port.Scope, port.Wanted = lookAround(ctx, t, port.Port)
	if len(port.Scope.Modules) > 0 {
		port.Recheck = func(ctx context.Context) ([]string, error) { return o.recheck(ctx, args, port.Port) }
	}
	report, err := fixes.FreePort(ctx, port)
	if err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	return report, nil
}

func (o *fixOptions) read(args []string) (fixes.PortOptions, error) {
	port := fixes.PortOptions{Port: o.port, Yes: o.yes, Force: o.force, DryRun: o.dryRun, Grace: o.grace, JSON: o.format == "json",
		In: o.in, Out: o.out, Terminal: o.inTTY && o.outTTY}
	if len(args) > 0 {
		port.Dir = args[0]
	}
	port.Style = o.style()
	if o.format != "text" && o.format != "json" {
		return port, fmt.Errorf("--format: %q is none of text, json", o.format)
	}
	return port, port.Validate()
}

// aroundTime bounds the look at the project: in a home folder or / there may be a million files below, and none of a project.
const aroundTime = 3 * time.Second

// lookAround finds what makes a process one of this project's, and the addresses that its code binds on the port. Whatever
// cannot be found out leaves less to be known as ours, never more.
func lookAround(ctx context.Context, t *target.Target, port int) (server.Scope, []string) {
	ctx, cancel := context.WithTimeout(ctx, aroundTime)
	defer cancel()
	scope, err := t.Scope(ctx)
	if err != nil {
		return server.Scope{Roots: scope.Roots}, nil
	}
	listens, err := t.Listens(ctx)
	if err != nil {
		return scope, nil
	}
	var wanted []string
	for _, a := range listens {
		if a.Port != port {
			continue
		}
		if a.HostUnknown {
			return scope, nil
		}
		wanted = append(wanted, a.String())
	}
	return scope, wanted
}

// holderChecks are the checks whose findings are gone once nobody is in the app's way.
var holderChecks = []string{"port/leftover", "port/taken", "port/inherited"}

// recheck asks the checks about who holds the port again, of a target that has not yet looked.
func (o *fixOptions) recheck(ctx context.Context, args []string, port int) ([]string, error) {
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: "dev", Port: port, Environ: o.environ})
	if err != nil {
		return nil, err
	}
	selected, err := checks.Select(catalogue.All(), checks.Dev, holderChecks, nil)
	if err != nil {
		return nil, err
	}
	var still []string
	for _, outcome := range checks.Run(ctx, t, selected, checks.RunOptions{Timeout: time.Minute}) {
		for _, f := range outcome.Findings {
			if f.Subject != nil && f.Subject.Port == port {
				still = append(still, fmt.Sprintf("%s: %s", f.Check, f.Message))
			}
		}
	}
	return still, nil
}
