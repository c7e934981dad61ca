package reload

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
)

// how a watcher showed that it had noticed.
type sign string

// The signs.
const (
	bySaying  sign = "it said so"
	byBuild   sign = "a build began"
	byEnding  sign = "the old server was ended"
	byProcess sign = "it started a process"
)

// chain is what was measured of one save, link by link. What did not happen has the zero time.
type chain struct {
	noticed time.Time
	sign    sign

	builds                 int
	buildBegan, buildEnded time.Time
	buildAlive             bool   // one goes on still
	working                bool   // something else that the watcher has started goes on still, and is no server
	failed                 string // why the build failed

	closed, gone time.Time // the old server: it listened no more, it had ended
	oldHolds     bool      // it listens still
	oldLives     bool
	oldSeen      time.Time // when its process was last seen

	starts  int // new servers
	pid     int // the new server: the one that listens, else the last that was started
	buildID string
	started time.Time
	died    time.Time // it has ended again
	bound   time.Time
	served  time.Time
	ran     code

	foreign int // pid of a process of somebody else's that listens on the port
	lastAct time.Time
}

// code says which code the new server runs.
type code int

// The answers.
const (
	unknownCode code = iota
	freshCode        // that of the save
	oldCode          // that of before
	partCode         // neither: another code than before, without the save or one of two
)

// measure finds the links of the chain in what was seen.
func measure(r *record, tool string, markers []string) chain {
	var c chain
	seen := slices.Clone(r.seen)
	slices.SortStableFunc(seen, func(a, b *sighting) int { return a.first.Compare(b.first) })
	c.old(r, seen)
	c.replacement(r, seen)
	c.build(r, seen, tool)
	c.notice(r, seen, tool)
	c.working = r.working(seen, tool)
	c.ran = c.runs(r, markers)
	c.lastAct = activity(r, seen, tool)
	return c
}

// old follows the server that was there before.
func (c *chain) old(r *record, seen []*sighting) {
	if r.before.pid == 0 {
		return
	}
	for _, s := range seen {
		if s.PID == r.before.pid {
			c.gone, c.oldLives, c.oldSeen = s.gone, s.gone.IsZero(), s.last
		}
	}
	for _, t := range r.held {
		if t.pid == r.before.pid {
			c.closed, c.oldHolds = t.to, t.to.IsZero()
		}
	}
}

// replacement follows the new server.
func (c *chain) replacement(r *record, seen []*sighting) {
	var last *sighting
	for _, s := range seen {
		if r.role(s) != serving || s.PID == r.before.pid || s.first.Before(r.began) {
			continue
		}
		c.starts++
		if last == nil || !last.listens(r) || s.listens(r) || !last.gone.IsZero() {
			last = s
		}
	}
	for _, t := range r.held {
		if t.foreign && t.to.IsZero() {
			c.foreign = t.pid
		}
	}
	if last == nil {
		return
	}
	c.pid, c.buildID, c.started, c.died, c.served = last.PID, last.buildID, last.first, last.gone, r.served[last.PID]
	for _, t := range r.held {
		if t.pid == last.PID && (c.bound.IsZero() || t.from.Before(c.bound)) {
			c.bound = t.from
		}
	}
	if !c.bound.IsZero() && c.bound.Before(c.started) { // it was seen to listen before it was seen to run
		c.started = c.bound
	}
	if c.oldSeen.Before(c.started) && c.started.Before(c.gone) { // it was missed later than it ended
		c.gone = c.started
	}
}

// listens tells whether a process listens on the port now.
func (s *sighting) listens(r *record) bool {
	return slices.ContainsFunc(r.held, func(t *tenure) bool { return t.pid == s.PID && t.to.IsZero() })
}

// build follows the builds. A `go run` has built when its program appears.
func (c *chain) build(r *record, seen []*sighting, tool string) {
	isBuild := func(s *sighting) bool { return s.builds() && !s.first.Before(r.began) }
	for _, s := range seen {
		if !isBuild(s) || slices.ContainsFunc(seen, func(p *sighting) bool { return p.PID == s.PPID && isBuild(p) }) {
			continue
		}
		c.builds++
		if c.buildBegan.IsZero() {
			c.buildBegan = s.first
		}
		ended := s.gone
		if s.last.Before(c.started) && c.started.Before(ended) { // it was missed later than it ended
			ended = c.started
		}
		for _, p := range seen {
			if p.PPID == s.PID && r.role(p) == serving {
				if ended = p.first; p.PID == c.pid && c.started.Before(ended) { // it was seen to listen before it was seen to run
					ended = c.started
				}
			}
		}
		if ended.IsZero() {
			c.buildAlive = true
		} else if ended.After(c.buildEnded) && (c.started.IsZero() || !ended.After(c.started) || c.buildEnded.IsZero()) {
			c.buildEnded = ended
		}
	}
	if at := first(r.lines, said[tool].builds); !at.IsZero() && (c.buildBegan.IsZero() || at.Before(c.buildBegan)) {
		c.buildBegan = at
	}
	if c.buildBegan.IsZero() {
		return
	}
	var at time.Time
	if c.failed, at = complains(tool, r.lines); c.buildEnded.IsZero() && !c.buildAlive {
		c.buildEnded = at
	}
}

