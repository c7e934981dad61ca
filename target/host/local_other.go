//go:build !linux

package host

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/disk"
	psnet "github.com/shirou/gopsutil/v3/net"
	"github.com/shirou/gopsutil/v3/process"
)

// Local is this machine.
func Local() Host { return portable{} }

// portable reads a machine without /proc through gopsutil. Namespaces, control groups, inodes and deleted executables are
// Linux's own and stay empty.
type portable struct{}

// OS implements Host.
func (portable) OS() string { return runtime.GOOS }

// Self implements Host.
func (portable) Self() int { return os.Getpid() }

// UID implements Host.
func (portable) UID() int { return os.Geteuid() }

// Processes implements Host.
func (portable) Processes(ctx context.Context) (*Processes, error) {
	all, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil, err
	}
	table := &Processes{ByPID: make(map[int]Process, len(all))}
	for _, ps := range all {
		p, err := readPortable(ctx, ps)
		if err != nil {
			continue // it ended meanwhile
		}
		if p.Exe == "" {
			table.Denied++
		}
		table.ByPID[p.PID] = p
	}
	return table, ctx.Err()
}

// Process implements Host.
func (portable) Process(ctx context.Context, pid int) (Process, error) {
	ps, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return Process{}, ErrGone
	}
	return readPortable(ctx, ps)
}

// readPortable reads what gopsutil can tell of a process; what this user may not see stays empty.
func readPortable(ctx context.Context, ps *process.Process) (Process, error) {
	parent, err := ps.PpidWithContext(ctx)
	if err != nil {
		return Process{}, ErrGone
	}
	p := Process{PID: int(ps.Pid), PPID: int(parent), UID: -1}
	p.Name, _ = ps.NameWithContext(ctx)
	p.Exe, _ = ps.ExeWithContext(ctx)
	p.Args, _ = ps.CmdlineSliceWithContext(ctx)
	p.Cwd, _ = ps.CwdWithContext(ctx)
	p.User, _ = ps.UsernameWithContext(ctx)
	if uids, err := ps.UidsWithContext(ctx); err == nil && len(uids) > 1 {
		p.UID = int(uids[1]) // real, effective, saved
	}
	if memory, err := ps.MemoryInfoWithContext(ctx); err == nil && memory != nil {
		p.RSS = memory.RSS
	}
	if tty, err := ps.TerminalWithContext(ctx); err == nil {
		p.TTY = strings.TrimPrefix(tty, "/")
	}
	if states, err := ps.StatusWithContext(ctx); err == nil && len(states) > 0 && states[0] == process.Zombie {
		p.State = "Z"
	}
	if started, err := ps.CreateTimeWithContext(ctx); err == nil {
		p.Started = time.UnixMilli(started)
		p.StartTicks = uint64(started)
	}
	return p, nil
}

// Listeners implements Host. A socket of a process that this user may not look at has pid 0 in gopsutil's answer, with no
// error: 0 is never taken for a process.
func (portable) Listeners(ctx context.Context, ports ...int) (*Sockets, error) {
	connections, err := psnet.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return nil, err
	}
	type key struct {
		addr netip.Addr
		port int
	}
	byAddress := map[key]*Listener{}
	s := &Sockets{}
	for _, c := range connections {
		port := int(c.Laddr.Port)
		if c.Status != "LISTEN" || len(ports) > 0 && !slices.Contains(ports, port) {
			continue
		}
		addr := listenAddress(c)
		l := byAddress[key{addr, port}]
		if l == nil {
			l = &Listener{Addr: addr, Port: port, UID: -1}
			if len(c.Uids) > 0 {
				l.UID = int(c.Uids[0])
				l.User = userName(l.UID)
			}
			byAddress[key{addr, port}] = l
		}
		if c.Pid == 0 {
			s.Denied++
		} else if !slices.Contains(l.Holders, int(c.Pid)) {
			l.Holders = append(l.Holders, int(c.Pid))
		}
	}
	for _, l := range byAddress {
		slices.Sort(l.Holders)
		s.Listeners = append(s.Listeners, *l)
	}
	slices.SortFunc(s.Listeners, func(a, b Listener) int {
		if a.Port != b.Port {
			return a.Port - b.Port
		}
		return a.Addr.Compare(b.Addr)
	})
	return s, nil
}

