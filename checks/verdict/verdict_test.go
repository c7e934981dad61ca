package verdict_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

var api = netip.MustParseAddrPort("10.0.0.9:9000")

// watched makes a series of one sample a second, quiet unless a step says otherwise.
func watched(length int, step func(second int, p *observe.Point)) *observe.Series {
	s := &observe.Series{Process: host.Process{PID: 7}, Ports: []int{8080}}
	for i := range length + 1 {
		p := observe.Point{Elapsed: time.Duration(i) * time.Second, Quiet: i > 0, Goroutines: -1, Kinds: observe.Kinds{Sockets: 1}}
		if step != nil {
			step(i, &p)
		}
		s.Points = append(s.Points, p)
	}
	return s
}

// stuck are n connections that have been so since a second.
func stuck(n, since int, remote netip.AddrPort) []observe.Stuck {
	var all []observe.Stuck
	for i := range n {
		all = append(all, observe.Stuck{Inode: uint64(since*1000 + i), Remote: remote, Since: time.Duration(since) * time.Second, RecvQ: 7})
	}
	return all
}

func busy(_ int, p *observe.Point) { p.Quiet, p.Inbound.Established = false, 2 }

// to gives each sample so many connections to a peer.
func to(peer netip.AddrPort, n func(second int) int) func(int, *observe.Point) {
	return func(i int, p *observe.Point) {
		p.Outbound.Established = n(i)
		p.Kinds.Sockets += n(i)
		p.Peers = []observe.Peer{{Addr: peer, States: observe.States{Established: n(i)}}}
	}
}

// wavesOf are two waves of requests with quiet between and after them, of so many clients each.
func wavesOf(first, second int, then func(int, *observe.Point)) func(int, *observe.Point) {
	return func(i int, p *observe.Point) {
		switch {
		case i >= 8 && i < 24:
			p.Quiet, p.Inbound.Established = false, first
		case i >= 34 && i < 50:
			p.Quiet, p.Inbound.Established = false, second
		}
		then(i, p)
	}
}

