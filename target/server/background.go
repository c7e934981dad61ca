package server

import (
	"context"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// background finds the live watcher, or the live loop of a shell, whose work an orphan may be: one whose commands put the server
// into the background and end it at the next change, as `entr sh -c 'kill $(cat pid); ./app &'` does. Such a server is an orphan
// as soon as the shell has ended, and is at its place all the same. Of commands that provably end nothing it is left over: the
// next server finds the port taken.
func (s *Snapshot) background(ctx context.Context, scope Scope, p host.Process, line []host.Process) (Manager, bool) {
	if GoRunOutput(p.Exe) && !slices.ContainsFunc(line, goRun) {
		return Manager{}, false // the go command waits for what it runs: it was killed, and that has missed the server
	}
	for _, w := range s.Watchers {
		if w.Serves && scope.Inside(w.Dir) && s.mayHaveStarted(w.Process, p, line) && scope.mayEnd(ctx, w) {
			return Manager{Kind: Watcher, Name: w.Tool.Name, Process: &w.Process, Watcher: &w, StopCommand: stopHere(w.Process), Aside: true}, true
		}
	}
	for _, q := range s.loops(scope) {
		if s.mayHaveStarted(q, p, line) {
			return Manager{Kind: ShellLoop, Name: shellLoopName(q), Process: &q, StopCommand: stopHere(q), Aside: true}, true
		}
	}
	return Manager{}, false
}

// loops are the live shells in the project that run their commands again and again and may end a server, and what waits for
// changes on behalf of a loop that somebody typed.
func (s *Snapshot) loops(scope Scope) []host.Process {
	var out []host.Process
	for _, pid := range slices.Sorted(maps.Keys(s.Processes.ByPID)) {
		q := s.Processes.ByPID[pid]
		switch {
		case !scope.Inside(q.Cwd) || q.State == "Z":
		case slices.Contains(waiters, program(q)):
			out = append(out, q)
		case isShell(q) && loops(q):
			if text, err := runs(q); err != nil || endsOthers(text, q.Cwd, 0) {
				out = append(out, q)
			}
		}
	}
	return out
}

// waiters wait for the next change, for the shell that started them.
var waiters = []string{"inotifywait", "fswatch", "watchman-wait"}

// mayHaveStarted tells whether q may have started an orphan: it is the same user's and older, and no other live session holds
// the orphan. A waiter is begun anew for each change: its shell is the older one.
func (s *Snapshot) mayHaveStarted(q, p host.Process, line []host.Process) bool {
	older := q
	if parent, ok := s.Processes.Parent(q); ok && slices.Contains(waiters, program(q)) {
		older = parent
	}
	if q.UID != p.UID || before(p, older) {
		return false
	}
	if q.SID == p.SID || p.SID == 0 || q.SID == 0 { // 0: the system does not tell sessions
		return true
	}
	_, held := s.Processes.ByPID[p.SID] // setsid, and a terminal of the watcher's own, make another session
	return !held || p.SID == p.PID || slices.ContainsFunc(line, func(r host.Process) bool { return r.PID == p.SID })
}

func before(p, q host.Process) bool {
	if p.StartTicks != 0 && q.StartTicks != 0 {
		return p.StartTicks < q.StartTicks
	}
	return p.Started.Before(q.Started)
}

// mayEnd tells whether what a watcher runs may end a server that was put into the background; true where that is not known.
func (scope Scope) mayEnd(ctx context.Context, w watcher.Running) bool {
	if scope.Runs == nil {
		return true
	}
	lines, known := scope.Runs(ctx, w)
	return !known || slices.ContainsFunc(lines, func(l watcher.Line) bool {
		return endsOthers(l.Text, l.Dir, 0)
	})
}

// harmless are commands that end no other program.
var harmless = []string{"go", "gofmt", "goimports", "templ", "sqlc", "swag", "wire", "buf", "protoc", "staticcheck", "golangci-lint",
	"cd", "echo", "printf", "sleep", "wait", "export", "set", "unset", "umask", "ulimit", "test", "[", "true", "false", ":", "read", "pwd", "date",
	"clear", "tput", "touch", "mkdir", "cp", "mv", "rm", "ln", "chmod", "cat", "tee", "grep", "sed", "head", "tail", "ls", "find", "exit",
	"return", "shift", "inotifywait", "fswatch"}

// deepestScript bounds scripts that run scripts.
const deepestScript = 4

// endsOthers tells whether a shell text, run in a folder, may end a program that an earlier run of it has left in the
// background: it holds a command that is neither known to be harmless nor a program of the project's. Scripts are read.
func endsOthers(text, dir string, depth int) bool {
	commands, unknown := project.NewSource(text).Whole(0, len(text)).Commands(".", true)
	if depth > deepestScript || len(commands) == 0 || len(unknown) > 0 {
		return true
	}
	return slices.ContainsFunc(commands, func(c project.Command) bool {
		words := c.Words
		if len(words) > 1 && words[0] == "setsid" {
			words = words[1:]
		}
		in := ""
		if c.Dir != "" {
			in = filepath.Join(dir, c.Dir)
		}
		return commandEnds(words, in, depth)
	})
}

// commandEnds judges one command, run in a folder, "" for one that is not known.
func commandEnds(words []string, dir string, depth int) bool {
	name := words[0]
	shell := slices.Contains(shells, path.Base(name))
	switch {
	case slices.Contains(harmless, name):
		return false
	case shell && len(words) > 1 && strings.HasPrefix(words[1], "-"):
		return !strings.HasSuffix(words[1], "c") // what is given to -c stands among the commands
	case shell && len(words) > 1:
		name = words[1]
	case !strings.Contains(name, "/"):
		return true
	}
	if !filepath.IsAbs(name) {
		if dir == "" {
			return true
		}
		name = filepath.Join(dir, name)
	}
	if text, ok := project.ReadScript(name); ok {
		return endsOthers(text, dir, depth+1)
	}
	return shell || strings.HasPrefix(name, "/usr/") || strings.HasPrefix(name, "/bin/") || strings.HasPrefix(name, "/sbin/")
}
