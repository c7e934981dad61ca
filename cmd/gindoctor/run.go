package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// exitCode is the error of a command that has said all there is to say and ends with that code.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// run is the whole program: it returns the exit code. Every error is put into words here and nowhere else.
func run(ctx context.Context, s *streams, args []string) int {
	root := newRoot(s)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	fmt.Fprintf(s.err, "gindoctor: %v\n", err)
	return 2
}

func newRoot(s *streams) *cobra.Command {
	opts := &checkOptions{streams: s}
	root := &cobra.Command{
		Use:   "gindoctor [check] [DIR]",
		Short: "find out why the hot reload of a Gin service broke",
		Long: `Find out why the hot reload of a Gin service broke, and mend it.

Without a command, gindoctor runs check on the current folder.`,
		Example: `  gindoctor                          what is wrong here?
  gindoctor check --port 8080        and with the server on that port
  gindoctor fix                      mend it; gindoctor undo puts it back
  gindoctor fix --port 8080          free the port
  gindoctor explain port/leftover    what a finding means
  gindoctor check --profile ci --format json`,
		Args:                       cobra.MaximumNArgs(1),
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Version:                    version(), // --version: what most people try first
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := misspelt(cmd, args); err != nil {
				return err
			}
			return opts.run(cmd.Context(), args)
		},
	}
	opts.flags(root)
	root.Flags().Bool("version", false, "print the version")
	root.SetVersionTemplate("gindoctor {{.Version}}\n")
	root.AddCommand(newCheck(s), newFix(s), newUndo(s), newMonitor(s), newDrill(s), newInit(s), newExplain(s), newChecks(s), newReport(s), newConfig(s), newFacts(s), newSchema(s), newMan(s), newVersion(s))
	root.InitDefaultCompletionCmd()
	return root
}

// misspelt refuses a word that is neither a folder nor a command but nearly a command.
func misspelt(root *cobra.Command, args []string) error {
	if len(args) == 0 || exists(args[0]) {
		return nil
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("there is no command and no folder %q; did you mean `gindoctor %s`?", args[0], near[0])
	}
	return nil
}
