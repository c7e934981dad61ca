package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// client sends one request after the other.
type client struct {
	load *Load
	conn *connection // that is kept for the next request; nil where there is none
}

// connection is one to the server.
type connection struct {
	net.Conn
	tcp     net.Conn // below TLS, or Conn itself
	answers *bufio.Reader
	ended   error       // why there was nothing more to read; nil while there may be
	unbind  func() bool // from the context that closes it
}

// Read keeps the error: who reads an answer may call the same end by another name.
func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.ended = err
	}
	return n, err
}

func (c *connection) close() {
	c.unbind()
	c.Conn.Close()
}

func (c *client) run(ctx context.Context) {
	defer c.drop()
	for c.load.next(ctx) {
		began := time.Now()
		o := c.send(ctx)
		o.at = time.Now()
		o.took = o.at.Sub(began)
		if ctx.Err() != nil {
			return
		}
		c.load.count(o)
		if c.load.over() {
			return
		}
		c.rest(ctx, began.Add(c.load.options.Every))
	}
}

func (c *client) drop() {
	if c.conn != nil {
		c.conn.close()
		c.conn = nil
	}
}

// rest waits until a moment. Of a connection that the server has closed by then it lets go, as any client does.
func (c *client) rest(ctx context.Context, until time.Time) {
	if c.conn != nil && !c.conn.idles(until) {
		c.drop()
	}
	again := time.NewTimer(time.Until(until))
	defer again.Stop()
	select {
	case <-again.C:
	case <-c.load.stop:
	case <-ctx.Done():
	}
}

// idles waits until a moment, and tells whether the connection can be used then.
func (c *connection) idles(until time.Time) bool {
	if time.Until(until) > 0 {
		_ = c.SetReadDeadline(until) // what fails here fails in the next request too
		if _, err := c.answers.Peek(1); !errors.Is(err, os.ErrDeadlineExceeded) {
			return false
		}
		c.ended = nil
	}
	return !closedByServer(c.tcp) // a deadline that is over hides what has arrived
}

// send sends one request and reads its answer to the end.
func (c *client) send(ctx context.Context) outcome {
	options := &c.load.options
	deadline := time.Now().Add(options.Timeout)
	if c.conn == nil {
		conn, err := dial(ctx, options, deadline)
		if err != nil {
			return outcome{lost: seen(err)}
		}
		c.conn = conn
	}
	request, err := options.request(ctx)
	if err != nil {
		return outcome{lost: Other}
	}
	_ = c.conn.SetDeadline(deadline)
	leaves := options.Leave > 0 && time.Now().Add(options.Leave).Before(deadline)
	if leaves { // once the request is sent: the server is to see somebody go
		_ = c.conn.SetReadDeadline(time.Now().Add(options.Leave))
	}
	o, again := c.conn.exchange(request)
	if leaves && o.lost == Timeout {
		o = outcome{left: true}
	}
	if !again || options.Leave > 0 {
		c.drop()
	}
	return o
}

// dial connects, and by TLS where that is wanted.
func dial(ctx context.Context, o *Options, deadline time.Time) (*connection, error) {
	bounded, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(bounded, "tcp", o.Addr.String())
	if err != nil {
		return nil, err
	}
	tcp := conn
	if o.TLS {
		secure := tls.Client(conn, anyCertificate())
		if err := secure.HandshakeContext(bounded); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	c := &connection{Conn: conn, tcp: tcp, unbind: context.AfterFunc(ctx, func() { conn.Close() })}
	c.answers = bufio.NewReader(c)
	return c, nil
}

// exchange sends a request on a connection and reads its answer; again tells whether the connection can be used for another one.
func (c *connection) exchange(r *http.Request) (o outcome, again bool) {
	sent := r.Write(c) // a server may answer and close before it has read all: the answer counts
	if _, err := c.answers.Peek(1); err != nil {
		return outcome{lost: seen(err)}, false
	}
	answer, err := readAnswer(c.answers, r)
	if err != nil {
		return outcome{lost: c.cut(err)}, false
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return outcome{status: answer.StatusCode}, false
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return outcome{lost: c.cut(err)}, false
	}
	return outcome{status: answer.StatusCode}, sent == nil && !answer.Close && !r.Close
}

// readAnswer reads the head of the answer; those of the class 1xx only announce it.
func readAnswer(from *bufio.Reader, r *http.Request) (*http.Response, error) {
	for {
		answer, err := http.ReadResponse(from, r)
		if err != nil || answer.StatusCode >= 200 || answer.StatusCode == http.StatusSwitchingProtocols {
			return answer, err
		}
	}
}

// seen is what a client sees that has not got a byte.
func seen(err error) string {
	var slow net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Closed
	case errors.As(err, &slow) && slow.Timeout():
		return Timeout
	}
	return Other
}

// cut is what a client sees whose answer had begun.
func (c *connection) cut(err error) string {
	if c.ended != nil {
		err = c.ended
	}
	switch s := seen(err); s {
	case Reset, Closed:
		return Cut
	default:
		return s
	}
}
