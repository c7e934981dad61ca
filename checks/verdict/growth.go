package verdict

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// What it takes for a number that grows to be worth a warning. The figures were chosen on half of the recorded series
// (docs/leaks.md): with fewer steps a server that opens what it needs would be suspected.
const (
	shortest  = 15 * time.Second // of watching: less tells nothing about growth
	rising    = 10 * time.Second // from the first rise to the last: what a server opens at its start comes at once
	steps     = 3                // rises
	surplus   = 4                // more at the end than at the beginning
	recent    = 5 * time.Second  // the end: the least of this time counts, so that what comes and goes does not
	beyond    = 1.25             // times the most clients that were there at once: more than a pool needs
	beyondAll = 2                // and so many more
)

// trace is a number over time: one kind of descriptor, or the connections to one peer.
type trace struct {
	what string // "files", "connections to PostgreSQL (127.0.0.1:5432)"
	kind string // the same without its address, for the key of a finding
	peer netip.AddrPort
	at   func(observe.Point) int
	// shared tells that requests need it only while they last, or keep it in a pool: as many as there are clients prove nothing.
	shared bool
}

// OpenFiles is what a Residue of files is called.
const OpenFiles = "open files"

// traces are what is followed: the connections to each peer of the last sample, and the descriptors of each kind. Connections of
// clients are left out: they are theirs to open and to keep.
func (j *judge) traces() []trace {
	all := []trace{
		{what: OpenFiles, kind: "file", at: func(p observe.Point) int { return p.Kinds.Files }},
		{what: "open pipes", kind: "pipe", at: func(p observe.Point) int { return p.Kinds.Pipes }, shared: true},
		{what: "open kernel objects (epoll, inotify, timers)", kind: "anon", at: func(p observe.Point) int { return p.Kinds.Anon }},
		{what: "open sockets that are no TCP connections", kind: "socket", at: func(p observe.Point) int {
			return p.Kinds.Sockets - p.Inbound.Sum() - p.Outbound.Sum()
		}, shared: true},
	}
	for _, peer := range j.Last().Peers {
		addr := peer.Addr
		all = append(all, trace{what: "connections to " + j.name(addr), kind: addr.String(), peer: addr, shared: true, at: func(p observe.Point) int {
			return peerAt(p, addr).Established
		}})
	}
	return all
}

// growth judges what has grown while it was watched and has not come back.
func (j *judge) growth() {
	last := recent
	if j.Brief {
		last = 0 // there is no end to a few seconds
	}
	for _, t := range j.traces() {
		g := measure(j.Points, t.at, last)
		if j.Brief && j.growsFast(t, g) || !j.Brief && j.grows(t, g) {
			j.addGrowth(t, j.growthVerdict(t, g))
		}
	}
}

// addGrowth adds a verdict on a number that grew. Where the same connections were found to hold unread answers, that says more,
// and the number is evidence for it; what two waves show says more than what one does.
func (j *judge) addGrowth(t trace, v Verdict) {
	for i := range j.found {
		old := &j.found[i]
		switch {
		case t.peer.IsValid() && old.Peer == t.peer && old.Key != v.Key:
			old.Evidence = append(old.Evidence, v.Message)
			return
		case old.Check == v.Check && old.Key == v.Key:
			*old = v
			return
		}
	}
	j.add(v)
}

// grown is how a trace has developed: its floor, which is the least that it will be from a moment on, at the beginning and at
// the end; how often the floor rose, and over what time.
type grown struct {
	from, to, steps int
	rising          time.Duration
}

func (g grown) by() int { return g.to - g.from }

// measure follows a number. Its end is the least of the last moments.
func measure(points []observe.Point, at func(observe.Point) int, last time.Duration) grown {
	floor := make([]int, len(points))
	end := len(floor) - 1
	lowest := at(points[end])
	for i, p := range slices.Backward(points) {
		lowest = min(lowest, at(p))
		floor[i] = lowest
	}
	for now := points[end].Elapsed; end > 0 && now-points[end-1].Elapsed <= last && last > 0; {
		end--
	}
	g := grown{from: floor[0], to: floor[end]}
	first, again := time.Duration(-1), time.Duration(0)
	for i := 1; i <= end; i++ {
		if floor[i] > floor[i-1] {
			if first < 0 {
				first = points[i].Elapsed
			}
			again = points[i].Elapsed
			g.steps++
		}
	}
	g.rising = max(again-max(first, 0), 0)
	return g
}

// grows tells whether that is more than a healthy server shows: risen again and again, and more than all clients together could
// use, or still there while nobody is served.
func (j *judge) grows(t trace, g grown) bool {
	if j.Length() < shortest || g.by() < surplus || g.steps < steps || g.rising < rising {
		return false
	}
	if t.shared {
		return j.beyondClients(g.to)
	}
	return j.quietNow() >= recent || j.beyondClients(g.by())
}

func (j *judge) beyondClients(n int) bool { return float64(n) > beyond*float64(j.clients())+beyondAll }

