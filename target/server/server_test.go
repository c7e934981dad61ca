package server

import (
	"bufio"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target/host"
)

const root = "/home/anna/shop"

var scope = Scope{Roots: []string{root}, Modules: []string{"github.com/acme/shop"}}

func process(pid, ppid int, exe string, args ...string) host.FakeProcess {
	return host.FakeProcess{Process: host.Process{PID: pid, PPID: ppid, State: "S", Exe: exe, Args: args, Cwd: root, UID: 1000}}
}

func shop(pid, ppid int) host.FakeProcess {
	p := process(pid, ppid, root+"/tmp/main", "tmp/main")
	p.Build = host.FakeGo{Main: "github.com/acme/shop", Package: "github.com/acme/shop"}
	return p
}

func with(p host.FakeProcess, change func(*host.FakeProcess)) host.FakeProcess {
	change(&p)
	return p
}

func systemd() host.FakeProcess { return process(1, 0, "/usr/lib/systemd/systemd", "/sbin/init") }

func listener(addr string, holders ...int) host.Listener {
	return host.Listener{Addr: netip.MustParseAddr(addr), Port: 8080, Inode: 7, UID: 1000, Holders: holders}
}

// one judges the only holder of port 8080.
func one(t *testing.T, h *host.Fake) Holder {
	t.Helper()
	holders, err := Holders(t.Context(), h, scope, 8080)
	if err != nil || len(holders) != 1 {
		t.Fatalf("%d holders, %v", len(holders), err)
	}
	return holders[0]
}

