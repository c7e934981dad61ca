package leak

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target/observe"
)

var upstream = netip.MustParseAddrPort("127.0.0.1:9000")

// played makes what was seen of waves of forty requests, a sample a second: each wave lasts three seconds, and the quiet after it eight.
// counts are the connections to another server: before the first wave, and in the quiet after each.
func played(codes map[int]int, counts ...int) *observed {
	o := &observed{routes: []route{{path: "/work", at: checks.At("main.go", 7, 2)}}, series: &observe.Series{}, module: "."}
	at := time.Duration(0)
	sample := func(n, connections int, quiet bool) {
		for range n {
			p := observe.Point{Elapsed: at, Goroutines: -1, Quiet: quiet}
			if connections > 0 {
				p.Peers = []observe.Peer{{Addr: upstream, States: observe.States{Established: connections}}}
			}
			p.Kinds.Sockets, p.Outbound.Established = connections, connections
			o.series.Points = append(o.series.Points, p)
			at += time.Second
		}
	}
	sample(3, counts[0], true)
	for i, left := range counts[1:] {
		from := at - time.Second/2
		sample(3, counts[i]+8, false)
		o.span.Waves = append(o.span.Waves, verdict.Wave{From: from, To: at - time.Second/2, Clients: 8, Requests: 40})
		sample(8, left, true)
		half := account.Requests{Sent: 20, Answered: 20, Statuses: map[string]int{"2xx": 20}}
		o.requests = append(o.requests, []seen{{stay: half, leave: half, codes: codes}})
	}
	return o
}

func TestJudge(t *testing.T) {
	fine := map[int]int{200: 40}
	ends := played(fine, 0, 0)
	ends.ended, ends.exit = true, "exit code 2"
	silent := played(map[int]int{}, 0, 0)
	silent.requests[0][0].stay = account.Requests{Sent: 20, Lost: 20, Errors: map[string]int{"timeout": 20}}
	cut := played(fine, 0, 0)
	cut.cut = true
	tests := []struct {
		name   string
		o      *observed
		state  account.State
		said   string
		proves string
		grows  int
	}{
		{"nothing stays", played(fine, 0, 0), account.OK, "nothing stays after 40 requests", "", 0},
		{"one for each request", played(fine, 2, 42, 82), account.Warning, "one for each request", "leak/fd-growth", 1},
		{"one for every third", played(fine, 0, 13, 27), account.Warning, "one for every 3 requests", "leak/fd-growth", 1},
		{"a pool that the first wave fills", played(fine, 0, 25, 25), account.OK, "25 connections to 127.0.0.1:9000 stay, no more than after the first wave", "", 0},
		{"a pool that a third wave finds full", played(fine, 0, 22, 25, 25), account.OK, "nothing stays", "", 0},
		{"few, again and again", played(fine, 0, 2, 4, 6, 8), account.Warning, "2, 4, 6, 8", "leak/fd-growth", 1},
		{"a pool that closes some", played(fine, 0, 10, 4), account.OK, "4 connections", "", 0},
		{"the server ends", ends, account.Broken, "the server ended under 40 requests: exit code 2", "", 0},
		{"no answer", silent, account.Unknown, "none of 40 requests was answered: timeout (20)", "", 0},
		{"a login", played(map[int]int{401: 40}, 0, 0), account.Unknown, "401 Unauthorized: the drill has no credentials", "", 0},
		{"not there", played(map[int]int{404: 40}, 0, 0), account.Unknown, "404 Not Found", "", 0},
		{"errors", played(map[int]int{500: 39, 429: 1}, 0, 0), account.Unknown, "500 Internal Server Error: what it does when it works", "", 0},
		{"elsewhere", played(map[int]int{302: 40}, 0, 0), account.Unknown, "302 Found: where it leads to", "", 0},
		{"a request that is refused", played(map[int]int{400: 40}, 0, 0), account.Unknown, "400 Bad Request", "", 0},
		{"a login that leaks", played(map[int]int{401: 40}, 0, 40, 80), account.Warning, "one for each request", "leak/fd-growth", 1},
		{"interrupted", cut, account.Unknown, "interrupted", "", 0},
		{"some errors", played(map[int]int{200: 30, 500: 10}, 0, 0), account.OK, "40 requests, of which 10 were refused or failed (500)", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			trials := tt.o.trials()
			got := trials[0]
			if len(trials) != 1 || got.State != tt.state || !strings.Contains(got.Said.String(), tt.said) || got.Name.String() != "GET /work" {
				t.Errorf("%s: %s; want %s: %s", got.State, got.Said, tt.state, tt.said)
			}
			if len(got.Leak.Grows) != tt.grows || len(got.Leak.Waves) != len(tt.o.requests) {
				t.Errorf("grows %+v in %d waves", got.Leak.Grows, len(got.Leak.Waves))
			}
			if (got.Stage == "") != (tt.state == account.OK || tt.state == account.Unknown) {
				t.Errorf("broken stage %q", got.Stage)
			}
			proves := ""
			for _, f := range got.Proves {
				proves = f.Check
				if f.Location.File != "main.go" || f.Severity == checks.Error || !strings.HasPrefix(f.Message.String(), "GET /work: ") {
					t.Errorf("%+v", f)
				}
			}
			if proves != tt.proves {
				t.Errorf("proves %q, want %q", proves, tt.proves)
			}
		})
	}
}

// TestUnsettled: growth that a pool may explain takes another wave.
func TestUnsettled(t *testing.T) {
	for _, tt := range []struct {
		counts []int
		want   bool
	}{
		{[]int{0, 0}, true},
		{[]int{0, 5}, false},
		{[]int{0, 5, 5}, true},
		{[]int{0, 40, 80}, true},
		{[]int{0, 22, 25}, false},
		{[]int{0, 2, 28}, false},
		{[]int{0, 2, 4}, false},
		{[]int{0, 2, 4, 6, 8}, true},
	} {
		w := &watch{observed: *played(map[int]int{200: 40}, tt.counts...)}
		if got := w.settled(); got != tt.want {
			t.Errorf("%v: settled %t", tt.counts, got)
		}
	}
}

func TestStuck(t *testing.T) {
	o := played(map[int]int{200: 40}, 0, 0, 0)
	now := o.series.Last().Elapsed
	o.series.Points[len(o.series.Points)-1].Elapsed += time.Minute
	for i := range 40 {
		o.series.CloseWait = append(o.series.CloseWait, observe.Stuck{Inode: uint64(i), Remote: upstream, Since: now})
	}
	got := o.trials()[0]
	if got.State != account.Broken || got.Proves[0].Check != verdict.CloseWait || got.Proves[0].Confidence != checks.Certain || !strings.Contains(got.Said.String(), "one for every 2 requests") {
		t.Errorf("%s: %s %+v", got.State, got.Said, got.Proves)
	}
}

func TestRate(t *testing.T) {
	for _, tt := range []struct {
		count, requests int
		want            string
	}{
		{80, 80, ", one for each request"}, {60, 80, ", one for each request"}, {160, 80, ", 2 for each request"},
		{27, 80, ", one for every 3 requests"}, {2, 80, ", one for every 40 requests"}, {0, 80, ""}, {3, 0, ""},
	} {
		if got := rate(tt.count, tt.requests); got != tt.want {
			t.Errorf("%d of %d: %q", tt.count, tt.requests, got)
		}
	}
}

func TestLocal(t *testing.T) {
	o := &observed{root: "/home/u/.cache/gindoctor/drill-1/shop"}
	if got := o.local(checks.Msg("40 times %s", o.root+"/a/b.db")).String(); got != "40 times a/b.db" {
		t.Error(got)
	}
}
