package verdict

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

// stack is a place at which goroutines stand. The last frame of a handler's is net/http's.
func stack(count int, wait pprof.Wait, handler bool, functions ...string) pprof.Stack {
	s := pprof.Stack{Count: count, Wait: wait}
	for _, f := range functions {
		own := f == "deliver" || f == "list"
		s.Frames = append(s.Frames, pprof.Frame{Func: f, File: f + ".go", Line: 14, Own: own, Local: own})
	}
	if handler {
		s.Frames = append(s.Frames, pprof.Frame{Func: "net/http.serverHandler.ServeHTTP"})
	}
	return s
}

func profileAt(seconds int, stacks ...pprof.Stack) pprof.Profile {
	return pprof.Profile{Taken: time.Unix(int64(seconds), 0), Stacks: stacks}
}

func TestSignatures(t *testing.T) {
	const readLoop, opener, conn = "net/http.(*persistConn).readLoop", "database/sql.(*DB).connectionOpener", "database/sql.(*DB).conn"
	sends := func(n int) pprof.Stack { return stack(n, pprof.Send, false, "deliver") }
	receives := func(n int) pprof.Stack { return stack(n, pprof.Receive, false, "deliver") }
	handlers := func(n int) pprof.Stack { return stack(n, pprof.Receive, true, "deliver") }
	bodies := func(n int) pprof.Stack { return stack(n, pprof.Select, false, readLoop) }
	openers := func(n int) pprof.Stack { return stack(n, pprof.Select, false, opener) }
	waits := func(n int) pprof.Stack { return stack(n, pprof.Select, true, conn, "list") }
	proved := profileAt(40, sends(50))
	proved.Leaked = true
	for name, c := range map[string]struct {
		profiles []pprof.Profile
		want     []string
		at       string
	}{
		"nothing":             {nil, nil, ""},
		"one look":            {[]pprof.Profile{profileAt(0, sends(500))}, nil, ""},
		"bodies":              {[]pprof.Profile{profileAt(0, bodies(31)), profileAt(31, bodies(31))}, []string{"error leak/response-body"}, ""},
		"bodies, soon after":  {[]pprof.Profile{profileAt(0, bodies(31)), profileAt(3, bodies(33))}, []string{"warning leak/response-body"}, ""},
		"bodies for a moment": {[]pprof.Profile{profileAt(0), profileAt(31, bodies(31))}, nil, ""},
		"senders":             {[]pprof.Profile{profileAt(0, sends(100)), profileAt(31, sends(200))}, []string{"error leak/goroutines"}, "deliver.go"},
		"senders, soon after": {[]pprof.Profile{profileAt(0, sends(100)), profileAt(3, sends(110))}, []string{"warning leak/goroutines"}, "deliver.go"},
		"few senders more":    {[]pprof.Profile{profileAt(0, sends(12)), profileAt(31, sends(15))}, []string{"warning leak/goroutines"}, "deliver.go"},
		"few senders":         {[]pprof.Profile{profileAt(0, sends(2)), profileAt(31, sends(9))}, nil, ""},
		"slowly, over minutes": {[]pprof.Profile{profileAt(0, sends(20)), profileAt(60, sends(29)), profileAt(90, sends(33))},
			[]string{"error leak/goroutines"}, "deliver.go"},
		"senders of a load that is over": {[]pprof.Profile{profileAt(0), profileAt(10, sends(30)), profileAt(20, sends(47)), profileAt(50, sends(47))},
			[]string{"error leak/goroutines"}, "deliver.go"},
		"senders that come and go": {[]pprof.Profile{profileAt(0), profileAt(10, sends(30)), profileAt(20, sends(12)), profileAt(50, sends(26))},
			[]string{"warning leak/goroutines"}, "deliver.go"},
		"receivers of a load that is over": {[]pprof.Profile{profileAt(0), profileAt(10, receives(30)), profileAt(20, receives(47)), profileAt(50, receives(47))},
			[]string{"warning leak/goroutines"}, "deliver.go"},
		"a crowd of senders":  {[]pprof.Profile{profileAt(0, sends(200)), profileAt(31, sends(200))}, []string{"warning leak/goroutines"}, "deliver.go"},
		"producers that wait": {[]pprof.Profile{profileAt(0, sends(32)), profileAt(31, sends(32))}, nil, ""},
		"workers":             {[]pprof.Profile{profileAt(0, receives(512)), profileAt(31, receives(512))}, nil, ""},
		"receivers":           {[]pprof.Profile{profileAt(0, receives(100)), profileAt(31, receives(200))}, []string{"warning leak/goroutines"}, "deliver.go"},
		"requests in flight":  {[]pprof.Profile{profileAt(0, handlers(40)), profileAt(31, handlers(42))}, nil, ""},
		"handlers that stay":  {[]pprof.Profile{profileAt(0, handlers(40)), profileAt(31, handlers(90))}, []string{"warning leak/goroutines"}, "deliver.go"},
		"one database":        {[]pprof.Profile{profileAt(0, openers(1)), profileAt(31, openers(1))}, nil, ""},
		"a second database":   {[]pprof.Profile{profileAt(0, openers(1)), profileAt(31, openers(2))}, nil, ""},
		"a pool per request":  {[]pprof.Profile{profileAt(0, openers(20)), profileAt(31, openers(60))}, []string{"error leak/db-connections"}, ""},
		"pools per tenant":    {[]pprof.Profile{profileAt(0, openers(20)), profileAt(31, openers(24))}, []string{"warning leak/db-connections"}, ""},
		"a pool used up":      {[]pprof.Profile{profileAt(0, waits(400)), profileAt(31, waits(506))}, []string{"error leak/db-connections"}, "list.go"},
		"a busy pool": {[]pprof.Profile{profileAt(0, waits(20)), profileAt(31, waits(25), stack(10, pprof.IO, true, "pq.read", "database/sql.(*DB).queryDC", "list"))},
			[]string{"info leak/db-connections"}, "list.go"},
		"proved by the runtime": {[]pprof.Profile{profileAt(0, sends(40)), proved, profileAt(41, sends(50))}, []string{"error leak/goroutines"}, "deliver.go"},
	} {
		t.Run(name, func(t *testing.T) {
			before := slices.Clone(c.profiles)
			var got []string
			verdicts := Judge(nil, c.profiles, Span{})
			for _, v := range verdicts {
				got = append(got, v.Severity.String()+" "+v.Check)
				if (v.Severity == checks.Error) != v.Settle.IsZero() || (v.Severity == checks.Error) != (v.Confidence == checks.Certain) {
					t.Errorf("%+v", v)
				}
				if c.at != "" && (v.Location == nil || v.Location.File != c.at || v.Location.Line != 14) {
					t.Errorf("at %+v", v.Location)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			for _, v := range Judge(nil, c.profiles, Span{Brief: true}) {
				if v.Severity > checks.Warning || v.Confidence == checks.Certain {
					t.Errorf("after seconds: %s %s %s", v.Severity, v.Confidence, v.Message)
				}
			}
			if d := cmp.Diff(before, c.profiles); d != "" {
				t.Error("it changed what it was given", d)
			}
		})
	}
}

// TestOneLeakOfBodies has both the profiles and the connections tell of the same answers.
func TestOneLeakOfBodies(t *testing.T) {
	j := &judge{Series: &observe.Series{}}
	stands := stack(31, pprof.Select, false, "net/http.(*persistConn).readLoop")
	j.goroutines([]pprof.Profile{profileAt(0, stands), profileAt(3, stands)})
	peer := netip.MustParseAddrPort("10.0.0.9:443")
	j.add(Verdict{Check: ResponseBody, Key: "unread", Severity: checks.Error, Confidence: checks.Certain, Peer: peer, Message: checks.Msg("31 connections")})
	j.add(Verdict{Check: FDGrowth, Key: "sockets", Severity: checks.Warning, Confidence: checks.Likely})
	if len(j.found) != 2 || j.found[0].Severity != checks.Error || j.found[0].Peer != peer || !j.found[0].Settle.IsZero() || len(j.found[0].Evidence) != 2 {
		t.Errorf("%+v", j.found)
	}
}