func TestManager(t *testing.T) {
	docker := "/system.slice/docker-" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" + ".scope"
	tests := []struct {
		name  string
		above []host.FakeProcess // the last one holds the port
		kind  ManagerKind
		stop  string
	}{
		{"nobody", []host.FakeProcess{shop(10, 1)}, None, ""},
		{"go run", []host.FakeProcess{process(9, 1, "/usr/local/go/bin/go", "go", "run", "."), shop(10, 9)}, GoRun, "kill 10"},
		{"go -C run", []host.FakeProcess{process(9, 1, "/usr/local/go/bin/go", "go", "-C", "api", "run", "."), shop(10, 9)}, GoRun, "kill 10"},
		{"another go release", []host.FakeProcess{process(9, 1, "/home/anna/go/bin/go1.26.8", "go1.26.8", "run", "."), shop(10, 9)}, GoRun, "kill 10"},
		{"go build is none", []host.FakeProcess{process(9, 1, "/usr/local/go/bin/go", "go", "build"), shop(10, 9)}, None, ""},
		{"modd", []host.FakeProcess{process(8, 1, "/usr/bin/modd", "modd"), process(9, 8, "/usr/bin/dash", "sh", "-c", "x"), shop(10, 9)}, Watcher, "kill 8"},
		{"dlv", []host.FakeProcess{process(9, 1, "/go/bin/dlv", "dlv", "debug"), shop(10, 9)}, Debugger, "kill 9"},
		{"dlv below a watcher: the watcher is to be stopped", []host.FakeProcess{process(8, 1, "/usr/bin/modd", "modd"), process(9, 8, "/go/bin/dlv", "dlv", "exec"), shop(10, 9)}, Watcher, "kill 8"},
		{"the editor's debug binary", []host.FakeProcess{process(9, 1, "/opt/editor/adapter", "adapter"),
			with(shop(10, 9), func(p *host.FakeProcess) { p.Exe = root + "/__debug_bin42" })}, Debugger, "stop the debug session in the editor"},
		{"a debug binary whose debugger is gone", []host.FakeProcess{with(shop(10, 1), func(p *host.FakeProcess) { p.Exe = root + "/__debug_bin42" })}, None, ""},
		{"GoLand", []host.FakeProcess{process(9, 1, "/opt/goland/jbr/bin/java", "java", "-Didea.paths.selector=GoLand2026.2"), shop(10, 9)}, Debugger, "stop the run configuration in the IDE"},
		{"supervisord", []host.FakeProcess{process(9, 1, "/usr/bin/python3.11", "/usr/bin/python3", "/usr/bin/supervisord"),
			with(shop(10, 9), func(p *host.FakeProcess) {
				p.Env = map[string]string{"SUPERVISOR_PROCESS_NAME": "shop_00", "SUPERVISOR_GROUP_NAME": "shop"}
			})}, Supervisor, "supervisorctl stop shop:shop_00"},
		{"pm2", []host.FakeProcess{process(9, 1, "/usr/bin/node", "PM2 v5.3.0: God Daemon (/home/anna/.pm2)"),
			with(shop(10, 9), func(p *host.FakeProcess) { p.Env = map[string]string{"pm_id": "3"} })}, PM2, "pm2 stop 3"},
		{"foreman by its title", []host.FakeProcess{process(9, 1, "/usr/bin/ruby3.1", "foreman: master"), shop(10, 9)}, Foreman, "kill 9"},
		{"honcho", []host.FakeProcess{process(9, 1, "/usr/bin/python3.11", "python3", "/usr/bin/honcho", "start"), shop(10, 9)}, Foreman, "kill 9"},
		{"overmind", []host.FakeProcess{process(9, 1, "/usr/bin/tmux", "tmux", "-C", "-L", "overmind-shop-1"), process(99, 9, "/usr/bin/dash", "sh", "/tmp/overmind-1/web"), shop(10, 99)}, Foreman, "overmind quit"},
		{"a unit of systemd", []host.FakeProcess{with(shop(10, 1), func(p *host.FakeProcess) { p.Cgroup = "/system.slice/shop.service" })}, Systemd, "systemctl stop shop"},
		{"a unit that runs a shell", []host.FakeProcess{
			with(process(9, 1, "/usr/bin/dash", "/bin/sh", "-c", "x"), func(p *host.FakeProcess) { p.Cgroup = "/system.slice/shop.service" }),
			with(shop(10, 9), func(p *host.FakeProcess) { p.Cgroup = "/system.slice/shop.service" })}, Systemd, "systemctl stop shop"},
		{"a unit of the user", []host.FakeProcess{process(9, 1, "/usr/lib/systemd/systemd", "/usr/lib/systemd/systemd", "--user"),
			with(shop(10, 9), func(p *host.FakeProcess) {
				p.Cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service"
			})}, Systemd, "systemctl --user stop shop"},
		{"a login over ssh is no unit's", []host.FakeProcess{with(shop(10, 1), func(p *host.FakeProcess) { p.Cgroup = "/system.slice/ssh.service" })}, None, ""},
		{"a session is no unit", []host.FakeProcess{with(shop(10, 1), func(p *host.FakeProcess) { p.Cgroup = "/user.slice/user-1000.slice/session-2.scope" })}, None, ""},
		{"a container", []host.FakeProcess{with(shop(10, 1), func(p *host.FakeProcess) { p.PIDNS, p.Cgroup = 5, docker })}, Container, "docker stop 0123456789ab"},
		{"docker-proxy", []host.FakeProcess{process(10, 1, "/usr/bin/docker-proxy", "docker-proxy", "-host-port", "8080")}, Container, "docker stop $(docker ps -q --filter publish=8080)"},
		{"kubectl", []host.FakeProcess{process(10, 1, "/usr/bin/kubectl", "kubectl", "port-forward", "svc/shop", "8080:80")}, PortForward, "kill 10"},
		{"ssh -L", []host.FakeProcess{process(10, 1, "/usr/bin/ssh", "ssh", "-NL", "8080:localhost:80", "box")}, PortForward, "kill 10"},
		{"a restart loop", []host.FakeProcess{process(9, 1, "/usr/bin/bash", "bash", "-c", "while true; do ./tmp/main; done"), shop(10, 9)}, ShellLoop, "kill 9"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			self := with(process(77, 1, "/go/bin/gindoctor", "gindoctor"), func(p *host.FakeProcess) { p.PIDNS = 4 })
			h := &host.Fake{SelfPID: 77, Procs: append([]host.FakeProcess{systemd(), self}, test.above...), Sockets: []host.Listener{listener("127.0.0.1", 10)}}
			got := one(t, h).Manager
			if got.Kind != test.kind || got.StopCommand != test.stop {
				t.Errorf("got %q, %q; want %q, %q", got.Kind, got.StopCommand, test.kind, test.stop)
			}
		})
	}
}

