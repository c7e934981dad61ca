package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/target"
)

func newConfig(s *streams) *cobra.Command {
	opts := &checkOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "config [DIR]",
		Short: "verify the configuration, and print what holds and where it comes from",
		Long: `Verify .gindoctor.yaml in DIR (the current folder if left out), and print the settings of a run with these flags, each with
where it comes from: a flag, a line of the configuration, or the default. Nothing is examined.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := opts.read(args)
			if err != nil {
				return err
			}
			t, err := target.Open(cmd.Context(), set.target)
			if err != nil {
				return err
			}
			if err := opts.configure(set, t.Root()); err != nil {
				return err
			}
			return opts.effective(set)
		},
	}
	opts.flags(cmd)
	return cmd
}

// effective prints the settings of a run.
func (o *checkOptions) effective(set *settings) error {
	c := set.config
	if c.File == "" {
		fmt.Fprintf(o.out, "There is no %s here: flags and defaults hold.\n\n", config.Name)
	} else {
		fmt.Fprintf(o.out, "%s is in order.\n\n", c.File)
	}
	w := tabwriter.NewWriter(o.out, 0, 0, 3, ' ', 0)
	row := func(name, value, origin string) { fmt.Fprintf(w, "%s\t%s\t%s\n", name, value, origin) }
	row("profile", set.target.Profile, o.origin(c, "profile"))
	row("fail-on", failOnName(set.gate.FailOn), o.origin(c, "fail-on"))
	row("timeout", set.timeout.String(), o.origin(c, "timeout"))
	row("ports", portsOf(set.target), o.portsOrigin(c))
	row("lang", "en", o.langOrigin(c))
	row("checks", fmt.Sprintf("%d asked", len(set.checks)), "")
	for _, glob := range o.skip {
		row("skip", glob, "--skip")
	}
	for _, glob := range c.Skip {
		row("skip", glob, at(c, c.Line("skip")))
	}
	for _, s := range c.Severity {
		row("severity", s.Check+": "+s.Level.String(), at(c, s.Line))
	}
	for _, i := range c.Ignore {
		row("ignore", ignoreText(i), at(c, i.Line))
	}
	for _, e := range c.External {
		row("external", fmt.Sprintf("config/%s: %s (%s)", e.Name, strings.Join(e.Command, " "), e.Timeout), at(c, e.Line))
	}
	return w.Flush()
}

func at(c *config.Config, line int) string { return c.File + ":" + strconv.Itoa(line) }

// origin is where a setting comes from that has a flag and a key of one name.
func (o *checkOptions) origin(c *config.Config, name string) string {
	switch {
	case o.given(name):
		return "--" + name
	case c.Line(name) > 0:
		return at(c, c.Line(name))
	}
	return "default"
}

func (o *checkOptions) portsOrigin(c *config.Config) string {
	if o.given("port") {
		return "--port"
	}
	if len(c.Ports) > 0 && !o.given("pid") {
		return at(c, c.Line("ports"))
	}
	return "default"
}

// langOrigin says why the report is in English where another language is wanted.
func (o *checkOptions) langOrigin(c *config.Config) string {
	if c.Lang == "" || c.Lang == "en" {
		return o.origin(c, "lang")
	}
	return at(c, c.Line("lang")) + " wants " + c.Lang + ", which is not spoken yet"
}

func failOnName(s checks.Severity) string {
	if s == 0 {
		return "never"
	}
	return s.String()
}

func portsOf(opts target.Options) string {
	if opts.Port != 0 {
		return strconv.Itoa(opts.Port)
	}
	if len(opts.Ports) == 0 {
		return "as the code says"
	}
	var out []string
	for _, p := range opts.Ports {
		out = append(out, strconv.Itoa(p))
	}
	return strings.Join(out, ", ")
}

func ignoreText(i config.Ignore) string {
	text := i.Check
	if i.Path != "" {
		text += " in " + i.Path
	}
	if !i.Until.IsZero() {
		text += " until " + i.Until.Format(time.DateOnly)
	}
	if i.Reason == "" {
		return text + " (hides nothing: no reason)"
	}
	return text + ": " + i.Reason
}