// listenAddress reads the address of a socket; "*" stands for every one of its family (6 or 4, in each system's own number).
func listenAddress(c psnet.ConnectionStat) netip.Addr {
	const afInet = 2 // the same number on every system; that of IPv6 is not
	if addr, err := netip.ParseAddr(c.Laddr.IP); err == nil {
		return addr
	}
	if c.Family == afInet {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// BuildInfo implements Host.
func (h portable) BuildInfo(ctx context.Context, pid int) (*BuildInfo, error) {
	p, err := h.Process(ctx, pid)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(p.Exe) {
		return nil, os.ErrPermission
	}
	return readBuildInfo(p.Exe)
}

// FileBuildInfo implements Host.
func (portable) FileBuildInfo(_ context.Context, path string) (*BuildInfo, error) {
	return readBuildInfo(path)
}

// Environ implements Host.
func (portable) Environ(ctx context.Context, pid int) (map[string]string, error) {
	ps, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return nil, ErrGone
	}
	pairs, err := ps.EnvironWithContext(ctx)
	if err != nil {
		return nil, errors.Join(ErrUnsupported, err)
	}
	return environ(pairs), nil
}

// Limits implements Host.
func (portable) Limits(context.Context, int) (Limits, error) { return Limits{}, ErrUnsupported }

// Mounts implements Host.
func (portable) Mounts(ctx context.Context) ([]Mount, error) {
	partitions, err := disk.PartitionsWithContext(ctx, true)
	if err != nil {
		return nil, err
	}
	var mounts []Mount
	for _, p := range partitions {
		mounts = append(mounts, Mount{Point: p.Mountpoint, Type: p.Fstype, Source: p.Device, Options: p.Opts})
	}
	return mounts, nil
}

// Surroundings implements Host: these systems are neither containers nor inside Windows.
func (portable) Surroundings(context.Context) Surroundings { return Surroundings{} }

// Inotify implements Host: it is Linux's own.
func (portable) Inotify(context.Context) (*Inotify, error) { return nil, ErrUnsupported }

// Probe implements Host.
func (portable) Probe(ctx context.Context, in string) (*Probe, error) { return probe(ctx, in) }

// UnprivilegedPortStart implements Host.
func (portable) UnprivilegedPortStart(context.Context) (int, error) {
	switch runtime.GOOS {
	case "darwin", "windows":
		return 0, nil // macOS since 10.14 and Windows have no privileged ports
	}
	return 1024, nil
}

// EphemeralPorts implements Host: the range of RFC 6335, which macOS and Windows have unless somebody changed it.
func (portable) EphemeralPorts(context.Context) (low, high int, err error) { return 49152, 65535, nil }

// ReadFile implements Host.
func (portable) ReadFile(_ context.Context, path string) ([]byte, error) { return readFile(path) }

// ReadDir implements Host.
func (portable) ReadDir(_ context.Context, path string) ([]string, error) { return readDir(path) }

// Bind implements Host.
func (portable) Bind(ctx context.Context, address string) error { return bind(ctx, address) }

// Pin implements Host. Without a handle of the kernel's, the process is known by its start time, which is compared before
// each signal.
func (h portable) Pin(pid int) (Pinned, error) {
	p, err := h.Process(context.Background(), pid)
	if err != nil {
		return nil, err
	}
	handle, err := os.FindProcess(pid)
	if err != nil {
		return nil, ErrGone
	}
	return &pinnedByStart{host: h, process: p, handle: handle}, nil
}

type pinnedByStart struct {
	host    portable
	process Process
	handle  *os.Process
}

func (p *pinnedByStart) alive(ctx context.Context) bool {
	now, err := p.host.Process(ctx, p.process.PID)
	return err == nil && now.Same(p.process) && now.State != "Z"
}

// Signal implements Pinned.
func (p *pinnedByStart) Signal(sig Signal) error {
	if !p.alive(context.Background()) {
		return ErrGone
	}
	err := send(p.handle, sig)
	if errors.Is(err, os.ErrProcessDone) {
		return ErrGone
	}
	return err
}

// Wait implements Pinned. These systems tell nobody but the parent of a process that it has ended, so it is looked for.
func (p *pinnedByStart) Wait(ctx context.Context) error {
	const interval = 50 * time.Millisecond
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for p.alive(ctx) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return ctx.Err()
}

// Close implements Pinned.
func (p *pinnedByStart) Close() error { return p.handle.Release() }