// TestJudge tells each rule from its near-misses. A verdict is wanted as "severity check text"; none where want is empty.
func TestJudge(t *testing.T) {
	tests := []struct {
		name   string
		series *observe.Series
		more   func(*observe.Series)
		span   verdict.Span
		want   string
	}{
		{name: "clients gone for half a minute, the same sockets", series: watched(40, busy), more: closeWait(stuck(3, 5, client)), want: "error leak/close-wait 3 connections stay open"},
		{name: "the same in check", series: watched(40, busy), more: closeWait(stuck(3, 5, client)), span: verdict.Span{Brief: true}, want: ""},
		{name: "through all the samples of check", series: watched(3, busy), more: closeWait(stuck(3, 0, client)), span: verdict.Span{Brief: true}, want: "warning leak/close-wait 3 connections"},
		{name: "since the second sample of check", series: watched(3, busy), more: closeWait(stuck(3, 1, client)), span: verdict.Span{Brief: true}, want: ""},
		{name: "twenty seconds are no proof", series: watched(40, busy), more: closeWait(stuck(30, 20, client)), want: "warning leak/close-wait the same ones for 20 s"},
		{name: "nine seconds are nothing", series: watched(40, busy), more: closeWait(stuck(30, 31, client)), want: ""},
		{name: "two long jobs that go on", series: watched(40, busy), more: closeWait(stuck(2, 5, client)), want: "warning leak/close-wait 2 connections"},
		{name: "dozens at the last moment", series: watched(40, busy), more: closeWait(stuck(72, 40, client)), want: ""},

		{name: "unread through quiet", series: watched(40, to(api, constant(5))), more: unread(stuck(4, 5, api)), want: "error leak/response-body 4 connections to 10.0.0.9:9000 hold answers"},
		{name: "unread rows", series: watched(40, to(postgres, constant(5))), more: unread(stuck(4, 5, postgres)), want: "error leak/db-connections 4 connections to PostgreSQL (127.0.0.1:5432)"},
		{name: "unread of a database by its setting", series: watched(40, to(api, constant(5))), more: unread(stuck(4, 5, api)),
			span: verdict.Span{Services: []verdict.Service{{Name: "MySQL", Host: "db.internal", Port: 9000}}}, want: "error leak/db-connections MySQL (10.0.0.9:9000)"},
		{name: "a setting of another host", series: watched(40, to(api, constant(5))), more: unread(stuck(4, 5, api)),
			span: verdict.Span{Services: []verdict.Service{{Name: "MySQL", Host: "10.0.0.8", Port: 9000}}}, want: "error leak/response-body"},
		{name: "unread while requests are served", series: watched(40, func(i int, p *observe.Point) { to(api, constant(5))(i, p); busy(i, p); p.Inbound.Established = 9 }), more: unread(stuck(4, 5, api)), want: ""},
		{name: "unread while fewer requests are served", series: watched(40, func(i int, p *observe.Point) { to(api, constant(30))(i, p); busy(i, p) }), more: unread(stuck(30, 5, api)), want: "warning leak/response-body"},
		{name: "quiet for ten seconds only", series: watched(40, func(i int, p *observe.Point) {
			to(api, constant(5))(i, p)
			p.Quiet = i > 25
		}), more: unread(stuck(4, 5, api)), want: "warning leak/response-body"},
		{name: "a client that only writes", series: watched(40, to(api, constant(1))), more: unread(stuck(1, 0, api)), want: ""},
		{name: "one answer left while we looked", series: watched(60, to(api, constant(1))), more: unread(stuck(1, 5, api)), want: "warning leak/response-body 1 connections"},
		{name: "closed by the other side", series: watched(40, to(api, constant(0))), more: closed(stuck(4, 5, api)), want: "warning leak/response-body the other side has closed them"},
		{name: "a pool after the database was restarted", series: watched(40, to(postgres, constant(0))), more: closed(stuck(4, 5, postgres)), want: ""},

		{name: "more connections than clients", series: watched(40, func(i int, p *observe.Point) { to(api, func(i int) int { return i })(i, p); busy(i, p) }), want: "warning leak/fd-growth connections to 10.0.0.9:9000 grow"},
		{name: "the same to a database", series: watched(40, func(i int, p *observe.Point) { to(postgres, func(i int) int { return i })(i, p); busy(i, p) }), want: "warning leak/db-connections grow"},
		{name: "a pool that is filled at the start", series: watched(40, to(postgres, func(i int) int { return min(i*20, 60) })), want: ""},
		{name: "a pool that grows with its clients", series: watched(40, func(i int, p *observe.Point) {
			to(postgres, func(i int) int { return i })(i, p)
			p.Quiet, p.Inbound.Established = false, i
		}), want: ""},
		{name: "it comes and goes", series: watched(40, to(api, func(i int) int { return (i % 10) * 5 })), want: ""},
		{name: "clients that keep their connections", series: watched(40, func(i int, p *observe.Point) { p.Quiet, p.Inbound.Established = false, i*3; p.Kinds.Sockets += i * 3 }), want: ""},
		{name: "files", series: watched(40, func(i int, p *observe.Point) { busy(i, p); p.Kinds.Files = 6 + i/2 }), want: "warning leak/fd-growth open files grow and do not come back: from 6 to 23"},
		{name: "files that are sent to clients", series: watched(40, func(i int, p *observe.Point) { p.Quiet, p.Inbound.Established, p.Kinds.Files = false, 40, 6+i/2 }), want: ""},
		{name: "too short to tell", series: watched(14, func(i int, p *observe.Point) { busy(i, p); p.Kinds.Files = 6 + i }), want: ""},

		{name: "two equal waves", series: watched(60, wavesOf(20, 20, to(api, func(i int) int {
			return map[bool]int{true: 6, false: 0}[i > 10] + map[bool]int{true: 5, false: 0}[i > 40]
		}))), want: "warning leak/fd-growth 6 after the first, 11 after the second"},
		{name: "a pool serves the second wave too", series: watched(60, wavesOf(20, 20, to(api, func(i int) int { return map[bool]int{true: 12, false: 0}[i > 10] }))), want: ""},
		{name: "a greater wave fills a pool further", series: watched(60, wavesOf(10, 20, to(api, func(i int) int {
			return map[bool]int{true: 6, false: 0}[i > 10] + map[bool]int{true: 5, false: 0}[i > 40]
		}))), want: ""},

		{name: "beyond the program's own limit", series: watched(3, to(postgres, constant(30))), span: verdict.Span{Brief: true, Pools: []verdict.Pool{{Max: 10, Set: "SetMaxOpenConns(10) at db.go:3"}}}, want: "warning leak/db-connections 30 connections to PostgreSQL (127.0.0.1:5432), and the program's pool allows 10"},
		{name: "within it", series: watched(3, to(postgres, constant(10))), span: verdict.Span{Brief: true, Pools: []verdict.Pool{{Max: 10}}}, want: ""},

		{name: "goroutines that nothing explains", series: watched(60, wavesOf(5, 5, func(i int, p *observe.Point) { p.Goroutines = 5 + min(i, 40)/2 })), want: "warning leak/goroutines 20 goroutines more than before the load"},
		{name: "goroutines of connections", series: watched(60, wavesOf(5, 5, func(i int, p *observe.Point) { p.Goroutines = 5 + min(i, 40); p.Inbound.Established = min(i, 40) })), want: ""},
		{name: "nothing at all", series: &observe.Series{}, want: ""},
		{name: "what may not be seen", series: watched(60, func(i int, p *observe.Point) { p.Goroutines = 5 + i }), more: func(s *observe.Series) { s.Hidden = true }, want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.more != nil {
				tt.more(tt.series)
			}
			judged(t, verdict.Judge(tt.series, nil, tt.span), tt.want)
		})
	}
}

