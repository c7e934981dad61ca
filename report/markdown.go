package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// Markdown is the report for comments on changes and for job summaries (GitHub's and GitLab's dialect).
type Markdown struct{}

// Render writes the causes with what they explain, then what could not be looked at.
func (Markdown) Render(w io.Writer, r *Report, o Options) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "## gindoctor: %s\n\n", markdownVerdict(r))
	if r.Error != "" {
		fmt.Fprintf(b, "%s\n", markdownText(r.Error))
		return b.Flush()
	}
	for _, d := range r.Diagnoses {
		for n, i := range d.Findings {
			markdownFinding(b, &r.Findings[i], o, n == 0, "")
		}
		for _, i := range d.Explains {
			markdownFinding(b, &r.Findings[i], o, false, "  ")
		}
	}
	if len(r.Diagnoses) > 0 {
		fmt.Fprintln(b)
	}
	markdownOpen(b, r)
	s := r.Summary
	fmt.Fprintf(b, "%s, %s, %s", counted(s.Errors, "error"), counted(s.Warnings, "warning"), counted(s.Infos, "info"))
	if s.Suppressed > 0 {
		fmt.Fprintf(b, ", %d suppressed", s.Suppressed)
	}
	fmt.Fprintf(b, ". %d questions answered, %d do not arise, %d open. Score %d. Profile `%s`.\n",
		s.Passed+s.Found, s.Skipped, s.Unknown, s.Score, r.Target.Profile)
	return b.Flush()
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func markdownVerdict(r *Report) string {
	switch {
	case r.Error != "":
		return "nothing could be examined"
	case r.Summary.Errors > 0:
		return "broken"
	case r.Summary.Warnings > 0:
		return "works, with warnings"
	case r.Summary.Unknown > 0:
		return "nothing found, but not everything could be looked at"
	}
	return "nothing wrong"
}

var markdownMarks = map[string]string{"error": "❌", "warning": "⚠️", "info": "ℹ️"}

func markdownFinding(b *bufio.Writer, f *Finding, o Options, cause bool, indent string) {
	message := markdownText(f.Message.String())
	if cause {
		message = "**" + message + "**"
	}
	fmt.Fprintf(b, "%s- %s %s", indent, markdownMarks[f.Severity], message)
	if f.Location != nil {
		at := *f
		at.Location = &checks.Location{File: o.repositoryPath(f.Location.File), Line: f.Location.Line}
		fmt.Fprintf(b, " — %s", markdownCode(whereabouts(&at)))
	} else if at := whereabouts(f); at != "" {
		fmt.Fprintf(b, " — %s", markdownText(at))
	}
	fmt.Fprintf(b, " (`%s`)", f.Check)
	if f.Confidence != "certain" {
		fmt.Fprintf(b, ", %s", f.Confidence)
	}
	if !f.Why.IsZero() {
		fmt.Fprintf(b, "  \n%s  %s", indent, markdownText(f.Why.String()))
	}
	if help := helpOf(f); help != "" {
		fmt.Fprintf(b, "  \n%s  To mend it: %s", indent, markdownCode(help))
	}
	fmt.Fprintln(b)
}

func markdownOpen(b *bufio.Writer, r *Report) {
	var open []Check
	for _, c := range r.Checks {
		if c.Status == checks.Unknown {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return
	}
	fmt.Fprint(b, "Could not be looked at:\n\n")
	for _, c := range open {
		fmt.Fprintf(b, "- `%s`: %s\n", c.ID, markdownText(c.Reason.String()))
	}
	fmt.Fprintln(b)
}

// markdownText shows foreign text as it is: whatever Markdown, HTML or a code host (mentions, issue numbers, links) would make
// something of is escaped.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@':
			b.WriteString("@\u200b") // nobody is called
		case strings.ContainsRune("\\`*_[]#|~$", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "://", ":\u200b//")
}

// markdownCode is foreign text in a code span: delimited by more backquotes than it holds in a row.
func markdownCode(s string) string {
	s = oneLine(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || strings.HasPrefix(s, " ") || s == "" {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
