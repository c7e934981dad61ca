package host

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Fake is a host made of data, for tests. Its zero value is a Linux machine on which nothing runs.
type Fake struct {
	System    string            `json:"os"` // runtime.GOOS; linux when empty
	SelfPID   int               `json:"self"`
	SelfUID   int               `json:"uid"`
	Procs     []FakeProcess     `json:"processes"`
	Sockets   []Listener        `json:"listeners"`
	Denied    int               `json:"denied"` // processes whose descriptors and executables are hidden
	Files     map[string]FakeGo `json:"files"`  // Go executables on disk, by path
	Texts     map[string]string `json:"texts"`  // other files, by path
	MountList []Mount           `json:"mounts"`
	PortStart int               `json:"unprivileged_port_start"` // 1024 when 0
	Around    Surroundings      `json:"surroundings"`
	Watching  *Inotify          `json:"inotify"` // generous limits and nobody who watches when nil
	Probed    map[string]Probe  `json:"probes"`  // by the mount that is probed; others cannot be written to
	Broken    string            `json:"broken"`  // when set, the process table cannot be read, for this reason
	Sharing   *Shares           `json:"shares"`  // nothing is limited when nil
	Replies   map[int]Reply     `json:"replies"` // to Ask, by port; without one a listener answers

	mu      sync.Mutex
	ended   map[int]bool
	read    map[int]bool // processes whose Usage was read once
	Signals []SentSignal `json:"-"` // what was sent, in order
	// React, when set, is told of each signal and says whether the process ends of it; without it all but SIGCONT end it.
	React func(pid int, sig Signal) bool `json:"-"`
}

// SentSignal is one signal that a Fake's process got.
type SentSignal struct {
	PID    int
	Signal Signal
}

// FakeProcess is a process of a Fake with what is read of it on demand.
type FakeProcess struct {
	Process
	Build  FakeGo            `json:"build"`
	Env    map[string]string `json:"env"`
	Limits Limits            `json:"limits"`

	// Becomes is what a second look at this process tells, where that is not the same; Passing says that it has ended by then.
	Becomes *Process `json:"becomes"`
	Passing bool     `json:"passing"`

	// What it has open; where no descriptors are given, those of its connections.
	Descriptors Descriptors  `json:"descriptors"`
	Connections []Connection `json:"connections"` // its own
	Usage       Usage        `json:"usage"`
	// Later are the samples after that one: each reading of Usage goes one further, and the last one stays.
	Later  []FakeSample `json:"later"`
	Hidden bool         `json:"hidden"` // its descriptors may not be looked at, only counted
}

// FakeSample is what a process of a Fake has open at a later moment.
type FakeSample struct {
	Descriptors Descriptors  `json:"descriptors"`
	Connections []Connection `json:"connections"`
	Usage       Usage        `json:"usage"`
}

func (p *FakeProcess) opened() *Descriptors {
	if p.Descriptors.Total > 0 || len(p.Connections) == 0 {
		return &p.Descriptors
	}
	d := &Descriptors{Total: len(p.Connections), ByKind: map[DescriptorKind]int{SocketKind: len(p.Connections)}}
	for _, c := range p.Connections {
		d.Sockets = append(d.Sockets, c.Inode)
	}
	return d
}

// FakeGo is what the linker wrote into a Go executable.
type FakeGo struct {
	Main     string            `json:"main"` // main module path; empty when it is no Go program
	Package  string            `json:"package"`
	Deps     []string          `json:"deps"` // module paths
	BuildID  string            `json:"build_id"`
	Modified time.Time         `json:"modified"` // of the file
	Settings map[string]string `json:"settings"`
}

func (g FakeGo) info() (*BuildInfo, error) {
	if g.Main == "" && g.Package == "" {
		return nil, fmt.Errorf("not a Go executable")
	}
	b := &BuildInfo{BuildInfo: buildinfo.BuildInfo{Path: g.Package}, BuildID: g.BuildID, Modified: g.Modified}
	b.Main.Path = g.Main
	for _, path := range g.Deps {
		b.Deps = append(b.Deps, &debug.Module{Path: path})
	}
	for k, v := range g.Settings {
		b.Settings = append(b.Settings, debugSetting(k, v))
	}
	return b, nil
}

// OS implements Host.
func (f *Fake) OS() string {
	if f.System == "" {
		return "linux"
	}
	return f.System
}

// Self implements Host.
func (f *Fake) Self() int { return f.SelfPID }

// UID implements Host.
func (f *Fake) UID() int { return f.SelfUID }

