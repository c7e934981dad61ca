package server

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
)

// maxScript bounds a shell script that we read, in bytes.
const maxScript = 256 << 10

// loops tells whether a live shell runs its commands again and again: `sh -c 'while true; do ./app; done'`, or a script file
// with such a loop. A script that cannot be read counts: what it does is not known to be over with the server.
func loops(p host.Process) bool {
	text, err := runs(p)
	return err != nil || hasLoop(text)
}

// runs is the text that a shell runs, "" where it reads commands from somewhere.
func runs(p host.Process) (string, error) {
	if command, ok := shellCommand(p); ok {
		return command, nil
	}
	script, ok := shellScript(p)
	if !ok {
		return "", nil
	}
	f, err := openScript(p.PID, script)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxScript))
	return string(text), err
}

// openScript opens the script that a shell runs. One that was named from a folder which the shell has left since is not where its name
// leads to now; the shell itself has it open.
func openScript(pid int, script string) (*os.File, error) {
	f, err := os.Open(script)
	if err == nil {
		return f, nil
	}
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	open, _ := os.ReadDir(dir)
	for _, fd := range open {
		name := filepath.Join(dir, fd.Name())
		link, _ := os.Readlink(name)
		if info, unseen := os.Stat(name); path.Base(link) == filepath.Base(script) && unseen == nil && info.Mode().IsRegular() {
			return os.Open(name)
		}
	}
	return nil, err
}

// hasLoop tells whether a shell text has a while, until or C-style for loop that starts something. Loops over a list of words
// come to their end; they wait for things or go through files.
func hasLoop(text string) bool {
	file, err := project.ShellFile(text)
	if err != nil {
		return strings.Contains(text, "while ") || strings.Contains(text, "until ")
	}
	found := false
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.WhileClause:
			found = found || endless(n) || starts(n.Do)
		case *syntax.ForClause:
			_, words := n.Loop.(*syntax.WordIter)
			found = found || !words
		}
		return !found
	})
	return found
}

// endless tells whether a while loop is one that keeps a program running: its condition is a constant, or its condition is
// itself the program (`until ./app; do ...`). `while read`, `while ! curl` and tests wait for something and end.
func endless(loop *syntax.WhileClause) bool {
	if len(loop.Cond) != 1 {
		return true
	}
	call, ok := loop.Cond[0].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false // [[ ... ]], (( ... ))
	}
	switch word := call.Args[0].Lit(); {
	case word == "true" || word == ":":
		return true
	case strings.Contains(word, "/"):
		return !loop.Cond[0].Negated
	case word == "[":
		return len(call.Args) > 1 && (call.Args[1].Lit() == "1" || call.Args[1].Lit() == "true")
	}
	return false
}

// starts tells whether the body of a loop starts a program, as `while inotifywait main.go; do kill $pid; ./app & pid=$!; done`
// does: it names one by a path, runs one by the go command, or leaves one in the background.
func starts(body []*syntax.Stmt) bool {
	found := false
	for _, stmt := range body {
		syntax.Walk(stmt, func(node syntax.Node) bool {
			switch n := node.(type) {
			case *syntax.Stmt:
				found = found || n.Background
			case *syntax.CallExpr:
				found = found || len(n.Args) > 0 && strings.Contains(n.Args[0].Lit(), "/") ||
					len(n.Args) > 1 && n.Args[0].Lit() == "go" && n.Args[1].Lit() == "run"
			}
			return !found
		})
	}
	return found
}

func shellLoopName(p host.Process) string {
	if script, ok := shellScript(p); ok {
		return base(script)
	}
	return program(p) + " -c"
}