// What a container was started for is managed by its engine, unless it was started for what we come from ourselves, as a
// pipeline's job and a shell are.
func TestInContainer(t *testing.T) {
	in := func(session int, p host.FakeProcess) host.FakeProcess { p.SID = session; return p }
	self := func(ppid int) host.FakeProcess { return process(77, ppid, "/go/bin/gindoctor", "gindoctor") }
	script := in(1, process(1, 0, "/usr/bin/bash", "bash", "-c", "./tmp/main & gindoctor check; wait"))
	tini := in(1, process(1, 0, "/usr/bin/tini", "tini", "--", "./tmp/main"))
	tests := []struct {
		name     string
		procs    []host.FakeProcess
		kind     ManagerKind
		leftover bool
	}{
		{"a script that is pid 1, and we are let in", []host.FakeProcess{script, in(1, shop(10, 1)), in(77, self(0))}, Container, false},
		{"a script that is pid 1 runs us too", []host.FakeProcess{script, in(1, shop(10, 1)), in(1, self(1))}, None, false},
		{"sessions that begin outside", []host.FakeProcess{in(0, script), in(0, shop(10, 1)), in(0, self(1))}, None, false},
		{"an orphan of another session", []host.FakeProcess{script, in(9, shop(10, 1)), in(1, self(1))}, None, true},
		{"the child of tini, and we are let in", []host.FakeProcess{tini, in(1, shop(10, 1)), in(77, self(0))}, Container, false},
		{"an orphan given to tini", []host.FakeProcess{tini, process(2, 1, "/usr/bin/sleep", "sleep", "inf"), in(1, shop(10, 1)), in(77, self(0))}, None, true},
		{"tini runs a shell that runs us too", []host.FakeProcess{tini, process(2, 1, "/usr/bin/bash", "bash", "-c", "x; y"), in(1, shop(10, 2)), self(2)}, None, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.procs {
				test.procs[i].StartTicks = uint64(test.procs[i].PID)
			}
			h := one(t, &host.Fake{SelfPID: 77, Procs: test.procs, Sockets: []host.Listener{listener("127.0.0.1", 10)}})
			if h.Manager.Kind != test.kind || h.Leftover != test.leftover || h.PassesOn() {
				t.Errorf("managed by %q, left over %v, passed on %v", h.Manager.Kind, h.Leftover, h.PassesOn())
			}
		})
	}
}

func TestHasLoop(t *testing.T) {
	for text, want := range map[string]bool{
		"while true; do ./app; done":                      true,
		"while :; do ./app || sleep 1; done":              true,
		"until ./app; do echo again; done":                true,
		"for ((;;)); do ./app; done":                      true,
		"while [ 1 ]; do ./app; done":                     true,
		"./app":                                           false,
		"cd /srv && exec ./app":                           false,
		"for f in *.env; do . $f; done; ./app":            false,
		"while ! curl -s localhost; do sleep 1; done":     false,
		"while read line; do echo $line; done < x; ./app": false,
		"until nc -z db 5432; do sleep 1; done; ./app":    false,
		"while [ $# -gt 0 ]; do shift; done; ./app":       false,
		"if true; then ./app; fi":                         false,
		"while true; do":                                  true, // does not parse: taken for one
		"while inotifywait x; do ./app & done":            true,
		"while inotifywait -q .; do go run . ; done":      true,
		"inotifywait -m . | while read f; do ./app; done": true,
		"while read f; do go build $f; done; ./app":       false,
	} {
		if got := hasLoop(text); got != want {
			t.Errorf("hasLoop(%q) = %v", text, got)
		}
	}
}

func FuzzHasLoop(f *testing.F) {
	f.Add("while true; do ./app; done")
	f.Add("for ((;;")
	f.Add("\x00")
	f.Fuzz(func(_ *testing.T, text string) { hasLoop(text) })
}

