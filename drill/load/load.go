// Package load sends a bounded number of HTTP requests to a server on this machine and counts what became of each. It sends each
// request once: what is lost is counted and never sent again. So it handles its connections itself: http.Transport repeats a
// request silently when the server closes a connection under it, which is just what a drill is to see.
package load

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
)

// The bounds of one load. What is asked for beyond them is cut down to them.
const (
	MaxClients  = 64
	MaxRequests = 20_000
	MaxTime     = 60 * time.Second
)

// patience is how long a request may take where Options say nothing.
const patience = 10 * time.Second

// Options say what is sent.
type Options struct {
	Addr   netip.AddrPort // of this machine: a loopback address
	TLS    bool           // speak TLS; any certificate will do
	Method string         // GET if empty
	Path   string         // with its query, as it stands in the request line; "/" if empty
	Header http.Header
	// Clients send at the same time, one request after the other; 1 if 0.
	Clients int
	// KeepAlive keeps the connection of each client for its next request; without it each request has a connection of its own.
	KeepAlive bool
	// Requests is how many are sent by all clients together; 0: until Stop, spread so that MaxRequests last for MaxTime.
	Requests int
	// Every is the time between the beginnings of two requests of one client; 0: each follows the answer at once.
	Every time.Duration
	// Timeout is how long a client waits for the whole answer.
	Timeout time.Duration
	// Leave has every client close its connection that long after it sent its request, whether or not it was answered; 0 is never.
	Leave time.Duration
}

// Loss is a request that was not answered in full.
type Loss struct {
	At    time.Time // when its client saw it
	Error string    // what its client saw: one of the constants
}

// What a client sees of a request that is lost.
const (
	Refused = "connection refused"
	Reset   = "connection reset"  // before the first byte of an answer
	Closed  = "connection closed" // in order, before the first byte of an answer
	Timeout = "timeout"
	Cut     = "cut" // after the first byte of an answer and before its last
	Other   = "other"
)

// Load is a load under way. It is safe for concurrent use.
type Load struct {
	options Options
	stop    chan struct{}
	once    sync.Once
	done    chan struct{} // closed when all clients have ended

	mu       sync.Mutex
	left     int // requests that may still be sent
	requests account.Requests
	codes    map[int]int
	lost     []Loss
}

// Start begins to send. It is an error where the address is not of this machine, or the path is none. The end of ctx ends the load
// at once; what is under way then is not counted.
func Start(ctx context.Context, o Options) (*Load, error) {
	if a := o.Addr.Addr().Unmap(); !a.IsLoopback() || o.Addr.Port() == 0 {
		return nil, fmt.Errorf("%s is no loopback address: requests are sent to this machine only", o.Addr)
	}
	o.bound()
	l := &Load{options: o, stop: make(chan struct{}), done: make(chan struct{}), left: o.Requests, codes: map[int]int{}}
	l.requests.Client = "new connections"
	if o.KeepAlive {
		l.requests.Client = "keep-alive"
	}
	if _, err := o.request(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	halt := time.AfterFunc(MaxTime, l.Halt)
	var clients sync.WaitGroup
	for range o.Clients {
		clients.Go(func() { (&client{load: l}).run(ctx) })
	}
	go func() {
		defer close(l.done)
		defer cancel()
		defer halt.Stop()
		clients.Wait()
	}()
	return l, nil
}

// bound fills in what is not said, and cuts down to what is allowed.
func (o *Options) bound() {
	o.Method, o.Path = cmp.Or(o.Method, http.MethodGet), cmp.Or(o.Path, "/")
	o.Clients = min(max(o.Clients, 1), MaxClients)
	if o.Requests <= 0 {
		o.Requests = MaxRequests
		o.Every = max(o.Every, time.Duration(o.Clients)*MaxTime/MaxRequests)
	}
	o.Requests = min(o.Requests, MaxRequests)
	if o.Timeout <= 0 {
		o.Timeout = patience
	}
	o.Timeout = min(o.Timeout, MaxTime)
}

// request is what each client sends.
func (o *Options) request(ctx context.Context) (*http.Request, error) {
	scheme := "http"
	if o.TLS {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, o.Method, scheme+"://"+o.Addr.String()+o.Path, nil)
	if err != nil {
		return nil, err
	}
	if r.URL.Host != o.Addr.String() || r.URL.User != nil {
		return nil, fmt.Errorf("%q is no path of the server", o.Path)
	}
	r.Header = o.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "gindoctor")
	}
	r.Close = !o.KeepAlive
	return r, nil
}

// Halt begins no further request, and does not wait.
func (l *Load) Halt() { l.once.Do(func() { close(l.stop) }) }

// Wait waits until every request has been answered, lost or given up, and all connections are closed.
func (l *Load) Wait() account.Requests {
	<-l.done
	return l.Requests()
}

// Stop begins no further request, and waits for those under way.
func (l *Load) Stop() account.Requests {
	l.Halt()
	return l.Wait()
}

// Requests is the count so far.
func (l *Load) Requests() account.Requests {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.requests
	r.Errors, r.Statuses = maps.Clone(r.Errors), maps.Clone(r.Statuses)
	return r
}

// Codes counts the answers so far by their status.
func (l *Load) Codes() map[int]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.codes)
}

// Lost lists those lost so far, in the order of their times.
func (l *Load) Lost() []Loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.lost)
	slices.SortStableFunc(out, func(a, b Loss) int { return a.At.Compare(b.At) })
	return out
}

// next takes one of the requests that are to be sent; false where there is none, or no more are to be begun.
func (l *Load) next(ctx context.Context) bool {
	select {
	case <-l.stop:
		return false
	case <-ctx.Done():
		return false
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		return false
	}
	l.left--
	return true
}

// over tells whether all have been begun.
func (l *Load) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left == 0
}

// outcome is what became of one request.
type outcome struct {
	status int    // of an answer in full
	lost   string // what its client saw
	left   bool   // the client left, as it was to
	at     time.Time
	took   time.Duration
}

func (l *Load) count(o outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &l.requests
	r.Sent++
	switch {
	case o.left:
		r.Left++
	case o.lost != "":
		r.Lost++
		add(&r.Errors, o.lost)
		l.lost = append(l.lost, Loss{o.at, o.lost})
	default:
		r.Answered++
		add(&r.Statuses, fmt.Sprintf("%dxx", o.status/100))
		l.codes[o.status]++
		r.Slowest = max(r.Slowest, account.Millis(o.took))
	}
}

func add(m *map[string]int, key string) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[key]++
}

// anyCertificate speaks HTTP/1.1 with a server whose certificate is made for another name: nobody stands between.
func anyCertificate() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}
}
