package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/suppress"
)

// Gate says what makes a run fail.
type Gate struct {
	FailOn       checks.Severity // findings of this severity or worse fail; 0 means none does
	AllowUnknown bool            // in profiles ci and prod: a question that could not be answered does not fail
	MinScore     int             // a score below it fails; 0 means that none does
}

// Hide counts the findings that decisions of the project hide, and keeps them for those who want to see them.
func (r *Report) Hide(hidden []suppress.Hidden, show bool) {
	r.Summary.Suppressed = len(hidden)
	if !show {
		return
	}
	for _, h := range hidden {
		r.Suppressed = append(r.Suppressed, Suppressed{Show(h.Finding), h.By, cleanText(h.Reason), h.At})
	}
	slices.SortStableFunc(r.Suppressed, func(a, b Suppressed) int {
		return cmp.Or(cmp.Compare(a.Finding.Check, b.Finding.Check), cmp.Compare(whereabouts(&a.Finding), whereabouts(&b.Finding)))
	})
}

// Build makes the report of a run. tool, target and time are filled in by the caller.
func Build(head Report, outcomes []checks.Outcome, catalogue []*checks.Check, gate Gate) *Report {
	r := head
	r.Schema = SchemaID
	var findings []checks.Finding
	for _, o := range outcomes {
		findings = append(findings, o.Findings...)
	}
	for i := range findings {
		clean(&findings[i])
	}
	diagnosis.Sort(findings)
	r.Findings = make([]Finding, 0, len(findings))
	for i := range findings {
		r.Findings = append(r.Findings, finding(&findings[i]))
	}
	r.Diagnoses = diagnoses(findings, catalogue)
	r.Chain = chain(outcomes)
	r.Checks = make([]Check, 0, len(outcomes))
	for _, o := range outcomes {
		r.Checks = append(r.Checks, Check{o.Check.ID, o.Status, cleanMessage(o.Reason), o.Duration.Milliseconds()})
	}
	slices.SortStableFunc(r.Checks, func(a, b Check) int { return strings.Compare(a.ID, b.ID) })
	r.Summary = summarize(findings, outcomes)
	r.Summary.ExitCode = exitCode(findings, outcomes, r.Target.Profile, r.Summary.Score, gate)
	return &r
}

// Failed makes the report of a run that could examine nothing.
func Failed(head Report, err error) *Report {
	r := head
	r.Schema, r.Error = SchemaID, cleanText(err.Error())
	r.Chain = chain(nil)
	r.Diagnoses, r.Findings, r.Checks = []Diagnosis{}, []Finding{}, []Check{}
	r.Summary.ExitCode = 2
	return &r
}

// Show is a finding as reports hold it, without secrets.
func Show(f checks.Finding) Finding {
	clean(&f)
	return finding(&f)
}

func finding(f *checks.Finding) Finding {
	out := Finding{
		Check: f.Check, Stage: f.Stage, Severity: f.Severity.String(), Confidence: f.Confidence.String(),
		Message: f.Message, Why: f.Why, Location: f.Location, Subject: f.Subject, Evidence: f.Evidence, Help: f.Help,
		Fingerprint: f.Fingerprint(), Doc: "gindoctor explain " + f.Check,
	}
	if f.Fix != nil {
		out.Fix = &Fix{ID: f.Fix.ID, Title: f.Fix.Title, Safety: string(f.Fix.Safety), Diff: f.Fix.Diff}
	}
	return out
}

func diagnoses(findings []checks.Finding, catalogue []*checks.Check) []Diagnosis {
	out := []Diagnosis{}
	for i, d := range diagnosis.Diagnose(findings, catalogue) {
		root := &findings[d.Findings[0]]
		explains := d.Explains
		if explains == nil {
			explains = []int{}
		}
		out = append(out, Diagnosis{
			Rank: i + 1, Cause: d.Cause, Title: title(root, len(d.Findings), catalogue), Confidence: root.Confidence.String(),
			Findings: d.Findings, Explains: explains, Remedy: remedy(root),
		})
	}
	return out
}

// title is the finding's own message, or that of the check when it found several.
func title(root *checks.Finding, count int, catalogue []*checks.Check) checks.Message {
	i := slices.IndexFunc(catalogue, func(c *checks.Check) bool { return c.ID == root.Check })
	if count == 1 || i < 0 {
		return root.Message
	}
	return checks.Msg("%s (%d places)", catalogue[i].Title, count)
}

func remedy(root *checks.Finding) checks.Message {
	if root.Fix != nil && root.Fix.Remedy != "" {
		return checks.Msg("%s", root.Fix.Remedy)
	}
	return root.Help
}

func chain(outcomes []checks.Outcome) []Link {
	states := diagnosis.Chain(outcomes)
	out := make([]Link, 0, len(checks.Stages))
	for _, s := range checks.Stages {
		out = append(out, Link{s, states[s]})
	}
	return out
}

func summarize(findings []checks.Finding, outcomes []checks.Outcome) Summary {
	var s Summary
	for _, f := range findings {
		switch f.Severity {
		case checks.Error:
			s.Errors++
		case checks.Warning:
			s.Warnings++
		case checks.Info:
			s.Infos++
		}
	}
	for _, o := range outcomes {
		switch o.Status {
		case checks.Passed:
			s.Passed++
		case checks.Found:
			s.Found++
		case checks.Skipped:
			s.Skipped++
		case checks.Unknown:
			s.Unknown++
		}
	}
	s.Score = diagnosis.Score(s.Errors, s.Warnings)
	return s
}

// exitCode is the table of design.md section 5.
func exitCode(findings []checks.Finding, outcomes []checks.Outcome, profile string, score int, gate Gate) int {
	if slices.ContainsFunc(findings, func(f checks.Finding) bool { return gate.FailOn != 0 && f.Severity >= gate.FailOn }) {
		return 1
	}
	if score < gate.MinScore {
		return 1
	}
	applied := false
	for _, o := range outcomes {
		applied = applied || o.Status != checks.Skipped
		if o.Broken {
			return 2
		}
		if o.Status == checks.Unknown && profile != "dev" && !gate.AllowUnknown {
			return 2
		}
	}
	if !applied {
		return 2
	}
	return 0
}
