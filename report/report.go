// Package report turns what a run found into words: one model, the JSON contract, and one small file per format over it.
package report

import (
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/drill/account"
)

// SchemaID names the contract that the JSON report follows (report.schema.json).
const SchemaID = "gindoctor/report/v1"

// Report is everything a run has to say. Its JSON form is the contract of design.md section 6; every format is rendered from
// this one object, also after it was saved and read back.
type Report struct {
	Schema    string      `json:"schema"`
	Tool      Tool        `json:"tool"`
	Target    Target      `json:"target"`
	Time      Time        `json:"time"`
	Error     string      `json:"error,omitempty"` // why nothing could be examined; then the rest is empty
	Summary   Summary     `json:"summary"`
	Chain     []Link      `json:"chain"`
	Diagnoses []Diagnosis `json:"diagnoses"`
	Findings  []Finding   `json:"findings"`
	Checks    []Check     `json:"checks"`
	// Series is what `monitor` measured; nil in the reports of other commands.
	Series *Series `json:"series,omitempty"`
	// Drill is what `drill` measured; nil in the reports of other commands.
	Drill *account.Account `json:"drill,omitempty"`
	// Suppressed are the findings that a decision of the project hides, where they were asked for; they are only counted else.
	Suppressed []Suppressed `json:"suppressed,omitempty"`
}

// Suppressed is a finding that is hidden, and by what.
type Suppressed struct {
	Finding Finding `json:"finding"`
	By      string  `json:"by"` // comment, configuration or baseline
	Reason  string  `json:"reason,omitempty"`
	At      string  `json:"at,omitempty"` // file and line of the decision
}

// Tool is who made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target is what was examined.
type Target struct {
	Root    string `json:"root"`
	Module  string `json:"module,omitempty"`
	Profile string `json:"profile"`
	OS      string `json:"os"`
	Go      string `json:"go,omitempty"`
	// Watcher and Port are shown in the first line of the text report: "air 1.67.4", 8080.
	Watcher string `json:"watcher,omitempty"`
	Port    int    `json:"port,omitempty"`
}

// Time is when the run was made and how long it took.
type Time struct {
	Started  time.Time `json:"started"`
	Duration int64     `json:"duration_ms"`
}

// Summary counts.
type Summary struct {
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Infos      int `json:"infos"`
	Suppressed int `json:"suppressed"`
	Passed     int `json:"passed"`
	Found      int `json:"found"`
	Skipped    int `json:"skipped"`
	Unknown    int `json:"unknown"`
	Score      int `json:"score"`
	ExitCode   int `json:"exit_code"`
}

// Link is one stage of the chain with its state.
type Link struct {
	Stage checks.Stage    `json:"stage"`
	State diagnosis.State `json:"state"`
}

// Diagnosis is a root cause with what it explains; the numbers are indexes into Findings.
type Diagnosis struct {
	Rank       int            `json:"rank"`
	Cause      string         `json:"cause"`
	Title      checks.Message `json:"title"`
	Confidence string         `json:"confidence"`
	Findings   []int          `json:"findings"`
	Explains   []int          `json:"explains"`
	Remedy     checks.Message `json:"remedy,omitzero"`
}

// Finding is one thing that is wrong.
type Finding struct {
	Check       string           `json:"check"`
	Stage       checks.Stage     `json:"stage"`
	Severity    string           `json:"severity"`
	Confidence  string           `json:"confidence"`
	Message     checks.Message   `json:"message"`
	Why         checks.Message   `json:"why,omitzero"`
	Location    *checks.Location `json:"location,omitempty"`
	Subject     *checks.Subject  `json:"subject,omitempty"`
	Evidence    []checks.Message `json:"evidence,omitempty"`
	Help        checks.Message   `json:"help,omitzero"`
	Fix         *Fix             `json:"fix,omitempty"`
	Fingerprint string           `json:"fingerprint"`
	Doc         string           `json:"doc"`
}

// Fix is what `gindoctor fix` would do about a finding.
type Fix struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Safety string `json:"safety"`
	Diff   string `json:"diff,omitempty"`
}

// Check is how one question ended.
type Check struct {
	ID       string         `json:"id"`
	Status   checks.Status  `json:"status"`
	Reason   checks.Message `json:"reason,omitzero"`
	Duration int64          `json:"duration_ms"`
}
