package main

import (
	"strings"

	"github.com/spf13/cobra"

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
			return report.Explain(s.out, strings.Join(args, " "), catalogue.All(), s.look)
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
