package fixes

import (
	"context"
	"fmt"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/fixes/journal"
)

// rounds bounds how often a run looks again for what its own changes have brought to light: two fixes that undo each other
// would go on for ever.
const rounds = 4

// ending is how a run ends before its time.
type ending struct {
	result Result
	reason string
}

// mend carries out the plans that change files. What the changes bring to light (a value that was moved to where it is read, and
// does not fit there), and what found no room beside another plan, is mended in further rounds of the same run. It gives nil
// where the run goes on.
func (m *mending) mend(ctx context.Context) *ending {
	now := m.found.edits
	for round := range rounds {
		outcomes, end := m.round(ctx, now, round == 0)
		if end != nil {
			return end
		}
		if now = m.further(outcomes); len(now) == 0 {
			break
		}
	}
	for _, p := range m.found.edits {
		if p.fate == Declined && !p.told {
			m.declined(p)
		}
	}
	return nil
}

// round carries out plans, and looks at everything again; it gives nil where nothing was written.
func (m *mending) round(ctx context.Context, now []*proposal, first bool) ([]checks.Outcome, *ending) {
	stop := func(result Result, reason string) ([]checks.Outcome, *ending) {
		decline(now, reason)
		if !first {
			return nil, nil // what was done before stands, and is told to its end
		}
		decline(m.given, reason)
		return nil, &ending{result, reason}
	}
	s, err := newStage(ctx, m.Root, m.Environ, m.Online, now)
	if err != nil {
		return stop(m.fail(interrupted(err)))
	}
	if first {
		m.report.Files = m.describe(s.list(), s.by)
	} else if len(s.list()) > 0 {
		m.screen.printf("\nNow that this is done, there is more to mend:\n\n")
	}
	m.preview(s, now)
	if m.DryRun || len(s.list()) == 0 {
		for _, p := range s.proposals {
			if p.fate == "" {
				p.fate = Planned
			}
		}
		return nil, nil
	}
	if result, reason := m.mayWrite(ctx); reason != "" {
		return stop(result, reason)
	}
	if err := m.write(ctx, s); err != nil {
		return stop(m.fail(err))
	}
	outcomes, err := m.Look(ctx, nil)
	m.verify(s.proposals, outcomes, err)
	m.besides(now, outcomes, err)
	return outcomes, nil
}

// mayWrite asks, where that is to be asked; the reason says why nothing may be written.
func (m *mending) mayWrite(ctx context.Context) (Result, string) {
	if m.Yes {
		return "", ""
	}
	if !m.Terminal {
		reason := "there is no terminal to ask on, and --yes was not given"
		m.screen.printf("Nothing was changed: %s.\n", reason)
		return Refused, reason
	}
	yes, err := m.confirm(ctx, "Go ahead? [y/N] ")
	switch {
	case err != nil:
		return m.fail(err)
	case !yes && m.record != nil:
		m.screen.printf("That was left as it is.\n")
		return Refused, "the answer was no"
	case !yes:
		m.screen.printf("Nothing was changed.\n")
		return Refused, "the answer was no"
	}
	m.screen.printf("\n")
	return "", ""
}

// write makes the changes of a round. All rounds are one run to undo.
func (m *mending) write(ctx context.Context, s *stage) error {
	about := journal.Record{}
	if m.record != nil {
		about.Follows = m.record.ID()
	}
	for _, p := range s.proposals {
		about.Titles = append(about.Titles, fmt.Sprintf("%s: %s", p.finding.Check, p.finding.Fix.Title))
	}
	r, err := m.Journal.Apply(ctx, about, s.list())
	if err != nil {
		return err
	}
	m.record, m.report.Run = r, r.ID()
	m.files.add(s)
	m.report.Files = m.describe(m.files.changes, m.files.by)
	return nil
}

// changedFiles are the changes of all rounds, each file from what it was before the first to what it is after the last.
type changedFiles struct {
	changes []journal.Change
	by      map[string]string // the command that makes a path what it is
}