var client = netip.MustParseAddrPort("10.0.0.1:50000")

func constant(n int) func(int) int { return func(int) int { return n } }

func closeWait(all []observe.Stuck) func(*observe.Series) {
	return func(s *observe.Series) {
		s.CloseWait = all
		for i := range s.Points {
			s.Points[i].Inbound.CloseWait = observe.Held(all, s.Points[i].Elapsed, 0)
		}
	}
}

func unread(all []observe.Stuck) func(*observe.Series) {
	return func(s *observe.Series) { s.Unread = all }
}

func closed(all []observe.Stuck) func(*observe.Series) {
	return func(s *observe.Series) { s.PeerClosed = all }
}

func judged(t *testing.T, all []verdict.Verdict, want string) {
	t.Helper()
	if want == "" {
		for _, v := range all {
			t.Errorf("%s %s: %s", v.Severity, v.Check, v.Message)
		}
		return
	}
	if len(all) == 0 {
		t.Fatalf("nothing was found, want %s", want)
	}
	v := all[0]
	severity, rest, _ := strings.Cut(want, " ")
	check, text, _ := strings.Cut(rest, " ")
	if v.Severity.String() != severity || v.Check != check || !strings.Contains(v.Message.String(), text) {
		t.Errorf("found %s %s: %s\nwant  %s", v.Severity, v.Check, v.Message, want)
	}
	if v.Severity == checks.Error && (v.Confidence != checks.Certain || !v.Settle.IsZero()) {
		t.Errorf("an error that is not certain: %+v", v)
	}
	if v.Severity == checks.Warning && v.Settle.IsZero() {
		t.Errorf("a warning does not say what would settle it: %s", v.Message)
	}
	for _, m := range append(v.Evidence, v.Message, v.Why, v.Help, v.Settle) {
		if strings.Contains(m.String(), "%!") {
			t.Errorf("ill-formed: %s", m)
		}
	}
}

// TestProfiles judges what two profiles show.
func TestProfiles(t *testing.T) {
	at := pprof.Frame{Func: "example.com/shop/dispatch.Send.func1", File: "internal/dispatch/dispatch.go", Line: 14, Own: true}
	profile := func(second, n int, wait pprof.Wait) pprof.Profile {
		return pprof.Profile{Taken: time.Unix(int64(second), 0), Total: n + 5, Stacks: []pprof.Stack{{Count: n, Wait: wait, Frames: []pprof.Frame{at}}}}
	}
	tests := []struct {
		name string
		all  []pprof.Profile
		span verdict.Span
		want string
	}{
		{"sends pile up", []pprof.Profile{profile(0, 20, pprof.Send), profile(31, 60, pprof.Send)}, verdict.Span{}, "error leak/goroutines stand at internal/dispatch/dispatch.go:14"},
		{"in check", []pprof.Profile{profile(0, 20, pprof.Send), profile(3, 60, pprof.Send)}, verdict.Span{Brief: true}, "warning leak/goroutines dispatch.go:14"},
		{"ten seconds apart", []pprof.Profile{profile(0, 20, pprof.Send), profile(10, 60, pprof.Send)}, verdict.Span{}, "warning leak/goroutines"},
		{"workers wait for work", []pprof.Profile{profile(0, 16, pprof.Receive), profile(31, 16, pprof.Receive)}, verdict.Span{}, ""},
		{"proved by the runtime", []pprof.Profile{profile(0, 6, pprof.Receive), {Leaked: true, Stacks: profile(1, 6, pprof.Receive).Stacks}, profile(5, 6, pprof.Receive)}, verdict.Span{}, "error leak/goroutines dispatch.go:14"},
		{"proved by the runtime, in check", []pprof.Profile{{Leaked: true, Stacks: profile(1, 6, pprof.Receive).Stacks}}, verdict.Span{Brief: true}, "warning leak/goroutines dispatch.go:14"},
		{"one profile", []pprof.Profile{profile(0, 160, pprof.Send)}, verdict.Span{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { judged(t, verdict.Judge(nil, tt.all, tt.span), tt.want) })
	}
}
