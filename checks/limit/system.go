package limit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// System finds what a server shares with others and is about to run out of.
var System = checks.Check{
	ID:       "limit/system",
	Title:    "the system is near one of its limits",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run:      system,
}

func system(ctx context.Context, t *target.Target, report checks.Reporter) error {
	servers, err := t.JudgedServers(ctx)
	if err != nil {
		return err
	}
	if len(servers) == 0 { // what is started from here will share with us
		servers = []server.Holder{{Process: host.Process{PID: t.Host().Self()}}}
	}
	v := &view{t: t, told: map[string]bool{}, report: report}
	for _, h := range servers {
		err := v.look(ctx, h)
		switch {
		case errors.Is(err, host.ErrUnsupported):
			return checks.Skip("this system does not tell its limits")
		case err != nil && !errors.Is(err, host.ErrGone):
			return err
		}
	}
	return nil
}

// view is what the questions of System have in common.
type view struct {
	t      *target.Target
	told   map[string]bool // what two servers share is told once
	report checks.Reporter
}

func (v *view) look(ctx context.Context, h server.Holder) error {
	s, err := v.t.Host().Shares(ctx, h.Process.PID)
	if err != nil {
		return err
	}
	v.kernel(ctx, "fs.file-max", s.Files, checks.Msg("%d of the %d files that the whole machine may have open are open", s.Files.Used, s.Files.Max),
		checks.Msg("Beyond it every program gets `too many open files in system`."))
	v.kernel(ctx, "net.netfilter.nf_conntrack_max", s.Tracked, checks.Msg("the firewall keeps track of %d connections, and may of %d", s.Tracked.Used, s.Tracked.Max),
		checks.Msg("Beyond it packets of new connections are dropped without a word: connecting takes seconds, or fails."))
	v.tasks(h, s.Tasks)
	v.memory(h, s)
	all, err := v.t.Host().Connections(ctx, h.Process.PID)
	if err != nil {
		return err
	}
	if err := v.ports(ctx, h, all); err != nil {
		return err
	}
	if h.Process.PID == v.t.Host().Self() {
		return nil // no server of the project waits for connections: what the machine has once lost is no reason to wait here
	}
	return v.queues(ctx, h, s, all)
}

// find reports what is about a limit, once for each thing that it is about.
func (v *view) find(name, about string, f checks.Finding) {
	if v.told[name+about] {
		return
	}
	v.told[name+about] = true
	f.Key = strings.TrimSpace(name + " " + about)
	f.Subject = &checks.Subject{Kind: checks.LimitSubject, Name: name}
	v.report(f)
}

// kernel reports a setting of the kernel that is nearly used up.
func (v *view) kernel(ctx context.Context, name string, s host.Share, message, why checks.Message) {
	if s.Near(near) {
		f := checks.Finding{Message: message, Why: why}
		v.raise(ctx, &f, name, s.Max, roomFor(int(s.Used), 1024))
		v.find(name, "", f)
	}
}

// raise tells how a setting is raised, and plans it where we may: as root of the whole system.
func (v *view) raise(ctx context.Context, f *checks.Finding, name string, old int64, limit int) {
	now, lasting := setTo(name, limit)
	f.Help = checks.Msg("sudo %s; to keep it: %s", now, lasting)
	if i, err := v.t.Inotify(ctx); err == nil && !i.Nested && v.t.Host().UID() == 0 {
		f.Fix = raise(ctx, v.t, name, fmt.Sprint(old), limit)
	}
}

func (v *view) tasks(h server.Holder, s host.Share) {
	if !s.Near(near) {
		return
	}
	f := checks.Finding{
		Message: checks.Msg("%d of the %d processes and threads that %s may have are there", s.Used, s.Max, groupOf(h)),
		Why:     checks.Msg("Beyond it no process starts (`resource temporarily unavailable`), and Go ends a program that gets no thread."),
		Help:    checks.Msg("start the container with a higher --pids-limit, or end what is not needed in it"),
	}
	if unit := unitOf(h); unit != "" {
		f.Help = checks.Msg("sudo systemctl set-property %s TasksMax=%d", unit, roomFor(int(s.Used), 1024))
	}
	f.Evidence = []checks.Message{checks.Msg("pids.max of the control group %s", s.Group)}
	v.find("pids.max", s.Group, f)
}

