package observe

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// MaxPoints bounds how many samples a Series keeps: a day at one a second is thinned out to every sixteenth or so, and memory
// stays where it is. The newest MaxPoints/2 samples or more are kept whole.
const MaxPoints = 8192

// MaxPeers bounds how many peers a Point tells of: those with the most connections.
const MaxPeers = 32

// idle is the share of a core below which a server does nothing worth the name.
const idle = 0.02

// nothingRead is how many bytes a server may read between two samples while it does nothing: Go's scheduler wakes itself by eight
// bytes at a time. The shortest request has more.
const nothingRead = 32

// Sampler takes samples of one process. It is not safe for concurrent use.
type Sampler struct {
	// Goroutines, when set, asks the server itself how many goroutines it has.
	Goroutines func(ctx context.Context) (int, error)
	// Told, when set, gives what the server has told of itself since the sample before; nil where it has told nothing. What cannot be
	// of this process is not taken.
	Told func() *Told
	// Asked, when set, tells whether whoever samples has asked the server for something since the sample before: what it read for that
	// is no sign of requests. Mine tells whether a connection comes from there: it is none of the server's clients.
	Asked func() bool
	Mine  func(client netip.AddrPort) bool
	// FromOutside has a process whose descriptors may not be looked at sampled all the same, as far as can be seen from outside:
	// the series is then Hidden. Without it that is an error.
	FromOutside bool

	host   host.Host
	series Series
	cpu    float64
	read   int64 // bytes, up to the last sample; -1 where that is not known
	reads  bool  // something was read since the sample before
	held   held
	// inbound are the served connections of the last sample, by inode: what came or moved since then.
	inbound    map[uint64]traffic
	closeWait  map[uint64]Stuck
	unread     map[uint64]Stuck
	peerClosed map[uint64]Stuck
}

// traffic is what is on its way on a connection.
type traffic struct{ recv, send uint32 }

// New prepares the sampling of a process; host.ErrGone where there is none of that pid.
func New(ctx context.Context, h host.Host, pid int) (*Sampler, error) {
	p, err := h.Process(ctx, pid)
	if err != nil {
		return nil, err
	}
	s := &Sampler{host: h, series: Series{Process: p, Started: time.Now()}}
	s.series.Limits, err = h.Limits(ctx, pid)
	if errors.Is(err, host.ErrGone) {
		return nil, err
	}
	return s, nil
}

// Series is what was seen so far. It is overwritten by the next Sample.
func (s *Sampler) Series() *Series { return &s.series }

// Sample looks once and adds a point. After the process has ended, or its pid is another's, it gives host.ErrGone and the
// series keeps what it has. fs.ErrPermission tells that this user may not see what the process has open, host.ErrUnsupported that
// this system does not tell it.
func (s *Sampler) Sample(ctx context.Context) error {
	err := s.sample(ctx, time.Since(s.series.Started))
	if errors.Is(err, host.ErrGone) {
		s.series.Ended = err
	}
	return err
}

func (s *Sampler) sample(ctx context.Context, elapsed time.Duration) error {
	pid := s.series.Process.PID
	now, err := s.host.Process(ctx, pid)
	if err != nil {
		return err
	}
	if !now.Same(s.series.Process) || now.State == "Z" {
		return host.ErrGone
	}
	p := Point{Elapsed: elapsed, Goroutines: -1}
	usage, err := s.host.Usage(ctx, pid)
	if err != nil {
		return err
	}
	p.Threads, p.RSS = usage.Threads, usage.RSS
	if n := len(s.series.Points); n > 0 && elapsed > s.series.Points[n-1].Elapsed {
		p.CPU = (usage.CPU - s.cpu) / (elapsed - s.series.Points[n-1].Elapsed).Seconds()
	}
	s.cpu = usage.CPU
	asked := s.Asked != nil && s.Asked()
	s.reads, s.read = usage.Read-s.read > nothingRead && !asked, usage.Read
	s.series.CPU = usage.CPU
	if s.series.Hidden {
		return s.count(ctx, p)
	}
	// The table of connections is read beside the descriptors: each takes about half of the time.
	table := sync.OnceValues(func() ([]host.Connection, error) { return s.host.Connections(ctx, pid) })
	go table()
	err = s.held.look(ctx, s.host, pid, table, elapsed)
	all, tableErr := table()
	if s.FromOutside && (errors.Is(err, fs.ErrPermission) || errors.Is(err, host.ErrUnsupported)) {
		return s.count(ctx, p)
	}
	if err = cmp.Or(err, tableErr); err != nil {
		return err
	}
	p.Total, p.Kinds = s.held.now, kinds(s.held.open)
	s.series.Files = s.held.open.Files
	s.connections(&p, all)
	s.hear(ctx, &p)
	s.keep(p)
	return nil
}

// hear adds what the server itself has told.
func (s *Sampler) hear(ctx context.Context, p *Point) {
	if s.Goroutines != nil {
		if n, err := s.Goroutines(ctx); err == nil {
			p.Goroutines = n
		}
	}
	s.take(p)
}

// count adds a point of a process whose descriptors may not be looked at: how many they are is all that is told of them.
func (s *Sampler) count(ctx context.Context, p Point) error {
	total, err := s.host.CountDescriptors(ctx, s.series.Process.PID)
	if err != nil {
		return err
	}
	s.series.Hidden = true
	p.Total = total
	s.hear(ctx, &p)
	s.keep(p)
	return nil
}

func kinds(d *host.Descriptors) Kinds {
	return Kinds{
		Sockets: d.ByKind[host.SocketKind], Files: d.ByKind[host.FileKind], Pipes: d.ByKind[host.PipeKind],
		Anon: d.ByKind[host.AnonKind], Devices: d.ByKind[host.DeviceKind],
	}
}

