package verdict

import (
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// moreGoroutines judges their number where the server tells it and no profile says more: in quiet, each connection of a client
// needs one and each one to another server at most two. What is beyond that, and was not there in the quiet before, is left over.
func (j *judge) moreGoroutines() {
	quiet := j.quietStretches()
	if j.Brief || len(quiet) < 2 || j.has(Goroutines) || j.has(ResponseBody) {
		return
	}
	first, last := quiet[0], quiet[len(quiet)-1]
	if min(j.length(first), j.length(last)) < recent || j.Length() < shortest {
		return
	}
	before, after := j.unexplained(first), j.unexplained(last)
	if before < 0 || after-before < surplus || j.risen(first, last) < surplus {
		return
	}
	j.add(Verdict{
		Check: Goroutines, Severity: checks.Warning, Confidence: checks.Possible, Count: after - before, Key: "count",
		Message: checks.Msg("%d goroutines more than before the load, and no open connection explains them", after-before),
		Why:     checks.Msg("Goroutines that never end keep their stacks and all that they refer to: memory grows with every request until the server is killed."),
		Help:    checks.Msg("see where they stand: %s", j.look(" --for 60s --pprof URL")),
		Evidence: []checks.Message{checks.Msg("%d goroutines in the quiet before, %d in the quiet at the end; connections of clients %d, to other servers %d",
			j.Points[first.to].Goroutines, j.Last().Goroutines, j.Last().Inbound.Sum(), j.Last().Outbound.Sum())},
		Settle: checks.Msg("a number does not say where: give --pprof URL"),
	})
}

// unexplained is the least number of goroutines beyond those of the connections during a quiet time; -1 where nothing tells it.
func (j *judge) unexplained(s stretch) int {
	least := -1
	for _, p := range j.Points[s.from+1 : s.to+1] {
		if p.Goroutines < 0 {
			return -1
		}
		if n := max(p.Goroutines-ofConnections(p), 0); least < 0 || n < least {
			least = n
		}
	}
	return least
}

func ofConnections(p observe.Point) int { return p.Inbound.Sum() + 2*p.Outbound.Sum() }

// risen is by how much their plain number grew: connections that went do not make the rest a leak.
func (j *judge) risen(first, last stretch) int {
	return j.Points[last.to].Goroutines - j.Points[first.to].Goroutines
}

func (j *judge) has(check string) bool {
	for _, v := range j.found {
		if v.Check == check {
			return true
		}
	}
	return false
}
