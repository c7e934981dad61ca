package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/target"
)

type undoOptions struct {
	*streams
	yes     bool
	format  string
	noColor bool
}

func newUndo(s *streams) *cobra.Command {
	opts := &undoOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "undo [DIR]",
		Short: "put back what the last fix changed",
		Long: `Put back what the last "gindoctor fix" on the project in DIR (the current folder if left out) changed, byte for byte, files
outside the project included. Run again, it goes one fix further back. A file that has changed since is not touched, and
then none is. A process that was stopped cannot be brought back.

Exit codes: 0 it is as before, or there was nothing to undo; 1 refused, or it did not work; 2 bad usage.`,
		Example: `  gindoctor undo          say what would be put back, ask, and do it
  gindoctor undo --yes    without a question`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&opts.yes, "yes", false, "do not ask")
	f.StringVar(&opts.format, "format", "text", "how to tell it: text or json")
	f.BoolVar(&opts.noColor, "no-color", false, "no colour (as with the variable NO_COLOR)")
	return cmd
}

func (o *undoOptions) run(ctx context.Context, args []string) error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--format: %q is none of text, json", o.format)
	}
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: "dev", Environ: o.environ})
	if err != nil {
		return err
	}
	store, err := journalOf(t.Root())
	if err != nil {
		return err
	}
	style := (&fixOptions{streams: o.streams, noColor: o.noColor}).style()
	r, err := fixes.Undo(ctx, fixes.UndoOptions{
		Root: t.Root(), Journal: store, Yes: o.yes, JSON: o.format == "json",
		In: o.in, Out: o.out, Terminal: o.inTTY && o.outTTY, Style: style,
	})
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if r.ExitCode != 0 {
		return exitCode(r.ExitCode)
	}
	return nil
}