// growsFast is the same for the few seconds of `check`: only what is far beyond need.
func (j *judge) growsFast(t trace, g grown) bool {
	return g.by() >= surplus && g.steps > 1 && g.to > 2*j.clients()+20
}

func (j *judge) growthVerdict(t trace, g grown) Verdict {
	v := Verdict{
		Check: FDGrowth, Severity: checks.Warning, Confidence: checks.Possible, Count: g.by(), Peer: t.peer, Key: "growth " + t.kind,
		Message:  checks.Msg("%s grow and do not come back: from %d to %d in %s", t.what, g.from, g.to, seconds(j.Length())),
		Why:      checks.Msg("If it goes on, the server has too many open files and accepts no more connections."),
		Evidence: []checks.Message{checks.Msg("the number rose in %d steps over %s; at most %d clients were connected at once", g.steps, seconds(g.rising), j.clients())},
		Help:     checks.Msg("close what each request opens: gindoctor check --only src/unclosed,src/client-per-request shows where"),
		Settle:   checks.Msg("counts alone prove nothing: watch two equal waves of requests with ten quiet seconds after each: %s", j.look(" --for 120s")),
	}
	switch {
	case t.peer.IsValid() && j.service(t.peer) != "":
		v.Check = DBConnections
		v.Why = checks.Msg("More connections than clients to need them: a pool that is opened for each request, or rows and transactions that are never closed. The database refuses more at its own limit.")
	case t.peer.IsValid():
		v.Why = checks.Msg("More connections than clients to need them: answers whose Body is not closed, or an http.Transport of its own for each request.")
	case t.kind == "file":
		v.Confidence = checks.Likely
		v.Evidence = append(v.Evidence, j.mostOpen()...)
		v.Settle = checks.Msg("the collector of garbage closes files that nothing refers to any more, only later: watch on to see whether the number falls: %s", j.look(" --for 300s"))
	}
	return v
}

// mostOpen names the files that are open more than once, the most first.
func (j *judge) mostOpen() []checks.Message {
	count := map[string]int{}
	var names []string
	for _, f := range j.Files {
		if count[f.Path]++; count[f.Path] == 2 {
			names = append(names, f.Path)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return count[b] - count[a] })
	var lines []checks.Message
	for _, name := range names[:min(3, len(names))] {
		lines = append(lines, checks.Msg("%d times %s", count[name], name))
	}
	return lines
}

// usedUp finds a peer whose connections stood at one number, more than two, for as long as clients were lost: a pool that is used up.
func (j *judge) usedUp() (peer netip.AddrPort, n int, ok bool) {
	since := j.CloseWait[0].Since
	for _, p := range j.Last().Peers {
		same := p.Established > few
		for _, point := range j.Points {
			if point.Elapsed >= since && peerAt(point, p.Addr).Established != p.Established {
				same = false
			}
		}
		if same && j.service(p.Addr) != "" {
			return p.Addr, p.Established, true
		}
	}
	return peer, 0, false
}

// pools holds the connections to a database against the limit that the program sets on its pool.
func (j *judge) pools() {
	for _, peer := range j.Last().Peers {
		service := j.service(peer.Addr)
		limit, set := 0, ""
		for _, p := range j.Pools {
			if p.Service == "" && relational[service] || p.Service != "" && p.Service == service {
				limit += p.Max
				set = p.Set
			}
		}
		held := j.floorOf(peer.Addr)
		if limit == 0 || held <= limit+few {
			continue
		}
		j.add(Verdict{
			Check: DBConnections, Severity: checks.Warning, Confidence: checks.Likely, Count: held - limit, Peer: peer.Addr, Key: "growth " + peer.Addr.String(),
			Message:  checks.Msg("%d connections to %s, and the program's pool allows %d", held, j.name(peer.Addr), limit),
			Why:      checks.Msg("There is more than one pool: one that is opened for each request holds its connections for good, and the database refuses more at its own limit."),
			Help:     checks.Msg("open the pool once, when the program starts: gindoctor check --only src/client-per-request shows where it is opened again"),
			Evidence: []checks.Message{checks.Msg("%s", set), checks.Msg("at least %d connections in each of %d samples", held, len(j.Points))},
			Settle:   checks.Msg("a second pool that is meant looks the same; to see whether the number grows: %s", j.look(" --for 60s")),
		})
	}
}

func (j *judge) floorOf(addr netip.AddrPort) int {
	lowest := peerAt(j.Last(), addr).Established
	for _, p := range j.Points {
		lowest = min(lowest, peerAt(p, addr).Established)
	}
	return lowest
}

// describe says how a number stood after two waves.
func describe(first, second int) string {
	return fmt.Sprintf("%d after the first, %d after the second", first, second)
}

// describeAll says how a number stood after more waves: "2, 4, 6".
func describeAll(left []int) string {
	var all []string
	for _, n := range left {
		all = append(all, strconv.Itoa(n))
	}
	return strings.Join(all, ", ")
}
