package main

import (
	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/report"
)

func newSchema(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of the JSON report",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := s.out.Write(report.Schema())
			return err
		},
	}
}