func TestRestartScript(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "run.sh")
	if err := os.WriteFile(script, []byte("while :; do ./app; done\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	shell := host.Process{Exe: "/usr/bin/bash", Args: []string{"bash", "-x", "run.sh"}, Cwd: dir}
	if !loops(shell) {
		t.Error("the loop in the script was not seen")
	}
	shell.Args = []string{"bash", "gone.sh"}
	if !loops(shell) {
		t.Error("a script that cannot be read is not known to be over")
	}
	shell.Args = []string{"-bash"}
	if loops(shell) {
		t.Error("a login shell is no loop")
	}
}

// TestScriptLeavesItsFolder has a shell read a script that was named from another folder than it is in by now.
func TestScriptLeavesItsFolder(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("this system does not show what a process has open")
	}
	for text, want := range map[string]bool{
		"cd sub\necho there\nread x\n":                             false,
		"cd sub\necho there\nread x\nwhile true; do ./app; done\n": true,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "run.sh"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sub := filepath.Join(dir, "sub")
		if err := os.Mkdir(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		p := host.Process{PID: waiting(t, dir, "run.sh"), Exe: "/bin/sh", Args: []string{"sh", "run.sh"}, Cwd: sub}
		if got := loops(p); got != want {
			t.Errorf("%q loops: %v, want %v", text, got, want)
		}
	}
}

// waiting starts a script that writes a line and then waits for one. It gives the shell's pid once the line is there.
func waiting(t *testing.T, dir, script string) (pid int) {
	t.Helper()
	shell := exec.Command("sh", script)
	shell.Dir = dir
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Skip("no shell here:", err)
	}
	t.Cleanup(func() {
		shell.Process.Kill()
		in.Close()
		shell.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return shell.Process.Pid
}

func TestGoRunOutput(t *testing.T) {
	hash := "ab23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for exe, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/shop":                 true,
		"/home/a/.cache/go-build/ab/" + hash + "-d/shop": true,
		"/other/cache/ab/" + hash + "-d/shop":            true,
		"/home/a/.cache/go-build/cd/" + hash + "-d/shop": false,
		"/home/anna/shop/tmp/main":                       false,
		"/tmp/go-build123/b001/shop":                     false,
		"":                                               false,
		"shop":                                           false,
	} {
		if got := GoRunOutput(exe); got != want {
			t.Errorf("GoRunOutput(%q) = %v", exe, got)
		}
	}
}

func TestHiddenHolder(t *testing.T) {
	h := &host.Fake{Denied: 3, Procs: []host.FakeProcess{systemd()}, Sockets: []host.Listener{{Addr: netip.MustParseAddr("::"), Port: 8080, UID: 33, User: "www-data"}}}
	got := one(t, h)
	if got.Known || got.Process.PID != 0 || got.Process.User != "www-data" || got.Leftover || got.Relation != Foreign {
		t.Errorf("got %+v", got)
	}
}

// A process that ends between the reading of the sockets and that of the processes is nobody's holder any more, and must not
// turn into one that may not be seen.
func TestHolderThatEnded(t *testing.T) {
	h := &host.Fake{Procs: []host.FakeProcess{systemd()}, Sockets: []host.Listener{listener("::", 4711)}}
	holders, err := Holders(t.Context(), h, scope, 8080)
	if err != nil || len(holders) != 0 {
		t.Errorf("got %+v, %v", holders, err)
	}
}

func TestOwnThroughALink(t *testing.T) {
	linked := Scope{Roots: []string{"/home/anna/current", root}, Modules: scope.Modules}
	h := &host.Fake{Procs: []host.FakeProcess{systemd(), shop(10, 1)}, Sockets: []host.Listener{listener("::", 10)}}
	s, err := Look(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if own := s.Own(t.Context(), linked); len(own) != 1 || !own[0].Leftover {
		t.Errorf("got %+v", own)
	}
}

func TestOrphans(t *testing.T) {
	chain := []host.FakeProcess{systemd(), process(8, 1, "/usr/bin/dash", "sh", "-c", "a"), process(9, 8, "/usr/bin/dash", "sh", "-c", "b"), shop(10, 9)}
	h := &host.Fake{Procs: chain, Sockets: []host.Listener{listener("::", 10)}}
	if got := one(t, h); len(got.Orphans) != 2 || got.Orphans[0].PID != 9 || !got.Leftover {
		t.Errorf("orphans %+v, leftover %v", got.Orphans, got.Leftover)
	}
	h.Procs[1] = process(8, 1, "/usr/bin/bash", "bash", "start.sh") // waits for more than the server
	if got := one(t, h); len(got.Orphans) != 0 {
		t.Errorf("orphans %+v", got.Orphans)
	}
}
