package port

import (
	"context"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// SplitAddress finds one port number in the hands of different programs, on addresses that `localhost` may all mean.
var SplitAddress = checks.Check{
	ID:       "port/split-address",
	Title:    "localhost reaches another program than 127.0.0.1 does",
	Stage:    checks.Bind,
	Severity: checks.Warning,
	Profiles: checks.Dev,
	Needs:    checks.Processes,
	Run:      splitAddress,
}

func splitAddress(ctx context.Context, t *target.Target, report checks.Reporter) error {
	ports, err := wantedPorts(ctx, t)
	if err != nil {
		return err
	}
	for _, w := range ports {
		a, b, ok := split(w.Holders)
		if !ok {
			continue
		}
		mine, other := a, b
		if b.holder.Relation == server.Ours {
			mine, other = b, a
		}
		report(checks.Finding{
			Message: checks.Msg("port %d is two programs: %s is %s, %s is %s", w.Number,
				describe.Address(mine.listener), describe.Name(t, mine.holder), describe.Address(other.listener), describe.Name(t, other.holder)),
			Why:      checks.Msg("Which of the two a client reaches depends on how it looks up the name localhost."),
			Help:     checks.Msg("give one of the two another port, or use %s instead of localhost", mine.apartFrom(other)),
			Evidence: append(describe.Evidence(mine.holder, time.Now()), describe.Evidence(other.holder, time.Now())...),
			Subject:  subject(w.Number, other.holder),
			Service:  w.service(),
			Key:      "split",
		})
	}
	return nil
}

// local is one holder's socket on an address that `localhost` may mean.
type local struct {
	holder   server.Holder
	listener host.Listener
}

// apartFrom is the loopback address at which it is reached, and not the other: a wildcard leaves to the other what that has for itself.
func (l local) apartFrom(other local) string {
	if l.listener.Addr.Unmap().Is4() || l.listener.Wildcard() && other.listener.Addr.Is6() {
		return "127.0.0.1"
	}
	return "[::1]"
}

// split finds two programs on different addresses that `localhost` may mean. Two processes of one executable that run for
// one user are one program: docker-proxy has one process for each family.
func split(holders []server.Holder) (a, b local, ok bool) {
	var all []local
	for _, h := range holders {
		for _, l := range h.Listeners {
			if h.Known && (l.Wildcard() || l.Addr.IsLoopback() && (l.Addr.Is6() || l.Addr.String() == "127.0.0.1")) {
				all = append(all, local{h, l})
			}
		}
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.listener.Addr != b.listener.Addr && !a.holder.SharesSocket(b.holder) && !sameProgram(a.holder.Process, b.holder.Process) {
				return a, b, true
			}
		}
	}
	return local{}, local{}, false
}

func sameProgram(p, q host.Process) bool {
	return p.PID == q.PID || p.UID == q.UID && p.Name == q.Name && p.Exe == q.Exe
}
