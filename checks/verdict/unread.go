package verdict

import (
	"net/netip"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// unread judges the connections that the server opened and from which it does not take what has arrived. A connection in a pool
// has nothing to read; one in use is read from. Bytes that nobody takes while nothing is being served belong to an answer, or to
// rows, that nobody will ever read to the end or close.
func (j *judge) unread() {
	for _, g := range byPeer(j.Unread) {
		proved, held := 0, 0
		for _, s := range g.stuck {
			if j.now()-s.Since >= j.same() {
				held++
			}
			if j.quietSince(s.Since) >= Persistent {
				proved++
			}
		}
		j.unreadOf(g, proved, held)
	}
}

func (j *judge) unreadOf(g group, proved, held int) {
	v := j.unreadVerdict(g)
	switch {
	case proved > few && !j.Brief:
		v.Severity, v.Confidence, v.Count = checks.Error, checks.Certain, proved
		v.Message = j.unreadMessage(g, proved, checks.Msg("the same bytes through %s of quiet", seconds(Persistent)))
		v.Settle = checks.Message{}
	case held > few && j.idleBut(held):
		v.Count = held
		v.Message = j.unreadMessage(g, held, checks.Msg("the same bytes for %s", seconds(j.now()-g.stuck[held-1].Since)))
	case proved > 0 && g.stuck[0].Since > j.begin(): // a client that only ever writes would have been so from the beginning
		v.Confidence, v.Count = checks.Possible, proved
		v.Message = j.unreadMessage(g, proved, checks.Msg("the same bytes through %s of quiet", seconds(Persistent)))
	default:
		return
	}
	v.Evidence = append(v.Evidence, checks.Msg("connections to %s: %d, of which %d have unread bytes", j.name(g.peer), j.peerNow(g.peer).Established, len(g.stuck)),
		checks.Msg("one of them: %d bytes wait on the connection from %s since %s", g.stuck[0].RecvQ, g.stuck[0].Local, seconds(j.now()-g.stuck[0].Since)))
	j.add(v)
}

// idleBut tells that so many stuck connections cannot belong to requests that are being served.
func (j *judge) idleBut(held int) bool { return j.quietNow() >= j.same() || held > j.clients() }

func (j *judge) unreadVerdict(g group) Verdict {
	v := Verdict{
		Check: ResponseBody, Severity: checks.Warning, Confidence: checks.Likely, Peer: g.peer, Key: "unread " + g.peer.String(),
		Why:    checks.Msg("An answer whose Body is neither read to its end nor closed keeps its connection and two goroutines for good; each further call opens another connection, until there are too many open files."),
		Help:   checks.Msg("close every Body, also on the paths that return early: gindoctor check --only src/unclosed shows where"),
		Settle: checks.Msg("a call that is still being served looks the same; to settle it, in a minute without traffic: %s", j.look(" --for 60s")),
	}
	if j.service(g.peer) != "" {
		v.Check = DBConnections
		v.Why = checks.Msg("Rows that are neither read to their end nor closed keep their connection: the pool opens another one for each query, or, where it has a limit, lets every request wait.")
		v.Help = checks.Msg("close every sql.Rows, also on the paths that return early: gindoctor check --only src/unclosed shows where")
	}
	return v
}

func (j *judge) unreadMessage(g group, n int, how checks.Message) checks.Message {
	return checks.Msg("%d connections to %s hold answers that nobody reads: %s", n, j.name(g.peer), how)
}

func (j *judge) peerNow(addr netip.AddrPort) observe.Peer { return peerAt(j.Last(), addr) }

// peerAt is what a sample says of a peer; the zero Peer where it has no connection to it.
func peerAt(p observe.Point, addr netip.AddrPort) observe.Peer {
	for _, peer := range p.Peers {
		if peer.Addr == addr {
			return peer
		}
	}
	return observe.Peer{Addr: addr}
}

// peerClosed judges the connections that the other server has closed and this one has not. net/http closes one that lies in its
// pool at once, so that these are answers that nobody closed; the pools of databases notice only when they use it again, and
// are left out.
func (j *judge) peerClosed() {
	for _, g := range byPeer(j.PeerClosed) {
		held := observe.Held(g.stuck, j.now(), j.same())
		if held <= few || j.service(g.peer) != "" || !j.idleBut(held) {
			continue
		}
		v := j.unreadVerdict(g)
		v.Count, v.Key = held, "closed "+g.peer.String()
		v.Message = checks.Msg("%d connections to %s stay open although the other side has closed them: the same ones for %s", held, g.peer, seconds(j.now()-g.stuck[held-1].Since))
		v.Why = checks.Msg("An answer whose Body is neither read to its end nor closed keeps its connection, a descriptor and a goroutine, for good; each further call opens another one, until there are too many open files.")
		v.Settle = checks.Msg("a pool of a protocol of its own may notice only later that its connections were closed; to settle it: %s", j.look(" --for 60s --pprof URL"))
		v.Evidence = []checks.Message{checks.Msg("%d of %d connections to %s are in CLOSE_WAIT", len(g.stuck), j.peerNow(g.peer).Sum(), g.peer)}
		j.add(v)
	}
}
