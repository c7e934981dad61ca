package reload

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestHold has a server end in order, and at once, while a request is under way.
func TestHold(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*http.Server)
		want ending
	}{
		{"in order", func(s *http.Server) { _ = s.Shutdown(context.Background()) }, inFull},
		{"at once", func(s *http.Server) { _ = s.Close() }, cutOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			waiting, closed := make(chan struct{}), make(chan struct{})
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			s.Listener = &toldListener{Listener: s.Listener, waiting: waiting, closed: closed}
			s.Start()
			h, err := hold(t.Context(), netip.MustParseAddrPort(s.Listener.Addr().String()), "/")
			if err != nil {
				t.Fatal(err)
			}
			defer h.drop()
			<-waiting
			ended := make(chan struct{})
			go func() { c.end(s.Config); close(ended) }()
			<-closed
			if c.want == inFull {
				h.finish()
			}
			<-h.done
			<-ended
			if got, _ := h.end(); got != c.want {
				t.Errorf("it ended as %d, not as %d", got, c.want)
			}
		})
	}
}

// toldListener tells when it is closed, and when the server waits for the rest of its one request: net/http asks for no rest once it
// is shutting down, so that the end must not begin before.
type toldListener struct {
	net.Listener
	waiting, closed chan struct{}
}

func (l *toldListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &toldConn{Conn: c, waiting: l.waiting}, err
}

func (l *toldListener) Close() error {
	defer close(l.closed)
	return l.Listener.Close()
}

// toldConn tells when it is read for the second time: the first read has given the head and all of the body but its last byte.
type toldConn struct {
	net.Conn
	waiting chan struct{}
	reads   int
}

func (c *toldConn) Read(b []byte) (int, error) {
	if c.reads++; c.reads == 2 {
		close(c.waiting)
	}
	return c.Conn.Read(b)
}
