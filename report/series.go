package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/target/observe"
)

// Series is what `monitor` has measured: the process, and one point for every sample.
type Series struct {
	Process  string    `json:"process"`
	PID      int       `json:"pid"`
	Ports    []int     `json:"ports"` // it listens on
	Started  time.Time `json:"started"`
	Interval int64     `json:"interval_ms"`
	Length   int64     `json:"length_ms"` // from the first sample to the last
	Samples  int       `json:"samples"`   // taken; Points may be fewer
	// Soft and Hard are the limits on open descriptors: -1 is none, 0 is not known.
	Soft int64 `json:"open_files_soft,omitempty"`
	Hard int64 `json:"open_files_hard,omitempty"`
	// Hidden says that what it has open may not be seen by this user: connections and kinds are not told.
	Hidden bool   `json:"hidden,omitempty"`
	Ended  string `json:"ended,omitempty"` // why it was not watched to the end
	// Peers are those that it was connected to the most, as of the last point.
	Peers []SeriesPeer `json:"peers"`
	// Pools are the pools of database/sql that the process tells of, as it told last; none where it tells nothing.
	Pools []SeriesPool `json:"pools,omitempty"`
	// Untold is why what it tells of itself is not used; "" where it is, and where it tells nothing.
	Untold string        `json:"untold,omitempty"`
	Points []SeriesPoint `json:"points"`
}

// SeriesPeer is an address that the process is connected to.
type SeriesPeer struct {
	Address     string `json:"address"`
	Connections int    `json:"connections"`
	CloseWait   int    `json:"close_wait"` // of them: closed by the peer and not by the process
	Unread      int    `json:"unread"`     // of them: with bytes that nobody reads
}

// SeriesPool is a pool of connections to a database, as the process itself tells of it.
type SeriesPool struct {
	Name  string `json:"name"`
	Max   int    `json:"max,omitempty"` // connections it may open; 0 means no limit
	Open  int    `json:"open"`
	InUse int    `json:"in_use"`
	Waits int64  `json:"waits"` // calls that have had to wait for a connection, since the program began
}

// SeriesPoolPoint is what a pool was at one sample.
type SeriesPoolPoint struct {
	Open  int   `json:"open"`
	InUse int   `json:"in_use"`
	Waits int64 `json:"waits"`
}

// SeriesPoint is one sample.
type SeriesPoint struct {
	At          int64        `json:"at_ms"`
	Descriptors int          `json:"descriptors"`
	Sockets     int          `json:"sockets"`
	Files       int          `json:"files"`
	Pipes       int          `json:"pipes"`
	Others      int          `json:"others"`
	Inbound     SeriesStates `json:"inbound"`
	Outbound    SeriesStates `json:"outbound"`
	Unread      int          `json:"unread"`
	ToPeers     []int        `json:"to_peers"` // connections, in the order of Series.Peers
	Backlog     int          `json:"backlog"`
	Threads     int          `json:"threads"`
	Goroutines  int          `json:"goroutines,omitempty"` // 0 where nobody counted them
	RSS         uint64       `json:"rss_bytes"`
	CPU         float64      `json:"cpu"` // of one core
	Quiet       bool         `json:"quiet"`
	// Pools are in the order of Series.Pools, and Heap is the memory of Go's heap that is in use: absent where the process did not
	// tell at this sample.
	Pools []SeriesPoolPoint `json:"pools,omitempty"`
	Heap  int64             `json:"heap_bytes,omitempty"`
}

// SeriesStates counts connections by the state that tells something.
type SeriesStates struct {
	Established int `json:"established"`
	CloseWait   int `json:"close_wait"`
	Other       int `json:"other"`
}

const (
	maxSeriesPoints = 720 // more say nothing more to an eye
	maxSeriesPeers  = 6
	maxSeriesPools  = 4
)

// NewSeries makes of what was observed what a report holds: no more points than can be seen, and of the peers those with the most
// connections. It shares nothing with s. ended says why it was not watched to the end, "" where it was.
func NewSeries(s *observe.Series, name string, interval time.Duration, samples int, ended string) *Series {
	points := thin(s.Points, maxSeriesPoints)
	out := &Series{
		Process: cleanText(name), PID: s.Process.PID, Ports: append([]int{}, s.Ports...), Started: s.Started, Interval: interval.Milliseconds(),
		Length: s.Length().Milliseconds(), Samples: samples, Soft: s.Limits.OpenFilesSoft, Hard: s.Limits.OpenFilesHard, Hidden: s.Hidden,
		Ended: ended, Points: make([]SeriesPoint, 0, len(points)),
	}
	top := mostConnected(points)
	out.Peers = seriesPeers(s.Last(), top)
	pools := poolsTold(points)
	for _, p := range pools {
		out.Pools = append(out.Pools, SeriesPool{Name: cleanText(p.Name), Max: p.Max, Open: p.Open, InUse: p.InUse, Waits: p.Waits})
	}
	if s.Foreign {
		out.Untold = "it is of another process behind the same address"
	}
	for _, p := range points {
		point := seriesPoint(p, top)
		point.tell(p.Told, pools)
		out.Points = append(out.Points, point)
	}
	return out
}

