package report

import (
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/target/mask"
)

// Text is the report for people: one screen, the cause on top, the place, the consequence, the command. Nothing that is in
// order takes a line.
type Text struct{}

// Render writes the report in plain words.
func (Text) Render(w io.Writer, r *Report, o Options) error {
	s := newScreen(r, o)
	switch {
	case r.Error != "":
		s.item(diagnosis.Broken, 0, oneLine(mask.Message(r.Error)), "")
	case o.Quiet:
		s.causesOnly()
	default:
		s.whole()
	}
	_, err := io.WriteString(w, uncommanded(s.text.String())) // a line may begin where foreign text was wrapped
	return err
}

// screen is a text report in the making.
type screen struct {
	r     *Report
	o     Options
	width int
	marks marks
	text  strings.Builder

	shown map[int]bool // the findings that got a place on the screen
}

func newScreen(r *Report, o Options) *screen {
	s := &screen{r: r, o: o, width: o.width(), marks: unicodeMarks, shown: map[int]bool{}}
	if o.ASCII {
		s.marks = asciiMarks
	}
	return s
}

// line writes one line, without blanks at its end.
func (s *screen) line(parts ...string) {
	s.text.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	s.text.WriteByte('\n')
}

// paint gives text a style where there is colour.
func (s *screen) paint(style lipgloss.Style, text string) string {
	if !s.o.Color || text == "" {
		return text
	}
	return style.Render(text)
}

// words renders a message for the screen: harmless, without secrets.
func words(m checks.Message) string { return mask.Message(neutral(m.String())) }

// paragraph writes wrapped text, every line indented.
func (s *screen) paragraph(indent int, style lipgloss.Style, text string) {
	for _, line := range wrap(text, s.width-indent) {
		s.line(strings.Repeat(" ", indent), s.paint(style, line))
	}
}

// hanging writes wrapped text whose further lines are indented by two more.
func (s *screen) hanging(indent int, text string) {
	for i, line := range wrap(text, s.width-indent-2) {
		if i == 1 {
			indent += 2
		}
		s.line(strings.Repeat(" ", indent), line)
	}
}

// item writes a mark, a sentence and, to the right, the id it belongs to.
func (s *screen) item(state diagnosis.State, indent int, text, id string) {
	style := styleOf(state)
	mark := s.marks.of(state)
	lines := wrap(text, s.width-indent-2)
	last := len(lines) - 1
	for i, line := range lines {
		lead, rest := strings.Repeat(" ", indent+2), ""
		if i == 0 {
			lead = strings.Repeat(" ", indent) + s.paint(style, mark) + " "
		}
		if gap := s.width - indent - 2 - lipgloss.Width(line) - lipgloss.Width(id); i == last && id != "" && gap >= 2 {
			rest = strings.Repeat(" ", gap) + s.paint(faint, id)
			id = ""
		}
		if indent == 0 {
			line = s.paint(bold, line)
		}
		s.line(lead, line, rest)
	}
	if id != "" { // no room beside the sentence
		s.line(strings.Repeat(" ", max(0, s.width-lipgloss.Width(id))), s.paint(faint, id))
	}
}

// whole is the report with all its parts.
func (s *screen) whole() {
	switch {
	case s.r.Series != nil:
		s.watchedHeader()
		s.watched()
	case s.r.Drill != nil:
		s.header()
		s.drilled()
	default:
		s.header()
		s.chain()
	}
	causes := s.visible()
	switch {
	case len(causes) > 0:
		s.cause(causes[0])
		s.further(causes[1:])
	case s.r.Series != nil:
		s.watchedWell()
	case s.r.Drill != nil:
		s.drilledWell()
	default:
		s.nothingFound()
	}
	if s.r.Drill != nil {
		s.drillNotes()
	}
	s.suppressed()
	if s.o.Verbose {
		s.line()
		s.line("How every question ended")
		checkTable(&s.text, s.r.Checks, s.o)
	}
	s.footer(causes)
}

// header is the line that says what was looked at.
func (s *screen) header() {
	t := s.r.Target
	parts := []string{s.paint(bold, oneLine(path.Base(strings.ReplaceAll(t.Root, `\`, "/"))))}
	if t.Module != "" {
		parts[0] += "  " + oneLine(t.Module)
	}
	if t.Watcher != "" {
		parts = append(parts, oneLine(t.Watcher))
	}
	if t.Go != "" {
		parts = append(parts, "go "+oneLine(t.Go))
	}
	if t.Port != 0 {
		parts = append(parts, fmt.Sprintf("port %d", t.Port))
	}
	s.row("", parts, "   ", s.paint(faint, duration(s.r.Time.Duration)))
	s.line()
}

// row writes parts beside each other, over as many lines as they take, and right behind them, at the edge.
func (s *screen) row(lead string, parts []string, gap, right string) {
	line := lead
	for i, part := range parts {
		switch {
		case i == 0 || line == lead:
			line += part
		case lipgloss.Width(line+gap+part) > s.width:
			s.line(line)
			line = lead + part
		default:
			line += gap + part
		}
	}
	if right == "" {
		s.line(line)
		return
	}
	room := s.width - lipgloss.Width(line) - lipgloss.Width(right)
	if room < 2 {
		s.line(line)
		line, room = "", s.width-lipgloss.Width(right)
	}
	s.line(line, strings.Repeat(" ", max(0, room)), right)
}

func duration(ms int64) string {
	switch d := time.Duration(ms) * time.Millisecond; {
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", ms)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// chain draws every stage with its mark. In profile dev the two that are about deploying are left out where nothing is known
// of them.
func (s *screen) chain() {
	var links []string
	width := 0
	for _, l := range s.r.Chain {
		if s.r.Target.Profile == "dev" && l.State == diagnosis.Skipped && (l.Stage == checks.Package || l.Stage == checks.Route) {
			continue
		}
		links = append(links, string(l.Stage)+" "+s.paint(styleOf(l.State), s.marks.of(l.State)))
		width += len(l.Stage) + 2
	}
	gap := "   "
	if width+len(gap)*(len(links)-1)+2 > s.width {
		gap = "  "
	}
	s.row("  ", links, gap, "")
	s.line()
}

// severity is the level of a finding, of a saved report too.
func severity(f *Finding) checks.Severity {
	level, _ := checks.ParseSeverity(f.Severity)
	return level
}

// worst is the gravest severity that a diagnosis holds.
func (s *screen) worst(d *Diagnosis) checks.Severity {
	worst := checks.Info
	for _, list := range [][]int{d.Findings, d.Explains} {
		for _, i := range list {
			worst = max(worst, severity(&s.r.Findings[i]))
		}
	}
	return worst
}

// visible are the diagnoses that hold something grave enough to be shown, or of which a drill has shown that it breaks something.
func (s *screen) visible() []*Diagnosis {
	var out []*Diagnosis
	for i := range s.r.Diagnoses {
		if d := &s.r.Diagnoses[i]; s.worst(d) >= s.o.show() || s.r.broke(d) {
			out = append(out, d)
		}
	}
	return out
}

// causesOnly is the report of -q: a line for each cause.
func (s *screen) causesOnly() {
	for _, d := range s.visible() {
		lead := ""
		root := &s.r.Findings[d.Findings[0]]
		if root.Location != nil {
			lead = place(root.Location) + ": "
		}
		s.line(lead, s.worst(d).String(), ": ", oneLine(words(d.Title)), "  ", d.Cause)
	}
}
