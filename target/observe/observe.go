// Package observe watches a running server from outside: what it has open, its connections by direction, state and peer, its
// memory and threads, sampled again and again. It has no opinion on any of it.
package observe

import (
	"net/netip"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// Series is what was seen of one process.
type Series struct {
	Process host.Process
	Limits  host.Limits
	Ports   []int // it listens on, ascending
	Started time.Time
	// Points are the samples, oldest first, thinned out where they are many: see Sampler.
	Points []Point
	// CloseWait are the inbound connections of which the client is gone and which the server has not closed, Unread the
	// outgoing ones with bytes that the server does not read, PeerClosed the outgoing ones that the peer has closed and the
	// server has not: those of the last sample, oldest first.
	CloseWait  []Stuck
	Unread     []Stuck
	PeerClosed []Stuck
	// Files are the regular files that the last full sample saw open, at most host.MaxFiles.
	Files []host.OpenFile
	CPU   float64 // seconds of processor time that it has used by the last sample
	// Hidden says that this user may not see, or this system does not tell, what the process has open: of its points only Total,
	// Threads, RSS, CPU and Goroutines say something.
	Hidden bool
	// Foreign says that what the server told last cannot be of this process: it is that of another one behind the same address.
	Foreign bool
	// Ended says why there are no further samples: host.ErrGone where the process ended; nil while it lives.
	Ended error
}

// Last is the newest sample; the zero Point where there is none.
func (s *Series) Last() Point {
	if len(s.Points) == 0 {
		return Point{}
	}
	return s.Points[len(s.Points)-1]
}

// Length is the time from the first sample to the last.
func (s *Series) Length() time.Duration {
	if len(s.Points) == 0 {
		return 0
	}
	return s.Last().Elapsed - s.Points[0].Elapsed
}

// Point is one sample.
type Point struct {
	Elapsed  time.Duration // since Series.Started, by a clock that does not jump
	Total    int           // descriptors
	Kinds    Kinds
	Inbound  States // connections to one of its ports
	Outbound States // connections that it opened
	Unread   int    // outgoing, established, with bytes that wait to be read
	Peers    []Peer // of the outgoing connections, by address; at most MaxPeers
	Backlog  int    // connections that wait to be accepted, over all its listening sockets
	// BacklogMax is the longest queue that the fullest of them allows; 0 where it is not known.
	BacklogMax int
	Threads    int
	RSS        uint64  // bytes
	CPU        float64 // of one core since the sample before: 1 is a whole one
	Goroutines int     // -1 where nothing tells
	Told       *Told   // by the server since the sample before; nil where it has told nothing
	// Quiet tells that nothing was being served: no inbound connection has come or moved a byte since the sample before, nothing was
	// read, as far as this user may know, and the processor was idle.
	Quiet bool
}

// Kinds counts descriptors by what stands behind them.
type Kinds struct{ Sockets, Files, Pipes, Anon, Devices int }

// States counts connections by the state that tells something.
type States struct{ Established, CloseWait, Other int }

// Sum is the number of connections.
func (s States) Sum() int { return s.Established + s.CloseWait + s.Other }

// Peer is one address that a server is connected to.
type Peer struct {
	Addr netip.AddrPort
	States
	Unread int // established ones with bytes that wait to be read
}

// Stuck is a connection that stays in one condition.
type Stuck struct {
	Inode         uint64
	Local, Remote netip.AddrPort
	Since         time.Duration // Elapsed of the sample that first saw it so
	RecvQ         uint32        // bytes that wait to be read; the same ones since then
}

// Held counts those that were so for at least that long at a moment of the series.
func Held(stuck []Stuck, at, atLeast time.Duration) int {
	n := 0
	for _, s := range stuck {
		if at-s.Since >= atLeast {
			n++
		}
	}
	return n
}
