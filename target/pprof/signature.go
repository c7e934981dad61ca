package pprof

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Kind is the kind of a Signature.
type Kind string

// The kinds.
const (
	// Bodies are answers of other servers whose body nobody reads to its end or closes: each holds a connection and two goroutines.
	Bodies Kind = "bodies"
	// Handles are *sql.DB that were opened and not closed: each holds a goroutine and a pool.
	Handles Kind = "handles"
	// PoolWaits are calls that wait for a connection of a pool that is used up.
	PoolWaits Kind = "pool-waits"
	// Stands are goroutines that stand at one line of the user's own code.
	Stands Kind = "stands"
)

// Signature is something that two profiles of one server show.
type Signature struct {
	Kind          Kind
	Before, After int // goroutines at the first look and at the second
	// Surplus is how many of those of the second look nothing else in the profile explains: at least so many are left behind. For
	// Bodies what may explain one is a goroutine that may be reading it, for Stands a live connection. Of Handles it is how many
	// more there are than before, as a program may well have several.
	Surplus int
	// Steady is the lesser of the surpluses of both looks. It is 0 of handlers: a request with a body that nobody reads leaves no
	// trace of its client.
	Steady int
	Gap    time.Duration // between the looks
	// At is the user's own line where there is one on the stack. Of Stands there always is one.
	At   Frame
	Wait Wait
	// Handler tells that it is the goroutine of a request.
	Handler bool
	// Started is the function that the goroutine began with.
	Started Frame
	// Running is, of PoolWaits, the number of calls that use a connection at the second look, at the first where those are more.
	Running int
	// Leaked is how many goroutines at that line the runtime itself has found to be leaked, where it was asked.
	Leaked int
}

// The functions that tell. runtime.md section C of the measurements: the first alone was exact in all runs.
const (
	readLoop   = "net/http.(*persistConn).readLoop"
	readBody   = "net/http.(*bodyEOFSignal).Read"
	serveHTTP  = "net/http.serverHandler.ServeHTTP"
	openerLoop = "database/sql.(*DB).connectionOpener"
)

// Signatures tells what two profiles of one server show, of which b is the later. Where b.Leaked, or that of a, is set they are
// compared all the same. The order is that of the kinds, then by how many there are.
func Signatures(a, b Profile) []Signature {
	before, after := take(a), take(b)
	gap := b.Taken.Sub(a.Taken)
	out := []Signature{bodies(before, after), handles(before, after)}
	out = append(out, poolWaits(before, after)...)
	out = append(out, stands(before, after)...)
	out = slices.DeleteFunc(out, func(s Signature) bool { return s.Surplus <= 0 })
	for i := range out {
		out[i].Gap = gap
	}
	return out
}

// Count is how many goroutines another profile has of the same.
func (s Signature) Count(p Profile) int {
	c := take(p)
	switch s.Kind {
	case Bodies:
		return c.bodies
	case Handles:
		return c.handles
	case PoolWaits:
		n := 0
		for _, pool := range c.pools {
			n += pool.waits
		}
		return n
	}
	if at, ok := c.places[stand{s.At, s.Wait, s.Handler}]; ok {
		return at.count
	}
	return 0
}

// Proved tells of goroutines that the runtime has found to be leaked, by the user's own line.
func Proved(leaks Profile) []Signature {
	var out []Signature
	for at, place := range take(leaks).places {
		out = append(out, Signature{
			Kind: Stands, Before: place.count, After: place.count, Surplus: place.count, Steady: place.count, Leaked: place.count,
			At: at.frame, Wait: at.wait, Handler: at.handler, Started: place.started,
		})
	}
	slices.SortFunc(out, most)
	return out
}

// census is what one profile holds of what tells.
type census struct {
	bodies, readers, handles int
	// connections bounds from above how many live connections there are: each has a goroutine that waits for the network.
	connections int
	// shared tells that some connection carries many requests at once, so that the number of connections bounds nothing.
	shared bool
	pools  map[string]*pool
	places map[stand]*place
}

type pool struct {
	waits, running int
	at             Frame
	most           int
}

// stand is a line of the user's own code at which goroutines stand, and how.
type stand struct {
	frame   Frame
	wait    Wait
	handler bool
}

type place struct {
	count   int
	started Frame
}

func take(p Profile) *census {
	c := &census{pools: map[string]*pool{}, places: map[stand]*place{}}
	for _, s := range p.Stacks {
		if asks(s) {
			continue
		}
		c.shared = c.shared || sharing(s)
		if s.Wait == IO {
			c.connections += s.Count
		}
		switch {
		case s.Top().Func == readLoop: // in IO wait another function stands above it: idle in the pool
			c.bodies += s.Count
		case s.Has(openerLoop):
			c.handles += s.Count
		default:
			c.take(s)
		}
	}
	return c
}

