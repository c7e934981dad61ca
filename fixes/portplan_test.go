package fixes

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

const (
	anna    = 1000
	self    = 900
	ourPort = 8080
)

func listener(address string, inode uint64, pids ...int) host.Listener {
	at := netip.MustParseAddrPort(address)
	return host.Listener{Addr: at.Addr(), Port: int(at.Port()), Inode: inode, UID: anna, Holders: pids}
}

// held makes a holder of [::]:8080 that is a leftover of this project; change makes it something else.
func held(pid int, change func(h *server.Holder)) server.Holder {
	h := server.Holder{
		Listeners: []host.Listener{listener("[::]:8080", uint64(pid), pid)},
		Process:   host.Process{PID: pid, PPID: 1, UID: anna, User: "anna", Exe: "/home/anna/shop/tmp/main", StartTicks: uint64(pid), State: "S"},
		Known:     true, Relation: server.Ours, Leftover: true,
	}
	if change != nil {
		change(&h)
	}
	return h
}

func foreign(h *server.Holder) {
	h.Relation, h.Leftover, h.Process.Exe = server.Foreign, false, "/usr/sbin/nginx"
}

func managedBy(kind server.ManagerKind, name string, pid int, stop string) func(h *server.Holder) {
	return func(h *server.Holder) {
		h.Leftover = false
		h.Manager = server.Manager{Kind: kind, Name: name, StopCommand: stop}
		if pid != 0 {
			h.Manager.Process = &host.Process{PID: pid, UID: anna, User: "anna", StartTicks: uint64(pid)}
		}
	}
}

// What a manager has put into the background does not end with it, and need not be waited for.
func TestPutAside(t *testing.T) {
	for _, aside := range []bool{false, true} {
		h := held(10, managedBy(server.Watcher, "entr", 20, "kill 20"))
		h.Manager.Aside = aside
		plan := PlanPort([]server.Holder{h}, PlanOptions{Port: 8080, Yes: true, Force: true, UID: anna})
		if last := plan.Steps[len(plan.Steps)-1]; !last.Managed || last.TakenAlong == aside {
			t.Errorf("aside %v: %+v", aside, last)
		}
	}
}

// outline is a plan in short: the steps as "role pid", then whether it asks, then the refusals as "rule: command | or".
func outline(p PortPlan) string {
	var parts []string
	for _, s := range p.Steps {
		text := string(s.Role) + " " + pids([]Step{s})
		if s.Wakes {
			text += " +CONT"
		}
		parts = append(parts, text)
	}
	if p.Ask {
		parts = append(parts, "ask")
	}
	for _, r := range p.Refusals {
		parts = append(parts, strings.TrimRight("no, "+r.Rule+": "+r.Command+" | "+r.Or, " |"))
	}
	return strings.Join(parts, "; ")
}

