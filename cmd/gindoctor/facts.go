package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/facts"
	"github.com/gindoctor/gindoctor/target"
)

type factsOptions struct {
	*streams
	format  string
	profile string
	fast    bool
	port    int
	pid     int
	timeout time.Duration
}

func newFacts(s *streams) *cobra.Command {
	opts := &factsOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "facts [DIR]",
		Short: "print what the code says (addresses, routes, variables, files, signals), and what runs",
		Long: `Print what gindoctor reads in the code of each program in DIR (the current folder if left out): the addresses it listens on, its
routes and middleware, the variables and files it reads, how it ends, what it needs where it runs; and what could not be
resolved, with the reason. And of each running server of DIR, or the one that --port or --pid names: what it has open, its connections,
limits, memory, children and logs, how it was built. All checks judge by these facts. Secrets are not shown; of the environment of a
running server the names are.`,
		Example: `  gindoctor facts
  gindoctor facts --profile prod --port 8080
  gindoctor facts --format json | jq '.programs[].routes'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.format, "format", "text", "how to print them: text or json")
	f.StringVar(&opts.profile, "profile", "dev", "dev, ci or prod; in ci the environment is not asked")
	f.IntVar(&opts.port, "port", 0, "look at the server on this port")
	f.IntVar(&opts.pid, "pid", 0, "look at this process")
	f.BoolVar(&opts.fast, "fast", false, "leave the type check out")
	f.DurationVar(&opts.timeout, "timeout", time.Minute, "for all of it")
	return cmd
}

func (o *factsOptions) run(ctx context.Context, args []string) error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--format: %q is none of text, json", o.format)
	}
	if o.profile != "dev" && o.profile != "ci" && o.profile != "prod" {
		return fmt.Errorf("--profile: %q is none of dev, ci, prod", o.profile)
	}
	types := target.TypesIfWarm
	if o.fast {
		types = target.TypesNever
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: o.profile, Types: types, Port: o.port, PID: o.pid, Environ: o.environ})
	if err != nil {
		return err
	}
	if err := t.Examinable(ctx); err != nil {
		return err
	}
	all, err := facts.Collect(ctx, t)
	if err != nil {
		return err
	}
	switch {
	case len(all.Servers) > 0:
	case o.pid != 0:
		return fmt.Errorf("there is no process %d", o.pid)
	case o.port != 0:
		return fmt.Errorf("no server that you may look at listens on port %d", o.port)
	}
	if o.format == "json" {
		return all.JSON(o.out)
	}
	if len(all.Programs)+len(all.Servers) == 0 {
		_, err := fmt.Fprintln(o.out, "There is no program here: no package main that is built on this machine.")
		return err
	}
	return all.Text(o.out)
}
