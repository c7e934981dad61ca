package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/internal/freeport"
)

func addrOf(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	return a.(*net.TCPAddr).AddrPort()
}

// run plays a load to its end.
func run(t *testing.T, o Options) (account.Requests, []Loss) {
	t.Helper()
	l, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return l.Wait(), l.Lost()
}

// rough is a server below HTTP: it reads each request's head and does with the connection as it is told.
func rough(t *testing.T, serve func(n int, conn net.Conn, next func() bool)) (netip.AddrPort, *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var heads atomic.Int32
	var served sync.WaitGroup
	served.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				lines := bufio.NewReader(conn)
				serve(n, conn, func() bool {
					for {
						line, err := lines.ReadString('\n')
						if err != nil {
							return false
						}
						if line == "\r\n" {
							heads.Add(1)
							return true
						}
					}
				})
			})
		}
	})
	t.Cleanup(func() { l.Close(); served.Wait() })
	return addrOf(t, l.Addr()), &heads
}

const whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func TestWhatAClientSees(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(n int, conn net.Conn, next func() bool)
		want  string // empty: answered
	}{
		{"whole", func(_ int, c net.Conn, next func() bool) { next(); io.WriteString(c, whole) }, ""},
		{"announced", func(_ int, c net.Conn, next func() bool) {
			next()
			io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"+whole)
		}, ""},
		{"until it closes", func(_ int, c net.Conn, next func() bool) { next(); io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\nabc") }, ""},
		{"closed", func(_ int, _ net.Conn, next func() bool) { next() }, Closed},
		{"reset", func(_ int, c net.Conn, next func() bool) { next(); c.(*net.TCPConn).SetLinger(0) }, Reset},
		{"silent", func(_ int, _ net.Conn, next func() bool) { next(); next() }, Timeout},
		{"cut in the head", func(_ int, c net.Conn, next func() bool) { next(); io.WriteString(c, "HTTP/1.1 200 OK\r\nConte") }, Cut},
		{"cut in the body", func(_ int, c net.Conn, next func() bool) { next(); io.WriteString(c, whole[:len(whole)-1]) }, Cut},
		{"cut in a chunk", func(_ int, c net.Conn, next func() bool) {
			next()
			io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		}, Cut},
		{"not HTTP", func(_ int, c net.Conn, next func() bool) { next(); io.WriteString(c, "SSH-2.0-x\r\n") }, Other},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr, heads := rough(t, tt.serve)
			before := time.Now()
			patience := time.Minute
			if tt.want == Timeout {
				patience = 300 * time.Millisecond
			}
			got, lost := run(t, Options{Addr: addr, Requests: 3, Timeout: patience})
			if got.Sent != 3 || heads.Load() != 3 {
				t.Errorf("sent %d, the server saw %d, want 3", got.Sent, heads.Load())
			}
			if tt.want == "" {
				if got.Answered != 3 || got.Lost != 0 || got.Statuses["2xx"] != 3 || len(lost) != 0 {
					t.Errorf("%+v", got)
				}
				return
			}
			if got.Lost != 3 || got.Errors[tt.want] != 3 || len(lost) != 3 || lost[0].At.Before(before) {
				t.Errorf("%+v %v, want all %q", got, lost, tt.want)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		if got, _ := run(t, Options{Addr: netip.MustParseAddrPort(freeport.AddressFor(t)), Requests: 3}); got.Errors[Refused] != 3 {
			t.Errorf("%+v", got)
		}
	})
}

// TestNothingIsSentTwice has a server close each connection under its second request. http.Transport sends that one again without a
// word, and the same server proves it.
func TestNothingIsSentTwice(t *testing.T) {
	closesUnderTheSecond := func(_ int, c net.Conn, next func() bool) {
		if next() {
			io.WriteString(c, whole)
			next()
		}
	}
	addr, heads := rough(t, closesUnderTheSecond)
	got, _ := run(t, Options{Addr: addr, Requests: 10, KeepAlive: true})
	if got.Sent != 10 || got.Answered != 5 || got.Lost != 5 || got.Errors[Closed] != 5 || heads.Load() != 10 {
		t.Errorf("%+v; the server saw %d", got, heads.Load())
	}

	addr, heads = rough(t, closesUnderTheSecond)
	usual := &http.Client{Transport: &http.Transport{}}
	for range 10 {
		answer, err := usual.Get("http://" + addr.String())
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	usual.CloseIdleConnections()
	if heads.Load() <= 10 {
		t.Errorf("the usual client sent %d: this test proves nothing", heads.Load())
	}
}

func TestConnections(t *testing.T) {
	for _, tt := range []struct {
		keep bool
		want int32
	}{{true, 4}, {false, 40}} {
		var opened atomic.Int32
		var meet func() // has the clients wait for each other: a fast one could take all requests before the last has begun
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			meet()
			if r.URL.Path == "/moved" {
				http.Redirect(w, r, "http://192.0.2.1/elsewhere", http.StatusFound)
			}
		}))
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		for _, secure := range []bool{false, true} {
			meet = meeting(4)
			if secure {
				s = httptest.NewUnstartedServer(s.Config.Handler)
				s.StartTLS()
			} else {
				s.Start()
			}
			t.Cleanup(s.Close)
			addr := addrOf(t, s.Listener.Addr())
			opened.Store(0)
			got, _ := run(t, Options{Addr: addr, TLS: secure, Path: "/moved?x=1", Requests: 40, Clients: 4, KeepAlive: tt.keep})
			if got.Answered != 40 || got.Statuses["3xx"] != 40 || !secure && opened.Load() != tt.want {
				t.Errorf("keep-alive %t: %+v over %d connections, want %d", tt.keep, got, opened.Load(), tt.want)
			}
		}
	}
}

