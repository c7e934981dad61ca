package freeport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
)

// within has the kernel choose a port out of this one alone (IP_LOCAL_PORT_RANGE, Linux 6.3).
func within(port int) net.ListenConfig {
	const ipLocalPortRange = 51
	return net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		ctl := c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, ipLocalPortRange, port<<16|port)
		})
		return errors.Join(ctl, err)
	}}
}

// TestNobodyIsGivenIt asks the kernel for any port out of one, while it is reserved and afterwards.
func TestNobodyIsGivenIt(t *testing.T) {
	r, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	one := within(r.Port)
	l, err := one.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if errors.Is(err, syscall.ENOPROTOOPT) {
		t.Skip("this kernel has no range of ports for one socket:", err)
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("to listen: %v %v", l, err)
	}
	there, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	dialer := net.Dialer{Control: one.Control}
	if c, err := dialer.DialContext(t.Context(), "tcp4", there.Addr().String()); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("to connect: %v %v", c, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = one.Listen(t.Context(), "tcp4", "127.0.0.1:0"); err != nil {
		t.Fatal("when it was given back:", err)
	}
	l.Close()
}

// TestWhoAsksForItGetsIt has servers of each kind of address listen on reserved ports, one after another.
func TestWhoAsksForItGetsIt(t *testing.T) {
	address := AddressFor(t)
	if c, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("before anybody listens: %v %v", c, err)
	}
	port := strconv.Itoa(int(netip.MustParseAddrPort(address).Port()))
	for _, on := range []string{address, "0.0.0.0:" + port, ":" + port, address} {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", on)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Error(on, err)
		} else {
			c.Close()
		}
		l.Close()
	}
}
