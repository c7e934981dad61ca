// Package freeport gives tests, and the demonstration, ports that stay free until the program that is to have them takes them.
package freeport

import (
	"net"
	"strconv"
)

// Reservation is a TCP port of 127.0.0.1 that nobody listens on. Until it is closed the system hands it out to nobody by itself, neither to
// one who listens on port 0 nor as the near end of a connection; who asks for it by its number, and sets SO_REUSEADDR as servers do, gets it.
type Reservation struct {
	Port int
	held handle
}

// Reserve has the kernel choose a port. The error is that of the system.
func Reserve() (*Reservation, error) {
	held, port, err := hold()
	if err != nil {
		return nil, err
	}
	return &Reservation{Port: port, held: held}, nil
}

// Close gives the port back. Who listens there goes on listening.
func (r *Reservation) Close() error { return r.held.Close() }

// test is what a reservation asks of a testing.TB.
type test interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
}

// For reserves a port until the test has ended.
func For(t test) int {
	t.Helper()
	r, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r.Port
}

// AddressFor reserves a port until the test has ended, and gives it as HOST:PORT.
func AddressFor(t test) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(For(t)))
}
