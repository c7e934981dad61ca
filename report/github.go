package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// GitHub is the report as workflow commands, which GitHub Actions shows at the lines of a change
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). The job summary is the Markdown report.
type GitHub struct{}

var githubCommands = map[string]string{"error": "error", "warning": "warning", "info": "notice"}

// Render writes a line for each finding, and one for each question that has no answer, where that can fail the run.
func (GitHub) Render(w io.Writer, r *Report, o Options) error {
	b := bufio.NewWriter(w)
	if r.Error != "" {
		fmt.Fprintf(b, "::error title=gindoctor::%s\n", githubData(oneLine(r.Error)))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		fmt.Fprintf(b, "::%s %s::%s\n", githubCommands[f.Severity], strings.Join(githubProperties(f, o), ","), githubData(sentence(f)))
	}
	for _, c := range r.Checks {
		if c.Status == checks.Unknown && r.Target.Profile != "dev" {
			level := "warning"
			if r.Summary.ExitCode == 2 {
				level = "error"
			}
			fmt.Fprintf(b, "::%s title=%s::%s\n", level, githubProperty(c.ID+" has no answer"), githubData(oneLine(c.Reason.String())))
		}
	}
	return b.Flush()
}

func githubProperties(f *Finding, o Options) []string {
	var out []string
	set := func(name string, value any) { out = append(out, name+"="+githubProperty(fmt.Sprint(value))) }
	if l := f.Location; l != nil {
		set("file", oneLine(o.repositoryPath(l.File)))
		if l.Line > 0 {
			set("line", l.Line)
		}
		if l.EndLine > 0 {
			set("endLine", l.EndLine)
		}
		if l.Column > 0 && l.EndLine <= l.Line { // the runner takes columns within one line only
			set("col", l.Column)
			if l.EndColumn > 0 {
				set("endColumn", l.EndColumn)
			}
		}
	}
	set("title", f.Check)
	return out
}

// githubData and githubProperty escape as the runner's own toolkit does (actions/toolkit, command.ts): without it a message could
// hold a second command.
func githubData(s string) string     { return githubDataEscapes.Replace(s) }
func githubProperty(s string) string { return githubPropertyEscapes.Replace(s) }

var (
	githubDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
