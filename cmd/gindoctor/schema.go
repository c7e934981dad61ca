package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/report"
)

func newSchema(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [report | config]",
		Short: "print the JSON Schema of the JSON report, or that of .gindoctor.yaml",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			schema := report.Schema()
			if len(args) > 0 && args[0] == "config" {
				schema = config.Schema()
			} else if len(args) > 0 && args[0] != "report" {
				return fmt.Errorf("there is no schema of %q; there are report and config", args[0])
			}
			_, err := s.out.Write(schema)
			return err
		},
	}
}
