package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Reply is what became of a question to a server.
type Reply string

// The replies. A server that closes the connection without a word has answered too: it is alive.
const (
	Answered    Reply = "answered"
	Refused     Reply = "refused"     // nobody listens there
	Unconnected Reply = "unconnected" // the connection did not come about: its queue is full
	Silent      Reply = "silent"      // it did, and nothing came back
)

// AskWait is how long a server is given to answer. net/http needs microseconds.
const AskWait = 3 * time.Second

// ask is Host.Ask for this machine.
func ask(ctx context.Context, at netip.AddrPort) (Reply, error) {
	if !at.Addr().IsLoopback() {
		return "", fmt.Errorf("%s is no loopback address", at)
	}
	bounded, cancel := context.WithTimeout(ctx, AskWait)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(bounded, "tcp", at.String())
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused, nil
	case err != nil && bounded.Err() != nil:
		return Unconnected, nil
	case err != nil:
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(bounded, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	if _, err := fmt.Fprintf(conn, "OPTIONS * HTTP/1.1\r\nHost: %s\r\nUser-Agent: gindoctor\r\nConnection: close\r\n\r\n", at); err != nil {
		return heard(ctx, bounded, err), ctx.Err()
	}
	_, err = io.ReadFull(conn, make([]byte, 1))
	return heard(ctx, bounded, err), ctx.Err()
}

// heard tells a server that says nothing from one that closed or reset the connection.
func heard(ctx, bounded context.Context, err error) Reply {
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return Silent
	}
	return Answered
}
