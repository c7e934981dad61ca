package restart

import (
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/load"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// measured is what was seen of some restarts under one load.
type measured struct {
	method   method
	requests account.Requests
	down     account.Millis // the longest time in which nobody listened
	times    int            // restarts that were made
	failed   string         // why the last one was not; "" where it was
	failedAt checks.Stage   // the link that broke then
	ends     []stage.Exit   // of the old servers, where each restart has one
}

// unanswered are the lost requests whose connection had been made: they were in flight when the server ended.
func (m measured) unanswered() int {
	n := 0
	for what, times := range m.requests.Errors {
		if what != load.Refused {
			n += times
		}
	}
	return n
}

// killed tells whether the old servers were ended by the signal itself: nothing in them handles it.
func (m measured) killed() bool {
	for _, e := range m.ends {
		if e.Signal != "" {
			return true
		}
	}
	return false
}

// verdict is what the restarts mean.
type verdict struct {
	state account.State
	stage checks.Stage // the link that broke
	said  checks.Message
	// proves is the check of the catalogue that foretells it; "" where there is none: that a server which is stopped and started
	// refuses connections meanwhile is how it is restarted, and no mistake in it.
	proves string
	help   checks.Message
}

func judge(m measured, fact shutdown.Fact) verdict {
	switch {
	case m.failed != "":
		v := verdict{state: account.Broken, stage: m.failedAt, said: checks.Msg("restart %d failed: %s", m.times+1, m.failed)}
		if m.method.kind == passing && isOld(m.method.from) {
			v.proves, v.help = "src/restart-library", checks.Msg("use http.Server and its Shutdown, and a restart by the platform")
		}
		return v
	case m.requests.Sent == 0:
		return verdict{state: account.Unknown, said: checks.Msg("no request was sent")}
	case m.requests.Answered == 0:
		return verdict{state: account.Unknown, said: checks.Msg("none of %d requests was answered, before or after a restart", m.requests.Sent)}
	case m.requests.Lost == 0:
		return verdict{state: account.OK, said: checks.Msg("%d restarts (%s) lost none of %d requests", m.times, m.method.kind, m.requests.Sent)}
	case m.killed() && m.unanswered() > 0:
		return unhandled(m, fact)
	}
	v := verdict{state: account.Warning, said: checks.Msg("%d restarts (%s) lost %d of %d requests%s", m.times, m.method.kind, m.requests.Lost, m.requests.Sent, downFor(m))}
	if m.method.kind == passing && isOld(m.method.from) {
		v.proves, v.help = "src/restart-library", checks.Msg("use http.Server and its Shutdown, and a restart by the platform")
	}
	return v
}

// unhandled judges restarts that cut requests because nothing handles SIGTERM.
func unhandled(m measured, fact shutdown.Fact) verdict {
	v := verdict{state: account.Broken, stage: checks.Stop, proves: "src/no-graceful"}
	v.said = checks.Msg("%d restarts (%s) lost %d of %d requests, %d of them in flight when SIGTERM ended the server: nothing in the program handles it%s",
		m.times, m.method.kind, m.requests.Lost, m.requests.Sent, m.unanswered(), downFor(m))
	v.help = checks.Msg("serve by an http.Server, wait for signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM), then call Shutdown with a deadline")
	if fact.Calls.File != "" {
		v.proves, v.help = "src/notify", checks.Msg("add syscall.SIGTERM to the signals")
	}
	return v
}

func downFor(m measured) checks.Message {
	if m.down == 0 {
		return checks.Msg("; somebody listened all the time")
	}
	return checks.Msg("; nobody listened for up to %s", m.down)
}

// isOld tells whether src/restart-library is about a library.
func isOld(path string) bool { return path != "github.com/cloudflare/tableflip" }

// advice says which way of restarting would lose none; the zero Message where this one did not.
func advice(m measured) checks.Message {
	if m.failed != "" || m.requests.Lost == 0 {
		return checks.Message{}
	}
	switch {
	case m.killed():
		return checks.Msg("with Shutdown on SIGTERM the requests in flight would be answered; those that come while nobody listens would still be refused")
	case m.method.kind == stopStart && m.down > 0:
		return checks.Msg("none would be refused where the new server listens before the old one lets go: two instances behind a proxy, SO_REUSEPORT on both, tableflip, or a systemd .socket unit that holds the port")
	case m.unanswered() > 0:
		return checks.Msg("net/http closes a connection unanswered when its request comes in while Shutdown begins: let the old server close its listener first and call Shutdown a moment later; a proxy or client that sends such a request again does not notice")
	}
	return checks.Message{}
}
