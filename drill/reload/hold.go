package reload

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// held is a request of which the last byte is kept back. net/http reads what a handler has left of a request before it answers, so
// the server is in the midst of it for as long as we like, and Shutdown waits for it (net/http, chunkWriter.writeHeader). That the
// handler is over is all the same: to the server the request is active.
type held struct {
	conn  net.Conn
	done  chan struct{}
	mu    sync.Mutex
	whole bool // all of the request was sent
	ended ending
	at    time.Time
}

// ending is how a held request ended.
type ending int

// The endings.
const (
	underWay ending = iota
	inFull          // it was answered after its last byte was sent
	cutOff          // the connection ended before that
	tooEarly        // it was answered before: this server does not wait for the rest
)

// hold begins a request.
func hold(ctx context.Context, addr netip.AddrPort, path string) (*held, error) {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: gindoctor\r\nContent-Length: 2\r\n\r\n-", path, addr); err != nil {
		conn.Close()
		return nil, err
	}
	h := &held{conn: conn, done: make(chan struct{})}
	go h.read()
	return h, nil
}

func (h *held) read() {
	defer close(h.done)
	defer h.conn.Close()
	answer, err := http.ReadResponse(bufio.NewReader(h.conn), nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = time.Now()
	if err != nil {
		h.ended = cutOff
		return
	}
	answer.Body.Close()
	h.ended = inFull
	if !h.whole {
		h.ended = tooEarly
	}
}

// finish sends the rest of the request.
func (h *held) finish() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.whole {
		return
	}
	h.whole = true
	_ = h.conn.SetDeadline(time.Now().Add(2 * time.Second))
	_, _ = h.conn.Write([]byte("-")) // what fails here is read as an end
}

// end tells how it ended, and when.
func (h *held) end() (ending, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended, h.at
}

// drop ends it, however it stands.
func (h *held) drop() {
	h.conn.Close()
	<-h.done
}
