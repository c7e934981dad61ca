package fixes

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// PlanOptions is what, beside the holders, decides what is planned for a port.
type PlanOptions struct {
	Port  int
	Dir   string        // as the user gave it, for the commands that we propose
	Grace time.Duration // how long a process has between SIGTERM and SIGKILL

	Yes, Force bool // the flags
	Terminal   bool // a person is there to be asked

	Project   bool           // we stand in a project; outside any, nothing is known to be ours
	UID       int            // whom we run as, -1 where there is no such thing
	Self      int            // our own pid
	Ancestors []host.Process // the processes we were started from
	// Wanted are the addresses that the app will bind ("127.0.0.1:8080", ":8080"). Holders of the port on addresses that
	// do not clash with any of them are left alone. None means that every holder is in the way.
	Wanted []string
}

// Role says why a process is to be stopped.
type Role string

// The roles. No process is ever stopped that has none of them.
const (
	RoleManager Role = "manager" // it runs a holder and would start it again
	RoleHolder  Role = "holder"  // it holds the port
	RoleShell   Role = "shell"   // an orphaned `sh -c` above a leftover, of no use without it
	RoleNamed   Role = "named"   // the plan of a finding names it
	RoleChild   Role = "child"   // such a one has started it, and left it behind when it ended
)

// Step is one process to stop.
type Step struct {
	Role    Role
	Process host.Process // as it was when the plan was made; nothing is sent to any other
	Name    string       // as its user calls it: "air", "main"
	// Wakes is true for a process that is stopped (Ctrl-Z): SIGTERM reaches it only after a SIGCONT.
	Wakes bool
	// Managed is true for a holder whose manager is stopped first; TakenAlong where what is stopped first ends its child
	// when it ends.
	Managed, TakenAlong bool
	// Sockets are the listening sockets a holder must still hold for anything to be sent to it.
	Sockets []host.Listener
}

// PortPlan is what would be done to free a port.
type PortPlan struct {
	Port  int
	Grace time.Duration
	// InTheWay are the processes that hold the port, Aside those that hold it on addresses the app does not want.
	InTheWay, Aside []server.Holder
	// Steps are the processes to stop, in order: managers, holders, orphaned shells. Empty where one of the refusals
	// cannot be lifted by any flag: then nothing is stopped at all.
	Steps []Step
	// Refusals say why nothing is stopped.
	Refusals []Refusal
	// Ask is true when a yes on the terminal decides.
	Ask bool
	// Addresses are those that prove the port free when they can be bound.
	Addresses []string
}

// PlanPort decides what to stop to free a port, and what must not be stopped. It is a pure function of what was seen.
func PlanPort(holders []server.Holder, o PlanOptions) PortPlan {
	plan := PortPlan{Port: o.Port, Grace: o.Grace}
	for _, h := range holders {
		if inTheWay(h, o.Wanted) {
			plan.InTheWay = append(plan.InTheWay, h)
		} else {
			plan.Aside = append(plan.Aside, h)
		}
	}
	plan.Addresses = proofAddresses(plan, o.Wanted)
	final := false
	for _, h := range plan.InTheWay {
		refusal, liftable := refuse(h, o)
		if refusal == nil {
			continue
		}
		plan.Refusals = append(plan.Refusals, *refusal)
		final = final || !liftable
	}
	if final {
		plan.Refusals = slices.DeleteFunc(plan.Refusals, func(r Refusal) bool { return r.liftable })
		return plan
	}
	plan.Steps = steps(plan.InTheWay, o)
	plan.Ask = len(plan.Steps) > 0 && len(plan.Refusals) == 0 && !o.Yes
	return plan
}

