package observe

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// slow is a host on which it takes long to look at the descriptors of a process.
type slow struct {
	*host.Fake
	walk  time.Duration
	walks int
}

func (s *slow) Descriptors(ctx context.Context, pid int) (*host.Descriptors, error) {
	s.walks++
	time.Sleep(s.walk)
	d, err := s.Fake.Descriptors(ctx, pid)
	if err != nil {
		return nil, err
	}
	seen := *d
	return &seen, nil
}

// change gives the server one more connection, after as many as that went away.
func (s *slow) change(away int, c host.Connection) {
	p := &s.Procs[0]
	p.Connections = append(p.Connections[:len(p.Connections)-away:len(p.Connections)-away], c)
	p.Descriptors.Sockets = nil
	for _, c := range p.Connections {
		p.Descriptors.Sockets = append(p.Descriptors.Sockets, c.Inode)
	}
	p.Descriptors.Total = len(p.Connections) + 2
}

func TestLongWalks(t *testing.T) {
	for _, tt := range []struct {
		name        string
		walk        time.Duration
		then        func(s *slow, i int)
		walks       int
		established int // at the end
	}{
		{"short ones are made every time", time.Millisecond, func(*slow, int) {}, 30, 1},
		{"long ones now and then", 20 * time.Millisecond, func(*slow, int) {}, 3, 1},
		{"and when one connection more is there", 20 * time.Millisecond, func(s *slow, i int) {
			if i == 25 {
				s.change(0, conn(50, host.Established, own, client, 0))
			}
		}, 4, 2},
		{"and when one has taken the place of another", 20 * time.Millisecond, func(s *slow, i int) {
			if i == 25 {
				s.change(1, conn(50, host.Established, own, client, 0))
			}
		}, 4, 1},
		{"but no more than a twentieth of the time", 200 * time.Millisecond, func(s *slow, i int) {
			s.change(0, conn(uint64(50+i), host.Established, own, client, 0))
		}, 8, 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &slow{Fake: server(conn(2, host.Established, own, client, 0)), walk: tt.walk}
				s, err := New(t.Context(), h, 7)
				if err != nil {
					t.Fatal(err)
				}
				tick := time.NewTicker(time.Second)
				defer tick.Stop()
				for i := range 30 {
					tt.then(h, i)
					if err := s.Sample(t.Context()); err != nil {
						t.Fatal(err)
					}
					<-tick.C
				}
				last := s.Series().Last()
				if h.walks != tt.walks || last.Inbound.Established != tt.established || last.Total != h.Procs[0].Descriptors.Total {
					t.Errorf("%d walks, %d established, %d descriptors; want %d, %d, %d", h.walks, last.Inbound.Established, last.Total,
						tt.walks, tt.established, h.Procs[0].Descriptors.Total)
				}
			})
		})
	}
}

func TestHidden(t *testing.T) {
	h := server()
	h.Procs[0].Hidden = true
	s, err := New(t.Context(), h, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sample(t.Context()); err == nil {
		t.Error("what may not be seen is no error")
	}
	s.FromOutside = true
	for range 2 {
		if err := s.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if p := s.Series().Last(); !s.Series().Hidden || p.Total != 3 || p.Threads != 6 || len(s.Series().Points) != 2 {
		t.Errorf("from outside: %+v", p)
	}
}

func TestPeersAreBounded(t *testing.T) {
	var conns []host.Connection
	for i := range 200 {
		for j := range 1 + i%3 {
			peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 443)
			conns = append(conns, conn(uint64(10+3*i+j), host.Established, local, peer, 0))
		}
	}
	peers := sampled(t, server(conns...)).Last().Peers
	if len(peers) != MaxPeers {
		t.Fatalf("%d peers", len(peers))
	}
	for i, p := range peers {
		if p.Sum() != 3 || i > 0 && peers[i-1].Addr.Compare(p.Addr) >= 0 {
			t.Errorf("peer %d: %+v", i, p)
		}
	}
}
