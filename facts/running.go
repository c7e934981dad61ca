package facts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/server"
)

// Server is a running server as it is seen from outside: one of the project, or the one that --port or --pid names. What this user may
// not see is left out, and Unseen says so.
type Server struct {
	PID        int       `json:"pid"`
	Program    string    `json:"program,omitempty"` // import path of the main package
	Module     string    `json:"module,omitempty"`
	Own        bool      `json:"own"` // it is of this project
	Executable string    `json:"executable,omitempty"`
	Deleted    bool      `json:"executable_deleted,omitempty"`
	Cwd        string    `json:"cwd,omitempty"`
	User       string    `json:"user"`
	State      string    `json:"state,omitempty"` // the kernel's letter
	Started    time.Time `json:"started,omitzero"`
	Terminal   string    `json:"terminal,omitempty"`
	Manager    *Manager  `json:"manager,omitempty"`
	Leftover   bool      `json:"leftover,omitempty"`
	Container  bool      `json:"in_container,omitempty"`

	Listens     []string     `json:"listens"`
	Limits      *Limits      `json:"limits,omitempty"`
	Descriptors *Descriptors `json:"descriptors,omitempty"`
	Inbound     *States      `json:"inbound,omitempty"`
	Outbound    *States      `json:"outbound,omitempty"`
	Unread      int          `json:"unread"` // outgoing connections with bytes that wait to be read
	Peers       []Peer       `json:"peers"`
	Backlog     int          `json:"backlog"` // connections that wait to be accepted
	Memory      uint64       `json:"memory_bytes"`
	Threads     int          `json:"threads"`
	CPU         float64      `json:"cpu_seconds"`
	Children    []Child      `json:"children"`
	Logs        []OpenLog    `json:"files_written"`
	Env         []string     `json:"environment"` // the names of what it was started with
	Build       *Build       `json:"build,omitempty"`
	Unseen      []string     `json:"unseen"`
}

// Manager is who started a server and would start it again.
type Manager struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	PID  int    `json:"pid,omitempty"`
}

// Limits are the descriptors that it may have; -1 is no limit.
type Limits struct {
	Soft int64 `json:"open_files_soft"`
	Hard int64 `json:"open_files_hard"`
}

// Descriptors are counted by what stands behind them; by kind only where that may be seen.
type Descriptors struct {
	Total   int `json:"total"`
	Sockets int `json:"sockets,omitempty"`
	Files   int `json:"files,omitempty"`
	Pipes   int `json:"pipes,omitempty"`
	Anon    int `json:"anon,omitempty"`
	Devices int `json:"devices,omitempty"`
}

// States counts connections.
type States struct {
	Established int `json:"established"`
	CloseWait   int `json:"close_wait"`
	Other       int `json:"other"`
}

// Peer is an address that it is connected to.
type Peer struct {
	Addr string `json:"addr"`
	States
	Unread int `json:"unread"`
}

// Child is a process that it has started.
type Child struct {
	PID   int    `json:"pid"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// OpenLog is a regular file that it has open for writing.
type OpenLog struct {
	Path    string `json:"path"`
	Append  bool   `json:"append"`
	Deleted bool   `json:"deleted"`
	Bytes   int64  `json:"bytes"`
}

// Build is what the Go linker wrote into the running executable.
type Build struct {
	Go       string `json:"go"`
	Version  string `json:"version,omitempty"` // of the main module
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"` // of the commit
	Modified bool   `json:"modified"`       // the checkout had changes of its own
	ID       string `json:"id,omitempty"`
}

