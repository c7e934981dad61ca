package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

// told has the server tell of a pool every five seconds.
func told(then func(int, *observe.Point), pools ...func(second int) observe.Pool) func(int, *observe.Point) {
	return func(i int, p *observe.Point) {
		if then != nil {
			then(i, p)
		}
		if i%5 != 0 {
			return
		}
		p.Told = &observe.Told{Goroutines: -1, OpenFDs: -1, HeapBytes: -1}
		for _, pool := range pools {
			p.Told.Pools = append(p.Told.Pools, pool(i))
		}
	}
}

// shop is a pool of ten of which so many are in use, for which so many calls have had to wait, so long.
func shop(inUse, waits, waited func(second int) int) func(int) observe.Pool {
	return func(i int) observe.Pool {
		return observe.Pool{Name: "shop", Max: 10, Open: 10, InUse: inUse(i), Waits: int64(waits(i)), Waited: time.Duration(waited(i)) * time.Second}
	}
}

func unlimited(pool func(int) observe.Pool) func(int) observe.Pool {
	return func(i int) observe.Pool { p := pool(i); p.Max = 0; return p }
}

// served are requests until a second, quiet from then on.
func served(until, clients int) func(int, *observe.Point) {
	return func(i int, p *observe.Point) {
		if i < until {
			p.Quiet, p.Inbound.Established = false, clients
		}
	}
}

func second(i int) int { return i }

func before(second, then, later int) func(int) int {
	return func(i int) int {
		if i < second {
			return then
		}
		return later
	}
}

// TestPoolFigures tells what a pool's own figures prove from what they do not.
func TestPoolFigures(t *testing.T) {
	pinned, none := constant(10), constant(0)
	for name, c := range map[string]struct {
		series *observe.Series
		span   verdict.Span
		want   string
	}{
		"used up, and still so in quiet":      {watched(40, told(served(20, 3), shop(pinned, before(20, 4, 9), none))), verdict.Span{}, "warning leak/db-connections all 10 connections of the database pool shop are in use although no request has come for 21 s, and 5 calls"},
		"the same in check":                   {watched(40, told(served(20, 3), shop(pinned, before(20, 4, 9), none))), verdict.Span{Brief: true}, ""},
		"clients still wait":                  {watched(40, told(func(i int, p *observe.Point) { served(20, 30)(i, p); p.Inbound.Established = 30 }, shop(pinned, before(20, 4, 9), none))), verdict.Span{}, "warning leak/db-connections all 10"},
		"busy, and free in quiet":             {watched(40, told(served(20, 30), shop(before(20, 10, 0), second, second))), verdict.Span{}, ""},
		"free at one moment of quiet":         {watched(40, told(served(20, 30), shop(func(i int) int { return map[bool]int{true: 4, false: 10}[i == 30] }, second, second))), verdict.Span{}, ""},
		"quiet for less than ten seconds":     {watched(40, told(served(32, 30), shop(pinned, second, second))), verdict.Span{}, "info leak/db-connections at each of 9 looks over 40 s, and 40 calls"},
		"two looks in quiet":                  {watched(30, told(served(22, 30), shop(pinned, second, second))), verdict.Span{}, "info leak/db-connections"},
		"busy throughout":                     {watched(40, told(busy, shop(pinned, second, second))), verdict.Span{}, "info leak/db-connections the database pool shop is used up"},
		"busy but for one look":               {watched(40, told(busy, shop(func(i int) int { return before(15, 7, 10)(i) }, second, second))), verdict.Span{}, ""},
		"busy for less than half a minute":    {watched(28, told(busy, shop(pinned, second, second))), verdict.Span{}, ""},
		"nobody gets one":                     {watched(40, told(busy, shop(pinned, second, constant(7)))), verdict.Span{}, "warning leak/db-connections the database pool shop is used up: all 10 connections are in use for 40 s, 40 more calls wait for one, and none has got one"},
		"some give up":                        {watched(40, told(busy, shop(pinned, second, func(i int) int { return i / 20 }))), verdict.Span{}, "info leak/db-connections"},
		"how long is not told":                {watched(40, told(busy, shop(pinned, second, constant(-1)))), verdict.Span{}, "info leak/db-connections"},
		"workers hold them, nobody waits":     {watched(40, told(nil, shop(pinned, constant(3), constant(2)))), verdict.Span{}, "info leak/db-connections all 10 connections"},
		"two of them, for locks":              {watched(40, told(nil, func(int) observe.Pool { return observe.Pool{Max: 2, Open: 2, InUse: 2, Waits: 3} })), verdict.Span{}, ""},
		"more and more, no limit":             {watched(60, told(served(30, 2), unlimited(shop(before(30, 0, 12), none, none)))), verdict.Span{}, "warning leak/db-connections 12 connections of the database pool shop are in use although no request has come for 31 s: 12 more than before"},
		"as many as clients that wait":        {watched(60, told(func(i int, p *observe.Point) { served(30, 12)(i, p); p.Inbound.Established = 12 }, unlimited(shop(before(30, 0, 12), none, none)))), verdict.Span{}, ""},
		"as many as before":                   {watched(60, told(served(30, 2), unlimited(shop(constant(12), none, none)))), verdict.Span{}, ""},
		"a pool that fills and is used again": {watched(60, told(served(30, 12), unlimited(shop(before(30, 12, 0), none, none)))), verdict.Span{}, ""},
		"the other of two": {watched(40, told(served(20, 3), func(int) observe.Pool { return observe.Pool{Name: "audit", Max: 10, Open: 1} }, shop(pinned, second, second))), verdict.Span{},
			"warning leak/db-connections pool shop"},
		"it tells nothing": {watched(40, served(20, 3)), verdict.Span{}, ""},
	} {
		t.Run(name, func(t *testing.T) { judged(t, verdict.Judge(c.series, nil, c.span), c.want) })
	}
}

