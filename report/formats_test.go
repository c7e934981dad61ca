package report_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/report"
)

// pipeline are the formats that pipelines read, with the ending of their golden files and with what reads them: it counts the
// findings by severity.
var pipeline = map[string]struct {
	ending string
	count  func(t *testing.T, data []byte) map[string]int
}{
	"json":     {".json", countJSON},
	"sarif":    {".sarif", countSARIF},
	"junit":    {".xml", countJUnit},
	"github":   {".github", countGitHub},
	"gitlab":   {".gitlab.json", countGitLab},
	"markdown": {".md", countMarkdown},
}

func pipelineOptions(s sample) report.Options {
	return report.Options{Source: s.source, Prefix: "services/shop", Describe: func(id string) (title, page string) {
		for _, c := range declared {
			if c.ID == id {
				return c.Title, "# " + c.Title + "\n\nThe page of " + id + ".\n"
			}
		}
		return "", ""
	}}
}

func TestPipelineFormats(t *testing.T) {
	for _, s := range samples {
		for format, p := range pipeline {
			t.Run(s.name+"/"+format, func(t *testing.T) {
				r := s.report()
				got := render(t, format, r, pipelineOptions(s))
				// The golden tests of JSON are beside the schema's.
				if format != "json" && slices.Contains([]string{"module-broken", "injected", "failed"}, s.name) {
					golden(t, s.name+p.ending, got)
				}
				if r.Error != "" {
					return // nothing was found because nothing was examined
				}
				want := map[string]int{}
				for _, f := range r.Findings {
					want[f.Severity]++
				}
				if count := p.count(t, got); !maps.Equal(count, want) {
					t.Errorf("%s holds %v, the report %v", format, count, want)
				}
			})
		}
	}
}

// TestReplayed renders a report that was saved and read back: nothing is lost on the way.
func TestReplayed(t *testing.T) {
	for _, s := range samples {
		saved := render(t, "json", s.report(), report.Options{})
		back, err := report.Read(bytes.NewReader(saved))
		if err != nil {
			t.Fatal(s.name, err)
		}
		for format := range pipeline {
			direct, replayed := render(t, format, s.report(), pipelineOptions(s)), render(t, format, back, pipelineOptions(s))
			if !bytes.Equal(direct, replayed) {
				t.Errorf("%s: %s differs when rendered from the saved report", s.name, format)
			}
		}
	}
}

func countJSON(t *testing.T, data []byte) map[string]int {
	r, err := report.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range r.Findings {
		count[f.Severity]++
	}
	return count
}

// countSARIF has the library hold the log against the schema of OASIS.
func countSARIF(t *testing.T, data []byte) map[string]int {
	log, err := sarif.FromBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Validate(); err != nil {
		t.Error(err)
	}
	severities := map[string]string{"error": "error", "warning": "warning", "note": "info"}
	count := map[string]int{}
	for _, res := range log.Runs[0].Results {
		count[severities[res.Level]]++
		rule := log.Runs[0].Tool.Driver.Rules[res.RuleIndex]
		if *rule.ID != *res.RuleID || rule.Help == nil || res.PartialFingerprints["gindoctor/v1"] == "" {
			t.Errorf("result %s has no rule with help, or no fingerprint", *res.RuleID)
		}
	}
	return count
}

var severityInBody = regexp.MustCompile(`^(error|warning|info): `)

func countJUnit(t *testing.T, data []byte) map[string]int {
	suites, err := junit.Ingest(data)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, s := range suites {
		for _, c := range s.Tests {
			body := c.SystemOut
			if failure, ok := c.Error.(junit.Error); ok && c.Status == junit.StatusFailed {
				body = failure.Body
			}
			if m := severityInBody.FindStringSubmatch(body); m != nil {
				count[m[1]]++
			}
			if (c.Status == junit.StatusFailed) != strings.HasPrefix(body, "error: ") {
				t.Errorf("%s ended as %s: %s", c.Name, c.Status, body)
			}
		}
	}
	return count
}

var githubCommand = regexp.MustCompile(`^::(error|warning|notice) ([^:]*)::(.*)$`)

