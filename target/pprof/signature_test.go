package pprof

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// here is what this test's own code is taken for: the user's.
var here = Code{
	Modules: []Module{{"github.com/gindoctor/gindoctor/target/pprof", "."}},
	Files:   func(rel string) bool { return strings.HasSuffix(rel, "_test.go") },
}

// look takes a profile of this very process, in both forms.
func look(t *testing.T, debug int) Profile {
	t.Helper()
	p, err := Parse(profileOf(t, "goroutine", debug))
	if err != nil {
		t.Fatal(err)
	}
	here.Mark(&p)
	return p
}

// eventually waits until goroutines have got to where they stay.
func eventually(t *testing.T, debug int, kind Kind, ok func(Signature) bool) Signature {
	t.Helper()
	var last []Signature
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		p := look(t, debug)
		last = Signatures(p, p)
		for _, s := range last {
			if s.Kind == kind && ok(s) {
				return s
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no such %s in %+v", kind, last)
	return Signature{}
}

func TestUnclosedBodies(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 64<<10)) }))
	defer upstream.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}
	defer client.CloseIdleConnections()
	get := func() io.ReadCloser {
		answer, err := client.Get(upstream.URL)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Body
	}
	before := look(t, 0)
	var read []io.ReadCloser
	for range 5 { // read to the end, so that their connections lie idle in the pool
		read = append(read, get())
	}
	for _, body := range read {
		io.Copy(io.Discard, body)
		body.Close()
	}
	var left []io.ReadCloser
	for range 12 {
		left = append(left, get())
	}
	defer func() {
		for _, body := range left {
			body.Close()
		}
	}()
	for _, debug := range []int{0, 1} {
		eventually(t, debug, Bodies, func(s Signature) bool { return s.After == 12 })
	}
	after := look(t, 0)
	s := Signatures(before, after)[0]
	if s.Kind != Bodies || s.Before != 0 || s.After != 12 || s.Surplus < 5 || s.Steady != 0 {
		t.Errorf("%+v", s)
	}
}

// lazy is a database of which each connection works, and does nothing.
type lazy struct{ busy chan struct{} }

func (l lazy) Connect(context.Context) (driver.Conn, error) { return idleConn(l), nil }
func (l lazy) Driver() driver.Driver                        { return nil }

type idleConn struct{ busy chan struct{} }

