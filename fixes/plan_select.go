package fixes

import (
	"errors"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
)

// Fate is what became of one finding.
type Fate string

// The fates. Only Gone and Planned (in a dry run) are what was wanted.
const (
	Planned    Fate = "planned"     // it would be mended
	Gone       Fate = "gone"        // mended, and a second look finds it no more
	StillThere Fate = "still_there" // its plan was carried out, and it is found again
	Unproved   Fate = "unproved"    // its plan was carried out, and the second look did not work
	Declined   Fate = "refused"     // its plan was not carried out
	NoFix      Fate = "no_fix"      // it has none
	NotAsked   Fate = "unsafe"      // its plan is unsafe, and nobody asked for that
)

// verdict is what became of a proposal, and why.
type verdict struct {
	fate    Fate
	reason  string
	command string // what to type instead
	waits   bool   // it had no room beside another plan, and may be carried out after that
	told    bool   // it is on the screen already
}

func (v *verdict) refuse(err error) {
	v.fate, v.reason = Declined, err.Error()
	_, v.waits = errors.AsType[*noRoom](err)
	if e, ok := err.(*notHere); ok {
		v.command = e.command
	}
}

// selection is the findings of a run, by what is to become of them.
type selection struct {
	edits  []*proposal // their plans change files
	ports  []*proposal // their plans free a port
	stops  []*proposal // their plans stop processes
	unsafe []*proposal // nobody has asked for these, so far
	noFix  []*proposal
	gone   []*proposal // were unsafe or without a fix, and have gone with what was mended
}

// choose decides which findings are to be mended. Without only, those from warning up are meant; with it, those found by the
// checks it names, whatever their severity. What is only worth knowing and has no fix is passed over unless its check is
// named in full.
func choose(outcomes []checks.Outcome, only []string, unsafe bool) selection {
	var s selection
	for _, o := range outcomes {
		for _, f := range o.Findings {
			if len(only) == 0 && f.Severity < checks.Warning {
				continue
			}
			p := &proposal{finding: f, named: slices.Contains(only, f.Check)}
			fixable := f.Fix != nil && (len(f.Fix.Steps) > 0 || f.Fix.Port != 0 || len(f.Fix.Stop) > 0)
			switch {
			case !fixable && f.Severity < checks.Warning && !p.named:
			case !fixable:
				p.fate = NoFix
				s.noFix = append(s.noFix, p)
			case f.Fix.Safety != plan.Safe && !unsafe:
				p.fate = NotAsked
				s.unsafe = append(s.unsafe, p)
			case f.Fix.Port != 0:
				s.ports = append(s.ports, p)
			case len(f.Fix.Stop) > 0:
				s.stops = append(s.stops, p)
			default:
				s.edits = append(s.edits, p)
			}
		}
	}
	return s
}

// ids lists the checks of proposals, each once.
func ids(proposals []*proposal) []string {
	var out []string
	for _, p := range proposals {
		if !slices.Contains(out, p.finding.Check) {
			out = append(out, p.finding.Check)
		}
	}
	return out
}