func TestPlanPort(t *testing.T) {
	const force, yes = "gindoctor fix --port 8080 --yes --force", "gindoctor fix --port 8080 --yes"
	plain := PlanOptions{}
	onTerminal := PlanOptions{Terminal: true}
	withYes := PlanOptions{Yes: true}
	withForce := PlanOptions{Yes: true, Force: true}
	root := PlanOptions{Yes: true, Force: true, UID: -2} // -2 stands for 0 here, 0 for anna
	inTerminal := func(h *server.Holder) { h.Leftover, h.Terminal = false, "pts/3" }
	ofRoot := func(h *server.Holder) { foreign(h); h.Process.UID, h.Process.User = 0, "root" }
	unseen := func(h *server.Holder) {
		*h = server.Holder{Listeners: h.Listeners, Process: host.Process{UID: 0, User: "root"}, Relation: server.Foreign}
	}
	tests := []struct {
		name   string
		holder func(h *server.Holder)
		opts   PlanOptions
		want   string
	}{
		{"leftover, terminal", nil, onTerminal, "holder 10; ask"},
		{"leftover, --yes", nil, withYes, "holder 10"},
		{"leftover, nobody to ask", nil, plain, "holder 10; no, nobody to ask:  | " + yes},
		{"leftover, --force without --yes, nobody to ask", nil, PlanOptions{Force: true}, "holder 10; no, nobody to ask:  | " + force},
		{"leftover, --force on a terminal asks", nil, PlanOptions{Force: true, Terminal: true}, "holder 10; ask"},
		{"leftover below an orphaned shell", func(h *server.Holder) { h.Orphans = []host.Process{{PID: 5, UID: anna}} }, withYes, "holder 10; shell 5"},
		{"an orphaned shell that is our ancestor stays", func(h *server.Holder) { h.Orphans = []host.Process{{PID: 800, UID: anna}} }, withYes, "holder 10"},
		{"a shell above what is no leftover stays", func(h *server.Holder) { foreign(h); h.Orphans = []host.Process{{PID: 5}} }, withForce, "holder 10"},
		{"leftover that is stopped", func(h *server.Holder) { h.Process.State = "T" }, withYes, "holder 10 +CONT"},

		{"ours in a terminal, --yes", inTerminal, withYes, "holder 10; no, not evident:  | " + force},
		{"ours in a terminal, asked", inTerminal, onTerminal, "holder 10; ask"},
		{"ours in a terminal, --yes --force", inTerminal, withForce, "holder 10"},
		{"called a leftover but in a terminal", func(h *server.Holder) { h.Terminal = "pts/3" }, withYes, "holder 10; no, not evident:  | " + force},

		{"foreign, --yes", foreign, withYes, "holder 10; no, not evident:  | " + force},
		{"foreign, plain", foreign, plain, "holder 10; no, not evident:  | " + force},
		{"foreign, asked", foreign, onTerminal, "holder 10; ask"},
		{"foreign, --yes --force", foreign, withForce, "holder 10"},
		{"foreign, --force, nobody to ask", foreign, PlanOptions{Force: true}, "holder 10; no, nobody to ask:  | " + force},
		{"inherited", func(h *server.Holder) { foreign(h); h.Inherited = true }, withYes, "holder 10; no, not evident:  | " + force},

		{"watcher, --yes", managedBy(server.Watcher, "air", 20, "kill 20"), withYes, "manager 20; holder 10; no, not evident: kill 20 | " + force},
		{"watcher, --yes --force", managedBy(server.Watcher, "air", 20, "kill 20"), withForce, "manager 20; holder 10"},
		{"watcher, asked", managedBy(server.Watcher, "air", 20, "kill 20"), onTerminal, "manager 20; holder 10; ask"},
		{"watcher that is our ancestor", managedBy(server.Watcher, "air", 800, "kill 800"), withForce, "no, own ancestor: kill 800"},
		{"watcher that listens itself", managedBy(server.Watcher, "gin", 10, "kill 10"), withForce, "holder 10"},
		{"watcher of another user", func(h *server.Holder) { managedBy(server.Watcher, "air", 20, "")(h); h.Manager.Process.UID = 0 }, withForce, "no, other user: sudo gindoctor fix --port 8080 --force"},
		{"shell loop", managedBy(server.ShellLoop, "run.sh", 20, "kill 20"), withForce, "manager 20; holder 10"},
		{"go run ends with its child", managedBy(server.GoRun, "go run", 20, ""), withForce, "holder 10"},
		{"dlv", managedBy(server.Debugger, "dlv", 20, ""), withForce, "manager 20; holder 10"},
		{"an IDE is never stopped", managedBy(server.Debugger, "the JetBrains IDE", 20, "stop it there"), withForce, "no, managed: stop it there"},
		{"systemd", managedBy(server.Systemd, "nginx.service", 0, "systemctl stop nginx"), withForce, "no, managed: systemctl stop nginx"},
		{"systemd without a command", managedBy(server.Systemd, "", 0, ""), withForce, "no, managed: systemctl status 10"},
		{"supervisor", managedBy(server.Supervisor, "supervisord", 20, "supervisorctl stop shop"), withForce, "no, managed: supervisorctl stop shop"},
		{"foreman", managedBy(server.Foreman, "overmind", 20, "overmind quit"), withForce, "no, managed: overmind quit"},
		{"pm2", managedBy(server.PM2, "pm2", 20, "pm2 stop 3"), withForce, "no, managed: pm2 stop 3"},
		{"docker-proxy", managedBy(server.Container, "docker-proxy", 10, "docker stop web"), withForce, "no, container: docker stop web"},
		{"in a container", func(h *server.Holder) { h.InContainer = true }, withForce, "no, container: docker ps --filter publish=8080"},
		{"kubectl port-forward", func(h *server.Holder) {
			foreign(h)
			managedBy(server.PortForward, "kubectl port-forward", 10, "kill 10")(h)
		}, withForce, "holder 10"},

		{"another user's, --yes --force", ofRoot, withForce, "no, other user: sudo gindoctor fix --port 8080 --force"},
		{"another user's, asked", ofRoot, onTerminal, "no, other user: sudo gindoctor fix --port 8080 --force"},
		{"another user's, as root without --force", foreign, PlanOptions{Yes: true, UID: -2}, "holder 10; no, other user:  | " + force},
		{"another user's leftover, as root without --force", nil, PlanOptions{Yes: true, UID: -2}, "holder 10; no, other user:  | " + force},
		{"another user's, as root on a terminal", foreign, PlanOptions{Terminal: true, UID: -2}, "holder 10; no, other user:  | gindoctor fix --port 8080 --force"},
		{"another user's, as root with --force", foreign, root, "holder 10"},

		{"unseen", unseen, withForce, "no, unknown: sudo gindoctor fix --port 8080"},
		{"unseen even as root", unseen, root, "no, unknown:"},
		{"pid 1", func(h *server.Holder) { foreign(h); h.Process.PID = 1 }, root, "no, pid 1:"},
		{"pid 1 is systemd", func(h *server.Holder) {
			foreign(h)
			managedBy(server.Systemd, "a systemd socket", 0, "systemctl list-sockets")(h)
			h.Process.PID = 1
		}, root, "no, managed: systemctl list-sockets"},
		{"ourselves", func(h *server.Holder) { h.Process.PID = self }, withForce, "no, own ancestor:"},
		{"our ancestor", func(h *server.Holder) { h.Process.PID = 800 }, withForce, "no, own ancestor:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := tt.opts
			o.Port, o.Self, o.Project, o.Grace = ourPort, self, true, 10*time.Second
			o.Ancestors = []host.Process{{PID: 800}, {PID: 1}}
			switch o.UID {
			case 0:
				o.UID = anna
			case -2:
				o.UID = 0
			}
			if diff := cmp.Diff(tt.want, outline(PlanPort([]server.Holder{held(10, tt.holder)}, o))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPlanPortManyHolders(t *testing.T) {
	on := func(address string, change func(h *server.Holder)) func(h *server.Holder) {
		return func(h *server.Holder) {
			if change != nil {
				change(h)
			}
			h.Listeners = []host.Listener{listener(address, uint64(h.Process.PID), h.Process.PID)}
		}
	}
	tests := []struct {
		name    string
		holders []server.Holder
		wanted  []string
		want    string
		prove   string
	}{
		{"nobody", nil, nil, "", ":8080"},
		{"two with SO_REUSEPORT", []server.Holder{held(10, nil), held(11, nil)}, nil, "holder 10; holder 11", "[::]:8080"},
		{"two below one watcher", []server.Holder{held(10, managedBy(server.Watcher, "air", 20, "")), held(11, managedBy(server.Watcher, "air", 20, ""))}, nil,
			"manager 20; holder 10; holder 11; no, not evident:  | gindoctor fix --port 8080 --yes --force; no, not evident:  | gindoctor fix --port 8080 --yes --force", "[::]:8080"},
		{"one may be stopped, one never: nothing is", []server.Holder{held(10, foreign), held(11, managedBy(server.PM2, "pm2", 20, "pm2 stop 3"))}, nil,
			"no, managed: pm2 stop 3", "[::]:8080"},
		{"a foreigner on another address is left alone", []server.Holder{held(10, on("127.0.0.1:8080", nil)), held(11, on("[::1]:8080", foreign))}, []string{"127.0.0.1:8080"},
			"holder 10", "127.0.0.1:8080"},
		{"a foreigner in the way of a wildcard", []server.Holder{held(10, on("127.0.0.1:8080", nil)), held(11, on("[::1]:8080", foreign))}, []string{":8080"},
			"holder 10; holder 11; no, not evident:  | gindoctor fix --port 8080 --yes --force", "127.0.0.1:8080 :8080 [::1]:8080"},
		{"a namespace of its own", []server.Holder{held(10, func(h *server.Holder) { h.Listeners[0].OtherNS = true })}, nil, "", ":8080"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan := PlanPort(tt.holders, PlanOptions{Port: ourPort, Yes: true, UID: anna, Self: self, Project: true, Wanted: tt.wanted})
			if diff := cmp.Diff(tt.want, outline(plan)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.prove, strings.Join(plan.Addresses, " ")); diff != "" {
				t.Errorf("proof addresses (-want +got)\n%s", diff)
			}
		})
	}
}

func TestClashes(t *testing.T) {
	v6only := listener("[::]:8080", 1)
	v6only.V6Only = true
	tests := []struct {
		held host.Listener
		want string
		is   bool
	}{
		{listener("[::]:8080", 1), "127.0.0.1:8080", true},
		{listener("[::]:8080", 1), "[::1]:8080", true},
		{v6only, "127.0.0.1:8080", false},
		{v6only, "[::1]:8080", true},
		{listener("0.0.0.0:8080", 1), "127.0.0.1:8080", true},
		{listener("0.0.0.0:8080", 1), "[::1]:8080", false},
		{listener("127.0.0.1:8080", 1), "127.0.0.1:8080", true},
		{listener("127.0.0.1:8080", 1), "127.0.0.2:8080", false},
		{listener("127.0.0.1:8080", 1), ":8080", true},
		{listener("127.0.0.1:8080", 1), "0.0.0.0:8080", true},
		{listener("[::1]:8080", 1), "127.0.0.1:8080", false},
		{listener("[::1]:8080", 1), "localhost:8080", false},
		{listener("127.0.0.1:8080", 1), "localhost:8080", true},
		{listener("[::1]:8080", 1), "shop.test:8080", true},
		{listener("127.0.0.1:8080", 1), "127.0.0.1:9090", false},
	}
	for _, tt := range tests {
		if got := clashes(tt.held, tt.want); got != tt.is {
			t.Errorf("clashes(%s v6only=%v, %s) = %v", addressOf(tt.held), tt.held.V6Only, tt.want, got)
		}
	}
}