func (f *changedFiles) add(s *stage) {
	if f.by == nil {
		f.by = map[string]string{}
	}
	for _, c := range s.list() {
		if by := s.by[c.Path]; by != "" {
			f.by[c.Path] = by
		}
		i := slices.IndexFunc(f.changes, func(known journal.Change) bool { return known.Path == c.Path })
		if i < 0 {
			f.changes = append(f.changes, c)
			continue
		}
		f.changes[i].After = c.After
	}
}

// verify says of findings whose plans were carried out whether they are gone, by what was found since.
func (m *mending) verify(done []*proposal, outcomes []checks.Outcome, err error) {
	for _, p := range done {
		p.fate, p.reason = Gone, ""
		if err != nil {
			p.fate, p.reason = Unproved, err.Error()
		} else {
			look(p, outcomes)
		}
		m.screen.result(p.fate == Gone, m.sentence(p))
		for _, after := range afterwards(p) {
			if !slices.Contains(m.report.After, after) {
				m.report.After = append(m.report.After, after)
			}
		}
	}
}

// besides tells which of the findings whose plans had no room beside others are gone with those.
func (m *mending) besides(now []*proposal, outcomes []checks.Outcome, err error) {
	for _, p := range now {
		if p.fate != Declined || err != nil {
			continue
		}
		again := &proposal{finding: p.finding, verdict: verdict{fate: Gone}}
		if look(again, outcomes); again.fate == Gone {
			p.verdict = again.verdict
			m.screen.result(true, p.finding.Check+": gone with that, looked again")
		}
	}
}

// further are the findings to mend in the next round: those that are new since the changes, and those whose plans had no room
// beside another. A finding whose plan was carried out is not tried again. What has no fix, or none that was asked for, is taken
// as it is now.
func (m *mending) further(outcomes []checks.Outcome) []*proposal {
	if outcomes == nil {
		return nil
	}
	found := choose(outcomes, m.Only, m.Unsafe)
	known := slices.Concat(m.found.edits, m.found.ports, m.found.stops)
	same := func(p *proposal) *proposal {
		i := slices.IndexFunc(known, func(q *proposal) bool { return q.finding.Fingerprint() == p.finding.Fingerprint() })
		if i < 0 {
			return nil
		}
		return known[i]
	}
	var next []*proposal
	for _, p := range slices.Concat(found.edits, found.unsafe) {
		old := same(p)
		switch {
		case old != nil && old.waits:
			old.finding, old.verdict = p.finding, verdict{}
			next = append(next, old)
		case old == nil && p.fate == "":
			m.found.edits, m.given = append(m.found.edits, p), append(m.given, p)
			next = append(next, p)
		}
	}
	m.found.unsafe = m.stillFound(m.found.unsafe, slices.DeleteFunc(found.unsafe, func(p *proposal) bool { return same(p) != nil }))
	m.found.noFix = m.stillFound(m.found.noFix, slices.DeleteFunc(found.noFix, m.remark))
	return next
}

// remark tells whether something without a fix is no more than worth knowing, and has only come to light by the changes: nobody
// asked for it.
func (m *mending) remark(p *proposal) bool {
	return p.finding.Severity < checks.Warning && !slices.ContainsFunc(m.found.noFix, func(q *proposal) bool {
		return q.finding.Fingerprint() == p.finding.Fingerprint()
	})
}

// stillFound gives what is found now of a kind, and takes down what was found before and has gone with the changes.
func (m *mending) stillFound(before, now []*proposal) []*proposal {
	for _, p := range before {
		if !slices.ContainsFunc(now, func(q *proposal) bool { return q.finding.Fingerprint() == p.finding.Fingerprint() }) {
			p.verdict = verdict{fate: Gone}
			m.found.gone = append(m.found.gone, p)
		}
	}
	return now
}
