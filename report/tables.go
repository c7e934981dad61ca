package report

import (
	"io"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/gindoctor/gindoctor/checks"
)

// table writes rows in columns that line up, without lines around them; the last column is wrapped to what is left of the
// width.
func table(out *strings.Builder, header []string, rows [][]string, o Options) {
	rows = append([][]string{header}, rows...)
	left, last := 0, len(header)-1
	for column := range last {
		widest := 0
		for _, row := range rows {
			widest = max(widest, lipgloss.Width(row[column]))
		}
		left += widest + len(columnGap)
	}
	for _, row := range rows {
		row[last] = strings.Join(wrap(row[last], max(o.width()-left, leastWidth/2)), "\n")
	}
	var b strings.Builder
	t := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithPadding(tw.Padding{Right: columnGap, Overwrite: true}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
	)
	t.Header(header)
	_ = t.Bulk(rows[1:]) // neither fails: the rows are strings, the writer is memory
	_ = t.Render()
	for line := range strings.Lines(b.String()) {
		out.WriteString(strings.TrimRight(line, " \n"))
		out.WriteByte('\n')
	}
}

const columnGap = "  "

// checkTable says how every question ended, and why the open ones did not.
func checkTable(out *strings.Builder, all []Check, o Options) {
	rows := make([][]string, 0, len(all))
	for _, c := range all {
		rows = append(rows, []string{c.ID, string(c.Status), duration(c.Duration), oneLine(words(c.Reason))})
	}
	table(out, []string{"check", "status", "took", "why"}, rows, o)
}

// Catalogue lists checks for `gindoctor checks`: how grave what each finds is, and where there is room also at which link of
// the chain it stands and in which profiles it runs by itself.
func Catalogue(w io.Writer, all []*checks.Check, o Options) error {
	header, row := []string{"check", "severity", "finds"}, func(c *checks.Check) []string {
		return []string{c.ID, c.Severity.String(), c.Title}
	}
	if o.width() >= proseWidth {
		header, row = []string{"check", "stage", "severity", "profiles", "finds"}, func(c *checks.Check) []string {
			return []string{c.ID, string(c.Stage), c.Severity.String(), c.Profiles.String(), c.Title}
		}
	}
	rows := make([][]string, 0, len(all))
	for _, c := range all {
		rows = append(rows, row(c))
	}
	var b strings.Builder
	table(&b, header, rows, o)
	_, err := io.WriteString(w, b.String())
	return err
}
