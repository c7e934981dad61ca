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
}

func newInit(s *streams) *cobra.Command {
	opts := &initOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "init --watcher air [DIR]",
		Short: "write a watcher configuration that fits this project",
		Long: `Write a watcher configuration that fits the project in DIR (the current folder if left out): it builds the main package that
serves, watches what that is built from and reads, and ends it the way it can be ended. What was chosen is said, with the
reason. A file that is there is never written over.`,
		Example: `  gindoctor init --watcher air
  gindoctor init --watcher air --package ./cmd/admin`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd.Context(), args) },
	}
	cmd.Flags().StringVar(&opts.watcher, "watcher", "", "the watcher to configure: air")
	cmd.Flags().StringVar(&opts.pkg, "package", "", "the main package to build, as in ./cmd/api (default: the one that serves)")
	return cmd
}

func (o *initOptions) run(ctx context.Context, args []string) error {
	switch o.watcher {
	case "air":
	case "":
		return errors.New("say what to write: gindoctor init --watcher air")
	default:
		return fmt.Errorf("--watcher: there is no configuration to write for %q; air is the one", o.watcher)
	}
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: "dev", Environ: o.environ})
	if err != nil {
		return err
	}
	f, err := scaffold.Air(ctx, t, o.pkg)
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
	_, err = fmt.Fprintln(o.out, "Start it with: air")
	return err
}
