package verdict

import (
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// moreGoroutines judges their number where the server tells it and no profile says more: in quiet, each connection of a client
// needs one and each one to another server at most two. What is beyond that, was not there in the quiet before and came little by
// little is left over; workers that are started when they are first needed come at once.
func (j *judge) moreGoroutines() {
	quiet := j.quietStretches()
	if j.Brief || j.profiled || len(quiet) < 2 || slices.ContainsFunc(j.found, func(v Verdict) bool { return v.Check == ResponseBody }) {
		return
	}
	first, last := quiet[0], quiet[len(quiet)-1]
	if min(j.length(first), j.length(last)) < recent || j.Length() < shortest {
		return
	}
	before, after := j.counted(first), j.counted(last)
	if len(before) == 0 || len(after) < 2 {
		return
	}
	then, now := before[len(before)-1], after[len(after)-1]
	more := leastUnexplained(after) - leastUnexplained(before)
	// Connections that went do not make the rest a leak: the plain number has to have grown too.
	if more < surplus || now.Goroutines-then.Goroutines < surplus || !j.goroutinesRise() {
		return
	}
	j.add(Verdict{
		Check: Goroutines, Severity: checks.Warning, Confidence: checks.Possible, Count: more, Key: "count",
		Message: checks.Msg("%d goroutines more than before the load, and no open connection explains them", more),
		Why:     checks.Msg("Goroutines that never end keep their stacks and all that they refer to: memory grows with every request until the server is killed."),
		Help:    checks.Msg("see where they stand: %s", j.look(" --for 60s --pprof URL")),
		Evidence: []checks.Message{checks.Msg("%d goroutines in the quiet before, %d in the quiet at the end; connections of clients %d, to other servers %d",
			then.Goroutines, now.Goroutines, now.Inbound.Sum(), now.Outbound.Sum())},
		Settle: checks.Msg("a number does not say where: give --pprof URL"),
	})
}

// counted are the samples of a quiet time at which the server told how many goroutines it has.
func (j *judge) counted(s stretch) []observe.Point {
	return slices.DeleteFunc(slices.Clone(j.Points[s.from+1:s.to+1]), func(p observe.Point) bool { return p.Goroutines < 0 })
}

// unexplained is the number of goroutines beyond those of the connections.
func unexplained(p observe.Point) int {
	return max(p.Goroutines-p.Inbound.Sum()-2*p.Outbound.Sum(), 0)
}

func leastUnexplained(all []observe.Point) int {
	least := unexplained(all[0])
	for _, p := range all {
		least = min(least, unexplained(p))
	}
	return least
}

// goroutinesRise tells whether their floor rose again and again, as that of descriptors has to.
func (j *judge) goroutinesRise() bool {
	g := measure(j.counted(stretch{-1, len(j.Points) - 1}), func(p observe.Point) int { return p.Goroutines }, recent)
	return g.steps >= steps && g.rising >= rising
}