func (c *census) take(s Stack) {
	if mayRead(s) {
		c.readers += s.Count
	}
	own, mine := s.Own()
	if c.usesPool(s) || !mine {
		return
	}
	switch s.Wait {
	case IO, Sleep, Syscall:
		return
	}
	if s.Wait == Unknown && s.Top() != own {
		return // it runs, in other code
	}
	at := stand{own, s.Wait, s.Has(serveHTTP)}
	if c.places[at] == nil {
		c.places[at] = &place{started: s.Root()}
	}
	c.places[at].count += s.Count
}

// mayRead tells whether a goroutine may be about to read a body: it reads one, serves a request, or is one of the user's own that
// does not merely wait for work.
func mayRead(s Stack) bool {
	_, mine := s.Own()
	switch {
	case s.Has(readBody), s.Has(serveHTTP):
		return true
	case !mine, s.Root().Func == "main.main", s.Wait == Receive, s.Wait == Forever:
		return false
	}
	return !s.Has("net.(*TCPListener).Accept")
}

// asks tells whether a goroutine is the one that answers our own question.
func asks(s Stack) bool { return strings.HasPrefix(s.Top().Func, "runtime/pprof.") }

// poolWaiting are the functions in which a call waits for a connection of a pool, by the prefix of those of the pool.
var poolWaiting = map[string][]string{
	"database/sql.":                          {"database/sql.(*DB).conn"},
	"github.com/jackc/puddle/v2.":            {"github.com/jackc/puddle/v2.(*Pool[...]).acquire", "github.com/jackc/puddle/v2.(*Pool[...]).Acquire"},
	"github.com/redis/go-redis/v9/internal/": {"github.com/redis/go-redis/v9/internal/pool.(*ConnPool).waitTurn"},
}

// usesPool counts a goroutine that waits for a connection of a pool, or has one, and tells whether it waits. Those that a pool
// runs for itself do neither.
func (c *census) usesPool(s Stack) (waits bool) {
	for prefix, waiting := range poolWaiting {
		i := slices.IndexFunc(s.Frames, func(f Frame) bool { return strings.HasPrefix(f.Func, prefix) })
		if i < 0 || strings.HasPrefix(s.Root().Func, prefix) {
			continue
		}
		if c.pools[prefix] == nil {
			c.pools[prefix] = &pool{}
		}
		// Where a connection is being dialled, the driver stands above; above the wait itself at most a semaphore.
		if i <= 1 && slices.ContainsFunc(waiting, s.Has) && s.Wait != IO {
			c.pools[prefix].wait(s)
			waits = true
		} else {
			c.pools[prefix].running += s.Count
		}
	}
	return waits
}

func (p *pool) wait(s Stack) {
	p.waits += s.Count
	if own, ok := s.Own(); ok && s.Count > p.most {
		p.at, p.most = own, s.Count
	}
}

// sharing tells whether a goroutine serves a connection that carries many requests at once.
func sharing(s Stack) bool {
	return slices.ContainsFunc(s.Frames, func(f Frame) bool {
		return strings.Contains(f.Func, "http2serverConn)") || strings.Contains(f.Func, "http2.(*serverConn)") ||
			strings.HasPrefix(f.Func, "google.golang.org/grpc/internal/transport.(*http2Server)") || strings.HasPrefix(f.Func, "github.com/quic-go/")
	})
}

func bodies(a, b *census) Signature {
	before, after := a.bodies-a.readers, b.bodies-b.readers
	return Signature{Kind: Bodies, Before: a.bodies, After: b.bodies, Surplus: after, Steady: max(min(before, after), 0)}
}

func handles(a, b *census) Signature {
	return Signature{Kind: Handles, Before: a.handles, After: b.handles, Surplus: b.handles - a.handles, Steady: min(a.handles, b.handles)}
}

func poolWaits(a, b *census) []Signature {
	var out []Signature
	for name, after := range b.pools {
		before := a.pools[name]
		if before == nil {
			before = &pool{}
		}
		out = append(out, Signature{
			Kind: PoolWaits, Before: before.waits, After: after.waits, Surplus: after.waits, Steady: min(before.waits, after.waits),
			At: after.at, Wait: Select, Running: max(before.running, after.running),
		})
	}
	slices.SortFunc(out, most)
	return out
}

func stands(a, b *census) []Signature {
	var out []Signature
	for at, after := range b.places {
		before := a.places[at]
		if before == nil {
			before = &place{}
		}
		s := Signature{
			Kind: Stands, Before: before.count, After: after.count, At: at.frame, Wait: at.wait, Handler: at.handler, Started: after.started,
			Surplus: after.count - b.connections, Steady: max(min(before.count-a.connections, after.count-b.connections), 0),
		}
		if at.handler {
			s.Surplus, s.Steady = min(s.Surplus, s.Steady), 0
		}
		if (a.shared || b.shared) && at.wait != Send && at.wait != Forever {
			continue // each may serve a request of a connection that has many
		}
		out = append(out, s)
	}
	slices.SortFunc(out, most)
	return out
}

func most(a, b Signature) int {
	return cmp.Or(cmp.Compare(b.After, a.After), cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.Wait, b.Wait))
}
