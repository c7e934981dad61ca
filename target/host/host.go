// Package host reads what this machine runs: processes, listening sockets, limits, mounts. It has no opinion on any of it.
//
// Host is the interface that all others use. Local returns this machine's; Fake (fake.go) is one made of data, for tests.
// What a system cannot tell is ErrUnsupported, what this user may not see is marked as denied: neither is ever reported
// as "nothing there".
package host

import (
	"context"
	"debug/buildinfo"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// ErrUnsupported says that this operating system has no such fact, or that we cannot read it there.
var ErrUnsupported = errors.New("not available on this system")

// ErrGone says that the process ended while we looked.
var ErrGone = errors.New("the process has ended")

// Host is one machine. Implementations are safe for concurrent use and read afresh at every call: callers that want one
// shared snapshot keep it themselves (package target does).
type Host interface {
	// OS is the value of runtime.GOOS for this host.
	OS() string
	// Self is our own pid.
	Self() int
	// UID is the effective user id we run as, -1 where there is none.
	UID() int
	// Processes lists the processes of this host. Processes that end meanwhile are left out.
	Processes(ctx context.Context) (*Processes, error)
	// Process reads one process; ErrGone if there is none of that pid.
	Process(ctx context.Context, pid int) (Process, error)
	// Listeners lists the listening TCP sockets of this network namespace and of every other one that a process we may
	// look at lives in. Ports narrows it to those ports (none means all): holders are looked up for these only.
	Listeners(ctx context.Context, ports ...int) (*Sockets, error)
	// BuildInfo reads what the Go linker wrote into the executable of a process, also when that file was deleted since.
	BuildInfo(ctx context.Context, pid int) (*BuildInfo, error)
	// FileBuildInfo reads the same of an executable on disk.
	FileBuildInfo(ctx context.Context, path string) (*BuildInfo, error)
	// Environ gives the environment that a process was started with (later changes are invisible from outside).
	Environ(ctx context.Context, pid int) (map[string]string, error)
	// Limits gives the resource limits in force for a process.
	Limits(ctx context.Context, pid int) (Limits, error)
	// Descriptors lists what a process has open; fs.ErrPermission where this user may not see it.
	Descriptors(ctx context.Context, pid int) (*Descriptors, error)
	// CountDescriptors counts them and looks at none: microseconds where the kernel keeps the number (Linux 6.2), and then of
	// other users' processes too.
	CountDescriptors(ctx context.Context, pid int) (int, error)
	// Connections lists the TCP sockets of the network namespace that a process lives in: its own are those of which
	// Descriptors has the inode.
	Connections(ctx context.Context, pid int) ([]Connection, error)
	// Usage reads the memory, threads and processor time of a process.
	Usage(ctx context.Context, pid int) (Usage, error)
	// Writers finds the processes that have one of these regular files open for writing, as far as this user may see; files are
	// known by ID and the last element of Path.
	Writers(ctx context.Context, files ...OpenFile) ([]Writer, error)
	// Shares tells how much is left of what a process shares with others: ErrUnsupported outside of Linux.
	Shares(ctx context.Context, pid int) (*Shares, error)
	// Ask sends `OPTIONS *` to an address of this machine, which net/http answers without a handler, and tells what came of it
	// within AskWait. Other addresses than loopback ones are refused.
	Ask(ctx context.Context, at netip.AddrPort) (Reply, error)
	// Mounts lists the mounted filesystems.
	Mounts(ctx context.Context) ([]Mount, error)
	// Surroundings tells what this machine runs in: a container, a Linux inside Windows.
	Surroundings(ctx context.Context) Surroundings
	// Inotify tells what this user may watch and who watches how much; ErrUnsupported where there is no inotify.
	Inotify(ctx context.Context) (*Inotify, error)
	// Probe writes a file in a fresh folder inside a folder, waits for the event that tells of it, at most ProbeWait, and takes
	// the folder away again.
	Probe(ctx context.Context, in string) (*Probe, error)
	// UnprivilegedPortStart is the lowest TCP port that needs no privilege; EphemeralPorts the range that the system hands out.
	UnprivilegedPortStart(ctx context.Context) (int, error)
	EphemeralPorts(ctx context.Context) (low, high int, err error)
	// Bind binds and listens on the address as a Go server would (SO_REUSEADDR) and lets go at once: nil means free.
	Bind(ctx context.Context, address string) error
	// ReadFile reads a regular file of this machine of at most MaxFile bytes: a certificate, a crontab, a unit.
	ReadFile(ctx context.Context, path string) ([]byte, error)
	// ReadDir lists the names of what lies in a folder of this machine, in order.
	ReadDir(ctx context.Context, path string) ([]string, error)
	// Pin holds on to a process so that a signal can never reach another one that got its pid later.
	Pin(pid int) (Pinned, error)
}

// Pinned is a process held by the kernel's own handle (a pidfd where the system has them).
type Pinned interface {
	// Signal sends a signal to that very process; ErrGone when it has ended.
	Signal(sig Signal) error
	// Wait returns nil when the process has ended (a zombie counts as ended: it holds no port), or ctx's error.
	Wait(ctx context.Context) error
	Close() error
}

// Signal is one of the signals we ever send.
type Signal string

// The signals we ever send.
const (
	Terminate Signal = "SIGTERM"
	Continue  Signal = "SIGCONT"
	Kill      Signal = "SIGKILL"
)

// FileID identifies a file whatever its name.
type FileID struct {
	Device uint64 `json:"device,omitempty"`
	Inode  uint64 `json:"inode,omitempty"`
}

// Process is one process as it was when it was read.
type Process struct {
	PID  int    `json:"pid"`
	PPID int    `json:"ppid"`
	PGID int    `json:"pgid,omitempty"`
	SID  int    `json:"sid,omitempty"`
	UID  int    `json:"uid"`            // effective
	User string `json:"user,omitempty"` // its name, or the number where it has none
	Name string `json:"name,omitempty"` // as the kernel keeps it, at most 15 bytes
	// State is the kernel's letter: R, S, D, Z, T, ...
	State string   `json:"state,omitempty"`
	Args  []string `json:"args,omitempty"`
	// Exe is the path of the executable without the kernel's " (deleted)"; empty when it may not be read.
	Exe        string `json:"exe,omitempty"`
	ExeDeleted bool   `json:"exe_deleted,omitempty"`
	ExeID      FileID `json:"exe_id,omitzero"` // of the file it runs, deleted or not
	Cwd        string `json:"cwd,omitempty"`   // empty when it may not be read
	TTY        string `json:"tty,omitempty"`   // "pts/3"; empty when it has no terminal
	// Started has the precision of the clock tick; StartTicks (since boot) identifies the process together with its pid.
	Started    time.Time `json:"started,omitzero"`
	StartTicks uint64    `json:"start_ticks,omitempty"`
	NetNS      uint64    `json:"net_ns,omitempty"` // inode of its network namespace, 0 when unknown
	PIDNS      uint64    `json:"pid_ns,omitempty"` // inode of its pid namespace, 0 when unknown
	RSS        uint64    `json:"rss,omitempty"`    // bytes of memory in use, 0 when unknown
	Cgroup     string    `json:"cgroup,omitempty"` // path in the unified hierarchy; names systemd units and containers
}

// Same tells whether two readings are of one process: the same pid and the same start.
func (p Process) Same(q Process) bool { return p.PID == q.PID && p.StartTicks == q.StartTicks }

// Processes is one snapshot of the process table.
type Processes struct {
	ByPID  map[int]Process
	Denied int // processes of which executable and working folder may not be read by this user
}

// Parent returns the parent of a process, if it is in the table.
func (t *Processes) Parent(p Process) (Process, bool) {
	parent, ok := t.ByPID[p.PPID]
	return parent, ok && p.PPID != p.PID
}

// Ancestors lists parent, grandparent and so on up to the first process of the table.
func (t *Processes) Ancestors(p Process) []Process {
	var line []Process
	for len(line) < 128 { // a table read while processes come and go might hold a ring
		parent, ok := t.Parent(p)
		if !ok {
			break
		}
		line = append(line, parent)
		p = parent
	}
	return line
}

// Children lists the direct children of a pid, by pid.
func (t *Processes) Children(pid int) []Process {
	var out []Process
	for _, p := range t.ByPID {
		if p.PPID == pid && p.PID != pid {
			out = append(out, p)
		}
	}
	sortByPID(out)
	return out
}

// Descendants lists what a process has started, and what these have, parents first.
func (t *Processes) Descendants(pid int) []Process {
	out := t.Children(pid)
	for i := 0; i < len(out) && len(out) < len(t.ByPID); i++ {
		out = append(out, t.Children(out[i].PID)...)
	}
	return out
}

// Listener is one listening TCP socket.
type Listener struct {
	Addr  netip.Addr `json:"addr"` // unspecified for "every address"
	Port  int        `json:"port"`
	Inode uint64     `json:"inode,omitempty"`
	UID   int        `json:"uid"` // owner, from the socket table: known even when the process is not
	User  string     `json:"user,omitempty"`
	// V6Only is true for an IPv6 wildcard that leaves IPv4 to others; false also where the system does not tell.
	V6Only bool `json:"v6_only,omitempty"`
	// NetNS is the namespace it lives in, OtherNS true when that is not ours: nothing of ours can reach or clash with it.
	NetNS   uint64 `json:"net_ns,omitempty"`
	OtherNS bool   `json:"other_ns,omitempty"`
	// Holders are the pids that hold a descriptor of this socket, ascending. Empty with Sockets.Denied > 0 means "held by a
	// process that this user may not look at"; the owner is then UID.
	Holders []int `json:"holders,omitempty"`
}

// Wildcard tells whether the socket listens on every address (of its family).
func (l Listener) Wildcard() bool { return l.Addr.IsUnspecified() }

// Sockets is one snapshot of the listening sockets.
type Sockets struct {
	Listeners []Listener
	Denied    int // processes whose descriptors may not be read by this user
}

// On returns the listeners of a port in our own network namespace.
func (s *Sockets) On(port int) []Listener {
	var out []Listener
	for _, l := range s.Listeners {
		if l.Port == port && !l.OtherNS {
			out = append(out, l)
		}
	}
	return out
}

// BuildInfo is what the Go linker wrote into an executable.
type BuildInfo struct {
	buildinfo.BuildInfo        // as of debug/buildinfo; Main.Path is the main module
	BuildID             string // of the linker: equal ids mean equal code; empty when it has none
	File                FileID // the file it was read from
	Modified            time.Time
}

// Limits are the resource limits that matter to a server. Unlimited is -1.
type Limits struct {
	OpenFilesSoft, OpenFilesHard int64
}

// Mount is one mounted filesystem.
type Mount struct {
	Point   string   // where it is mounted
	Type    string   // ext4, overlay, 9p, fuse.sshfs, ...
	Source  string   // device or remote name
	Options []string // noexec, ro, ...
}

// environ maps the variables of NAME=value pairs to their values.
func environ(pairs []string) map[string]string {
	env := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}