// meeting holds the first callers until so many have come.
func meeting(of int32) func() {
	var came atomic.Int32
	all := make(chan struct{})
	return func() {
		switch n := came.Add(1); {
		case n == of:
			close(all)
		case n < of:
			<-all
		}
	}
}

// TestLeaving has clients go away before the answer: the server sees that, and it is no loss.
func TestLeaving(t *testing.T) {
	gone := make(chan struct{}, 6)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		gone <- struct{}{}
	}))
	t.Cleanup(s.Close)
	got, _ := run(t, Options{Addr: addrOf(t, s.Listener.Addr()), Requests: 6, Clients: 3, Leave: 20 * time.Millisecond})
	for range 6 {
		<-gone
	}
	if got.Left != 6 || got.Lost != 0 || got.Answered != 0 || got.Sent != 6 {
		t.Errorf("%+v", got)
	}
}

func TestStop(t *testing.T) {
	addr, _ := rough(t, func(_ int, c net.Conn, next func() bool) {
		for next() {
			io.WriteString(c, whole)
		}
	})
	l, err := Start(t.Context(), Options{Addr: addr, Clients: 2, KeepAlive: true, Every: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for l.Requests().Answered < 4 {
		time.Sleep(time.Millisecond)
	}
	if got := l.Stop(); got.Answered != got.Sent || got.Answered < 4 || got.Lost != 0 {
		t.Errorf("%+v", got)
	}
}

// TestEndOfContext: what is under way when we are to end is neither answered nor lost.
func TestEndOfContext(t *testing.T) {
	arrived := make(chan struct{})
	addr, _ := rough(t, func(_ int, _ net.Conn, next func() bool) { next(); close(arrived); next() })
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Start(ctx, Options{Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	<-arrived
	cancel()
	if got := l.Wait(); got.Sent != 0 || got.Lost != 0 {
		t.Errorf("%+v", got)
	}
}

func TestBounds(t *testing.T) {
	o := Options{Clients: 1000, Requests: 1_000_000, Timeout: time.Hour}
	o.bound()
	if o.Clients != MaxClients || o.Requests != MaxRequests || o.Timeout != MaxTime {
		t.Errorf("%+v", o)
	}
	o = Options{Clients: 8}
	o.bound()
	if o.Requests != MaxRequests || time.Duration(o.Requests/o.Clients)*o.Every < MaxTime {
		t.Errorf("until stopped: %+v", o)
	}
}

func TestRefused(t *testing.T) {
	for _, o := range []Options{
		{Addr: netip.MustParseAddrPort("192.0.2.1:80")},
		{Addr: netip.MustParseAddrPort("[2001:db8::1]:80")},
		{Addr: netip.MustParseAddrPort("0.0.0.0:80")},
		{Addr: netip.MustParseAddrPort("127.0.0.1:0")},
		{},
		{Addr: netip.MustParseAddrPort("127.0.0.1:80"), Path: "@192.0.2.1/"},
		{Addr: netip.MustParseAddrPort("127.0.0.1:80"), Path: ".192.0.2.1/"},
		{Addr: netip.MustParseAddrPort("127.0.0.1:80"), Path: "/\r\nX: y"},
		{Addr: netip.MustParseAddrPort("127.0.0.1:80"), Method: "GET /x"},
	} {
		if l, err := Start(t.Context(), o); err == nil {
			l.Stop()
			t.Errorf("%s %q %q is taken", o.Addr, o.Method, o.Path)
		}
	}
}

func TestSeen(t *testing.T) {
	if got := seen(fmt.Errorf("dial: %w", context.DeadlineExceeded)); got != Timeout {
		t.Error(got)
	}
	if got := seen(errors.New("x")); got != Other {
		t.Error(got)
	}
}
