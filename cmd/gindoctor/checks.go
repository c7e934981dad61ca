package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/report"
)

func newChecks(s *streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "checks",
		Short: "list every question that gindoctor asks",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				return report.Catalogue(s.out, catalogue.All(), s.look)
			case "json":
				return catalogueJSON(s, catalogue.All())
			}
			return fmt.Errorf("--format: %q is none of text, json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "how to list them: text or json")
	return cmd
}

// listed is a check as `checks --format json` prints it.
type listed struct {
	ID       string       `json:"id"`
	Title    string       `json:"title"`
	Stage    checks.Stage `json:"stage"`
	Severity string       `json:"severity"`
	Profiles []string     `json:"profiles"`
}

func catalogueJSON(s *streams, all []*checks.Check) error {
	out := make([]listed, 0, len(all))
	for _, c := range all {
		out = append(out, listed{c.ID, c.Title, c.Stage, c.Severity.String(), c.Profiles.Names()})
	}
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
