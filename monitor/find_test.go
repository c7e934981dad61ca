package monitor

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

func TestFind(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.com/shop\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	own := func(pid int) host.FakeProcess {
		return host.FakeProcess{
			Process: host.Process{PID: pid, PPID: 1, Name: "shop", Exe: filepath.Join(root, "tmp", "shop"), Cwd: root, User: "anna"},
			Build:   host.FakeGo{Main: "example.com/shop", Package: "example.com/shop"},
		}
	}
	other := func(pid int, name string, args ...string) host.FakeProcess {
		return host.FakeProcess{Process: host.Process{PID: pid, PPID: 1, Name: name, Exe: "/usr/bin/" + name, Cwd: "/", User: "root", Args: append([]string{name}, args...)}}
	}
	on := func(port int, inode uint64, pids ...int) host.Listener {
		return host.Listener{Addr: netip.IPv6Unspecified(), Port: port, Inode: inode, User: "root", Holders: pids}
	}
	run := other(5, "go", "run", ".")
	ran := own(7)
	ran.PPID = 5
	far := on(8080, 1, 8)
	far.OtherNS = true
	zombie := other(9, "shop")
	zombie.State = "Z"
	for _, tt := range []struct {
		name      string
		host      *host.Fake
		port, pid int
		want      string // pid, name and port, or what the error says
	}{
		{"the project's own", &host.Fake{Procs: []host.FakeProcess{own(7), other(8, "nginx")}, Sockets: []host.Listener{on(8080, 1, 7), on(80, 2, 8)}}, 0, 0, "7 shop 8080"},
		{"none of its own", &host.Fake{Procs: []host.FakeProcess{other(8, "nginx")}, Sockets: []host.Listener{on(80, 2, 8)}}, 0, 0, "no server of this project is running"},
		{"two of its own", &host.Fake{Procs: []host.FakeProcess{own(7), own(6)}, Sockets: []host.Listener{on(8080, 1, 7), on(8081, 2, 6)}}, 0, 0, "choose one with --pid"},
		{"by port", &host.Fake{Procs: []host.FakeProcess{own(7), other(8, "nginx")}, Sockets: []host.Listener{on(8080, 1, 7), on(80, 2, 8)}}, 80, 0, "8 nginx 80"},
		{"nobody there", &host.Fake{}, 8080, 0, "nobody listens on port 8080"},
		{"there in another network", &host.Fake{Procs: []host.FakeProcess{other(8, "a")}, Sockets: []host.Listener{far}}, 8080, 0, "pid 8 does in a network of its own: watch it with --pid 8"},
		{"several there", &host.Fake{Procs: []host.FakeProcess{other(8, "a"), other(9, "b")}, Sockets: []host.Listener{on(80, 2, 8), on(80, 3, 9)}}, 80, 0, "2 processes listen on port 80 (pid 8: a on 80, pid 9: b on 80)"},
		{"several, one of them ours", &host.Fake{Procs: []host.FakeProcess{own(7), other(9, "b")}, Sockets: []host.Listener{on(80, 2, 7), on(80, 3, 9)}}, 80, 0, "7 shop 80"},
		{"of another user", &host.Fake{Denied: 1, Sockets: []host.Listener{on(80, 2)}}, 80, 0, "held by a process of user root: you may not look at it"},
		{"passed on into a container", &host.Fake{Procs: []host.FakeProcess{other(8, "docker-proxy")}, Sockets: []host.Listener{on(80, 2, 8)}}, 80, 0, "docker compose exec SERVICE gindoctor monitor"},
		{"passed on to elsewhere", &host.Fake{Procs: []host.FakeProcess{other(8, "kubectl", "port-forward")}, Sockets: []host.Listener{on(80, 2, 8)}}, 80, 0, "run gindoctor where the server is"},
		{"by pid", &host.Fake{Procs: []host.FakeProcess{own(7)}, Sockets: []host.Listener{on(8081, 1, 7), on(8080, 2, 7)}}, 0, 7, "7 shop 8080"},
		{"by pid, without a port", &host.Fake{Procs: []host.FakeProcess{other(8, "cron")}}, 0, 8, "8 cron 0"},
		{"the pid of what runs it", &host.Fake{Procs: []host.FakeProcess{run, ran}, Sockets: []host.Listener{on(8080, 1, 7)}}, 0, 5, "process 5 (go) is no server, it runs one: watch that with --pid 7"},
		{"no such pid", &host.Fake{}, 0, 4711, "there is no process 4711"},
		{"a zombie", &host.Fake{Procs: []host.FakeProcess{zombie}}, 0, 9, "process 9 has ended"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target, err := target.Open(t.Context(), target.Options{Dir: root, Profile: "prod", Host: tt.host, Port: tt.port, PID: tt.pid})
			if err != nil {
				t.Fatal(err)
			}
			scope, err := target.Scope(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s, err := Find(t.Context(), target, scope)
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				sub := s.Subject()
				got = strings.Join([]string{strconv.Itoa(sub.PID), sub.Name, strconv.Itoa(sub.Port)}, " ")
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
