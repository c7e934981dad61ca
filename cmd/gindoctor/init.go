package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/scaffold"
	"github.com/gindoctor/gindoctor/target"
)

type initOptions struct {
	*streams
	watcher string
	pkg     string
	ci      string
}

func newInit(s *streams) *cobra.Command {
	opts := &initOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "init [--watcher air | --ci github|gitlab] [DIR]",
		Short: "write .gindoctor.yaml, a watcher configuration or a pipeline step that fits this project",
		Long: `Write a file that fits the project in DIR (the current folder if left out):

  without a flag   .gindoctor.yaml, with what gindoctor cannot find out by itself
  --watcher air    .air.toml: it builds the main package that serves, watches what that is built from and reads, and ends it the
                   way it can be ended
  --ci PLATFORM    a pipeline step that runs gindoctor check --profile ci and shows what it found

What was chosen is said, with the reason. A file that is there is never written over.`,
		Example: `  gindoctor init
  gindoctor init --watcher air --package ./cmd/admin
  gindoctor init --ci github`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd.Context(), args) },
	}
	cmd.Flags().StringVar(&opts.watcher, "watcher", "", "the watcher to configure: air")
	cmd.Flags().StringVar(&opts.pkg, "package", "", "with --watcher: the main package to build, as in ./cmd/api (default: the one that serves)")
	cmd.Flags().StringVar(&opts.ci, "ci", "", "the platform to write a pipeline step for: github or gitlab")
	cmd.MarkFlagsMutuallyExclusive("watcher", "ci")
	return cmd
}

func (o *initOptions) run(ctx context.Context, args []string) error {
	if o.watcher != "" && o.watcher != "air" {
		return fmt.Errorf("--watcher: there is no configuration to write for %q; air is the one", o.watcher)
	}
	if o.pkg != "" && o.watcher == "" {
		return errors.New("--package goes with --watcher only")
	}
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: "dev", Environ: o.environ})
	if err != nil {
		return err
	}
	f, next, err := o.make(ctx, t)
	if err != nil {
		return err
	}
	if err := f.Write(); err != nil {
		return err
	}
	fmt.Fprintf(o.out, "Wrote %s\n\n", f.Name)
	for _, c := range f.Choices {
		fmt.Fprintf(o.out, "  %s\n      %s\n", c.What, c.Why)
	}
	fmt.Fprintln(o.out)
	for _, n := range f.Notes {
		fmt.Fprintf(o.out, "Note: %s\n", n)
	}
	_, err = fmt.Fprintln(o.out, next)
	return err
}

// make makes the file that was asked for, and says what comes next.
func (o *initOptions) make(ctx context.Context, t *target.Target) (f *scaffold.File, next string, err error) {
	switch {
	case o.watcher != "":
		f, err = scaffold.Air(ctx, t, o.pkg)
		return f, "Start it with: air", err
	case o.ci != "":
		f, err = scaffold.Pipeline(ctx, t, o.ci, version())
		if err != nil {
			err = fmt.Errorf("--ci: %w", err)
		}
		return f, "The same run here: gindoctor check --profile ci", err
	}
	if err := t.Examinable(ctx); err != nil {
		return nil, "", err
	}
	f, err = scaffold.Settings(ctx, t)
	return f, "What holds now: gindoctor config", err
}
