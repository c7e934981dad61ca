package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/report"
)

// What the commands that measure, drill and monitor, have of check's: the options about their report, its head and its delivery.

// measuringFlags are the options about the report; fixed are those of check that the command decides by itself, so that the
// configuration does not, and more is what --verbose adds.
func (o *checkOptions) measuringFlags(cmd *cobra.Command, more string, fixed ...string) {
	f := cmd.Flags()
	o.given = func(flag string) bool { return slices.Contains(fixed, flag) || f.Changed(flag) }
	f.StringVar(&o.failOn, "fail-on", "error", "exit with 1 from this severity up: error, warning, info or never")
	f.StringVar(&o.show, "show", "warning", "show findings from this severity up (text only): error, warning or info")
	f.StringArrayVar(&o.formats, "format", []string{"text"}, "how to report, with =FILE to write it there (repeatable): "+strings.Join(report.FormatNames(), ", "))
	f.StringVar(&o.config, "config", "", "the configuration (default: .gindoctor.yaml at the root, where there is one)")
	f.BoolVar(&o.noColor, "no-color", false, "no colour (as with the variable NO_COLOR)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "only the causes, a line each, and nothing while it goes on")
	f.BoolVarP(&o.verbose, "verbose", "v", false, more)
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
}

// heading is the head of a report that begins now.
func heading(set *settings) report.Report {
	return report.Report{
		Tool:   report.Tool{Name: "gindoctor", Version: version()},
		Time:   report.Time{Started: time.Now()},
		Target: report.Target{Root: set.target.Dir, Profile: set.target.Profile, OS: hostOS(set.target)},
	}
}

// deliver prints a report, and ends the command as the report says.
func (o *checkOptions) deliver(r *report.Report, set *settings) error {
	if err := o.print(r, set); err != nil {
		return err
	}
	if r.Summary.ExitCode != 0 {
		return exitCode(r.Summary.ExitCode)
	}
	return nil
}