// notice finds the first sign that the watcher has seen the save.
func (c *chain) notice(r *record, seen []*sighting, tool string) {
	take := func(at time.Time, by sign) {
		if !at.IsZero() && (c.noticed.IsZero() || at.Before(c.noticed)) {
			c.noticed, c.sign = at, by
		}
	}
	take(first(r.lines, said[tool].noticed), bySaying)
	take(c.buildBegan, byBuild)
	take(c.closed, byEnding)
	take(c.gone, byEnding)
	for _, s := range seen {
		if !s.first.Before(r.began) && !r.belowServer(s, seen) {
			take(s.first, byProcess)
		}
	}
}

// working tells whether something is under way that the watcher has started and that is no server, nor started one: a generator say.
func (r *record) working(seen []*sighting, tool string) bool {
	return slices.ContainsFunc(seen, func(s *sighting) bool {
		own := path.Base(filepath.ToSlash(s.Exe)) == tool || s.PID == r.watcher
		serves := slices.ContainsFunc(seen, func(p *sighting) bool { return r.role(p) == serving && r.below(p, s, seen) })
		return s.gone.IsZero() && !s.first.Before(r.began) && !own && r.role(s) != serving && !serves && !r.belowServer(s, seen)
	})
}

// below tells whether a process was started by another one, or by one that this has started.
func (r *record) below(s, by *sighting, seen []*sighting) bool {
	for range len(seen) {
		if s.PPID == by.PID {
			return true
		}
		i := slices.IndexFunc(seen, func(p *sighting) bool { return p.PID == s.PPID })
		if i < 0 {
			return false
		}
		s = seen[i]
	}
	return false
}

// belowServer tells of a process that a server has started: it says nothing about the watcher.
func (r *record) belowServer(s *sighting, seen []*sighting) bool {
	return slices.ContainsFunc(seen, func(p *sighting) bool { return p != s && r.role(p) == serving && r.below(s, p, seen) })
}

// runs says which code the new server runs: by what it printed as it started, else by the build id of its executable.
func (c *chain) runs(r *record, markers []string) code {
	if c.pid == 0 {
		return unknownCode
	}
	printed := 0
	for _, m := range markers {
		if slices.ContainsFunc(r.lines, func(l stage.Line) bool { return slices.Contains(strings.Fields(l.Text), m) }) {
			printed++
		}
	}
	switch changed := c.buildID != r.before.buildID; {
	case len(markers) > 0 && printed == len(markers):
		return freshCode
	case printed > 0:
		return partCode
	case c.buildID == "" || r.before.buildID == "":
		return unknownCode
	case !changed:
		return oldCode
	case r.marked && len(markers) > 0: // it prints, and did not print this
		return partCode
	}
	return freshCode
}

// activity is when something last happened that has to do with the reload. A pause that the tool makes, and says so, lasts to its end.
func activity(r *record, seen []*sighting, tool string) time.Time {
	last := r.began.Add(r.saved)
	take := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	for _, s := range seen {
		if !r.belowServer(s, seen) {
			take(s.first)
			take(s.gone)
		}
	}
	for _, t := range r.held {
		take(t.from)
		take(t.to)
	}
	for _, l := range r.lines {
		w := said[tool]
		if strings.Contains(l.Text, markerPrefix) || matches(w.noticed, l) || matches(w.builds, l) || matches(w.failed, l) {
			take(l.At)
		}
		take(w.pause(l))
	}
	for _, at := range r.served {
		take(at)
	}
	return last
}

// since is the time from a save to a moment, 0 for what did not happen.
func (r *record) since(at time.Time) account.Millis {
	if at.IsZero() {
		return 0
	}
	return account.Millis(max(0, at.Sub(r.began)))
}

// latest is the last of some moments.
func latest(of ...time.Time) time.Time {
	return slices.MaxFunc(of, time.Time.Compare)
}
