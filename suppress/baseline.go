package suppress

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/google/renameio/v2/maybe"

	"github.com/gindoctor/gindoctor/checks"
)

// baselineSchema names the form of a baseline.
const baselineSchema = "gindoctor/baseline/v1"

// Baseline is the findings from which a project starts: they are hidden, new ones are not. They are known by their fingerprints,
// which do not hold line numbers, and counted: one more of the same kind in the same file is new.
type Baseline struct {
	Schema   string            `json:"schema"`
	Findings []BaselineFinding `json:"findings"`

	left map[string]int // how many of each fingerprint have not been met yet
}

// BaselineFinding is findings of one fingerprint. What stands beside the fingerprint is for people who read the file.
type BaselineFinding struct {
	Check       string `json:"check"`
	File        string `json:"file,omitempty"`
	Message     string `json:"message"`
	Fingerprint string `json:"fingerprint"`
	Count       int    `json:"count"`
}

// ReadBaseline reads a baseline. It refuses half of one: what it lacks would look new.
func ReadBaseline(file string) (*Baseline, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no baseline %s; --write-baseline %s writes one", file, file)
	} else if err != nil {
		return nil, err
	}
	return ParseBaseline(file, data)
}

// ParseBaseline reads the text of a baseline. file is how errors call it.
func ParseBaseline(file string, data []byte) (*Baseline, error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%s is no baseline, or a damaged one: %w", file, err)
	}
	if head.Schema == nil || *head.Schema != baselineSchema {
		return nil, fmt.Errorf("%s is no baseline of this gindoctor: its schema is not %s", file, baselineSchema)
	}
	b := &Baseline{left: map[string]int{}}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(b); err != nil {
		return nil, fmt.Errorf("%s is a damaged baseline: %w", file, err)
	}
	if b.Findings == nil {
		return nil, fmt.Errorf("%s is a damaged baseline: it has no findings", file)
	}
	for i, f := range b.Findings {
		if f.Fingerprint == "" || f.Count < 1 {
			return nil, fmt.Errorf("%s is a damaged baseline: finding %d has no fingerprint or no count", file, i)
		}
		b.left[f.Fingerprint] += f.Count
	}
	return b, nil
}

// hide tells whether the baseline holds a finding that was not met yet, and takes it for met.
func (b *Baseline) hide(f checks.Finding) (Hidden, bool) {
	if b == nil || b.left[f.Fingerprint()] == 0 {
		return Hidden{}, false
	}
	b.left[f.Fingerprint()]--
	return Hidden{Finding: f, By: "baseline"}, true
}

// Gone is how many findings of the baseline were not met again, although their checks had an answer.
func (b *Baseline) Gone(outcomes []checks.Outcome) int {
	if b == nil {
		return 0
	}
	gone := 0
	for _, f := range b.Findings {
		gone += f.Count
	}
	for _, f := range b.Pruned(outcomes).Findings {
		gone -= f.Count
	}
	return gone
}

// Pruned is the baseline without the findings that are gone. What belongs to a check without an answer stays: nobody knows.
func (b *Baseline) Pruned(outcomes []checks.Outcome) *Baseline {
	left := maps.Clone(b.left)
	var keep []BaselineFinding
	for _, f := range b.Findings {
		if answered(outcomes, f.Check) {
			gone := min(left[f.Fingerprint], f.Count)
			left[f.Fingerprint] -= gone
			f.Count -= gone
		}
		if f.Count > 0 {
			keep = append(keep, f)
		}
	}
	return NewBaseline(keep)
}

// NewBaseline holds findings; those of one fingerprint are counted together.
func NewBaseline(findings []BaselineFinding) *Baseline {
	b := &Baseline{Schema: baselineSchema, Findings: []BaselineFinding{}}
	at := map[string]int{}
	for _, f := range findings {
		if i, ok := at[f.Fingerprint]; ok {
			b.Findings[i].Count += f.Count
			continue
		}
		at[f.Fingerprint] = len(b.Findings)
		b.Findings = append(b.Findings, f)
	}
	slices.SortFunc(b.Findings, func(a, b BaselineFinding) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.File, b.File), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return b
}

// Write writes the baseline in one go: a run that is broken off leaves the old one.
func (b *Baseline) Write(file string) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return err
	}
	return maybe.WriteFile(file, out.Bytes(), 0o644)
}
