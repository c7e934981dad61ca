package target

import (
	"context"
	"errors"
	"go/version"
	"net/netip"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/pprof"
)

// Profiler asks a running server for its profiles, and marks in them what is the user's own code.
type Profiler struct {
	server *pprof.Server
	code   pprof.Code
	leaks  bool // the program may know of leaked goroutines
}

// ErrNoProfiler says that a server is not known to serve profiles.
var ErrNoProfiler = errors.New("no route for profiles of it is known; where it has one: --pprof URL")

// Profiler finds where a process serves its profiles: where --pprof says, else at a route that its source registers, of which
// this machine is asked only. Of the process, 0 means that it is not known. ErrNoProfiler where there is none to ask.
func (t *Target) Profiler(ctx context.Context, pid int) (*Profiler, error) {
	if t.opts.Pprof != "" {
		s, err := pprof.Open(t.opts.Pprof)
		if err != nil {
			return nil, err
		}
		return t.profiler(ctx, s, pid), nil
	}
	if pid == 0 {
		return nil, ErrNoProfiler
	}
	addresses, err := t.pageAddresses(ctx, pid, profilePage)
	if err != nil {
		return nil, err
	}
	failed := ErrNoProfiler
	for _, address := range addresses {
		s, err := pprof.Open(address)
		if err != nil {
			return nil, err
		}
		if _, err = s.Goroutines(ctx); err == nil {
			return t.profiler(ctx, s, pid), nil
		}
		if !errors.Is(err, pprof.ErrAbsent) {
			failed = err
		}
	}
	return nil, failed
}

func (t *Target) profiler(ctx context.Context, s *pprof.Server, pid int) *Profiler {
	p := &Profiler{server: s, leaks: true, code: t.ownCode(ctx)}
	if pid == 0 {
		return p
	}
	b, err := t.opts.Host.BuildInfo(ctx, pid)
	if err != nil {
		return p
	}
	p.code.Program, p.leaks = b.Path, knowsLeaks(b)
	if !slices.ContainsFunc(p.code.Modules, func(m pprof.Module) bool { return m.Path == b.Main.Path }) {
		p.code.Modules = append(p.code.Modules, pprof.Module{Path: b.Main.Path}) // of another folder than the one examined
		p.code.Files = nil
	}
	return p
}

// ownCode is what of the project decides whether a frame is the user's own.
func (t *Target) ownCode(ctx context.Context) pprof.Code {
	code := pprof.Code{}
	if scope, err := t.Scope(ctx); err == nil {
		code.Roots = scope.Roots
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return code
	}
	for _, m := range modules {
		code.Modules = append(code.Modules, pprof.Module{Path: m.Path(), Dir: m.Dir})
	}
	if tree, err := t.Tree(ctx); err == nil {
		code.Files = tree.Has
	}
	return code
}

// knowsLeaks tells whether a program can have the profile "goroutineleak": until Go 1.26 only one that was built with the experiment.
func knowsLeaks(b *host.BuildInfo) bool {
	if version.Compare(b.GoVersion, "go1.27") >= 0 {
		return true
	}
	for _, s := range b.Settings {
		if s.Key == "GOEXPERIMENT" && strings.Contains(s.Value, "goroutineleakprofile") && !strings.Contains(s.Value, "nogoroutineleakprofile") {
			return true
		}
	}
	return strings.Contains(b.GoVersion, "X:") && strings.Contains(b.GoVersion, "goroutineleakprofile")
}

// String is the address that it asks; it holds no password.
func (p *Profiler) String() string { return p.server.String() }

// Close lets go of its connections.
func (p *Profiler) Close() { p.server.Close() }

// Goroutines asks for all goroutines.
func (p *Profiler) Goroutines(ctx context.Context) (pprof.Profile, error) {
	profile, err := p.server.Goroutines(ctx)
	p.code.Mark(&profile)
	return profile, err
}

// Leaks asks for those that the server's runtime can prove to be leaked; pprof.ErrAbsent where it was not built for that.
func (p *Profiler) Leaks(ctx context.Context) (pprof.Profile, error) {
	if !p.leaks {
		return pprof.Profile{}, pprof.ErrAbsent
	}
	profile, err := p.server.Leaked(ctx)
	p.code.Mark(&profile)
	return profile, err
}

// Mine tells whether an open connection of a client, by the client's address, is one that it asks by.
func (p *Profiler) Mine(client netip.AddrPort) bool { return p.server.Mine(client) }
