package report_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/joshdk/go-junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gmtext "github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/suppress"
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
	"html":     {".html", countHTML},
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
		if len(res.Suppressions) > 0 {
			continue
		}
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
		switch {
		case m == nil:
			t.Errorf("no workflow command: %q", lines.Text())
			continue
		case strings.HasSuffix(m[2], " has no answer"):
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

// countHTML has a browser's parser read the page, and looks that it asks for nothing.
func countHTML(t *testing.T, data []byte) map[string]int {
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range doc.Descendants() {
		if slices.Contains([]string{"script", "img", "link", "iframe", "object", "a", "form"}, n.Data) && n.Type == html.ElementNode {
			t.Errorf("the page holds a %s", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "data-severity" {
				count[a.Val]++
			}
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" {
				t.Errorf("the page holds %s=%q", a.Key, a.Val)
			}
		}
	}
	return count
}

// obeyed finds what GitHub's runner takes for a command in a line of a log (actions/runner, ActionCommand.cs: TryParseV2, TryParse).
func obeyed(line string) string {
	registered := []string{"error", "warning", "notice", "debug", "add-mask", "add-matcher", "remove-matcher", "set-output", "save-state", "set-env",
		"add-path", "group", "endgroup", "echo", "stop-commands"}
	if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "::"); ok {
		if info, _, ok := strings.Cut(rest, "::"); ok {
			if name, _, _ := strings.Cut(info, " "); slices.Contains(registered, name) {
				return name
			}
		}
	}
	if _, rest, ok := strings.Cut(line, "##["); ok {
		if info, _, ok := strings.Cut(rest, "]"); ok {
			if name, _, _ := strings.Cut(info, " "); slices.Contains(registered, name) {
				return name
			}
		}
	}
	return ""
}

// TestHostile renders names and messages that try to break out of every format.
func TestHostile(t *testing.T) {
	for _, evil := range []string{
		"a\n::error title=x::gone\r\n]]></failure>\x1b[31m`| <img src=x onerror=1> @everyone [l](javascript:1) %0A::set-output name=x::y",
		"::add-mask::a", "a ##[set-output name=x;]y", "##[add-matcher]/tmp/x", "javascript:alert(1)", "//evil.example/x?y#z", "file:///etc/passwd",
		"</style><script>alert(1)</script>", "'\"><svg onload=1>", "```\n# x\n```", "- x\n\n    code\n|a|b|\n|-|-|", "]]>", "a\u202eb\u2028c\u009b31m\U000e0001", "\xff\xfe\x00",
		strings.Repeat("very ", 14) + "::stop-commands::x", "{{.Error}}", "https://evil.example/",
	} {
		hostile(t, evil)
	}
}

func hostile(t *testing.T, evil string) {
	t.Helper()
	head := head()
	r := report.Build(head, []checks.Outcome{{Check: missing, Status: checks.Found, Findings: []checks.Finding{{
		Check: missing.ID, Stage: missing.Stage, Severity: checks.Error, Message: checks.Msg("%s", evil), Why: checks.Msg("%s", evil), Help: checks.Msg("%s", evil),
		Evidence: []checks.Message{checks.Msg("%s", evil)}, Location: checks.Span(evil, 3, 2, 4),
	}}}, {Check: stale, Status: checks.Unknown, Reason: checks.Msg("%s", evil)}}, declared, report.Gate{FailOn: checks.Error})
	r.Target.Profile = "ci"
	r.Hide([]suppress.Hidden{{Finding: checks.Finding{Check: unused.ID, Severity: checks.Warning, Message: checks.Msg("%s", evil)}, By: "comment", Reason: evil, At: evil}}, true)
	source := func(string) ([]byte, error) { return []byte(strings.Repeat(evil+"\n", 3)), nil }
	for _, width := range []int{40, 80} {
		unobeyed(t, "text", render(t, "text", r, report.Options{Source: source, Width: width, Verbose: true}))
	}
	for format, p := range pipeline {
		got := render(t, format, r, report.Options{Source: source})
		unobeyed(t, format, got)
		if n := p.count(t, got); n["error"] != 1 || len(n) != 1 {
			t.Errorf("%s: %v findings, want one", format, n)
		}
		if format == "markdown" && !plainMarkdown(got) {
			t.Errorf("markdown lets markup through:\n%s", got)
		}
	}
}

// unobeyed looks that no line of a report is a command, but for those of the format whose lines are, each one.
func unobeyed(t *testing.T, format string, data []byte) {
	t.Helper()
	for line := range strings.Lines(string(data)) {
		if command := obeyed(line); command != "" && (format != "github" || command != "error" && command != "warning") {
			t.Errorf("%s: a runner takes this for %s: %q", format, command, line)
		}
	}
	if !utf8.Valid(data) || bytes.ContainsAny(data, "\x1b\r\x00\u202e\u2028\u009b\U000e0001") {
		t.Errorf("%s lets through what acts on a terminal: %q", format, data)
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

// TestHuge: ten thousand findings are all there, in every format.
func TestHuge(t *testing.T) {
	var findings []checks.Finding
	for i := range 10_000 {
		findings = append(findings, checks.Finding{Message: checks.Msg("go.mod requires %s, which nothing imports", fmt.Sprintf("example.org/m%d", i)),
			Location: checks.At("go.mod", 5+i, 2), Service: ".", Key: fmt.Sprint(i)})
	}
	r := build(found(unused, findings...))
	text := []byte(strings.Repeat("\texample.org/m v1.0.0\n", 10_010))
	source := func(string) ([]byte, error) { return text, nil }
	for format, p := range pipeline {
		got := render(t, format, r, report.Options{Source: source})
		if format == "sarif" { // the library takes minutes to hold so many against the schema
			if n := bytes.Count(got, []byte(`"ruleIndex"`)); n != 10_000 {
				t.Errorf("sarif holds %d results", n)
			}
			continue
		}
		if count := p.count(t, got); count["warning"] != 10_000 || len(count) != 1 {
			t.Errorf("%s holds %v", format, count)
		}
	}
	if lines := bytes.Count(render(t, "text", r, report.Options{Source: source}), []byte("\n")); lines > 40 {
		t.Errorf("the screen has %d lines", lines)
	}
}
