package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/docs"
	"github.com/gindoctor/gindoctor/report"
)

func newReport(s *streams) *cobra.Command {
	var formats []string
	var show, failOn string
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "render a saved JSON report in another format",
		Example: `  gindoctor check --format json=report.json
  gindoctor report report.json
  gindoctor report report.json --format sarif=report.sarif --format junit=report.xml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := outputs(formats)
			if err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			look := s.look
			gate, err := gateOf(failOn)
			if err != nil {
				return fmt.Errorf("--fail-on: %w", err)
			}
			look.FailOn, look.NeverFails = gate, gate == 0
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
			look = withSource(look, r)
			for _, out := range outputs {
				if err := out.write(s, r, look); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&formats, "format", []string{"text"}, "the format to render it in, with =FILE to write it there (repeatable): "+strings.Join(report.FormatNames(), ", "))
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "what counts as a failure (junit only): error, warning, info or never")
	cmd.Flags().StringVar(&show, "show", "warning", "show findings from this severity up (text only): error, warning or info")
	return cmd
}

// withSource lets a report be shown with the lines it points at, with the titles and pages of the checks, and with paths from the
// top of the repository, as pipelines know them.
func withSource(look report.Options, r *report.Report) report.Options {
	look.Source = report.SourceFrom(r.Target.Root)
	look.Prefix = fromRepository(filepath.FromSlash(r.Target.Root))
	look.Describe = func(id string) (title, page string) {
		for _, c := range catalogue.All() {
			if c.ID == id {
				title = c.Title
			}
		}
		page, _ = docs.Page(id)
		return title, page
	}
	return look
}

// fromRepository is the path from the top of the repository to a folder, "" where it is the top or in none.
func fromRepository(root string) string {
	for dir := root; ; {
		if exists(filepath.Join(dir, ".git")) {
			rel, err := filepath.Rel(dir, root)
			if err != nil || rel == "." {
				return ""
			}
			return filepath.ToSlash(rel)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
