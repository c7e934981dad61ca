package observe

import (
	"errors"
	"net/netip"
	"testing"

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
