package run

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// Unresponsive finds servers that hold their port and do not answer: stopped, or alive and too busy to take a connection.
var Unresponsive = checks.Check{
	ID:       "run/unresponsive",
	Title:    "the server listens and does not answer",
	Stage:    checks.Serve,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Explains: []string{"port/taken"},
	Run:      unresponsive,
}

const (
	suspended = "T" // by a signal: Ctrl-Z, or a background job that reads from the terminal
	traced    = "t" // by a debugger
)

// startUp is how long a server may listen before it serves.
const startUp = 10 * time.Second

func unresponsive(ctx context.Context, t *target.Target, report checks.Reporter) error {
	servers, err := judged(ctx, t)
	if err != nil {
		return err
	}
	var halted []host.Process
	for _, h := range servers {
		if h.Process.State == suspended || h.Process.State == traced {
			halted = append(halted, h.Process)
		}
	}
	still, err := t.LookAgain(ctx, halted)
	if err != nil {
		return err
	}
	var skipped error
	open := each(servers, func(h server.Holder) error {
		switch {
		case slices.ContainsFunc(still, h.Process.Same):
			report(haltedFinding(ctx, t, h))
		case slices.ContainsFunc(halted, h.Process.Same): // it runs again
		case h.InContainer:
			skipped = checks.Skip("pid %d runs in a container: look from inside it", h.Process.PID)
		default:
			asked, err := probe(ctx, t, h, report)
			if !asked {
				skipped = checks.Skip("pid %d listens on nothing that is known to speak HTTP and is reached on loopback", h.Process.PID)
			}
			return err
		}
		return nil
	})
	if open != nil {
		return open
	}
	return skipped
}

func haltedFinding(ctx context.Context, t *target.Target, h server.Holder) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("the server (pid %d) is stopped, as by Ctrl-Z: it holds its port and answers nobody", h.Process.PID),
		Why:      checks.Msg("The system takes connections in its name, so pages load and load, and another instance finds the address in use."),
		Help:     checks.Msg("kill -CONT %d lets it go on; kill %d && kill -CONT %d ends it", h.Process.PID, h.Process.PID, h.Process.PID),
		Evidence: describe.Evidence(h, time.Now()),
		Subject:  subject(h),
		Service:  service(ctx, t, h),
		Key:      "stopped " + program(h),
	}
	switch {
	case h.Process.State == traced:
		f.Severity = checks.Warning
		f.Message = checks.Msg("the server (pid %d) is held by a debugger: it answers nobody until it goes on", h.Process.PID)
		f.Help = checks.Msg("continue it in the debugger")
	case h.Terminal != "" && !managerRuns(h):
		f.Help = checks.Msg("in the terminal %s type fg, and Ctrl-C to end it; from elsewhere: kill -CONT %d", h.Terminal, h.Process.PID)
	}
	return f
}

// managerRuns tells whether what has started a server still runs: then fg, in the terminal, has nothing to bring back.
func managerRuns(h server.Holder) bool {
	return h.Manager.Process != nil && h.Manager.Process.State != suspended
}

// probe asks a server on each port of which it is known that it speaks HTTP there. It says whether there was one.
func probe(ctx context.Context, t *target.Target, h server.Holder, report checks.Reporter) (bool, error) {
	asked := map[int]bool{}
	for _, l := range h.Listeners {
		at, ok := t.ReachedBy(ctx, h, l)
		if asked[l.Port] || !ok || !t.SpeaksHTTP(ctx, h, l.Port) {
			continue
		}
		asked[l.Port] = true
		reply, asks, err := patiently(ctx, t, h, at)
		if err != nil {
			return true, err
		}
		if !mute(reply) {
			continue
		}
		if now, err := t.Host().Process(ctx, h.Process.PID); err != nil || !now.Same(h.Process) {
			return true, host.ErrGone // it was restarted meanwhile
		}
		report(silentFinding(ctx, t, h, l, at, reply, asks))
	}
	return len(asked) > 0, nil
}

// patiently asks a server, and one that is still starting again and again: each time it has host.AskWait to answer. The last
// answer of one that is no older than startUp after all of that says nothing. It says how often it has asked.
func patiently(ctx context.Context, t *target.Target, h server.Holder, at netip.AddrPort) (reply host.Reply, asks int, err error) {
	for asks = 1; asks <= int(startUp/host.AskWait)+1; asks++ {
		reply, err = t.Host().Ask(ctx, at)
		young := !h.Process.Started.IsZero() && time.Since(h.Process.Started) < startUp
		if err != nil || !mute(reply) || !young {
			return reply, asks, err
		}
	}
	return "", asks, nil
}

// mute tells whether nobody serves what was asked.
func mute(r host.Reply) bool { return r == host.Silent || r == host.Unconnected }

func silentFinding(ctx context.Context, t *target.Target, h server.Holder, l host.Listener, at netip.AddrPort, reply host.Reply, asks int) checks.Finding {
	seconds := int(host.AskWait / time.Second)
	f := checks.Finding{
		Message:  checks.Msg("the server (pid %d) listens on %s and does not answer within %d s", h.Process.PID, describe.Address(l), seconds),
		Why:      checks.Msg("Connections are taken in its name and nobody serves them: pages load for ever, and health checks fail."),
		Help:     checks.Msg("see what it waits for: kill -QUIT %d ends it, and it prints where every goroutine is", h.Process.PID),
		Evidence: []checks.Message{checks.Msg("asked OPTIONS * at %s: the connection was taken, and nothing came back", at)},
		Subject:  subject(h),
		Service:  service(ctx, t, h),
		Key:      "silent " + program(h),
	}
	f.Subject.Port = l.Port
	waiting, room := queue(ctx, t, h, l)
	full := room > 0 && waiting >= room
	if reply == host.Unconnected {
		f.Evidence[0] = checks.Msg("asked at %s: no connection came about", at)
	}
	if waiting > asks { // our own questions wait there too
		f.Evidence = append(f.Evidence, checks.Msg("%d connections wait to be accepted, and the queue holds %d", waiting, room))
	}
	f.Evidence = append(f.Evidence, describe.Evidence(h, time.Now())...)
	if full {
		f.Message = checks.Msg("the server (pid %d) accepts no connections on %s: its queue is full (%d wait)", h.Process.PID, describe.Address(l), waiting)
		f.Why = checks.Msg("It does not come to accept any more. Further connections are dropped, and callers wait until they give up.")
	}
	if reply == host.Unconnected && !full || len(l.Holders) > 1 { // a filter may be in the way; another holder may have been asked
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if h.Manager.Kind == server.Debugger {
		f.Severity, f.Help = checks.Warning, checks.Msg("it runs under a debugger (%s): it may stand at a breakpoint", h.Manager.Name)
	}
	return f
}

// queue is how many connections wait at a listening socket, and how many may; 0 where that cannot be seen.
func queue(ctx context.Context, t *target.Target, h server.Holder, l host.Listener) (waiting, room int) {
	all, err := t.Host().Connections(ctx, h.Process.PID)
	if err != nil {
		return 0, 0
	}
	for _, c := range all {
		if c.State == host.Listen && c.Inode == l.Inode {
			return int(c.RecvQ), int(c.SendQ)
		}
	}
	return 0, 0
}
