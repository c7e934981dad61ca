// Package server tells who holds a port and what that process is to the examined project: its own server under a live
// watcher, a leftover, somebody else's program; and who would start it again if it were stopped.
package server

import (
	"context"
	"runtime/debug"
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ManagerKind is the kind of thing that started a process and may start it again.
type ManagerKind string

// The kinds of manager. None means that nothing would start it again.
const (
	None        ManagerKind = ""
	Watcher     ManagerKind = "watcher"    // air and its kin
	GoRun       ManagerKind = "go run"     // a live go command above it
	Debugger    ManagerKind = "debugger"   // dlv, or an IDE's debug binary
	Systemd     ManagerKind = "systemd"    // a unit, or a socket of pid 1
	Supervisor  ManagerKind = "supervisor" // supervisord
	Foreman     ManagerKind = "foreman"    // foreman, overmind, hivemind, goreman, honcho, ...
	PM2         ManagerKind = "pm2"        // pm2 and its kin
	ShellLoop   ManagerKind = "shell loop" // a script that starts it again and again
	Container   ManagerKind = "container"  // docker-proxy, a runtime's shim, or a process inside a container
	PortForward ManagerKind = "forward"    // kubectl port-forward, ssh -L
)

// Manager is who started a process and may start it again.
type Manager struct {
	Kind    ManagerKind
	Name    string           // "air", "nginx.service"
	Process *host.Process    // nil where it is not a process of this host (a container engine)
	Watcher *watcher.Running // set for the kind Watcher
	// StopCommand is what the user types to stop the thing where it is managed: "systemctl stop nginx".
	StopCommand string
	// Aside is true for a manager that has put the process into the background: it is none of its descendants, and does not
	// end with it.
	Aside bool
}

// Relation says what a process is to the examined project.
type Relation string

// The relations. Ours is a server of this project: a Go binary of its main module with its executable or its working
// folder inside the root.
const (
	Foreign Relation = "foreign"
	Ours    Relation = "ours"
)

// Holder is one process that holds a listening socket, judged against the examined project.
type Holder struct {
	Listeners []host.Listener // of the port asked for, that this process holds
	Process   host.Process
	Known     bool // false: the socket is there and its process may not be seen; then only Process.UID and User are set
	// Perhaps is, where Known is false, a program of that user which was started from within the project: it may be the one.
	Perhaps  *host.Process
	Relation Relation
	Because  []string // what shows the relation, a line each: "built from github.com/acme/shop", "executable tmp/main"
	Manager  Manager
	// Leftover is true for a server of this project that nobody manages and that no terminal holds.
	Leftover bool
	// Terminal is the tty that the process or a live shell above it is attached to.
	Terminal string
	// Orphans are the `sh -c` shells above it that lost their own parent; they end with it.
	Orphans []host.Process
	// Inherited is true when the process that opened the socket is gone and this one only inherited the descriptor (it is
	// no Go server of this project and shares the inode by descent).
	Inherited bool
	// Program is the import path of the main package, Module its main module, of a server of this project.
	Program, Module string
	// Build is what the linker wrote into the running executable and OnDisk what it wrote into the file that stands at its
	// path now: nil where there is none, or it cannot be read. Both are read of servers of this project only.
	Build, OnDisk *host.BuildInfo
	// Removed is true for a server of this project whose executable was deleted, and nothing stands at its path.
	Removed bool
	// InContainer is true when it lives in another pid namespace.
	InContainer bool
}

// SharesSocket tells whether two processes hold one and the same listening socket.
func (h Holder) SharesSocket(other Holder) bool {
	return slices.ContainsFunc(h.Listeners, func(l host.Listener) bool {
		return slices.ContainsFunc(other.Listeners, func(m host.Listener) bool { return l.Inode != 0 && l.Inode == m.Inode })
	})
}

// PassesOn tells whether the process only passes on what arrives at its port: docker-proxy, kubectl port-forward, a socket that
// systemd holds for a service that it has yet to start. The server itself is elsewhere.
func (h Holder) PassesOn() bool {
	switch m := h.Manager; m.Kind {
	case PortForward:
		return true
	case Container:
		return m.Process != nil && m.Process.PID == h.Process.PID
	case Systemd:
		return h.Process.PID == 1
	}
	return false
}

// Scope is what makes a process one of the examined project's.
type Scope struct {
	Roots   []string // the examined folder, absolute: as the user names it and with its links resolved
	Modules []string // paths of its main modules
	// Runs tells which command lines a watcher of this project runs; false where that is not known. It may be nil.
	Runs func(ctx context.Context, w watcher.Running) ([]watcher.Line, bool)
}

// Holders tells who holds a port now, one entry per process, in our own network namespace. Nobody gives none. A socket of
// which no process may be seen gives one entry with Known false.
func Holders(ctx context.Context, h host.Host, scope Scope, port int) ([]Holder, error) {
	s, err := Look(ctx, h, port)
	if err != nil {
		return nil, err
	}
	return s.Holders(ctx, scope, port), nil
}

// Under tells whether a watcher runs this process.
func (h Holder) Under(w watcher.Running) bool {
	return h.Manager.Watcher != nil && h.Manager.Watcher.Process.PID == w.Process.PID
}

// ListensOn tells whether it listens on a port.
func (h Holder) ListensOn(port int) bool {
	return slices.ContainsFunc(h.Listeners, func(l host.Listener) bool { return l.Port == port })
}

// BuiltWith tells whether a module was linked into the program.
func (h Holder) BuiltWith(module string) bool {
	return h.Build != nil && slices.ContainsFunc(h.Build.Deps, func(d *debug.Module) bool { return d.Path == module })
}
