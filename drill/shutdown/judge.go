package shutdown

import (
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// verdict is what one end of a server means.
type verdict struct {
	state account.State
	said  checks.Message
	// proves is the check of the catalogue that foretells it, with the place in the code that it is about; "" where there is none.
	proves string
	at     shutdown.Place
	help   checks.Message
	// orderly says that it answered what was in flight and ended by itself.
	orderly bool
}

// near is how far a measured time may lie from a deadline that it comes from.
const near = 250 * time.Millisecond

// judge tells what was seen (reference: an exit code of 0 proves nothing; the proof of an orderly end is an answer in full, and the
// exit after it; an end by the signal itself says that nothing handles it). fact is what the source says of its shutdown.
func judge(m measured, fact shutdown.Fact) verdict {
	switch {
	case m.early != "":
		return verdict{state: account.Unknown, said: checks.Msg("the server was gone before the signal was sent: %s", m.early)}
	case m.Exited < 0:
		return neverEnds(m, fact)
	case m.KilledBy != "" && m.KilledBy != m.Signal:
		return verdict{state: account.Broken, said: checks.Msg("%s made the server end by %s", m.Signal, m.KilledBy)}
	case m.way != nil && m.way.taken:
		return takenAway(m, fact)
	case m.way != nil && m.InFlight.Complete:
		return inOrder(m)
	case m.KilledBy != "":
		return unhandled(m, fact)
	case m.way == nil:
		return verdict{state: account.Unknown, said: checks.Msg("the server ended with exit code %d after %s; whether a request in flight would have been answered is not known: no request could be held (%s)",
			m.ExitCode, m.Exited, m.unheld)}
	}
	return cut(m, fact)
}

// takenAway judges the end of a connection that a handler has taken over, as one of a websocket: Shutdown neither waits for it nor closes
// it (net/http, Server.Shutdown), so that the program itself has to.
func takenAway(m measured, fact shutdown.Fact) verdict {
	switch {
	case m.InFlight.Complete && m.KilledBy == "":
		v := verdict{state: account.OK, orderly: true}
		v.said = checks.Msg("%s was closed in order after %s, and the server ended after %s, with %s", m.way, m.InFlight.At, m.Exited, exit(m))
		return v
	case m.KilledBy != "" && fact.Calls.File == "":
		return unhandled(m, fact)
	}
	return verdict{state: account.Warning, said: checks.Msg("%s was cut without a close frame after %s, and the server ended with %s: Shutdown neither waits for such connections nor closes them, and what RegisterOnShutdown starts can",
		m.way, m.InFlight.At, exit(m))}
}

func neverEnds(m measured, fact shutdown.Fact) verdict {
	v := verdict{state: account.Broken, proves: "src/shutdown", at: fact.Calls,
		help: checks.Msg("give Shutdown a context with a deadline, and end the program when it has returned")}
	if m.ListenerClosed < 0 {
		v.said = checks.Msg("%s does not end the server: after %s it still took connections, and had to be killed", m.Signal, account.Millis(m.limit))
		v.proves, v.at = "src/notify", fact.Caught
		v.help = checks.Msg("receive from the channel of signal.Notify, call Shutdown, and let main return")
		if !isStop(m.Signal) {
			v.proves = ""
		}
		return v
	}
	v.said = checks.Msg("the server closed its port %s after %s, but had not ended after %s and had to be killed", m.ListenerClosed, m.Signal, account.Millis(m.limit))
	return v
}

// isStop tells whether a signal is one by which services are stopped.
func isStop(signal string) bool { return signal == "SIGTERM" || signal == "SIGINT" }

func inOrder(m measured) verdict {
	v := verdict{state: account.OK, orderly: true}
	after := max(m.Exited-m.InFlight.At, 0)
	v.said = checks.Msg("the request in flight was answered in full after %s, and the server ended %s after that, with %s", m.InFlight.At, after, exit(m))
	if m.Silent && after.Duration() > time.Second {
		v.said = checks.Msg("the request in flight was answered in full after %s; the silent connection held the end up until %s, with %s", m.InFlight.At, m.Exited, exit(m))
	}
	if m.KilledBy == "" && m.ExitCode != 0 {
		v.state, v.said = account.Warning, checks.Msg("%s: a supervisor takes that for a failure", v.said)
	}
	switch {
	case len(m.Left) > 0 && m.PortFree < 0:
		v.state, v.said = account.Broken, checks.Msg("%s; but %d processes that it started live on, and its port is not free", v.said, len(m.Left))
	case len(m.Left) > 0:
		v.state, v.said = account.Broken, checks.Msg("%s; but %d processes that it started live on", v.said, len(m.Left))
	case m.PortFree < 0:
		v.state, v.said = account.Broken, checks.Msg("%s; but its port is not free", v.said)
	}
	return v
}

// exit is how the server ended, in words.
func exit(m measured) checks.Message {
	if m.KilledBy != "" {
		return checks.Msg("the signal itself")
	}
	return checks.Msg("exit code %d", m.ExitCode)
}

// unhandled judges an end by the signal itself.
func unhandled(m measured, fact shutdown.Fact) verdict {
	v := verdict{state: account.Broken}
	v.said = checks.Msg("%s ended the server at once: nothing in the program handles this signal", m.Signal)
	if m.way != nil {
		v.said = checks.Msg("%s ended the server after %s, and the request in flight was cut after %d bytes: nothing in the program handles this signal", m.Signal, m.Exited, m.InFlight.Bytes)
	}
	switch {
	case !isStop(m.Signal):
	case m.Signal == "SIGTERM" && fact.Interrupt && !fact.Terminate:
		v.proves, v.at = "src/notify", fact.Caught
		v.help = checks.Msg("add syscall.SIGTERM to the signals")
	case fact.Calls.File == "":
		v.proves = "src/no-graceful"
		v.help = checks.Msg("serve by an http.Server, wait for signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM), then call Shutdown with a deadline")
	default:
		v.proves, v.at = "src/notify", fact.Calls
		v.help = checks.Msg("catch %s, and call Shutdown when it comes", m.Signal)
	}
	return v
}

// cut judges an end by the program's own doing before the request was answered.
func cut(m measured, fact shutdown.Fact) verdict {
	v := verdict{state: account.Broken, proves: "src/shutdown", at: fact.Calls}
	at := m.InFlight.At
	deadline := account.Millis(fact.Deadline + fact.Pause)
	switch {
	case fact.Calls.File == "":
		v.proves = "src/no-graceful"
		v.said = checks.Msg("the server handles %s, but does not wait: the request in flight was cut %s after the signal, after %d bytes, and it ended with %s", m.Signal, at, m.InFlight.Bytes, exit(m))
		v.help = checks.Msg("call Shutdown with a deadline in the place of Close or os.Exit")
	case fact.Deadline > 0 && (m.Exited-deadline).Duration().Abs() < near:
		v.at = fact.DeadlineAt
		v.said = checks.Msg("the server's own deadline of %s was over before %s was answered: the request was cut after %d bytes, and it ended with %s", account.Millis(fact.Deadline), lasting(m), m.InFlight.Bytes, exit(m))
		v.help = checks.Msg("give Shutdown more time than the longest request takes")
	case m.Exited.Duration() < near:
		v.said = checks.Msg("the program ended %s after %s without waiting for Shutdown: the request in flight was cut after %d bytes, with %s", m.Exited, m.Signal, m.InFlight.Bytes, exit(m))
		v.help = checks.Msg("let main wait until Shutdown has returned")
	default:
		v.said = checks.Msg("the request in flight was cut %s after %s, after %d bytes, and the server ended with %s", at, m.Signal, m.InFlight.Bytes, exit(m))
		v.help = checks.Msg("give Shutdown more time than the longest request takes, and wait until it has returned")
	}
	if m.way.slow && m.way.lasts == 0 {
		v.state, v.proves = account.Warning, "" // no shutdown can wait for what never ends
	}
	return v
}

// lasting is the request in flight, with its time.
func lasting(m measured) checks.Message {
	if m.way.lasts == 0 {
		return checks.Msg("a request that does not end by itself")
	}
	return checks.Msg("a request of %s", account.Millis(m.way.lasts))
}
