package host

import (
	"context"
	"net"
)

// bind listens on an address with Go's own options (SO_REUSEADDR on Unix systems: what is left of old connections in
// TIME_WAIT does not count) and lets go at once.
func bind(ctx context.Context, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return listener.Close()
}
