package verdict

import (
	"fmt"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// closeWait judges the connections whose client is gone and which the server keeps. net/http closes one as soon as its handler
// returns: that it stays for half a minute, the very same socket, is a handler that waits for ever or a connection that was taken
// over (a WebSocket) and forgotten. A number alone says nothing: an overloaded server has dozens of them for a moment.
func (j *judge) closeWait() {
	now := j.now()
	proved, held := observe.Held(j.CloseWait, now, Persistent), observe.Held(j.CloseWait, now, j.same())
	v := Verdict{Check: CloseWait, Severity: checks.Warning, Confidence: checks.Likely, Count: held, Key: "close-wait"}
	switch {
	case held == 0 || held <= few && proved == 0 || j.Brief && !j.lasting(held):
		return
	case proved > few && !j.Brief:
		v.Severity, v.Confidence, v.Count = checks.Error, checks.Certain, proved
		v.Message = checks.Msg("%d connections stay open although their clients are gone: the same ones for %s and longer", proved, seconds(Persistent))
	default:
		v.Message = checks.Msg("%d connections stay open although their clients are gone: the same ones for %s", held, seconds(now-j.CloseWait[held-1].Since))
		v.Settle = checks.Msg("a handler that only takes long looks the same at first; to settle it: %s", j.look(" --for 60s"))
	}
	v.Why = checks.Msg("Each holds a descriptor, and mostly a goroutine, until there are too many open files: a handler that never returns, or a WebSocket that is not closed when its client leaves.")
	v.Help = j.stuckHandlers()
	v.Evidence = j.closeWaitEvidence(v.Count)
	j.add(v)
}

// lasting tells whether most of the connections that were so at the first sample still are: where many have gone since, handlers do
// return, only late.
func (j *judge) lasting(held int) bool { return 4*held >= 3*j.Points[0].Inbound.CloseWait }

func (j *judge) stuckHandlers() checks.Message {
	if j.profiled {
		return checks.Msg("look where the goroutines of the handlers stand; give them c.Request.Context(), which ends when the client leaves")
	}
	return checks.Msg("give the server a pprof route and see where the handlers stand: %s", j.look(" --for 60s --pprof URL"))
}

func (j *judge) closeWaitEvidence(count int) []checks.Message {
	oldest := j.CloseWait[0]
	lines := []checks.Message{
		checks.Msg("%d in CLOSE_WAIT at the end of %s, %d of them throughout the last %s", len(j.CloseWait), seconds(j.Length()), count, seconds(j.now()-j.CloseWait[count-1].Since)),
		checks.Msg("the oldest is socket %d from %s, so for at least %s", oldest.Inode, oldest.Remote, seconds(j.now()-oldest.Since)),
	}
	var from []string
	groups := byClient(j.CloseWait[:count])
	for _, g := range groups[:min(3, len(groups))] {
		from = append(from, fmt.Sprintf("%d from %s", len(g.stuck), g.peer.Addr()))
	}
	if len(groups) > 3 {
		from = append(from, fmt.Sprintf("others from %d more addresses", len(groups)-3))
	}
	lines = append(lines, checks.Msg("by client: %s", strings.Join(from, ", ")))
	if peer, n, ok := j.usedUp(); ok {
		lines = append(lines, checks.Msg("meanwhile the connections to %s stood at exactly %d: a pool that is used up makes every handler wait", j.name(peer), n))
	}
	return lines
}
