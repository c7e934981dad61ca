package server

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// program is the base name of what a process runs. A script is named by its file, not by its interpreter.
func program(p host.Process) string {
	name := base(p.Exe)
	if name == "" && len(p.Args) > 0 {
		name = strings.TrimPrefix(base(p.Args[0]), "-") // a login shell is called -bash
	}
	if name == "" {
		name = p.Name
	}
	return strings.TrimSuffix(name, ".exe")
}

func base(file string) string {
	if file == "" {
		return ""
	}
	return path.Base(filepath.ToSlash(file))
}

var shells = []string{"sh", "bash", "dash", "zsh", "ash", "ksh", "mksh", "fish", "busybox"}

func isShell(p host.Process) bool {
	name := program(p)
	return slices.Contains(shells, name) && (name != "busybox" || len(p.Args) > 0 && slices.Contains(shells, base(p.Args[0])))
}

// shellCommand gives the argument of `sh -c`.
func shellCommand(p host.Process) (string, bool) {
	if !isShell(p) {
		return "", false
	}
	for i, arg := range p.Args[min(1, len(p.Args)):] {
		if !strings.HasPrefix(arg, "-") {
			return "", false
		}
		// -c may be joined with other letters, as in -lc
		if !strings.HasPrefix(arg, "--") && strings.HasSuffix(arg, "c") && i+2 < len(p.Args) {
			return p.Args[i+2], true
		}
	}
	return "", false
}

// shellScript gives the script file that a shell runs.
func shellScript(p host.Process) (string, bool) {
	if !isShell(p) {
		return "", false
	}
	for _, arg := range p.Args[min(1, len(p.Args)):] {
		switch {
		case !strings.HasPrefix(arg, "-"):
			if !filepath.IsAbs(arg) {
				arg = filepath.Join(p.Cwd, arg)
			}
			return arg, true
		case !strings.HasPrefix(arg, "--") && strings.ContainsAny(arg, "cs"):
			return "", false
		}
	}
	return "", false
}

// wrappers start one program, wait for it, and end when it does: they manage nothing.
var wrappers = []string{"make", "gmake", "just", "task", "mage", "env", "nohup", "setsid", "sudo", "doas", "su", "runuser", "timeout",
	"nice", "ionice", "stdbuf", "time", "prlimit", "setpriv", "script", "tini", "dumb-init", "catatonit", "strace", "unshare"}

// A shell is one while it runs a command or a script; one that reads commands from somewhere is in somebody's hands.
func isWrapper(p host.Process) bool {
	if slices.Contains(wrappers, program(p)) {
		return true
	}
	_, command := shellCommand(p)
	_, script := shellScript(p)
	return command || script
}

// interactive tells whether a person types into this shell.
func interactive(p host.Process) bool {
	if !isShell(p) || p.TTY == "" {
		return false
	}
	_, command := shellCommand(p)
	_, script := shellScript(p)
	return !command && !script
}

// reaper tells whether orphans are given to this process: pid 1, a user's systemd, and what containers and desktops run in
// their place. Any process can make itself one; these are those that do.
func reaper(p host.Process) bool {
	if p.PID == 1 {
		return true
	}
	switch program(p) {
	case "init", "containerd-shim", "containerd-shim-runc-v2", "conmon", "launchd", "upstart", "systemd":
		return true
	}
	return slices.Contains(smallInits, program(p))
}

// abandoned tells whether nobody alive is above a process but wrappers and the go command, up to the process that orphans are given to. line is
// its ancestors, nearest first.
func abandoned(line []host.Process) bool {
	for _, p := range line {
		if reaper(p) {
			return true
		}
		if !isWrapper(p) && !goRun(p) {
			return false
		}
	}
	return true // the parent is in no table: another namespace's, or it has just ended
}

// orphans are the `sh -c` shells directly above a process, when the last of them has lost its own parent.
func orphans(line []host.Process) []host.Process {
	for i, p := range line {
		if reaper(p) {
			return line[:i]
		}
		if _, ok := shellCommand(p); !ok {
			return nil
		}
	}
	return nil
}

// terminal is the tty that holds a process: its own when it is the leader of that session, or that of a live process above
// it whose session leader is above it too. An orphan that keeps the tty of a shell it no longer belongs to has none.
func terminal(p host.Process, line []host.Process) string {
	above := append([]host.Process{p}, line...)
	for i, q := range above {
		if i > 0 && reaper(q) && !interactive(q) {
			return ""
		}
		if q.TTY == "" {
			continue
		}
		led := slices.ContainsFunc(above[i:], func(r host.Process) bool { return r.PID == q.SID })
		if led || q.SID == 0 { // 0: the system does not tell sessions
			return q.TTY
		}
	}
	return ""
}