// steps puts the processes to stop in order, each once: what would start a holder again goes first, and a shell that only
// waits for its holder goes last.
func steps(holders []server.Holder, o PlanOptions) []Step {
	var managers, listening, shells []Step
	seen := map[int]bool{}
	for _, h := range holders {
		seen[h.Process.PID] = true // a watcher that listens itself (a proxy) is a holder
	}
	for _, h := range holders {
		managed := stopsManager(h.Manager)
		if managed && !seen[h.Manager.Process.PID] {
			seen[h.Manager.Process.PID] = true
			managers = append(managers, Step{Role: RoleManager, Process: *h.Manager.Process, Name: h.Manager.Name, Wakes: h.Manager.Process.State == "T"})
		}
		listening = append(listening, Step{Role: RoleHolder, Process: h.Process, Name: programName(h.Process), Wakes: h.Process.State == "T",
			Managed: managed, TakenAlong: managed && !h.Manager.Aside && h.Manager.Kind != server.ShellLoop, Sockets: h.Listeners})
		if !h.Leftover {
			continue
		}
		for _, shell := range h.Orphans {
			if !seen[shell.PID] && shell.PID > 1 && !isAncestor(shell.PID, o) {
				seen[shell.PID] = true
				shells = append(shells, Step{Role: RoleShell, Process: shell, Name: "sh -c", Wakes: shell.State == "T"})
			}
		}
	}
	return slices.Concat(managers, listening, shells)
}

// stopsManager tells whether the manager is a process that exists for this one server, so that it can be stopped with it.
// Stopping any other would stop what else it runs (foreman, pm2, supervisord), or cannot be done by a signal to a process.
func stopsManager(m server.Manager) bool {
	if m.Process == nil {
		return false
	}
	switch m.Kind {
	case server.Watcher, server.ShellLoop:
		return true
	case server.Debugger: // an IDE is not stopped for the port of the program it debugs
		return m.Name == "dlv" || m.Name == "dlv-dap"
	}
	return false
}

// inTheWay tells whether a holder keeps the app from any of its addresses.
func inTheWay(h server.Holder, wanted []string) bool {
	for _, l := range h.Listeners {
		if l.OtherNS {
			continue
		}
		if len(wanted) == 0 || slices.ContainsFunc(wanted, func(address string) bool { return clashes(l, address) }) {
			return true
		}
	}
	return len(h.Listeners) == 0
}

// clashes tells whether a listener keeps a Go server from binding an address. Go binds ":8080" and "0.0.0.0:8080" as one
// socket for both families (net.Listen), which any other socket of that number keeps it from; a specific address clashes
// with itself and with a wildcard of its family.
func clashes(l host.Listener, address string) bool {
	if port, ok := strings.CutPrefix(address, "localhost:"); ok {
		address = "127.0.0.1:" + port // of a name Go binds the first address, IPv4 before IPv6 (net.ListenConfig.Listen)
	}
	want, err := netip.ParseAddrPort(address)
	if err != nil || want.Addr().IsUnspecified() {
		return true // ":8080", or a name that only the resolver knows
	}
	if int(want.Port()) != l.Port {
		return false
	}
	if !l.Wildcard() {
		return l.Addr.Unmap() == want.Addr().Unmap()
	}
	return l.Addr.Is4() == want.Addr().Unmap().Is4() || l.Addr.Is6() && !l.V6Only
}

// proofAddresses are the app's own addresses and those that are to be freed. Where a holder is left alone, the freed ones
// are no proof: a wildcard that was shared with it still cannot be bound.
func proofAddresses(plan PortPlan, wanted []string) []string {
	addresses := slices.Clone(wanted)
	if len(wanted) == 0 || len(plan.Aside) == 0 {
		for _, h := range plan.InTheWay {
			for _, l := range h.Listeners {
				if !l.OtherNS && l.Addr.IsValid() {
					addresses = append(addresses, addressOf(l))
				}
			}
		}
	}
	if len(addresses) == 0 {
		addresses = []string{":" + strconv.Itoa(plan.Port)}
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

func addressOf(l host.Listener) string {
	return netip.AddrPortFrom(l.Addr, uint16(l.Port)).String()
}

// who names a step on the screen: "air (pid 400)".
func (s Step) who() string {
	return fmt.Sprintf("%s (pid %d)", printable(s.Name), s.Process.PID)
}
