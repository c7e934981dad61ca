package observe

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

var (
	own    = netip.MustParseAddrPort("127.0.0.1:8080")
	client = netip.MustParseAddrPort("127.0.0.1:50000")
	db     = netip.MustParseAddrPort("10.0.0.5:5432")
	local  = netip.MustParseAddrPort("127.0.0.1:40000")
)

func conn(inode uint64, state host.TCPState, from, to netip.AddrPort, recv uint32) host.Connection {
	return host.Connection{Inode: inode, State: state, Local: from, Remote: to, RecvQ: recv}
}

// server is a fake with one process that has these connections and a listener, and a foreign socket beside them.
func server(conns ...host.Connection) *host.Fake {
	listener := conn(1, host.Listen, own, netip.AddrPort{}, 3)
	listener.SendQ = 128
	conns = append([]host.Connection{listener}, conns...)
	p := host.FakeProcess{Process: host.Process{PID: 7, StartTicks: 5, State: "S"}, Connections: conns, Usage: host.Usage{Threads: 6, RSS: 1 << 20}}
	p.Descriptors.ByKind = map[host.DescriptorKind]int{host.SocketKind: len(conns), host.FileKind: 2}
	for _, c := range conns {
		p.Descriptors.Sockets = append(p.Descriptors.Sockets, c.Inode)
	}
	p.Descriptors.Total = len(conns) + 2
	other := host.FakeProcess{Process: host.Process{PID: 8}, Connections: []host.Connection{conn(99, host.CloseWait, own, client, 0)}}
	return &host.Fake{Procs: []host.FakeProcess{p, other}}
}