// Processes implements Host.
func (f *Fake) Processes(context.Context) (*Processes, error) {
	if f.Broken != "" {
		return nil, fmt.Errorf("%s", f.Broken)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &Processes{ByPID: map[int]Process{}, Denied: f.Denied}
	for _, p := range f.Procs {
		if !f.ended[p.PID] {
			t.ByPID[p.PID] = p.Process
		}
	}
	return t, nil
}

func (f *Fake) find(pid int) (FakeProcess, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.Procs, func(p FakeProcess) bool { return p.PID == pid })
	if i < 0 || f.ended[pid] {
		return FakeProcess{}, ErrGone
	}
	return f.Procs[i], nil
}

// Process implements Host.
func (f *Fake) Process(_ context.Context, pid int) (Process, error) {
	p, err := f.find(pid)
	switch {
	case err == nil && p.Passing:
		return Process{}, ErrGone
	case err == nil && p.Becomes != nil:
		return *p.Becomes, nil
	}
	return p.Process, err
}

// Descriptors implements Host.
func (f *Fake) Descriptors(_ context.Context, pid int) (*Descriptors, error) {
	p, err := f.find(pid)
	if err == nil && p.Hidden {
		return nil, &fs.PathError{Op: "open", Path: "fd", Err: fs.ErrPermission}
	}
	return p.opened(), err
}

// CountDescriptors implements Host.
func (f *Fake) CountDescriptors(_ context.Context, pid int) (int, error) {
	p, err := f.find(pid)
	return p.opened().Total, err
}

// Connections implements Host.
func (f *Fake) Connections(_ context.Context, pid int) ([]Connection, error) {
	if _, err := f.find(pid); err != nil && pid != f.Self() {
		return nil, err
	}
	var all []Connection
	for _, p := range f.Procs {
		all = append(all, p.Connections...)
	}
	return all, nil
}

// Writers implements Host.
func (f *Fake) Writers(_ context.Context, files ...OpenFile) ([]Writer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Writer
	for _, p := range f.Procs {
		for _, o := range p.Descriptors.Files {
			if o.Write && !f.ended[p.PID] && slices.ContainsFunc(files, func(w OpenFile) bool { return w.ID == o.ID }) {
				out = append(out, Writer{p.PID, o})
			}
		}
	}
	return out, nil
}

// Shares implements Host.
func (f *Fake) Shares(_ context.Context, _ int) (*Shares, error) {
	if f.OS() != "linux" {
		return nil, ErrUnsupported
	}
	if f.Sharing == nil {
		return &Shares{}, nil
	}
	return f.Sharing, nil
}

// Ask implements Host.
func (f *Fake) Ask(ctx context.Context, at netip.AddrPort) (Reply, error) {
	if r, ok := f.Replies[int(at.Port())]; ok {
		return r, nil
	}
	s, err := f.Listeners(ctx, int(at.Port()))
	if err != nil || len(s.Listeners) == 0 {
		return Refused, err
	}
	return Answered, nil
}

// Usage implements Host.
func (f *Fake) Usage(_ context.Context, pid int) (Usage, error) {
	p, err := f.find(pid)
	if err == nil {
		p.Usage = f.next(pid)
	}
	return p.Usage, err
}

// next moves a process on to the next of its samples, unless this is the first reading.
func (f *Fake) next(pid int) Usage {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.Procs, func(p FakeProcess) bool { return p.PID == pid })
	p := &f.Procs[i]
	if f.read == nil {
		f.read = map[int]bool{}
	}
	if f.read[pid] && len(p.Later) > 0 {
		now := p.Later[0]
		p.Descriptors, p.Connections, p.Usage, p.Later = now.Descriptors, now.Connections, now.Usage, p.Later[1:]
	}
	f.read[pid] = true
	return p.Usage
}

