//go:build drill

package restart

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/drilltest"
	"github.com/gindoctor/gindoctor/drill/load"
	"github.com/gindoctor/gindoctor/drill/stage"
)

func set(t *testing.T, server string) *stage.Stage {
	t.Helper()
	archive := filepath.Join("testdata", "servers.txtar")
	return drilltest.Set(t, drilltest.File(t, archive, server+".go", "main.go"), drilltest.File(t, archive, "go.mod", "go.mod"), drilltest.File(t, archive, "go.sum", "go.sum"))
}

func drilled(t *testing.T, s *stage.Stage, o Options) *account.Account {
	t.Helper()
	a, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	drilltest.Told(t, a)
	return a
}

// few is what a restart without a gap may lose: net/http drops the request of a connection that it reads while Shutdown begins.
func few(r account.Requests) bool { return r.Errors[load.Refused] == 0 && r.Lost*50 < r.Sent }

// Each server is restarted in its own way, and loses what that way loses.
func TestMethods(t *testing.T) {
	tests := []struct {
		server string
		kind   kind
		state  account.State // with new connections; "" where it hangs on the moment
		lost   func(r account.Requests) bool
		proves string
	}{
		{"stopstart", stopStart, account.Warning, func(r account.Requests) bool { return r.Errors[load.Refused] > 0 }, ""},
		{"killed", stopStart, account.Broken, func(r account.Requests) bool { return r.Lost > r.Errors[load.Refused] }, "src/no-graceful"},
		{"reuseport", reusePort, "", few, ""},
		{"tableflip", passing, "", few, ""},
		{"activation", activation, "", few, ""},
	}
	for _, tt := range tests {
		t.Run(tt.server, func(t *testing.T) {
			t.Parallel()
			a := drilled(t, set(t, tt.server), Options{})
			if len(a.Trials) != 2 {
				t.Fatalf("%d trials", len(a.Trials))
			}
			first := a.Trials[0]
			if first.Restart.Method != string(tt.kind) || first.Restart.Times != 3 || a.Trials[1].Restart.Times != 3 || tt.state != "" && first.State != tt.state || !tt.lost(first.Requests[0]) {
				t.Errorf("%s: %+v %+v", first.State, first.Restart, first.Requests[0])
			}
			if down := first.Restart.Down > 0; down != (tt.kind == stopStart) {
				t.Errorf("nobody listened for %s", first.Restart.Down)
			}
			if proves := len(first.Proves) > 0; proves != (tt.proves != "") || proves && first.Proves[0].Check != tt.proves {
				t.Errorf("proves %v", first.Proves)
			}
		})
	}
}

// What the drill counts as lost is what another client counts that every request of the drill goes through.
func TestLostByAnotherCount(t *testing.T) {
	for _, server := range []string{"stopstart", "reuseport", "tableflip"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			var counts []*relay
			a := drilled(t, set(t, server), Options{testOnlyThrough: func(o *load.Options) {
				counts = append(counts, newRelay(t, o.Addr))
				o.Addr = counts[len(counts)-1].addr
			}})
			for i, trial := range a.Trials {
				sent, lost := counts[i].counted()
				if r := trial.Requests[0]; r.Sent != sent || r.Lost != lost {
					t.Errorf("%s: the drill counts %d lost of %d, the relay %d of %d", r.Client, r.Lost, r.Sent, lost, sent)
				}
			}
		})
	}
}

// Programs that are not to be replaced.
func TestBadServers(t *testing.T) {
	t.Run("onlyonce", func(t *testing.T) {
		t.Parallel()
		a := drilled(t, set(t, "onlyonce"), Options{})
		first := a.Trials[0]
		if len(a.Trials) != 1 || first.State != account.Broken || first.Stage != checks.Start || !strings.Contains(first.Said.String(), "there is a lock") {
			t.Errorf("%+v", first)
		}
	})
	t.Run("ignores", func(t *testing.T) {
		t.Parallel()
		a := drilled(t, set(t, "ignores"), Options{})
		if first := a.Trials[0]; len(a.Trials) != 1 || first.State != account.Broken || first.Stage != checks.Stop || first.Restart.Times != 0 {
			t.Errorf("%+v", first)
		}
	})
}

// relay hands requests on to a server, one at a time on each connection, and counts them: a client of its own.
type relay struct {
	addr    netip.AddrPort
	server  string
	mu      sync.Mutex
	sent    int
	full    int // answered in full, and handed back
	working sync.WaitGroup
}

func newRelay(t *testing.T, server netip.AddrPort) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &relay{addr: l.Addr().(*net.TCPAddr).AddrPort(), server: server.String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r.working.Go(func() { r.serve(conn.(*net.TCPConn)) })
		}
	}()
	return r
}

func (r *relay) counted() (sent, lost int) {
	r.working.Wait() // the clients have closed their connections by now
	return r.sent, r.sent - r.full
}

func (r *relay) count(full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if full {
		r.full++
	} else {
		r.sent++
	}
}

// serve hands on what comes on one connection. When the server lets go of its end, the client is told so in order, and what it has sent
// by then is counted as lost.
func (r *relay) serve(client *net.TCPConn) {
	defer client.Close()
	from := bufio.NewReader(client)
	conn, err := net.Dial("tcp", r.server)
	if err != nil {
		if _, err := http.ReadRequest(from); err == nil {
			r.count(false)
		}
		return
	}
	defer conn.Close()
	server := bufio.NewReader(conn)
	for {
		ready := make(chan error, 1)
		go func() { // the first byte of an answer, or the end
			_, err := server.Peek(1)
			if err != nil {
				client.CloseWrite()
			}
			ready <- err
		}()
		request, err := http.ReadRequest(from)
		if err != nil {
			return
		}
		r.count(false)
		if request.Write(conn) != nil || <-ready != nil || !r.handBack(client, server, request) {
			return
		}
	}
}

func (r *relay) handBack(client io.Writer, server *bufio.Reader, request *http.Request) bool {
	answer, err := http.ReadResponse(server, request)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return false
	}
	answer.Body = io.NopCloser(strings.NewReader(string(body)))
	if err := answer.Write(client); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	r.count(true)
	return !answer.Close
}