// poolsTold are the pools of the last point at which the process told of any.
func poolsTold(points []observe.Point) []observe.Pool {
	for _, p := range slices.Backward(points) {
		if p.Told != nil && len(p.Told.Pools) > 0 {
			return p.Told.Pools[:min(maxSeriesPools, len(p.Told.Pools))]
		}
	}
	return nil
}

// tell adds what the process told at a sample. A point tells of all pools or of none.
func (p *SeriesPoint) tell(told *observe.Told, pools []observe.Pool) {
	if told == nil {
		return
	}
	p.Heap = max(0, told.HeapBytes)
	var out []SeriesPoolPoint
	for _, pool := range pools {
		i := slices.IndexFunc(told.Pools, func(o observe.Pool) bool { return o.Name == pool.Name })
		if i < 0 {
			return
		}
		now := told.Pools[i]
		out = append(out, SeriesPoolPoint{Open: now.Open, InUse: now.InUse, Waits: now.Waits})
	}
	p.Pools = out
}

// thin keeps, of each of n stretches of time, the point with the most descriptors, and the last of all.
func thin(points []observe.Point, n int) []observe.Point {
	if len(points) <= n {
		return points
	}
	first, last := points[0].Elapsed, points[len(points)-1]
	kept := make([]observe.Point, 0, n)
	stretch := -1
	for _, p := range points[:len(points)-1] {
		at := int(int64(p.Elapsed-first) * int64(n-1) / int64(last.Elapsed-first+1))
		switch {
		case at != stretch:
			kept, stretch = append(kept, p), at
		case p.Total > kept[len(kept)-1].Total:
			kept[len(kept)-1] = withTold(p, kept[len(kept)-1])
		default:
			kept[len(kept)-1] = withTold(kept[len(kept)-1], p)
		}
	}
	return append(kept, last)
}

// withTold is a point with what the process told at another one of the same stretch, where it told nothing at this one: it tells now
// and then only.
func withTold(p, other observe.Point) observe.Point {
	if p.Told == nil {
		p.Told = other.Told
	}
	if p.Goroutines < 0 {
		p.Goroutines = other.Goroutines
	}
	return p
}

// mostConnected are the peers that had the most connections at one time.
func mostConnected(points []observe.Point) []observe.Peer {
	most := map[string]observe.Peer{}
	for _, p := range points {
		for _, peer := range p.Peers {
			if name := peer.Addr.String(); peer.Sum() > most[name].Sum() {
				most[name] = peer
			}
		}
	}
	var all []observe.Peer
	for _, peer := range most {
		all = append(all, peer)
	}
	slices.SortFunc(all, func(a, b observe.Peer) int { return cmp.Or(cmp.Compare(b.Sum(), a.Sum()), a.Addr.Compare(b.Addr)) })
	return all[:min(maxSeriesPeers, len(all))]
}

func seriesPeers(last observe.Point, top []observe.Peer) []SeriesPeer {
	out := make([]SeriesPeer, 0, len(top))
	for _, t := range top {
		now := SeriesPeer{Address: t.Addr.String()}
		if i := slices.IndexFunc(last.Peers, func(p observe.Peer) bool { return p.Addr == t.Addr }); i >= 0 {
			p := last.Peers[i]
			now.Connections, now.CloseWait, now.Unread = p.Sum(), p.CloseWait, p.Unread
		}
		out = append(out, now)
	}
	return out
}

func seriesPoint(p observe.Point, top []observe.Peer) SeriesPoint {
	out := SeriesPoint{
		At: p.Elapsed.Milliseconds(), Descriptors: p.Total, Sockets: p.Kinds.Sockets, Files: p.Kinds.Files, Pipes: p.Kinds.Pipes,
		Others: p.Kinds.Anon + p.Kinds.Devices, Inbound: SeriesStates(p.Inbound), Outbound: SeriesStates(p.Outbound), Unread: p.Unread,
		ToPeers: make([]int, len(top)), Backlog: p.Backlog, Threads: p.Threads, Goroutines: max(0, p.Goroutines), RSS: p.RSS,
		CPU: math.Round(max(0, p.CPU)*1000) / 1000, Quiet: p.Quiet,
	}
	for i, t := range top {
		if j := slices.IndexFunc(p.Peers, func(p observe.Peer) bool { return p.Addr == t.Addr }); j >= 0 {
			out.ToPeers[i] = p.Peers[j].Sum()
		}
	}
	return out
}