// servers looks at the running servers that are asked about. None is no error.
func servers(ctx context.Context, t *target.Target) ([]Server, error) {
	out := []Server{}
	if t.Profile() == "ci" {
		return out, nil
	}
	asked, err := t.AskedServers(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range asked {
		s, err := running(ctx, t, h)
		if errors.Is(err, host.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, *s)
	}
	return out, nil
}

func running(ctx context.Context, t *target.Target, h server.Holder) (*Server, error) {
	p := h.Process
	s := &Server{PID: p.PID, Program: h.Program, Module: h.Module, Own: h.Relation == server.Ours, Deleted: p.ExeDeleted,
		User: p.User, State: p.State, Started: p.Started, Terminal: h.Terminal, Leftover: h.Leftover, Container: h.InContainer,
		Executable: filepath.ToSlash(p.Exe), Cwd: filepath.ToSlash(p.Cwd), Memory: p.RSS,
		Listens: []string{}, Peers: []Peer{}, Children: []Child{}, Logs: []OpenLog{}, Env: []string{}, Unseen: []string{}}
	if h.Manager.Kind != server.None {
		s.Manager = &Manager{Kind: string(h.Manager.Kind), Name: h.Manager.Name}
		if h.Manager.Process != nil {
			s.Manager.PID = h.Manager.Process.PID
		}
	}
	for _, l := range h.Listeners {
		s.Listens = append(s.Listens, fmt.Sprintf("%s:%d", bracketed(l), l.Port))
	}
	if table, err := t.Processes(ctx); err == nil {
		for _, c := range table.Children(p.PID) {
			s.Children = append(s.Children, Child{c.PID, c.Name, c.State})
		}
	}
	if err := s.sample(ctx, t); err != nil {
		return nil, err
	}
	env, err := t.Host().Environ(ctx, p.PID)
	if err := s.seen("its environment", err); err != nil {
		return nil, err
	}
	s.Env = slices.AppendSeq(s.Env, maps.Keys(env))
	slices.Sort(s.Env)
	return s, s.built(ctx, t)
}

func bracketed(l host.Listener) string {
	if l.Addr.Is6() {
		return "[" + l.Addr.String() + "]"
	}
	return l.Addr.String()
}

// seen notes what may not be seen, and passes on that the process has ended.
func (s *Server) seen(what string, err error) error {
	switch {
	case errors.Is(err, host.ErrGone):
		return err
	case errors.Is(err, fs.ErrPermission):
		s.Unseen = append(s.Unseen, what+" may be seen by user "+s.User+" and root only")
	case errors.Is(err, host.ErrUnsupported):
		s.Unseen = append(s.Unseen, what+" is not told by this system")
	case err != nil:
		s.Unseen = append(s.Unseen, what+" cannot be read: "+err.Error())
	}
	return nil
}

// sample looks at what it has open.
func (s *Server) sample(ctx context.Context, t *target.Target) error {
	limits, err := t.Host().Limits(ctx, s.PID)
	if err == nil {
		s.Limits = &Limits{limits.OpenFilesSoft, limits.OpenFilesHard}
	}
	if err := s.seen("its limits", err); err != nil {
		return err
	}
	sampler, err := observe.New(ctx, t.Host(), s.PID)
	if err != nil {
		return s.seen("what it has open", err)
	}
	sampler.FromOutside = true
	series, err := sampler.Series(), sampler.Sample(ctx)
	if series.Hidden && err == nil {
		err = fs.ErrPermission
	}
	if err := s.seen("what it has open", err); err != nil || len(series.Points) == 0 {
		return err
	}
	last := series.Last()
	s.Memory, s.Threads, s.CPU = last.RSS, last.Threads, series.CPU
	s.Descriptors = &Descriptors{Total: last.Total}
	if series.Hidden {
		return nil
	}
	k := last.Kinds
	s.Descriptors = &Descriptors{last.Total, k.Sockets, k.Files, k.Pipes, k.Anon, k.Devices}
	inbound, outbound := States(last.Inbound), States(last.Outbound)
	s.Inbound, s.Outbound, s.Unread, s.Backlog = &inbound, &outbound, last.Unread, last.Backlog
	for _, p := range last.Peers {
		s.Peers = append(s.Peers, Peer{p.Addr.String(), States(p.States), p.Unread})
	}
	for _, f := range series.Files {
		if f.Write {
			s.Logs = append(s.Logs, OpenLog{filepath.ToSlash(f.Path), f.Append, f.Deleted, f.Size})
		}
	}
	return nil
}

// built reads the build information, of the executable that runs, deleted or not.
func (s *Server) built(ctx context.Context, t *target.Target) error {
	info, err := t.Host().BuildInfo(ctx, s.PID)
	if err != nil {
		if errors.Is(err, host.ErrGone) || errors.Is(err, fs.ErrPermission) {
			return s.seen("how it was built", err)
		}
		return nil // it is no Go program
	}
	s.Build = &Build{Go: info.GoVersion, Version: info.Main.Version, ID: info.BuildID}
	if s.Program == "" {
		s.Program, s.Module = info.Path, info.Main.Path
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			s.Build.Revision = setting.Value
		case "vcs.time":
			s.Build.Time = setting.Value
		case "vcs.modified":
			s.Build.Modified = setting.Value == "true"
		}
	}
	return nil
}
