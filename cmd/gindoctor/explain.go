package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/report"
)

func newExplain(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [ID | 'error message']",
		Short: "print the page of a check, or find the checks that know an error message",
		Example: `  gindoctor explain port/leftover
  gindoctor explain 'bind: address already in use'`,
		RunE: func(_ *cobra.Command, args []string) error {
			what := strings.Join(args, " ")
			if err, unknown := errors.AsType[*checks.NoSuchCheck](checks.Known(catalogue.All(), what)); unknown && err.Near == "" && namesOwn([]string{what}) {
				_, err := fmt.Fprintf(s.out, "%s is a check that a project brings along: `gindoctor config` says where, in the project.\n", what)
				return err
			}
			return report.Explain(s.out, what, catalogue.All(), s.look)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, c := range catalogue.All() {
				ids = append(ids, cobra.CompletionWithDesc(c.ID, c.Title))
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
