package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// JUnit is the report as JUnit XML, which test pages of pipelines show: a suite for each family, a test case for each check that
// found nothing and for each finding. What fails the run is a failure; a lesser finding passes and says so in its output.
type JUnit struct{}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Time   string       `xml:"time,attr"`
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Time  string      `xml:"time,attr"`
	Cases []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string     `xml:"name,attr"`
	Class     string     `xml:"classname,attr"`
	File      string     `xml:"file,attr,omitempty"`
	Line      int        `xml:"line,attr,omitempty"`
	Time      string     `xml:"time,attr"`
	Skipped   *junitNote `xml:"skipped"`
	Error     *junitNote `xml:"error"`
	Failure   *junitNote `xml:"failure"`
	SystemOut string     `xml:"system-out,omitempty"`
}

type junitNote struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// Render writes one document.
func (JUnit) Render(w io.Writer, r *Report, o Options) error {
	all := junitSuites{Name: "gindoctor", Time: seconds(r.Time.Duration)}
	if r.Error != "" {
		all.add("gindoctor", junitCase{Name: "target", Class: "gindoctor", Time: "0", Error: &junitNote{Message: oneLine(r.Error), Type: "error"}})
	}
	for _, c := range r.Checks {
		family, _, _ := strings.Cut(c.ID, "/")
		for _, tc := range junitCases(r, c, o) {
			all.add(family, tc)
		}
	}
	slices.SortStableFunc(all.Suites, func(a, b junitSuite) int { return cmp.Compare(a.Name, b.Name) })
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add counts a case and puts it into its suite.
func (s *junitSuites) add(family string, c junitCase) {
	i := slices.IndexFunc(s.Suites, func(suite junitSuite) bool { return suite.Name == family })
	if i < 0 {
		i = len(s.Suites)
		s.Suites = append(s.Suites, junitSuite{Name: family, Time: "0"})
	}
	suite := &s.Suites[i]
	suite.Cases = append(suite.Cases, c)
	suite.count(c)
	s.count(c)
}

// count adds a case to what the attributes say.
func (n *junitCounts) count(c junitCase) {
	n.Tests++
	switch {
	case c.Failure != nil:
		n.Failures++
	case c.Error != nil:
		n.Errors++
	case c.Skipped != nil:
		n.Skipped++
	}
}

// junitCases are the cases of one check: its findings, or one that says how it ended.
func junitCases(r *Report, c Check, o Options) []junitCase {
	var out []junitCase
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Check == c.ID {
			out = append(out, junitFinding(f, o))
		}
	}
	if len(out) > 0 {
		return out
	}
	tc := junitCase{Name: c.ID, Class: className(c.ID), Time: seconds(c.Duration)}
	note := &junitNote{Message: oneLine(c.Reason.String())}
	switch {
	case c.Status == checks.Unknown && r.Target.Profile != "dev":
		note.Type, tc.Error = "unknown", note
	case c.Status == checks.Unknown, c.Status == checks.Skipped:
		tc.Skipped = note
	}
	return []junitCase{tc}
}

func junitFinding(f *Finding, o Options) junitCase {
	tc := junitCase{Name: f.Check, Class: className(f.Check), Time: "0"}
	if at := whereabouts(f); at != "" {
		tc.Name += " " + oneLine(at)
	}
	if f.Location != nil {
		tc.File, tc.Line = oneLine(o.repositoryPath(f.Location.File)), f.Location.Line
	}
	body := f.Severity + ": " + sentence(f) + "\n"
	for _, e := range f.Evidence {
		body += "  " + oneLine(e.String()) + "\n"
	}
	body += f.Doc + "\n"
	if o.fails(f) {
		tc.Failure = &junitNote{Message: oneLine(f.Message.String()), Type: f.Severity, Text: body}
	} else {
		tc.SystemOut = body
	}
	return tc
}

// className is a check's id as test pages group by it.
func className(id string) string { return "gindoctor." + strings.ReplaceAll(id, "/", ".") }

func seconds(ms int64) string { return fmt.Sprintf("%.3f", float64(ms)/1000) }