// connections sorts the connections of the process by direction, state and peer, and follows the stuck ones.
func (s *Sampler) connections(p *Point, all []host.Connection) {
	mine := slices.DeleteFunc(all, func(c host.Connection) bool { return !s.held.own[c.Inode] || c.Inode == 0 })
	ports := map[uint16]bool{}
	for _, c := range mine {
		if c.State == host.Listen {
			ports[c.Local.Port()] = true
			p.Backlog += int(c.RecvQ)
			p.BacklogMax = max(p.BacklogMax, int(c.SendQ))
		}
	}
	s.series.Ports = nil
	for port := range ports {
		s.series.Ports = append(s.series.Ports, int(port))
	}
	slices.Sort(s.series.Ports)

	f := follow{
		own: map[netip.AddrPort]bool{},
		at:  p.Elapsed, inbound: map[uint64]traffic{}, peers: map[netip.AddrPort]*Peer{},
		closeWait: map[uint64]Stuck{}, unread: map[uint64]Stuck{}, peerClosed: map[uint64]Stuck{},
	}
	for _, c := range mine {
		if c.State != host.Listen && !ports[c.Local.Port()] {
			f.own[plain(c.Local)] = true
		}
	}
	for _, c := range mine {
		switch {
		case c.State == host.Listen:
		case f.own[plain(c.Remote)]: // it asks itself: nobody else's request, and what it does with the answer shows at the other end
		case ports[c.Local.Port()]:
			f.served(p, c, s)
		default:
			f.opened(p, c, s)
		}
	}
	p.Quiet = s.inbound != nil && !f.moved && !s.reads && p.CPU < idle && s.held.now == s.held.open.Total
	for _, peer := range f.peers {
		p.Peers = append(p.Peers, *peer)
	}
	if len(p.Peers) > MaxPeers {
		slices.SortFunc(p.Peers, func(a, b Peer) int { return cmp.Or(cmp.Compare(b.Sum(), a.Sum()), a.Addr.Compare(b.Addr)) })
		p.Peers = slices.Clone(p.Peers[:MaxPeers])
	}
	slices.SortFunc(p.Peers, func(a, b Peer) int { return a.Addr.Compare(b.Addr) })
	s.inbound, s.closeWait, s.unread, s.peerClosed = f.inbound, f.closeWait, f.unread, f.peerClosed
	s.series.CloseWait, s.series.Unread, s.series.PeerClosed = oldest(f.closeWait), oldest(f.unread), oldest(f.peerClosed)
}

// follow is what one sample sees of the connections.
type follow struct {
	own     map[netip.AddrPort]bool // this end of the connections that the process has opened
	at      time.Duration
	inbound map[uint64]traffic
	peers   map[netip.AddrPort]*Peer
	moved   bool

	closeWait, unread, peerClosed map[uint64]Stuck
}

func (f *follow) served(p *Point, c host.Connection, before *Sampler) {
	if before.Mine != nil && before.Mine(plain(c.Remote)) {
		return
	}
	count(&p.Inbound, c.State)
	now := traffic{c.RecvQ, c.SendQ}
	f.inbound[c.Inode] = now
	old, known := before.inbound[c.Inode]
	if c.State != host.CloseWait {
		f.moved = f.moved || !known || old != now || now.send > 0
		return
	}
	f.closeWait[c.Inode] = since(before.closeWait, c, f.at, false)
}

func (f *follow) opened(p *Point, c host.Connection, before *Sampler) {
	count(&p.Outbound, c.State)
	remote := plain(c.Remote)
	peer := f.peers[remote]
	if peer == nil {
		peer = &Peer{Addr: remote}
		f.peers[remote] = peer
	}
	count(&peer.States, c.State)
	if c.State == host.Established && c.RecvQ > 0 {
		p.Unread++
		peer.Unread++
		f.unread[c.Inode] = since(before.unread, c, f.at, true)
	}
	if c.State == host.CloseWait {
		f.peerClosed[c.Inode] = since(before.peerClosed, c, f.at, false)
	}
}

// plain writes an IPv4 address as one, also where a socket for both families has it.
func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

func count(s *States, state host.TCPState) {
	switch state {
	case host.Established:
		s.Established++
	case host.CloseWait:
		s.CloseWait++
	default:
		s.Other++
	}
}

// since carries over since when a connection is stuck. Where the bytes count, one that was read from starts anew.
func since(before map[uint64]Stuck, c host.Connection, at time.Duration, bytes bool) Stuck {
	if old, ok := before[c.Inode]; ok && (!bytes || old.RecvQ == c.RecvQ) {
		return old
	}
	return Stuck{Inode: c.Inode, Local: c.Local, Remote: c.Remote, Since: at, RecvQ: c.RecvQ}
}

func oldest(stuck map[uint64]Stuck) []Stuck {
	out := make([]Stuck, 0, len(stuck))
	for _, s := range stuck {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Stuck) int { return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Inode, b.Inode)) })
	return out
}

// keep adds a point. Where there are too many, every other one of the older half goes.
func (s *Sampler) keep(p Point) {
	s.series.Points = append(s.series.Points, p)
	if len(s.series.Points) <= MaxPoints {
		return
	}
	half := len(s.series.Points) / 2
	kept := s.series.Points[:0]
	for i, p := range s.series.Points {
		if i >= half || i%2 == 0 {
			kept = append(kept, p)
		}
	}
	clear(s.series.Points[len(kept):])
	s.series.Points = kept
}
