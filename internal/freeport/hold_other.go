//go:build !linux

package freeport

import "net"

// handle holds nothing: other systems do not let two sockets share a port so. The port was free a moment ago.
type handle struct{}

func hold() (handle, int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return handle{}, 0, err
	}
	return handle{}, l.Addr().(*net.TCPAddr).Port, l.Close()
}

// Close does nothing.
func (handle) Close() error { return nil }
