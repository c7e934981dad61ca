package report

import (
	"fmt"
	"io"
)

// GitLab is the report as a code quality artifact (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).
type GitLab struct{}

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end,omitempty"`
}

var gitlabSeverities = map[string]string{"error": "critical", "warning": "minor", "info": "info"}

// Render writes one array. GitLab takes findings with a place only: what lies in no file is put to go.mod, where one sees it.
func (GitLab) Render(w io.Writer, r *Report, o Options) error {
	nowhere := gitlabLocation{Path: o.repositoryPath("go.mod"), Lines: gitlabLines{Begin: 1}}
	issues := []gitlabIssue{}
	if r.Error != "" {
		issues = append(issues, gitlabIssue{oneLine(r.Error), "gindoctor", "gindoctor", "blocker", nowhere})
	}
	seen := map[string]int{} // fingerprints have to differ
	for i := range r.Findings {
		f := &r.Findings[i]
		seen[f.Fingerprint]++
		issue := gitlabIssue{sentence(f), f.Check, f.Fingerprint, gitlabSeverities[f.Severity], nowhere}
		if n := seen[f.Fingerprint]; n > 1 {
			issue.Fingerprint += fmt.Sprintf("-%d", n)
		}
		if l := f.Location; l != nil {
			issue.Location = gitlabLocation{Path: oneLine(o.repositoryPath(l.File)), Lines: gitlabLines{Begin: max(l.Line, 1), End: l.EndLine}}
		}
		issues = append(issues, issue)
	}
	return writeJSON(w, issues)
}