func sampled(t *testing.T, h *host.Fake, then ...func()) *Series {
	t.Helper()
	s, err := New(t.Context(), h, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range append([]func(){func() {}}, then...) {
		step()
		if err := s.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return s.Series()
}

func TestSample(t *testing.T) {
	h := server(conn(2, host.Established, own, client, 0), conn(3, host.CloseWait, own, client, 5), conn(4, host.Established, local, db, 9),
		conn(5, host.CloseWait, local, db, 0), conn(6, host.SynSent, local, db, 0))
	s := sampled(t, h)
	p := s.Last()
	if p.Inbound != (States{1, 1, 0}) || p.Outbound != (States{1, 1, 1}) || p.Unread != 1 {
		t.Errorf("inbound %+v, outbound %+v, unread %d", p.Inbound, p.Outbound, p.Unread)
	}
	if len(s.PeerClosed) != 1 || s.PeerClosed[0].Inode != 5 {
		t.Errorf("closed by the peer: %+v", s.PeerClosed)
	}
	if p.Total != 8 || p.Kinds != (Kinds{Sockets: 6, Files: 2}) || p.Threads != 6 || p.RSS != 1<<20 {
		t.Errorf("point %+v", p)
	}
	if p.Backlog != 3 || p.BacklogMax != 128 || len(s.Ports) != 1 || s.Ports[0] != 8080 {
		t.Errorf("backlog %d of %d, ports %v", p.Backlog, p.BacklogMax, s.Ports)
	}
	if len(p.Peers) != 1 || p.Peers[0].Addr != db || p.Peers[0].Sum() != 3 || p.Peers[0].Unread != 1 {
		t.Errorf("peers %+v", p.Peers)
	}
	if p.Quiet {
		t.Error("quiet cannot be told from one sample")
	}
}

func TestStuckConnections(t *testing.T) {
	h := server(conn(3, host.CloseWait, own, client, 0), conn(4, host.Established, local, db, 9), conn(5, host.Established, local, db, 7))
	s := sampled(t, h, func() {
		c := h.Procs[0].Connections
		c[3].RecvQ = 6 // it was read from
		h.Procs[0].Connections = append(c, conn(8, host.CloseWait, own, client, 0))
		h.Procs[0].Descriptors.Sockets = append(h.Procs[0].Descriptors.Sockets, 8)
	})
	first, second := s.Points[0].Elapsed, s.Points[1].Elapsed
	if len(s.CloseWait) != 2 || s.CloseWait[0].Inode != 3 || s.CloseWait[0].Since != first || s.CloseWait[1].Since != second {
		t.Errorf("CLOSE_WAIT %+v", s.CloseWait)
	}
	if len(s.Unread) != 2 || s.Unread[0].Inode != 4 || s.Unread[0].Since != first || s.Unread[1].Since != second {
		t.Errorf("unread %+v", s.Unread)
	}
	if got := Held(s.CloseWait, second, second-first); got != 1 {
		t.Errorf("%d were so from the beginning, want 1", got)
	}
}

func TestQuiet(t *testing.T) {
	tests := []struct {
		name string
		then func(*host.Fake)
		want bool
	}{
		{"nothing moves", func(*host.Fake) {}, true},
		{"a client comes", func(h *host.Fake) {
			h.Procs[0].Connections = append(h.Procs[0].Connections, conn(9, host.Established, own, client, 0))
			h.Procs[0].Descriptors.Sockets = append(h.Procs[0].Descriptors.Sockets, 9)
		}, false},
		{"a request waits to be read", func(h *host.Fake) { h.Procs[0].Connections[1].RecvQ = 4 }, false},
		{"a client came and went between the samples", func(h *host.Fake) { h.Procs[0].Usage.Read = 100 }, false},
		{"the scheduler woke itself", func(h *host.Fake) { h.Procs[0].Usage.Read = 8 }, true},
		{"the processor works", func(h *host.Fake) { h.Procs[0].Usage.CPU = 1000 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := server(conn(2, host.Established, own, client, 0))
			s := sampled(t, h, func() { tt.then(h) })
			if got := s.Last().Quiet; got != tt.want {
				t.Errorf("quiet: %v, want %v", got, tt.want)
			}
		})
	}
}

// TestAsksItself has a server that calls its own port and does not read the answer: its handler waits for room to write, and no client
// is there.
func TestAsksItself(t *testing.T) {
	mapped := netip.MustParseAddrPort("[::ffff:127.0.0.1]:8080")
	asks, asked := conn(2, host.Established, local, own, 4000), conn(3, host.Established, mapped, local, 0)
	asked.SendQ = 90000
	s := sampled(t, server(asks, asked), func() {})
	p := s.Last()
	if !p.Quiet || p.Inbound.Sum() != 0 || p.Outbound.Established != 1 || p.Unread != 1 || len(s.Unread) != 1 {
		t.Errorf("quiet %v, clients %+v, out %+v, unread %d", p.Quiet, p.Inbound, p.Outbound, p.Unread)
	}
}

func TestProcessEndsOrIsAnother(t *testing.T) {
	for _, change := range []func(*host.Fake){
		func(h *host.Fake) { h.Procs = nil },
		func(h *host.Fake) { h.Procs[0].StartTicks = 6 },
		func(h *host.Fake) { h.Procs[0].State = "Z" },
	} {
		h := server()
		s, err := New(t.Context(), h, 7)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		change(h)
		if err := s.Sample(t.Context()); !errors.Is(err, host.ErrGone) || s.Series().Ended == nil || len(s.Series().Points) != 1 {
			t.Errorf("error %v, series %+v", err, s.Series())
		}
	}
	if _, err := New(t.Context(), &host.Fake{}, 7); !errors.Is(err, host.ErrGone) {
		t.Errorf("a pid that nobody has: %v", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := &Sampler{}
	const all = 86_400 // a day at one a second
	for i := range all {
		s.keep(Point{Total: i})
	}
	points := s.series.Points
	if len(points) > MaxPoints || points[0].Total != 0 || points[len(points)-1].Total != all-1 {
		t.Fatalf("%d points from %d to %d", len(points), points[0].Total, points[len(points)-1].Total)
	}
	for i := len(points) - MaxPoints/4; i < len(points); i++ {
		if points[i].Total != points[i-1].Total+1 {
			t.Fatalf("the newest are thinned out at %d", i)
		}
	}
}

// TestOwnQuestions has the one who samples ask the server for something: it is no request of a client.
func TestOwnQuestions(t *testing.T) {
	ours := netip.MustParseAddrPort("127.0.0.1:50777")
	asked := func(h *host.Fake) {
		h.Procs[0].Usage.Read = 5000
		h.Procs[0].Connections = append(h.Procs[0].Connections, conn(9, host.Established, own, netip.MustParseAddrPort("[::ffff:127.0.0.1]:50777"), 0),
			conn(10, host.CloseWait, own, ours, 0))
		h.Procs[0].Descriptors.Sockets = append(h.Procs[0].Descriptors.Sockets, 9, 10)
	}
	for name, c := range map[string]struct {
		then  func(*host.Fake)
		asked bool
		want  bool
	}{
		"we asked":                {asked, true, true},
		"not we have asked":       {asked, false, false},
		"a client came meanwhile": {func(h *host.Fake) { asked(h); h.Procs[0].Connections[1].RecvQ = 7 }, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := server(conn(2, host.Established, own, client, 0))
			s, err := New(t.Context(), h, 7)
			if err != nil {
				t.Fatal(err)
			}
			s.Asked, s.Mine = func() bool { return c.asked }, func(a netip.AddrPort) bool { return a == ours }
			for i := range 2 {
				if i == 1 {
					c.then(h)
				}
				if err := s.Sample(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			p := s.Series().Last()
			if p.Quiet != c.want {
				t.Errorf("quiet: %v, want %v", p.Quiet, c.want)
			}
			if p.Inbound.Sum() != 1 || len(s.Series().CloseWait) != 0 {
				t.Errorf("clients: %+v, stuck: %+v", p.Inbound, s.Series().CloseWait)
			}
		})
	}
}

// TestTold tells what is told of this process from what must be another's.
func TestTold(t *testing.T) {
	began := time.Unix(1_700_000_000, 0)
	for name, c := range map[string]struct {
		told Told
		want bool
	}{
		"its own":                  {Told{Goroutines: 9, OpenFDs: 4, Started: began.Add(-time.Second)}, true},
		"it tells neither":         {Told{Goroutines: 9, OpenFDs: -1}, true},
		"a burst meanwhile":        {Told{Goroutines: 9, OpenFDs: 18, Started: began}, true},
		"another, of another time": {Told{Goroutines: 9, OpenFDs: 4, Started: began.Add(time.Minute)}, false},
		"another, of before":       {Told{Goroutines: 9, OpenFDs: -1, Started: began.Add(-time.Minute)}, false},
		"another, with more open":  {Told{Goroutines: 9, OpenFDs: 90, Started: began}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := server()
			h.Procs[0].Started = began
			s, err := New(t.Context(), h, 7)
			if err != nil {
				t.Fatal(err)
			}
			news := &c.told
			s.Told = func() *Told { told := news; news = nil; return told }
			for range 2 {
				if err := s.Sample(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			first, second := s.Series().Points[0], s.Series().Points[1]
			if (first.Told != nil) != c.want || s.Series().Foreign == c.want || c.want && first.Goroutines != 9 || !c.want && first.Goroutines != -1 {
				t.Errorf("taken: %v, goroutines %d, foreign %v", first.Told != nil, first.Goroutines, s.Series().Foreign)
			}
			if second.Told != nil || second.Goroutines != -1 {
				t.Errorf("it counts twice: %+v", second)
			}
		})
	}
}

func TestPoolsAreBounded(t *testing.T) {
	s, err := New(t.Context(), server(), 7)
	if err != nil {
		t.Fatal(err)
	}
	s.Told = func() *Told { return &Told{OpenFDs: -1, Pools: make([]Pool, 1000)} }
	if err := s.Sample(t.Context()); err != nil || len(s.Series().Last().Told.Pools) != MaxPools {
		t.Errorf("%v, %d pools", err, len(s.Series().Last().Told.Pools))
	}
}
