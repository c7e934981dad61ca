package verdict

import (
	"net/netip"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// Gap is how long it has to be quiet after a wave of requests before what is left of it is counted.
const Gap = 6 * time.Second

// MostWaves is how many waves a drill makes at most. Each has to leave more than the one before.
const MostWaves = 4

// What makes two waves of requests comparable.
const (
	shortWave = 5 * time.Second // a wave is no shorter
	equal     = 1.25            // the second may have so many times the clients and the length of the first
	equalBy   = 2               // and so many clients more
	more      = 2               // more left after the second wave than after the first
)

// wave is a time of requests and the quiet after it.
type wave struct {
	load, quiet stretch
	made        *Wave // by a drill
}

// waves finds them. What is not followed by enough quiet belongs to the wave that goes on.
func (j *judge) waves() []wave {
	if len(j.Waves) > 0 {
		return j.made()
	}
	var all []wave
	start := 0
	for _, q := range j.quietStretches() {
		if j.length(q) < Gap {
			continue
		}
		if load := (stretch{start, q.from}); j.length(load) >= shortWave {
			all = append(all, wave{load: load, quiet: q})
		}
		start = q.to
	}
	return all
}

// made are the waves of a drill that were followed by enough quiet, or where the server is never quiet by enough time: nobody else
// sends it requests.
func (j *judge) made() []wave {
	var all []wave
	for i := range j.Waves {
		w, next := &j.Waves[i], j.now()
		if i+1 < len(j.Waves) {
			next = j.Waves[i+1].From
		}
		after := j.quietBetween(w.To, next)
		if j.length(after) < Gap {
			after = stretch{j.after(w.To), j.before(next)}
		}
		if after.from < after.to && j.length(after) >= Gap {
			all = append(all, wave{stretch{j.before(w.From), after.from}, after, w})
		}
	}
	for len(all) > 1 && !j.equal(all[0], all[len(all)-1]) {
		all = all[1:]
	}
	return all
}

// quietBetween is the longest quiet that lies between two moments.
func (j *judge) quietBetween(from, to time.Duration) stretch {
	first, last := j.after(from), j.before(to)
	var longest stretch
	for _, q := range j.quietStretches() {
		q.from, q.to = max(q.from, first), min(q.to, last)
		if q.from < q.to && j.length(q) > j.length(longest) {
			longest = q
		}
	}
	return longest
}

// QuietAfter is the longest time after a moment of a series, by its clock, in which nothing was served.
func QuietAfter(s *observe.Series, at time.Duration) time.Duration {
	j := &judge{Series: s}
	return j.length(j.quietBetween(at, j.now()))
}

// after is the first sample after a moment, or the last there is.
func (j *judge) after(at time.Duration) int {
	for i, p := range j.Points {
		if p.Elapsed >= at {
			return i
		}
	}
	return len(j.Points) - 1
}

// before is the last sample before a moment, or the first there is.
func (j *judge) before(at time.Duration) int {
	last := 0
	for i, p := range j.Points {
		if p.Elapsed <= at {
			last = i
		}
	}
	return last
}

// residue judges what is left in the quiet after each of two equal waves. A pool that the first wave has filled serves the second
// one too; what leaks is left twice.
func (j *judge) residue() {
	waves := j.waves()
	if j.Brief || len(waves) < 2 {
		return
	}
	if len(j.Waves) == 0 {
		waves = waves[len(waves)-2:]
	}
	if !j.equal(waves[0], waves[len(waves)-1]) {
		return
	}
	for _, t := range j.traces() {
		if r := j.residueOf(t, waves); r.Grows() {
			j.addGrowth(t, j.residueVerdict(t, r, waves))
		}
	}
}

func (j *judge) residueVerdict(t trace, r Residue, waves []wave) Verdict {
	first, second := r.Left[0], r.Left[len(r.Left)-1]
	v := j.growthVerdict(t, grown{from: r.Before, to: second})
	v.Residue, v.Count, v.Confidence = t.what, second-r.Before, checks.Likely
	v.Message = checks.Msg("%s are left after each of two equal waves of requests: %s", t.what, describe(first, second))
	if len(waves) > 2 {
		v.Message = checks.Msg("%s are left after each of %d equal waves of requests: %s", t.what, len(waves), describeAll(r.Left))
	}
	if len(j.Waves) > 0 && len(waves) < MostWaves && !(r.steady() && j.beyondClients(v.Count)) {
		v.Confidence = checks.Possible // a pool may not have been full after the first wave
	}
	v.Evidence = []checks.Message{j.describeWaves(r.Before, waves)}
	if t.kind == "file" {
		v.Evidence = append(v.Evidence, j.mostOpen()...)
	}
	v.Settle = checks.Message{}
	if len(j.Waves) == 0 {
		v.Settle = checks.Msg("a third wave that leaves as many again settles it: %s", j.look(" --for 180s"))
	}
	return v
}

func (j *judge) describeWaves(base int, waves []wave) checks.Message {
	a, b := waves[0], waves[len(waves)-1]
	if a.made != nil && b.made != nil {
		return checks.Msg("%d before; waves of %d and %d requests, by %d clients at once", base, a.made.Requests, b.made.Requests, b.made.Clients)
	}
	return checks.Msg("%d before; waves of %s and %s, with at most %d and %d clients at once", base,
		seconds(j.length(a.load)), seconds(j.length(b.load)), j.most(a.load), j.most(b.load))
}

// equal tells whether the second wave was no greater than the first: a greater one fills a pool further.
func (j *judge) equal(a, b wave) bool {
	if a.made != nil && b.made != nil {
		return b.made.Clients <= a.made.Clients && float64(b.made.Requests) <= equal*float64(a.made.Requests)
	}
	clients, length := float64(j.most(a.load)), j.length(a.load).Seconds()
	return float64(j.most(b.load)) <= equal*clients+equalBy && j.length(b.load).Seconds() <= equal*length+2
}

// most is the largest number of clients at once during a stretch.
func (j *judge) most(s stretch) int {
	most := 0
	for _, p := range j.Points[s.from : s.to+1] {
		most = max(most, p.Inbound.Established+p.Inbound.CloseWait)
	}
	return most
}

// residueOf is the least of a trace in the quiet after each wave, as late as the shortest quiet allows to look: pools close idle
// connections after a time, so all must be of one age.
func (j *judge) residueOf(t trace, waves []wave) Residue {
	age := j.length(waves[0].quiet)
	for _, w := range waves {
		age = min(age, j.length(w.quiet))
	}
	r := Residue{What: t.what, Peer: t.peer, Before: t.at(j.Points[waves[0].load.from])}
	for _, w := range waves {
		begin := j.Points[w.quiet.from].Elapsed
		quiet := j.Points[w.quiet.from+1 : w.quiet.to+1] // the sample at which it began may have seen the wave's last moment
		least := t.at(quiet[0])
		for _, p := range quiet {
			if p.Elapsed-begin <= age {
				least = min(least, t.at(p))
			}
		}
		r.Left = append(r.Left, least)
	}
	return r
}

// Residue is how much of one kind of thing was left in the quiet after each wave.
type Residue struct {
	What   string
	Peer   netip.AddrPort // whom connections lead to; the zero value where it is no one address
	Before int            // the first wave
	Left   []int          // after each
}

// Grows tells whether every wave has left more than the one before.
func (r Residue) Grows() bool {
	if len(r.Left) < 2 || r.Left[0] <= r.Before {
		return false
	}
	for i, n := range r.Left[1:] {
		if n-r.Left[i] < more {
			return false
		}
	}
	return true
}

// steady tells whether the last wave has left about as many more as the first: a pool that becomes full does not.
func (r Residue) steady() bool {
	n := len(r.Left)
	first, last := r.Left[0]-r.Before, r.Left[n-1]-r.Left[n-2]
	return first <= 2*last && last <= 2*first
}

// Residues are what the waves of a series have left, of each kind that residue judges, and the connections that are stuck. Waves that
// no quiet followed are left out.
func Residues(s *observe.Series, span Span) []Residue {
	j := &judge{Series: s, Span: span}
	waves := j.waves()
	if len(waves) == 0 {
		return nil
	}
	var all []Residue
	for _, t := range append(j.traces(),
		trace{what: "connections whose clients are gone", at: func(p observe.Point) int { return p.Inbound.CloseWait }},
		trace{what: "answers that nobody reads", at: func(p observe.Point) int { return p.Unread }}) {
		all = append(all, j.residueOf(t, waves))
	}
	return all
}

// QuietNow is for how long a server has served nothing, up to the last sample.
func QuietNow(s *observe.Series) time.Duration { return (&judge{Series: s}).quietNow() }