// nearlyFull is the part of a memory limit from which the end is near: a server that keeps a cache lives with less to spare than one
// with descriptors.
const nearlyFull = 0.9

func (v *view) memory(h server.Holder, s *host.Shares) {
	if !s.Memory.Near(nearlyFull) {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("%s takes %d of the %d MB of memory that it may have", groupOf(h), s.Memory.Used>>20, s.Memory.Max>>20),
		Why:      checks.Msg("Beyond it the kernel kills a process of it: the server is gone without a word in its log."),
		Help:     checks.Msg("give the container more memory, and the server GOMEMLIMIT=%dMiB, so that Go collects earlier", s.Memory.Max>>20*9/10),
		Evidence: []checks.Message{checks.Msg("memory of the control group %s, without what the kernel can take back", s.Memory.Group)},
	}
	if unit := unitOf(h); unit != "" {
		f.Help = checks.Msg("sudo systemctl set-property %s MemoryMax=%dM; and give the server GOMEMLIMIT=%dMiB, so that Go collects earlier",
			unit, s.Memory.Max>>19, s.Memory.Max>>19*9/10)
	}
	if s.Killed > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("%d processes of it were killed for that already", s.Killed))
	}
	v.find("memory.max", s.Memory.Group, f)
}

// unitOf is the unit of the system that a server is run by, "" where it is none.
func unitOf(h server.Holder) string {
	if h.Manager.Kind == server.Systemd && strings.HasSuffix(h.Manager.Name, ".service") {
		return h.Manager.Name
	}
	return ""
}

// groupOf names what has a limit in common with a server.
func groupOf(h server.Holder) string {
	switch {
	case unitOf(h) != "":
		return unitOf(h)
	case h.Manager.Kind == server.Container:
		return h.Manager.Name
	}
	return "the container or session that this runs in"
}

// way is one of the pairs between which each connection needs a port of its own.
type way struct {
	from netip.Addr
	to   netip.AddrPort
}

// ports reports a destination to which the system is about to run out of ports.
func (v *view) ports(ctx context.Context, h server.Holder, all []host.Connection) error {
	low, high, err := v.t.Host().EphemeralPorts(ctx)
	if err != nil {
		return err
	}
	taken, waiting := outgoing(all, low, high)
	for to, n := range taken {
		if !(host.Share{Used: int64(n), Max: int64(high - low + 1)}).Near(near) {
			continue
		}
		v.find("net.ipv4.ip_local_port_range", to.to.String(), checks.Finding{
			Message: checks.Msg("%d of the %d ports for outgoing connections are taken by those to %s", n, high-low+1, to.to),
			Why:     checks.Msg("Beyond it connecting there fails: `cannot assign requested address`."),
			Help:    checks.Msg("keep connections and use them again: one client for all requests, bodies read to the end and closed, MaxIdleConnsPerHost raised; for more room: sudo sysctl -w net.ipv4.ip_local_port_range=\"15000 60999\""),
			Evidence: []checks.Message{
				checks.Msg("%d of them are closed already and wait a minute in TIME_WAIT: connections are opened faster than they may be given back", waiting[to]),
				checks.Msg("net.ipv4.ip_local_port_range is %d to %d", low, high),
			},
		})
	}
	return nil
}

// outgoing counts the ports that are taken, and how many of these by connections that are closed. To this machine itself the kernel
// uses the latter again after a second (tcp_tw_reuse of ip-sysctl), so these are not counted.
func outgoing(all []host.Connection, low, high int) (taken, waiting map[way]int) {
	listening := map[uint16]bool{}
	for _, c := range all {
		if c.State == host.Listen {
			listening[c.Local.Port()] = true
		}
	}
	taken, waiting = map[way]int{}, map[way]int{}
	for _, c := range all {
		port := int(c.Local.Port())
		if c.State == host.Listen || listening[c.Local.Port()] || port < low || port > high {
			continue
		}
		w := way{c.Local.Addr().Unmap(), netip.AddrPortFrom(c.Remote.Addr().Unmap(), c.Remote.Port())}
		if c.State == host.TimeWait && w.to.Addr().IsLoopback() {
			continue
		}
		taken[w]++
		if c.State == host.TimeWait {
			waiting[w]++
		}
	}
	return taken, waiting
}