// Listeners implements Host: a socket lives as long as one of its holders does.
func (f *Fake) Listeners(_ context.Context, ports ...int) (*Sockets, error) {
	if f.Broken != "" {
		return nil, fmt.Errorf("%s", f.Broken)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &Sockets{Denied: f.Denied}
	for _, l := range f.Sockets {
		if len(ports) > 0 && !slices.Contains(ports, l.Port) {
			continue
		}
		had := len(l.Holders) > 0
		l.Holders = slices.DeleteFunc(slices.Clone(l.Holders), func(pid int) bool { return f.ended[pid] })
		if !had || len(l.Holders) > 0 {
			s.Listeners = append(s.Listeners, l)
		}
	}
	return s, nil
}

// BuildInfo implements Host.
func (f *Fake) BuildInfo(_ context.Context, pid int) (*BuildInfo, error) {
	p, err := f.find(pid)
	if err != nil {
		return nil, err
	}
	return p.Build.info()
}

// FileBuildInfo implements Host.
func (f *Fake) FileBuildInfo(_ context.Context, path string) (*BuildInfo, error) {
	g, ok := f.Files[path]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return g.info()
}

// ReadFile implements Host.
func (f *Fake) ReadFile(_ context.Context, path string) ([]byte, error) {
	text, ok := f.Texts[path]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

// ReadDir implements Host: a folder is there when a file of Texts lies below it.
func (f *Fake) ReadDir(_ context.Context, path string) ([]string, error) {
	names := map[string]bool{}
	for name := range f.Texts {
		if rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/"); ok {
			name, _, _ = strings.Cut(rest, "/")
			names[name] = true
		}
	}
	if len(names) == 0 {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Environ implements Host.
func (f *Fake) Environ(_ context.Context, pid int) (map[string]string, error) {
	p, err := f.find(pid)
	return p.Env, err
}

// Limits implements Host.
func (f *Fake) Limits(_ context.Context, pid int) (Limits, error) {
	p, err := f.find(pid)
	return p.Limits, err
}

// Mounts implements Host.
func (f *Fake) Mounts(context.Context) ([]Mount, error) { return f.MountList, nil }

// Surroundings implements Host.
func (f *Fake) Surroundings(context.Context) Surroundings { return f.Around }

// Inotify implements Host. Limits that are not given are generous.
func (f *Fake) Inotify(context.Context) (*Inotify, error) {
	if f.OS() != "linux" {
		return nil, ErrUnsupported
	}
	i := Inotify{}
	if f.Watching != nil {
		i = *f.Watching
	}
	for _, limit := range []*int{&i.Watches, &i.SystemWatches, &i.Instances, &i.SystemInstances, &i.Queue} {
		if *limit == 0 {
			*limit = 1 << 20
		}
	}
	return &i, nil
}

// Probe implements Host: the mount that holds the folder answers.
func (f *Fake) Probe(_ context.Context, in string) (*Probe, error) {
	m, ok := FilesystemOf(f.MountList, in, f.Around)
	p, known := f.Probed[m.Point]
	if !ok || !known {
		return nil, &fs.PathError{Op: "mkdir", Path: in, Err: fs.ErrPermission}
	}
	return &p, nil
}

// UnprivilegedPortStart implements Host.
func (f *Fake) UnprivilegedPortStart(context.Context) (int, error) {
	if f.PortStart == 0 {
		return 1024, nil
	}
	return f.PortStart, nil
}

// EphemeralPorts implements Host.
func (f *Fake) EphemeralPorts(context.Context) (int, int, error) { return 32768, 60999, nil }

// Bind implements Host: an address is free when no live listener has its port (addresses are not told apart). A low port
// is root's.
func (f *Fake) Bind(ctx context.Context, address string) error {
	port, err := portOf(address)
	if err != nil {
		return err
	}
	if start, _ := f.UnprivilegedPortStart(ctx); port < start && f.SelfUID != 0 {
		return fmt.Errorf("listen tcp %s: bind: %w", address, fs.ErrPermission)
	}
	s, err := f.Listeners(ctx, port)
	if err != nil {
		return err
	}
	outgoing := slices.ContainsFunc(f.Procs, func(p FakeProcess) bool {
		return slices.ContainsFunc(p.Connections, func(c Connection) bool { return int(c.Local.Port()) == port && c.State == Established })
	})
	if len(s.Listeners) > 0 || outgoing {
		return fmt.Errorf("listen tcp %s: bind: %w", address, syscall.EADDRINUSE)
	}
	return nil
}

// Pin implements Host.
func (f *Fake) Pin(pid int) (Pinned, error) {
	if _, err := f.find(pid); err != nil {
		return nil, err
	}
	return &fakePinned{f, pid}, nil
}

type fakePinned struct {
	f   *Fake
	pid int
}

func (p *fakePinned) Signal(sig Signal) error {
	if _, err := p.f.find(p.pid); err != nil {
		return err
	}
	ends := sig != Continue
	if p.f.React != nil {
		ends = p.f.React(p.pid, sig)
	}
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.f.Signals = append(p.f.Signals, SentSignal{p.pid, sig})
	if ends {
		p.f.end(p.pid)
	}
	return nil
}

// end takes a process out of the table and gives its children to pid 1; the caller holds the lock.
func (f *Fake) end(pid int) {
	if f.ended == nil {
		f.ended = map[int]bool{}
	}
	f.ended[pid] = true
	for i := range f.Procs {
		if f.Procs[i].PPID == pid {
			f.Procs[i].PPID = 1
		}
	}
}

func (p *fakePinned) Wait(ctx context.Context) error {
	if _, err := p.f.find(p.pid); err != nil {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (p *fakePinned) Close() error { return nil }

func debugSetting(key, value string) debug.BuildSetting {
	return debug.BuildSetting{Key: key, Value: value}
}

func portOf(address string) (int, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
