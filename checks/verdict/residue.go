package verdict

import (
	"time"

	"github.com/gindoctor/gindoctor/checks"
)

// What makes two waves of requests comparable.
const (
	gap       = 6 * time.Second // of quiet after a wave, at least
	shortWave = 5 * time.Second // a wave is no shorter
	equal     = 1.25            // the second may have so many times the clients and the length of the first
	equalBy   = 2               // and so many clients more
	more      = 2               // more left after the second wave than after the first
)

// wave is a time of requests and the quiet after it.
type wave struct{ load, quiet stretch }

// waves finds them. What is not followed by enough quiet belongs to the wave that goes on.
func (j *judge) waves() []wave {
	var all []wave
	start := 0
	for _, q := range j.quietStretches() {
		if j.length(q) < gap {
			continue
		}
		if load := (stretch{start, q.from}); j.length(load) >= shortWave {
			all = append(all, wave{load, q})
		}
		start = q.to
	}
	return all
}

// residue judges what is left in the quiet after each of two equal waves. A pool that the first wave has filled serves the second
// one too; what leaks is left twice.
func (j *judge) residue() {
	waves := j.waves()
	if j.Brief || len(waves) < 2 {
		return
	}
	a, b := waves[len(waves)-2], waves[len(waves)-1]
	if !j.equal(a, b) {
		return
	}
	for _, t := range j.traces() {
		base := t.at(j.Points[a.load.from])
		first, second := j.left(t, a, b), j.left(t, b, a)
		if first <= base || second-first < more {
			continue
		}
		v := j.growthVerdict(t, grown{from: base, to: second})
		v.Confidence = checks.Likely
		v.Count = second - base
		v.Message = checks.Msg("%s are left after each of two equal waves of requests: %s", t.what, describe(first, second))
		v.Evidence = []checks.Message{checks.Msg("%d before; waves of %s and %s, with at most %d and %d clients at once", base,
			seconds(j.length(a.load)), seconds(j.length(b.load)), j.most(a.load), j.most(b.load))}
		if t.kind == "file" {
			v.Evidence = append(v.Evidence, j.mostOpen()...)
		}
		v.Settle = checks.Msg("a third wave that leaves as many again settles it: %s", j.look(" --for 180s"))
		j.addGrowth(t, v)
	}
}

// equal tells whether the second wave was no greater than the first: a greater one fills a pool further.
func (j *judge) equal(a, b wave) bool {
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

// left is the least of a trace in the quiet after a wave, as late as the other wave's quiet allows to look: pools close idle
// connections after a time, so both must be of one age.
func (j *judge) left(t trace, w, other wave) int {
	age := min(j.length(w.quiet), j.length(other.quiet))
	begin := j.Points[w.quiet.from].Elapsed
	least := t.at(j.Points[w.quiet.from])
	for _, p := range j.Points[w.quiet.from : w.quiet.to+1] {
		if p.Elapsed-begin <= age {
			least = min(least, t.at(p))
		}
	}
	return least
}