// queues reports a server whose queue of connections stays nearly full, and a machine that turns connections away now.
func (v *view) queues(ctx context.Context, h server.Holder, s *host.Shares, all []host.Connection) error {
	full := fullQueues(h, all)
	if len(full) == 0 && s.Overflows == 0 {
		return nil
	}
	if still, err := v.t.LookAgain(ctx, []host.Process{h.Process}); err != nil || len(still) == 0 {
		return err
	}
	later, err := v.t.Host().Shares(ctx, h.Process.PID)
	if err != nil {
		return err
	}
	all, err = v.t.Host().Connections(ctx, h.Process.PID)
	if err != nil {
		return err
	}
	lost := later.Overflows - s.Overflows
	full = slices.DeleteFunc(fullQueues(h, all), func(c host.Connection) bool {
		return !slices.ContainsFunc(full, func(o host.Connection) bool { return o.Inode == c.Inode })
	})
	for _, c := range full {
		f := checks.Finding{
			Message:  checks.Msg("%d connections wait to be accepted on port %d, and the queue holds %d", c.RecvQ, c.Local.Port(), c.SendQ),
			Why:      checks.Msg("When it is full further connections are dropped, and callers try again after a second, or give up."),
			Evidence: append(lines(lost, later.Overflows), describe.Evidence(h, time.Now())...),
			Help:     checks.Msg("the server takes connections more slowly than they come: see what it does with gindoctor monitor --pid %d, or run more of it", h.Process.PID),
		}
		v.longer(ctx, &f, later, int(c.SendQ))
		v.find("net.core.somaxconn", fmt.Sprint(c.Local.Port()), f)
	}
	if len(full) == 0 && lost > 0 {
		f := checks.Finding{
			Message:  checks.Msg("%d connections were turned away within a second because the queue of a listening port was full", lost),
			Why:      checks.Msg("Callers try again after a second, or give up."),
			Evidence: lines(0, later.Overflows),
			Help:     checks.Msg("ss -ltn shows the queues: Recv-Q waits, Send-Q is the room"),
		}
		v.longer(ctx, &f, later, later.Backlog)
		v.find("net.core.somaxconn", "", f)
	}
	return nil
}

func lines(lost, ever int64) []checks.Message {
	var out []checks.Message
	if lost > 0 {
		out = append(out, checks.Msg("%d connections were turned away within the last second", lost))
	}
	if ever > 0 {
		out = append(out, checks.Msg("%d connections were turned away for that since the system is up", ever))
	}
	return out
}

// longer tells how queues are made longer, where the system keeps them shorter than current ones do.
func (v *view) longer(ctx context.Context, f *checks.Finding, s *host.Shares, room int) {
	const usual = 4096 // since Linux 5.4; Go asks for as much as the system allows
	if s.Backlog == 0 || s.Backlog >= usual || room < s.Backlog {
		return
	}
	v.raise(ctx, f, "net.core.somaxconn", int64(s.Backlog), usual)
	f.Evidence = append(f.Evidence, checks.Msg("net.core.somaxconn is %d; the server takes a new value when it is started again", s.Backlog))
}

// fullQueues are the listening sockets of a server whose queues are nearly full, the fullest first.
func fullQueues(h server.Holder, all []host.Connection) []host.Connection {
	out := slices.DeleteFunc(slices.Clone(all), func(c host.Connection) bool {
		mine := slices.ContainsFunc(h.Listeners, func(l host.Listener) bool { return l.Inode == c.Inode })
		return c.State != host.Listen || !mine || !(host.Share{Used: int64(c.RecvQ), Max: int64(c.SendQ)}).Near(near)
	})
	slices.SortFunc(out, func(a, b host.Connection) int { return cmp.Compare(b.RecvQ, a.RecvQ) })
	return out
}