func countGitHub(t *testing.T, data []byte) map[string]int {
	severities := map[string]string{"error": "error", "warning": "warning", "notice": "info"}
	count := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		m := githubCommand.FindStringSubmatch(lines.Text())
		if m == nil {
			t.Errorf("no workflow command: %q", lines.Text())
			continue
		}
		count[severities[m[1]]]++
	}
	return count
}

// countGitLab holds the artifact against the format that GitLab documents (testdata/gitlab.schema.json).
func countGitLab(t *testing.T, data []byte) map[string]int {
	schema, err := jsonschema.NewCompiler().Compile("testdata/gitlab.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(parsed); err != nil {
		t.Error(err)
	}
	var issues []struct{ Severity, Fingerprint string }
	if err := json.Unmarshal(data, &issues); err != nil {
		t.Fatal(err)
	}
	severities := map[string]string{"critical": "error", "minor": "warning", "info": "info"}
	count, seen := map[string]int{}, map[string]bool{}
	for _, i := range issues {
		count[severities[i.Severity]]++
		if seen[i.Fingerprint] {
			t.Errorf("fingerprint %s stands twice", i.Fingerprint)
		}
		seen[i.Fingerprint] = true
	}
	return count
}

func countMarkdown(_ *testing.T, data []byte) map[string]int {
	count := map[string]int{}
	marks := map[string]string{"❌": "error", "⚠️": "warning", "ℹ️": "info"}
	_ = ast.Walk(goldmark.DefaultParser().Parse(gmtext.NewReader(data)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && n.Kind() == ast.KindListItem {
			first := strings.TrimSpace(string(n.FirstChild().Lines().Value(data)))
			for mark, severity := range marks {
				if strings.HasPrefix(first, mark) {
					count[severity]++
				}
			}
		}
		return ast.WalkContinue, nil
	})
	return count
}

// TestHostile renders names and messages that try to break out of every format.
func TestHostile(t *testing.T) {
	evil := "a\n::error title=x::gone\r\n]]></failure>\x1b[31m`| <img src=x onerror=1> @everyone [l](javascript:1) %0A::set-output name=x::y"
	head := head()
	r := report.Build(head, []checks.Outcome{{Check: missing, Status: checks.Found, Findings: []checks.Finding{{
		Check: missing.ID, Stage: missing.Stage, Severity: checks.Error, Message: checks.Msg("%s", evil), Why: checks.Msg("%s", evil), Help: checks.Msg("%s", evil),
		Evidence: []checks.Message{checks.Msg("%s", evil)}, Location: checks.Span(evil, 3, 2, 4),
	}}}}, declared, report.Gate{FailOn: checks.Error})
	for format, p := range pipeline {
		got := render(t, format, r, report.Options{})
		if n := p.count(t, got); n["error"] != 1 || len(n) != 1 {
			t.Errorf("%s: %v findings, want one", format, n)
		}
		if bytes.ContainsAny(got, "\x1b\r") {
			t.Errorf("%s lets control characters through:\n%q", format, got)
		}
		if format == "markdown" && !plainMarkdown(got) {
			t.Errorf("markdown lets markup through:\n%s", got)
		}
	}
}

// plainMarkdown tells whether a document holds no links, images and HTML.
func plainMarkdown(data []byte) bool {
	plain := true
	_ = ast.Walk(goldmark.DefaultParser().Parse(gmtext.NewReader(data)), func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindLink, ast.KindAutoLink, ast.KindImage, ast.KindRawHTML, ast.KindHTMLBlock:
			plain = false
		}
		return ast.WalkContinue, nil
	})
	return plain
}

// TestExitCodeOfFormats: what a run exits with stands in the report, and no renderer changes the report.
func TestExitCodeOfFormats(t *testing.T) {
	for _, s := range samples {
		r := s.report()
		before := render(t, "json", r, report.Options{})
		for _, format := range slices.Sorted(maps.Keys(pipeline)) {
			render(t, format, r, pipelineOptions(s))
		}
		if after := render(t, "json", r, report.Options{}); !bytes.Equal(before, after) {
			t.Errorf("%s: a renderer changed the report", s.name)
		}
	}
}