func (idleConn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (idleConn) Close() error                        { return nil }
func (idleConn) Begin() (driver.Tx, error)           { return nil, driver.ErrSkip }
func (c idleConn) Ping(context.Context) error        { <-c.busy; return nil }

func TestHandles(t *testing.T) {
	before := look(t, 0)
	for range 7 {
		db := sql.OpenDB(lazy{})
		defer db.Close()
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		for _, debug := range []int{0, 1} {
			for _, s := range Signatures(before, look(t, debug)) {
				if s.Kind == Handles && s.Surplus == 7 && s.Before == 0 {
					return
				}
			}
		}
	}
	t.Error("they are not seen")
}

func TestPoolIsUsedUp(t *testing.T) {
	busy := make(chan struct{})
	db := sql.OpenDB(lazy{busy})
	defer db.Close()
	db.SetMaxOpenConns(2)
	var held []*sql.Conn
	for range 2 {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	for range 6 {
		go func() { _, err := db.Conn(ctx); done <- err }()
	}
	for _, debug := range []int{0, 1} {
		s := eventually(t, debug, PoolWaits, func(s Signature) bool { return s.After == 6 })
		if s.Running != 0 || s.At.File != "signature_test.go" || !s.At.Local || s.Steady != 6 {
			t.Errorf("%+v", s)
		}
	}
	go func() { held[0].PingContext(ctx) }() // now one of them is in use
	eventually(t, 0, PoolWaits, func(s Signature) bool { return s.Running == 1 })
	close(busy)
	cancel()
	for range 6 {
		<-done
	}
	for _, c := range held {
		c.Close()
	}
}

// deliver is the commonest leak: nobody is there any more to take the result.
func deliver(done chan string) {
	done <- "delivered" // line
}

func TestStands(t *testing.T) {
	results := make(chan string)
	for range 40 {
		go deliver(results)
	}
	quit := make(chan struct{})
	for range 30 {
		go func() { <-quit }()
		go func() {
			select {
			case <-quit:
			case <-t.Context().Done():
			}
		}()
	}
	defer func() {
		close(quit)
		for range 40 {
			<-results
		}
	}()
	for wait, n := range map[Wait]int{Send: 40, Receive: 30, Select: 30} {
		s := eventually(t, 0, Stands, func(s Signature) bool { return s.Wait == wait && s.After == n })
		if s.Handler || s.At.File != "signature_test.go" || s.Surplus < n-5 || s.Steady != s.Surplus {
			t.Errorf("%+v", s)
		}
	}
	s := eventually(t, 1, Stands, func(s Signature) bool { return s.After == 40 })
	if s.Wait != Unknown || !strings.HasSuffix(s.At.Func, ".deliver") {
		t.Errorf("%+v", s)
	}
}

// made is a profile of stacks as they are written here: "COUNT WAIT function function ...", the innermost first; a function that
// begins with "shop/" is the user's own.
func made(lines ...string) Profile {
	var g gathered
	for _, line := range lines {
		fields := strings.Fields(line)
		n := 0
		for _, digit := range fields[0] {
			n = 10*n + int(digit-'0')
		}
		var frames []Frame
		if f, ok := map[string]string{"send": "runtime.chansend", "receive": "runtime.chanrecv", "select": "runtime.selectgo", "io": "internal/poll.runtime_pollWait", "lock": "sync.runtime_Semacquire"}[fields[1]]; ok {
			frames = append(frames, Frame{Func: f})
		}
		for i, f := range fields[2:] {
			frames = append(frames, Frame{Func: f, File: "/src/" + f + ".go", Line: i + 1})
		}
		g.add(n, frames)
	}
	p := g.profile()
	p.Taken = time.Unix(1000, 0)
	Code{Modules: []Module{{"shop", "."}}, Files: func(string) bool { return true }}.Mark(&p)
	return p
}

const (
	handler  = "gin.Next " + serveHTTP + " net/http.(*conn).serve"
	waitsFor = "net.(*conn).Read net/http.(*connReader).backgroundRead"
	transfer = readBody + " shop/proxy.Copy "
)

func TestWhatExplainsThem(t *testing.T) {
	for name, c := range map[string]struct {
		a, b []string
		want []string
	}{
		"bodies": {
			[]string{"31 select " + readLoop, "9 io bufio.Peek " + readLoop},
			[]string{"33 select " + readLoop, "9 io bufio.Peek " + readLoop}, []string{"bodies 31>33 surplus 33 steady 31"},
		},
		"bodies that are being read": {
			[]string{"3 select " + readLoop, "2 io " + transfer + handler, "1 io " + readBody + " lib.Watch"},
			[]string{"3 select " + readLoop, "2 io " + transfer + handler, "1 io " + readBody + " lib.Watch"}, nil,
		},
		"bodies that may be held for a moment": {
			[]string{"3 select " + readLoop, "3 run shop/api.Decode " + handler}, []string{"2 select " + readLoop, "2 send shop/feed.Run"}, []string{"stands shop/feed.Run 0>2 surplus 2 steady 0"},
		},
		"one database": {[]string{"1 select " + openerLoop}, []string{"1 select " + openerLoop}, nil},
		"websockets, each with a goroutine that reads and one that writes": {
			[]string{"50 io ws.Read shop/ws.Pump", "50 select shop/ws.Write"}, []string{"90 io ws.Read shop/ws.Pump", "90 select shop/ws.Write"}, nil,
		},
		"long polls": {
			[]string{"50 io " + waitsFor, "50 select shop/poll.Wait " + handler}, []string{"80 io " + waitsFor, "80 select shop/poll.Wait " + handler}, nil,
		},
		"handlers whose clients are gone": {
			[]string{"4 io " + waitsFor, "50 receive shop/poll.Wait " + handler}, []string{"4 io " + waitsFor, "60 receive shop/poll.Wait " + handler},
			[]string{"stands shop/poll.Wait 50>60 handler surplus 46 steady 0"},
		},
		"streams of few connections": {
			[]string{"2 io golang.org/x/net/http2.(*serverConn).readFrames", "50 select shop/poll.Wait golang.org/x/net/http2.(*serverConn).runHandler"},
			[]string{"2 io golang.org/x/net/http2.(*serverConn).readFrames", "80 select shop/poll.Wait golang.org/x/net/http2.(*serverConn).runHandler"}, nil,
		},
		"pools for themselves": {
			[]string{"3 select database/sql.(*Tx).awaitDone", "2 select database/sql.(*DB).connectionResetter"},
			[]string{"3 select database/sql.(*Tx).awaitDone", "2 select database/sql.(*DB).connectionResetter"}, nil,
		},
		"a connection that is being dialled": {
			[]string{"1 io pq.Dial database/sql.(*DB).conn shop/db.Get"}, []string{"1 io pq.Dial database/sql.(*DB).conn shop/db.Get"}, nil,
		},
		"pgx": {
			[]string{"8 select semaphore.Acquire github.com/jackc/puddle/v2.(*Pool[...]).acquire pgxpool.Acquire shop/db.Get"},
			[]string{"9 select semaphore.Acquire github.com/jackc/puddle/v2.(*Pool[...]).acquire pgxpool.Acquire shop/db.Get", "2 io pgconn.Read github.com/jackc/puddle/v2.x shop/db.Get"},
			[]string{"pool-waits shop/db.Get 8>9 surplus 9 steady 8 running 2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range Signatures(made(c.a...), made(c.b...)) {
				got = append(got, short(s))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func short(s Signature) string {
	var b strings.Builder
	b.WriteString(string(s.Kind))
	if s.At.Func != "" {
		b.WriteString(" " + s.At.Func)
	}
	b.WriteString(" " + itoa(s.Before) + ">" + itoa(s.After))
	if s.Handler {
		b.WriteString(" handler")
	}
	b.WriteString(" surplus " + itoa(s.Surplus) + " steady " + itoa(s.Steady))
	if s.Running > 0 {
		b.WriteString(" running " + itoa(s.Running))
	}
	return b.String()
}

func TestProved(t *testing.T) {
	leaks := made("4 send shop/a.Deliver", "9 receive shop/b.Wait "+handler, "3 send lib.Lost")
	var got []string
	for _, s := range Proved(leaks) {
		if s.Leaked != s.After {
			t.Errorf("%+v", s)
		}
		got = append(got, short(s))
	}
	if d := cmp.Diff([]string{"stands shop/b.Wait 9>9 handler surplus 9 steady 9", "stands shop/a.Deliver 4>4 surplus 4 steady 4"}, got); d != "" {
		t.Error(d)
	}
}
