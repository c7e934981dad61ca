package report

import (
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/mask"
)

// SARIF is the report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code hosts take in: every check that
// ran as a rule, every finding as a result with its fingerprint and, where it edits text, its fix.
type SARIF struct{}

// sourceRoot names the folder that all paths are relative to: the repository's.
const sourceRoot = "SRCROOT"

// projectURI is where the tool is at home.
const projectURI = "https://github.com/gindoctor/gindoctor"

// Render writes one log with one run.
func (SARIF) Render(w io.Writer, r *Report, o Options) error {
	s := sarifWriter{report: r, options: o, rules: map[string]int{}, lines: map[string][]string{}}
	run := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(s.driver())).WithColumnKind("unicodeCodePoints")
	run.WithOriginalUriBaseIds(map[string]sarif.ArtifactLocation{sourceRoot: {Description: text("the top folder of the repository"), Index: -1}})
	run.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("gindoctor/" + path.Join(r.Target.Profile, o.Prefix) + "/"))
	run.AddInvocation(s.invocation())
	for i := range r.Findings {
		run.AddResult(s.result(&r.Findings[i]))
	}
	for i := range r.Suppressed {
		run.AddResult(s.suppressed(&r.Suppressed[i]))
	}
	return writeJSON(w, sarif.NewReport().AddRun(run))
}

type sarifWriter struct {
	report  *Report
	options Options
	rules   map[string]int      // index by id
	lines   map[string][]string // of the files that were read, by name
}

func text(s string) *sarif.Message { return sarif.NewTextMessage(oneLine(s)) }

// driver is gindoctor with a rule for every check that was asked.
func (s *sarifWriter) driver() *sarif.ToolComponent {
	driver := sarif.NewToolComponent().WithName("gindoctor").WithVersion(s.report.Tool.Version).WithInformationURI(projectURI)
	var ids []string
	for _, c := range s.report.Checks {
		ids = append(ids, c.ID)
	}
	for _, f := range s.report.Findings {
		ids = append(ids, f.Check)
	}
	for _, h := range s.report.Suppressed {
		ids = append(ids, h.Finding.Check)
	}
	slices.Sort(ids)
	for i, id := range slices.Compact(ids) {
		s.rules[id] = i
		driver.AddRule(s.rule(id))
	}
	return driver
}

func (s *sarifWriter) rule(id string) *sarif.ReportingDescriptor {
	title, page := s.options.describe(id)
	rule := sarif.NewReportingDescriptor().WithID(id).
		WithShortDescription(sarif.NewMultiformatMessageString().WithText(title)).
		WithFullDescription(sarif.NewMultiformatMessageString().WithText(title))
	if page != "" {
		rule.WithHelp(sarif.NewMultiformatMessageString().WithText(page).WithMarkdown(page))
		rule.WithHelpURI(projectURI + "/blob/main/docs/checks/" + id + ".md")
	} else {
		rule.WithHelp(sarif.NewMultiformatMessageString().WithText("gindoctor explain " + id))
	}
	family, _, _ := strings.Cut(id, "/")
	rule.WithProperties(sarif.NewPropertyBag().Add("tags", []string{family}))
	return rule
}

func (s *sarifWriter) invocation() *sarif.Invocation {
	code := s.report.Summary.ExitCode
	inv := sarif.NewInvocation().WithExecutionSuccessful(s.report.Error == "").WithExitCode(code).
		WithStartTimeUtc(s.report.Time.Started.UTC().Format("2006-01-02T15:04:05Z"))
	if s.report.Error != "" {
		inv.AddToolExecutionNotification(notification("error", s.report.Error))
	}
	for _, c := range s.report.Checks {
		if c.Status == checks.Unknown {
			n := notification("warning", c.ID+": "+c.Reason.String())
			n.WithAssociatedRule(sarif.NewReportingDescriptorReference().WithID(c.ID).WithIndex(s.rules[c.ID]))
			inv.AddToolExecutionNotification(n)
		}
	}
	return inv
}

func notification(level, what string) *sarif.Notification {
	n := sarif.NewNotification().WithMessage(text(what))
	n.Level = level
	return n
}

var sarifLevels = map[string]string{"error": "error", "warning": "warning", "info": "note"}

