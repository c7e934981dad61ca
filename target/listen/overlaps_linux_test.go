package listen_test

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"

	"github.com/gindoctor/gindoctor/target/listen"
)

// TestOverlapsForReal opens two sockets for each pair of hosts and one port, as net.Listen does for a Go server.
func TestOverlapsForReal(t *testing.T) {
	hosts := []string{"", "0.0.0.0", "::", "127.0.0.1", "127.0.0.2", "::1", "localhost"}
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		hosts = slices.DeleteFunc(hosts, func(h string) bool { return h == "::" || h == "::1" })
	} else {
		l.Close()
	}
	for _, a := range hosts {
		for _, b := range hosts {
			clash := !beside(t, a, b)
			if overlaps := (listen.Address{Host: a, Port: 80}).Overlaps(listen.Address{Host: b, Port: 80}); overlaps != clash {
				t.Errorf("%q and %q: Overlaps says %v, the system %v", a, b, overlaps, clash)
			}
		}
	}
}

// beside tells whether the second socket can be had beside the first. Somebody else may hold its port by chance: then another one is
// tried.
func beside(t *testing.T, a, b string) bool {
	t.Helper()
	for range 5 {
		first, err := net.Listen("tcp", net.JoinHostPort(a, "0"))
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(first.Addr().String())
		second, err := net.Listen("tcp", net.JoinHostPort(b, port))
		first.Close()
		if err == nil {
			second.Close()
			return true
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
	return false
}
