package report_test

import (
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/report"
)

var (
	blindSpot  = declare("watch/blind-spot", "the watcher does not see a package the server is built from", checks.Notice, checks.Error)
	noGraceful = declare("src/no-graceful", "the server ends on SIGTERM with requests in flight", checks.Stop, checks.Info)
)

func ms(n float64) account.Millis { return account.Millis(n * float64(time.Millisecond)) }

// links are measured stages, one after the other.
func links(stages []checks.Stage, took ...float64) []account.Link {
	var out []account.Link
	at := account.Millis(0)
	for i, stage := range stages {
		out = append(out, account.Link{Stage: stage, State: account.OK, At: at, Took: ms(took[i])})
		at += ms(took[i])
	}
	return out
}

// drillReload is a reload of which the watcher misses one edit of three.
func drillReload() *report.Report {
	blind := checks.Finding{
		Check: "watch/blind-spot", Stage: checks.Notice, Severity: checks.Error,
		Message:  checks.Msg("air does not watch %s", "internal/cart"),
		Evidence: []checks.Message{checks.Msg("the drill has seen it: internal/cart/cart.go was saved, and air did nothing for 8 s")},
		Help:     checks.Msg("gindoctor fix --only watch/blind-spot"),
		Location: checks.Span(".air.toml", 14, 1, 11), Service: ".",
	}
	stages := []checks.Stage{checks.Notice, checks.Build, checks.Stop, checks.Start, checks.Bind, checks.Serve}
	r := build(found(blindSpot, blind), passed(missing))
	r.SetDrill(&account.Account{
		Drill: "reload", Command: "air -c .air.toml", Tool: "air 1.67.4", Port: 41233,
		Notes: []checks.Message{checks.Msg("The server got its port by PORT=%d.", 41233)},
		Trials: []account.Trial{
			{Name: checks.Msg("a line in %s", "cmd/server/main.go"), State: account.OK, Length: ms(796.4), Links: links(stages, 112, 640, 8.25, 12, 3, 21.1),
				Events:   []account.Event{{At: ms(112), Stage: checks.Notice, State: account.OK, Text: checks.Msg("air: cmd/server/main.go has changed")}},
				Requests: []account.Requests{{Client: "keep-alive", Sent: 40, Answered: 38, Lost: 2, Errors: map[string]int{"connection refused": 2}}}},
			{Name: checks.Msg("a line in %s", "internal/cart/cart.go"), State: account.Broken, Stage: checks.Notice, Began: ms(2000), Length: ms(8000),
				Said: checks.Msg("air did nothing for %s after the save: the server goes on with the old code.", "8 s"), Proves: []checks.Finding{blind}},
			{Name: checks.Msg("a compile error in %s, and its repair", "cmd/server/main.go"), State: account.Warning, Began: ms(11000), Length: ms(1204),
				Links: links(stages, 110, 900, 150, 12, 3, 29), Said: checks.Msg("While the code did not compile the old server went on answering.")},
		},
	}, false)
	return r
}

// drillShutdown is a server without a handler for SIGTERM.
func drillShutdown() *report.Report {
	cut := checks.Finding{
		Check: "src/no-graceful", Stage: checks.Stop, Severity: checks.Warning,
		Message:  checks.Msg("SIGTERM ends the server at once; a request in flight was cut after %d bytes", 0),
		Location: checks.At("main.go", 31, 2), Service: ".",
	}
	r := build(found(noGraceful, cut))
	r.SetDrill(&account.Account{
		Drill: "shutdown", Command: "./bin/shop -addr :41233 -dsn postgres://shop:hunter2@db/shop", Port: 41233,
		Trials: []account.Trial{{
			Name: checks.Msg("SIGTERM with a request in flight"), State: account.Broken, Stage: checks.Stop, Length: ms(5.2), Proves: []checks.Finding{cut},
			Said: checks.Msg("The request was cut: the server was killed by SIGTERM after %s.", "5 ms"),
			Events: []account.Event{
				{At: 0, Stage: checks.Stop, Text: checks.Msg("SIGTERM to pid %d", 4711)},
				{At: ms(4.1), Stage: checks.Serve, State: account.Broken, Text: checks.Msg("GET /slow was cut with nothing answered")},
				{At: ms(5.2), Stage: checks.Stop, State: account.Broken, Text: checks.Msg("killed by SIGTERM")},
			},
			Shutdown: &account.Shutdown{Signal: "SIGTERM", ListenerClosed: ms(4.1), InFlight: account.Request{Path: "/slow", At: ms(4.1), Error: "EOF"},
				IdleClosed: ms(4.1), Exited: ms(5.2), ExitCode: -1, KilledBy: "SIGTERM", PortFree: ms(5.3), Needs: account.Never},
		}, {
			Name: checks.Msg("SIGTERM with a silent connection"), State: account.Unknown, Began: ms(900), Said: checks.Msg("No request could be held in flight."),
		}},
	}, false)
	return r
}

// drillLeak tells routes apart.
func drillLeak() *report.Report {
	r := build(passed(leftover))
	wave := func(left int) account.Wave {
		return account.Wave{Requests: account.Requests{Client: "new connections", Sent: 100, Answered: 100, Statuses: map[string]int{"2xx": 100}}, Residue: map[string]int{"outgoing sockets": left}}
	}
	r.SetDrill(&account.Account{
		Drill: "leak", Port: 41233,
		Trials: []account.Trial{
			{Name: checks.Msg("GET %s", "/items"), State: account.OK, Length: ms(9000), Leak: &account.Leak{Method: "GET", Path: "/items", Waves: []account.Wave{wave(3), wave(3)}}},
			{Name: checks.Msg("GET %s", "/login"), State: account.Unknown, Length: ms(9000), Said: checks.Msg("It answered 401 to all requests: nothing was exercised.")},
		},
	}, false)
	return r
}