// What has been proved by the connections themselves is told once; the figures are evidence for it.
func TestPoolFiguresAreEvidence(t *testing.T) {
	s := watched(40, told(func(i int, p *observe.Point) { to(postgres, constant(10))(i, p) }, shop(constant(10), before(1, 0, 9), constant(0))))
	s.Unread = stuck(4, 5, postgres)
	all := verdict.Judge(s, nil, verdict.Span{})
	if len(all) != 1 || all[0].Severity != checks.Error {
		t.Fatalf("%+v", all)
	}
	for _, e := range all[0].Evidence {
		if strings.Contains(e.String(), "pool shop") {
			return
		}
	}
	t.Errorf("the pool is not among the evidence: %v", all[0].Evidence)
}

// TestCountedNowAndThen judges numbers of goroutines that are told every five seconds only.
func TestCountedNowAndThen(t *testing.T) {
	counted := func(at func(int) int) func(int, *observe.Point) {
		return func(i int, p *observe.Point) {
			if i > 14 && i < 44 {
				p.Quiet, p.Inbound.Established = false, 3
			}
			if i%5 == 0 {
				p.Goroutines = at(i)
			}
		}
	}
	for name, c := range map[string]struct {
		at   func(int) int
		want string
	}{
		"little by little":        {func(i int) int { return 8 + 2*min(max(0, i-14), 30) }, "warning leak/goroutines 60 goroutines more"},
		"workers, all at once":    {func(i int) int { return before(20, 8, 40)(i) }, ""},
		"workers, in two steps":   {func(i int) int { return before(20, 8, 24)(i) + before(35, 0, 16)(i) }, ""},
		"a burst that comes back": {func(i int) int { return 8 + map[bool]int{true: i, false: 0}[i > 14 && i < 44] }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			judged(t, verdict.Judge(watched(65, counted(c.at)), nil, verdict.Span{}), c.want)
		})
	}
}

// TestPoolWaits has calls wait for a connection in two profiles: that is a leak where nobody uses one, or more are in use than are used.
func TestPoolWaits(t *testing.T) {
	get := pprof.Frame{Func: "example.org/shop/db.Get", File: "db/db.go", Line: 14, Own: true}
	waits := pprof.Stack{Count: 16, Wait: pprof.Select, Frames: []pprof.Frame{{Func: "database/sql.(*DB).conn"}, {Func: "database/sql.(*DB).query"}, get}}
	runs := func(n int) pprof.Stack {
		return pprof.Stack{Count: n, Wait: pprof.IO, Frames: []pprof.Frame{{Func: "net.(*conn).Read"}, {Func: "database/sql.ctxDriverExec"}, {Func: "database/sql.(*DB).execDC"}, {Func: "database/sql.(*DB).exec"}, get}}
	}
	for name, c := range map[string]struct {
		stacks []pprof.Stack
		inUse  int // -1 where the server does not tell
		want   string
	}{
		"nobody uses one":             {[]pprof.Stack{waits}, -1, "error leak/db-connections 16 requests wait"},
		"all are used":                {[]pprof.Stack{waits, runs(10)}, -1, "info leak/db-connections 16 requests wait"},
		"all are used, as it tells":   {[]pprof.Stack{waits, runs(10)}, 10, "info leak/db-connections 16 requests wait"},
		"more are in use than used":   {[]pprof.Stack{waits, runs(3)}, 10, "warning leak/db-connections 16 requests wait"},
		"as it tells, nobody is left": {[]pprof.Stack{waits}, 10, "error leak/db-connections 16 requests wait"},
	} {
		t.Run(name, func(t *testing.T) {
			series := watched(12, busy)
			if c.inUse >= 0 {
				series = watched(12, told(busy, shop(constant(c.inUse), second, second)))
			}
			profile := func(at int64) pprof.Profile {
				return pprof.Profile{Taken: time.Unix(at, 0), Total: 40, Stacks: c.stacks}
			}
			judged(t, verdict.Judge(series, []pprof.Profile{profile(0), profile(31)}, verdict.Span{}), c.want)
		})
	}
}
