package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/report"
)

func newReport(s *streams) *cobra.Command {
	var format, show string
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "render a saved JSON report in another format",
		Example: `  gindoctor check --format json=report.json
  gindoctor report report.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			renderer, err := report.Format(format)
			if err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			look := s.look
			if look.Show, err = checks.ParseSeverity(show); err != nil {
				return fmt.Errorf("--show: %w", err)
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			r, err := report.Read(f)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			look.Source = report.SourceFrom(r.Target.Root)
			return renderer.Render(s.out, r, look)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "the format to render it in: text or json")
	cmd.Flags().StringVar(&show, "show", "warning", "show findings from this severity up (text only): error, warning or info")
	return cmd
}
