package artefact_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// TestPublishedPortsForReal opens the sockets that docker opens for two entries, each of its own family of addresses, and compares what the
// system says with Meets.
func TestPublishedPortsForReal(t *testing.T) {
	hosts := []string{"", "0.0.0.0", "127.0.0.1", "127.0.0.2"}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		l.Close()
		hosts = append(hosts, "::", "::1")
	}
	for _, a := range hosts {
		for _, b := range hosts {
			for _, protocols := range [][2]string{{"tcp", "tcp"}, {"udp", "udp"}, {"tcp", "udp"}} {
				p := artefact.Port{HostIP: a, First: 80, Last: 80, Protocol: protocols[0]}
				q := artefact.Port{HostIP: b, First: 80, Last: 80, Protocol: protocols[1]}
				clash := !beside(t, network(p), a, network(q), b)
				if meet := p.Meets(q) != 0; meet != clash {
					t.Errorf("%q %s and %q %s: Meets says %v, the system %v", a, p.Protocol, b, q.Protocol, meet, clash)
				}
			}
		}
	}
}

func network(p artefact.Port) string {
	if strings.Contains(p.HostIP, ":") {
		return p.Protocol + "6"
	}
	return p.Protocol + "4"
}

// beside tells whether the second socket can be had beside the first. Somebody else may hold its port by chance: then another one is
// tried.
func beside(t *testing.T, network1, host1, network2, host2 string) bool {
	t.Helper()
	for range 5 {
		first, port, err := open(network1, host1, 0)
		if err != nil {
			t.Fatal(err)
		}
		second, _, err := open(network2, host2, port)
		first()
		if err == nil {
			second()
			return true
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
	return false
}

func open(network, host string, port int) (shut func() error, got int, err error) {
	at := net.JoinHostPort(host, fmt.Sprint(port))
	if strings.HasPrefix(network, "udp") {
		c, err := net.ListenPacket(network, at)
		if err != nil {
			return nil, 0, err
		}
		return c.Close, c.LocalAddr().(*net.UDPAddr).Port, nil
	}
	l, err := net.Listen(network, at)
	if err != nil {
		return nil, 0, err
	}
	return l.Close, l.Addr().(*net.TCPAddr).Port, nil
}
