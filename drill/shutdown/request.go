package shutdown

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
)

// never is the time of what did not happen.
const never = account.Millis(-time.Millisecond)

// way is how a request is kept in flight.
type way struct {
	path string
	// slow tells of a route that takes its time by itself. Else the request has a body, of which half is withheld for as long as it is
	// to last: net/http reads what a handler leaves of a body before it sends the answer (server.go, chunkWriter.writeHeader), so that
	// this holds with any handler, and the connection counts as active for Shutdown.
	slow bool
	// upgrade asks for a websocket: an answer of status 101 hands the connection over to the handler.
	upgrade bool
	// taken tells of a connection that the handler has taken over: net/http neither waits for it nor closes it (http.Server.Shutdown).
	taken bool
	// lasts is how long it took, or is made to last, where no signal comes; 0 where it never ended.
	lasts time.Duration
	// status is that of its answer where no signal comes; 0 where it is not known.
	status int
}

func (w way) String() string {
	switch {
	case w.upgrade:
		return "a websocket of " + w.path
	case w.taken:
		return "a connection that the handler of " + w.path + " has taken over"
	case w.slow:
		return "GET " + w.path
	}
	return "GET " + w.path + ", with a body that comes slowly"
}

// bodySize is the length in bytes of the body that is half withheld: blanks, which mean nothing to any handler. net/http reads up to
// 256 KiB of what a handler leaves; more would end the request.
const bodySize = 64

// held is a request that is under way.
type held struct {
	way   way
	conn  net.Conn
	count *counter
	taken atomic.Bool   // its handler has taken the connection over
	done  chan struct{} // closed when it has ended; answer holds from then on
	end   ending
}

// ending is how a request ended.
type ending struct {
	at     time.Time
	status int
	err    string // what its client saw; "" where the answer came in full
}

// counter counts what arrives.
type counter struct {
	io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// connect dials the server, by TLS where it speaks that.
func connect(ctx context.Context, v *stage.Server) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", v.Addr.String())
	if err != nil || !v.TLS {
		return conn, err
	}
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // of this machine: its certificate says nothing to us
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

// hold sends a request, but for what it withholds.
func hold(ctx context.Context, v *stage.Server, w way) (*held, error) {
	conn, err := connect(ctx, v)
	if err != nil {
		return nil, err
	}
	h := &held{way: w, conn: conn, count: &counter{Reader: conn}, done: make(chan struct{})}
	length := ""
	if !w.slow {
		length = fmt.Sprintf("Content-Length: %d\r\n", bodySize)
	}
	if w.upgrade {
		length = handshake
	}
	head := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: gindoctor\r\n%s\r\n", w.path, v.Addr, length)
	if !w.slow {
		head += strings.Repeat(" ", bodySize/2)
	}
	if _, err := io.WriteString(conn, head); err != nil {
		conn.Close()
		return nil, err
	}
	go h.read()
	return h, nil
}

// handshake are the lines by which a client asks for a websocket (RFC 6455, section 4.1); the key may be any 16 bytes.
const handshake = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Z2luZG9jdG9yLWRyaWxsIQ==\r\n"

func (h *held) read() {
	defer close(h.done)
	from := bufio.NewReader(h.count)
	answer, err := http.ReadResponse(from, nil)
	if err == nil {
		h.end.status = answer.StatusCode
		if _, err = io.Copy(io.Discard, answer.Body); answer.StatusCode == http.StatusSwitchingProtocols {
			h.taken.Store(true)
			err = farewell(from)
		}
	}
	h.end.at = time.Now()
	if err != nil {
		h.end.err = seen(err)
	}
}

// closing is the opcode of the frame by which a side ends a websocket, and opcode where a frame has it (RFC 6455, section 5.2).
const (
	opcode  = 0x0f
	closing = 0x8
)

// farewell reads the frames of a websocket to the end of the connection; nil where the server said goodbye first.
func farewell(from *bufio.Reader) error {
	for {
		var head [2]byte
		if _, err := io.ReadFull(from, head[:]); err != nil {
			return err
		}
		if head[0]&opcode == closing {
			return nil
		}
		length := uint64(head[1] & 0x7f)
		if more := map[uint64]int{126: 2, 127: 8}[length]; more > 0 {
			size := make([]byte, 8)
			if _, err := io.ReadFull(from, size[8-more:]); err != nil {
				return err
			}
			length = binary.BigEndian.Uint64(size)
		}
		if _, err := io.CopyN(io.Discard, from, int64(min(length, math.MaxInt64))); err != nil {
			return err
		}
	}
}

// release sends what was withheld. The answer tells whether it arrived.
func (h *held) release() {
	if !h.way.slow {
		_, _ = io.WriteString(h.conn, strings.Repeat(" ", bodySize-bodySize/2))
	}
}

// ended tells whether the request has ended already.
func (h *held) ended() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}

// became is what became of the request; times count from a moment.
func (h *held) became(since time.Time) account.Request {
	out := account.Request{Path: h.way.path, Bytes: h.count.n.Load(), At: never, Error: "no answer"}
	if h.ended() {
		out.Status, out.Error = h.end.status, h.end.err
		out.Complete, out.At = h.end.err == "", account.Millis(h.end.at.Sub(since))
	}
	return out
}

// seen is what a client sees of a connection that ends.
func seen(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return "connection reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	case errors.Is(err, net.ErrClosed):
		return "no answer"
	}
	return "no HTTP answer"
}

// quiet is a connection on which nothing is under way.
type quiet struct {
	conn   net.Conn
	closed chan time.Time // gets the moment when the server let go of it
}

// idle is a connection that has had an answer and is kept for the next request. It is nil where the server keeps none.
func idle(ctx context.Context, v *stage.Server, path string) (*quiet, error) {
	conn, err := connect(ctx, v)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(patience)) // what fails here fails below
	from := bufio.NewReader(conn)
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: gindoctor\r\n\r\n", path, v.Addr)
	var answer *http.Response
	if err == nil {
		answer, err = http.ReadResponse(from, nil)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body)
	}
	if err != nil || answer.Close {
		conn.Close()
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	return watch(conn, from), nil
}

// silent is a connection on which nothing is ever sent.
func silent(ctx context.Context, v *stage.Server) (*quiet, error) {
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", v.Addr.String())
	if err != nil {
		return nil, err
	}
	return watch(conn, conn), nil
}

func watch(conn net.Conn, from io.Reader) *quiet {
	q := &quiet{conn: conn, closed: make(chan time.Time, 1)}
	go func() {
		_, _ = io.Copy(io.Discard, from)
		q.closed <- time.Now()
	}()
	return q
}

// when is the moment at which the server let go of a connection since another, or never.
func (q *quiet) when(since time.Time) account.Millis {
	if q == nil {
		return never
	}
	over := time.NewTimer(settling)
	defer over.Stop()
	select {
	case at := <-q.closed:
		return account.Millis(at.Sub(since))
	case <-over.C:
		return never
	}
}

func (q *quiet) close() {
	if q != nil {
		q.conn.Close()
	}
}
