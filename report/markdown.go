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
	fmt.Fprintf(b, "## gindoctor: %s\n\n", verdict(r))
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
	markdownSuppressed(b, r, o)
	s := r.Summary
	fmt.Fprintf(b, "%s, %s, %s", counted(s.Errors, "error"), counted(s.Warnings, "warning"), counted(s.Infos, "info"))
	if s.Suppressed > 0 {
		fmt.Fprintf(b, ", %d suppressed", s.Suppressed)
	}
	fmt.Fprintf(b, ". %s answered, %d do not arise, %d open. Score %d. Profile `%s`.\n",
		counted(s.Passed+s.Found, "question"), s.Skipped, s.Unknown, s.Score, r.Target.Profile)
	return b.Flush()
}

var markdownMarks = map[string]string{"error": "❌", "warning": "⚠️", "info": "ℹ️"}

func markdownFinding(b *bufio.Writer, f *Finding, o Options, cause bool, indent string) {
	message := markdownText(f.Message.String())
	if cause {
		message = "**" + message + "**"
	}
	fmt.Fprintf(b, "%s- %s %s", indent, markdownMarks[f.Severity], message)
	if at := o.whereabouts(f); at != "" {
		fmt.Fprintf(b, ", %s", markdownCode(at))
	}
	fmt.Fprintf(b, " (`%s`)", f.Check)
	if f.Confidence != "certain" {
		fmt.Fprintf(b, ", %s", f.Confidence)
	}
	if !f.Why.IsZero() {
		fmt.Fprintf(b, "  \n%s  %s", indent, markdownText(f.Why.String()))
	}
	if help := helpOf(f); isCommand(help) {
		fmt.Fprintf(b, "  \n%s  To mend it: %s", indent, markdownCode(help))
	} else if help != "" {
		fmt.Fprintf(b, "  \n%s  To mend it: %s", indent, markdownText(help))
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

// markdownSuppressed lists what decisions of the project hide, where it was asked for.
func markdownSuppressed(b *bufio.Writer, r *Report, o Options) {
	if len(r.Suppressed) == 0 {
		return
	}
	fmt.Fprint(b, "Suppressed:\n\n")
	for i := range r.Suppressed {
		h := &r.Suppressed[i]
		fmt.Fprintf(b, "- %s", markdownText(h.Finding.Message.String()))
		if at := o.whereabouts(&h.Finding); at != "" {
			fmt.Fprintf(b, ", %s", markdownCode(at))
		}
		fmt.Fprintf(b, " (`%s`), %s\n", h.Finding.Check, markdownText(h.decision()))
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
