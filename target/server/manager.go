package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// manager finds who would start a process again if it were stopped. A watcher comes before all others: it is the one that
// the user thinks of. Otherwise the nearest above the process counts.
func (s *Snapshot) manager(ctx context.Context, p host.Process, line []host.Process) Manager {
	for _, q := range line {
		if w := s.watcherOf(q.PID); w >= 0 {
			running := s.Watchers[w]
			return Manager{Kind: Watcher, Name: running.Tool.Name, Process: &running.Process, Watcher: &running, StopCommand: stopHere(q)}
		}
	}
	if m, ok := s.itself(p, line); ok {
		return m
	}
	if m, ok := s.inside(p, line); ok {
		return m
	}
	for _, q := range line {
		if m, ok := s.above(ctx, p, q); ok {
			return m
		}
	}
	if unit, ok := systemdUnit(p, line); ok {
		return unit
	}
	for _, q := range line { // last: the others run shells of their own
		if loops(q) {
			return Manager{Kind: ShellLoop, Name: shellLoopName(q), Process: &q, StopCommand: stopHere(q)}
		}
	}
	return Manager{}
}

func (s *Snapshot) watcherOf(pid int) int {
	for i, w := range s.Watchers {
		if w.Process.PID == pid {
			return i
		}
	}
	return -1
}

// stopHere is how a program in somebody's hands is stopped.
func stopHere(p host.Process) string { return fmt.Sprintf("kill %d", p.PID) }

// itself recognises managers that hold the socket themselves, or are shown by the process alone. What a debugger has built and left
// behind is nobody's.
func (s *Snapshot) itself(p host.Process, line []host.Process) (Manager, bool) {
	name := program(p)
	switch {
	case p.PID == 1 && name == "systemd":
		return Manager{Kind: Systemd, Name: "a systemd socket", StopCommand: "systemctl list-sockets"}, true
	case name == "docker-proxy" || name == "rootlessport" || name == "com.docker.backend" || name == "gvproxy" || name == "vpnkit":
		return Manager{Kind: Container, Name: name, Process: &p, StopCommand: dockerStop(p)}, true
	case name == "kubectl" && slices.Contains(p.Args, "port-forward"):
		return Manager{Kind: PortForward, Name: "kubectl port-forward", Process: &p, StopCommand: stopHere(p)}, true
	case name == "ssh" && forwards(p.Args):
		return Manager{Kind: PortForward, Name: "ssh -L", Process: &p, StopCommand: stopHere(p)}, true
	case strings.HasPrefix(name, "sshd") && p.PPID != 1: // a session's own process, not the daemon
		return Manager{Kind: PortForward, Name: "ssh -R", Process: &p, StopCommand: stopHere(p)}, true
	case strings.HasPrefix(name, "__debug_bin") && !abandoned(line):
		return Manager{Kind: Debugger, Name: "the editor's debugger", Process: &p, StopCommand: "stop the debug session in the editor"}, true
	case s.inContainer(p):
		return s.container(p), true
	}
	return Manager{}, false
}

func forwards(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return len(a) > 1 && a[0] == '-' && a[1] != '-' && strings.ContainsAny(a, "LD")
	})
}

// above recognises q, an ancestor of p, as one that would start p again.
func (s *Snapshot) above(ctx context.Context, p, q host.Process) (Manager, bool) {
	name, line := program(q), strings.Join(q.Args, " ")
	switch {
	case goRun(q):
		return Manager{Kind: GoRun, Name: "go run", Process: &q, StopCommand: fmt.Sprintf("kill %d", p.PID)}, true
	case name == "dlv" || name == "dlv-dap" || name == "debugserver" || name == "gdb" || name == "rr":
		return Manager{Kind: Debugger, Name: name, Process: &q, StopCommand: stopHere(q)}, true
	case name == "java" && strings.Contains(strings.ToLower(line), "idea.paths.selector"), name == "goland":
		return Manager{Kind: Debugger, Name: "the JetBrains IDE", Process: &q, StopCommand: "stop the run configuration in the IDE"}, true
	case strings.HasPrefix(line, "PM2 ") && strings.Contains(line, "God Daemon"):
		return s.pm2(ctx, p, q), true
	case scriptNamed(q, "supervisord"):
		return s.supervisor(ctx, p, q), true
	case strings.HasPrefix(name, "tmux") && strings.Contains(line, "overmind"):
		return Manager{Kind: Foreman, Name: "overmind", Process: &q, StopCommand: "overmind quit"}, true
	case foreman(q) != "":
		return Manager{Kind: Foreman, Name: foreman(q), Process: &q, StopCommand: stopHere(q)}, true
	case strings.HasPrefix(name, "containerd-shim") || name == "conmon":
		return s.container(p), true
	}
	return Manager{}, false
}

// goRun tells whether a process is the go command running a program: `go run .`, `go -C dir run .`.
func goRun(p host.Process) bool {
	name := program(p)
	if name != "go" && !strings.HasPrefix(name, "go1.") || len(p.Args) < 2 {
		return false
	}
	args := p.Args[1:]
	if args[0] == "-C" && len(args) > 2 {
		args = args[2:]
	} else if strings.HasPrefix(args[0], "-C=") && len(args) > 1 {
		args = args[1:]
	}
	return args[0] == "run" || args[0] == "tool"
}

var foremen = []string{"foreman", "overmind", "hivemind", "goreman", "honcho", "forego", "shoreman", "process-compose", "mprocs",
	"concurrently", "npm-run-all", "tilt", "skaffold", "nf", "runsv", "s6-supervise", "forever", "monit", "circusd"}

// foreman names the Procfile runner or the like that a process is, or "".
func foreman(p host.Process) string {
	for _, name := range foremen {
		if scriptNamed(p, name) {
			return name
		}
	}
	if strings.HasPrefix(strings.Join(p.Args, " "), "foreman: master") { // the title that foreman gives itself
		return "foreman"
	}
	return ""
}

// scriptNamed tells whether a process is a program of that name: by its own executable, or as a script of an interpreter.
func scriptNamed(p host.Process, name string) bool {
	if program(p) == name {
		return true
	}
	interpreter := program(p)
	for _, known := range []string{"python", "ruby", "node", "nodejs", "perl"} {
		if strings.HasPrefix(interpreter, known) && len(p.Args) > 1 {
			return slices.ContainsFunc(p.Args[1:min(3, len(p.Args))], func(arg string) bool {
				b := base(arg)
				return b == name || strings.TrimSuffix(strings.TrimSuffix(b, ".js"), ".py") == name
			})
		}
	}
	return false
}

func (s *Snapshot) pm2(ctx context.Context, p, q host.Process) Manager {
	id := "all"
	if env, err := s.Host.Environ(ctx, p.PID); err == nil && env["pm_id"] != "" {
		id = env["pm_id"]
	}
	return Manager{Kind: PM2, Name: "pm2", Process: &q, StopCommand: "pm2 stop " + id}
}

func (s *Snapshot) supervisor(ctx context.Context, p, q host.Process) Manager {
	m := Manager{Kind: Supervisor, Name: "supervisord", Process: &q, StopCommand: "supervisorctl status"}
	env, err := s.Host.Environ(ctx, p.PID)
	name := env["SUPERVISOR_PROCESS_NAME"]
	if err != nil || name == "" {
		return m
	}
	if group := env["SUPERVISOR_GROUP_NAME"]; group != "" && group != name {
		name = group + ":" + name
	}
	m.StopCommand = "supervisorctl stop " + name
	return m
}
