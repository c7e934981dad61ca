package fixes

import (
	"encoding/json"
	"io"
	"slices"
)

// The results that a run about files has besides those of a port.
const (
	Fixed  Result = "fixed"  // all that was planned is done, and looking again found it gone
	Undone Result = "undone" // the files are as they were before
)

// ProjectReport is what `gindoctor fix --format json` prints.
type ProjectReport struct {
	Schema   string        `json:"schema"`
	Root     string        `json:"root"`
	Fixes    []Mended      `json:"fixes"`
	Files    []FileChange  `json:"files"`
	Ports    []*PortReport `json:"ports"`
	Stops    []*StopReport `json:"stops"`
	After    []string      `json:"after"`         // what is left to do, a sentence each
	Run      string        `json:"run,omitempty"` // names the run in the journal; absent when no file was changed
	Result   Result        `json:"result"`
	Reason   string        `json:"reason,omitempty"`
	ExitCode int           `json:"exit_code"`
}

// Mended is one finding and what became of it.
type Mended struct {
	Check       string      `json:"check"`
	Severity    string      `json:"severity"`
	Message     string      `json:"message"`
	Fingerprint string      `json:"fingerprint"`
	Plan        *MendedPlan `json:"plan,omitempty"`
	State       Fate        `json:"state"`
	Reason      string      `json:"reason,omitempty"`
	Command     string      `json:"command,omitempty"` // what to type instead
}

// MendedPlan is the plan of a finding.
type MendedPlan struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Safety string `json:"safety"`
}

func newProjectReport(root string) *ProjectReport {
	return &ProjectReport{Schema: PortSchema, Root: root, Fixes: []Mended{}, Files: []FileChange{}, Ports: []*PortReport{}, Stops: []*StopReport{}, After: []string{}}
}

// fill lists the findings, those to be mended first.
func (m *mending) fill() {
	for _, p := range slices.Concat(m.found.edits, m.found.ports, m.found.stops, m.found.unsafe, m.found.noFix, m.found.gone) {
		f := Mended{Check: p.finding.Check, Severity: p.finding.Severity.String(), Message: p.finding.Message.String(),
			Fingerprint: p.finding.Fingerprint(), State: p.fate, Reason: p.reason, Command: p.command}
		if f.State == "" {
			f.State, f.Reason = Declined, m.report.Reason
		}
		if fix := p.finding.Fix; fix != nil {
			f.Plan = &MendedPlan{fix.ID, fix.Title, string(fix.Safety)}
		}
		m.report.Fixes = append(m.report.Fixes, f)
	}
}

// write prints the report as one JSON object.
func (r *ProjectReport) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