func (s *sarifWriter) result(f *Finding) *sarif.Result {
	res := sarif.NewRuleResult(f.Check).WithRuleIndex(s.rules[f.Check]).WithLevel(sarifLevels[f.Severity]).WithMessage(text(sentence(f)))
	res.WithPartialFingerprints(map[string]string{"gindoctor/v1": f.Fingerprint})
	res.WithProperties(sarif.NewPropertyBag().Add("stage", string(f.Stage)).Add("confidence", f.Confidence))
	if l := f.Location; l != nil {
		res.AddLocation(sarif.NewLocationWithPhysicalLocation(
			sarif.NewPhysicalLocation().WithArtifactLocation(s.artifact(l.File)).WithRegion(s.region(l))))
	} else if f.Subject != nil {
		res.AddLocation(sarif.NewLocation().AddLogicalLocation(
			sarif.NewLogicalLocation().WithKind(string(f.Subject.Kind)).WithName(subjectName(f.Subject))))
	}
	if fix := s.fix(f); fix != nil {
		res.Fixes = append(res.Fixes, fix)
	}
	return res
}

// suppressed is a result that a decision of the project hides; consumers know it by its suppression.
func (s *sarifWriter) suppressed(h *Suppressed) *sarif.Result {
	kind := "external"
	if h.By == "comment" {
		kind = "inSource"
	}
	return s.result(&h.Finding).WithSuppressions([]*sarif.Suppression{sarif.NewSuppression().WithKind(kind).WithJustification(h.decision())})
}

// artifact is a file by its path from the repository's top.
func (s *sarifWriter) artifact(file string) *sarif.ArtifactLocation {
	if filepath.IsAbs(file) || path.IsAbs(file) {
		return sarif.NewArtifactLocation().WithURI((&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String())
	}
	return sarif.NewArtifactLocation().WithURI((&url.URL{Path: s.options.repositoryPath(file)}).String()).WithURIBaseID(sourceRoot)
}

// region is a place with its columns counted in characters; without columns where the line cannot be read.
func (s *sarifWriter) region(l *checks.Location) *sarif.Region {
	region := sarif.NewRegion().WithStartLine(max(l.Line, 1))
	if l.EndLine >= l.Line && l.EndLine > 0 {
		region.WithEndLine(l.EndLine)
	}
	if start, ok := s.characters(l.File, l.Line, l.Column); ok {
		region.WithStartColumn(start)
		if end, ok := s.characters(l.File, l.EndLine, l.EndColumn); ok {
			region.WithEndColumn(end)
		}
	}
	return region
}

// characters makes a column in bytes one in characters.
func (s *sarifWriter) characters(file string, line, column int) (int, bool) {
	lines := s.linesOf(file)
	if line < 1 || line > len(lines) || column < 1 || column-1 > len(lines[line-1]) {
		return 0, false
	}
	return utf8.RuneCountInString(lines[line-1][:column-1]) + 1, true
}

// linesOf are the lines of a file, with their ends; none where it cannot be read.
func (s *sarifWriter) linesOf(file string) []string {
	lines, ok := s.lines[file]
	if !ok && s.options.Source != nil {
		if data, err := s.options.Source(file); err == nil {
			lines = strings.SplitAfter(string(data), "\n")
		}
		s.lines[file] = lines
	}
	return lines
}

// fix is what `gindoctor fix` would edit, out of the diff. A diff in which a secret is masked cannot be applied.
func (s *sarifWriter) fix(f *Finding) *sarif.Fix {
	if f.Fix == nil || f.Fix.Diff == "" || strings.Contains(f.Fix.Diff, mask.Masked) {
		return nil
	}
	files, _, err := gitdiff.Parse(strings.NewReader(f.Fix.Diff))
	if err != nil {
		return nil
	}
	fix := sarif.NewFix().WithDescription(text(f.Fix.Title))
	for _, file := range files {
		if file.IsNew || file.IsDelete || file.IsRename || file.IsBinary {
			return nil
		}
		change := sarif.NewArtifactChange().WithArtifactLocation(s.artifact(strings.TrimPrefix(file.OldName, "a/")))
		for _, fragment := range file.TextFragments {
			change.AddReplacement(replacement(fragment))
		}
		fix.AddArtifactChange(change)
	}
	if len(fix.ArtifactChanges) == 0 {
		return nil
	}
	return fix
}

// replacement puts the new lines of a fragment in the place of the old ones.
func replacement(f *gitdiff.TextFragment) *sarif.Replacement {
	var lines strings.Builder
	for _, l := range f.Lines {
		if l.Op != gitdiff.OpDelete {
			lines.WriteString(l.Line)
		}
	}
	start := int(f.OldPosition)
	if f.OldLines == 0 {
		start++ // after that line
	}
	region := sarif.NewRegion().WithStartLine(max(start, 1)).WithStartColumn(1).WithEndLine(max(start, 1) + int(f.OldLines)).WithEndColumn(1)
	return sarif.NewReplacement().WithDeletedRegion(region).WithInsertedContent(sarif.NewArtifactContent().WithText(lines.String()))
}
