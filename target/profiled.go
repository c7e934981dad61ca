package target

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/target/pprof"
	"github.com/gindoctor/gindoctor/target/server"
)

// Profiled is what a server tells about its goroutines.
type Profiled struct {
	Server   *server.Holder // whose it is; nil where --pprof leads to a server that is not known
	Source   string         // the address asked; empty where there is none
	Profiles []pprof.Profile
	Leaks    *pprof.Profile // those that the server's runtime has proved to be leaked; nil where it was not built for that
	Err      error          // why there are no two profiles; ErrNoProfiler where nothing could be asked
}

// Profiles are two profiles of each server that is asked about, as far apart as its samples; ErrNotSampled where nothing asked for
// samples.
func (t *Target) Profiles(ctx context.Context) ([]*Profiled, error) {
	if !t.named() && t.opts.Profile != "prod" {
		return nil, ErrNotSampled
	}
	return t.profiled.Get(ctx)
}

func (t *Target) readProfiles(ctx context.Context) ([]*Profiled, error) {
	servers, err := t.profiledServers(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]*Profiled, len(servers))
	var wg sync.WaitGroup
	for i, h := range servers {
		wg.Go(func() { out[i] = t.profile(ctx, h) })
	}
	wg.Wait()
	return out, nil
}

// profiledServers are the servers to ask: the one that --pprof leads to, be it known or not, else those that are asked about.
func (t *Target) profiledServers(ctx context.Context) ([]*server.Holder, error) {
	if t.opts.Pprof != "" {
		h, err := t.pprofHolder(ctx)
		return []*server.Holder{h}, err
	}
	asked, err := t.AskedServers(ctx)
	if err != nil {
		return nil, err
	}
	var out []*server.Holder
	for i := range asked {
		out = append(out, &asked[i])
	}
	return out, nil
}

// pprofHolder is the process that serves what --pprof names, where it is on this machine and may be seen.
func (t *Target) pprofHolder(ctx context.Context) (*server.Holder, error) {
	s, err := pprof.Open(t.opts.Pprof)
	if err != nil || !s.Loopback() {
		return nil, nil // asking it says what is wrong
	}
	port, err := strconv.Atoi(s.Port())
	if err != nil {
		return nil, nil
	}
	holders, err := t.Holders(ctx, port)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(holders, func(h server.Holder) bool { return h.Known && !h.Inherited })
	if i < 0 {
		return nil, nil
	}
	return &holders[i], nil
}

// profile asks one server twice.
func (t *Target) profile(ctx context.Context, h *server.Holder) *Profiled {
	out := &Profiled{Server: h}
	pid := 0
	if h != nil {
		pid = h.Process.PID
	}
	var p *Profiler
	if p, out.Err = t.Profiler(ctx, pid); out.Err != nil {
		return out
	}
	defer p.Close()
	out.Source = p.String()
	again := time.NewTimer(sampleCount * cmp.Or(t.opts.SampleEvery, sampleEvery) * 2 / 3) // and the answer takes its time
	defer again.Stop()
	if out.Err = out.ask(ctx, p); out.Err != nil {
		return out
	}
	if leaks, err := p.Leaks(ctx); err == nil {
		out.Leaks = &leaks
	}
	select {
	case <-again.C:
		out.Err = out.ask(ctx, p)
	case <-ctx.Done():
		out.Err = ctx.Err()
	}
	return out
}

func (p *Profiled) ask(ctx context.Context, from *Profiler) error {
	profile, err := from.Goroutines(ctx)
	if errors.Is(err, pprof.ErrAbsent) {
		return errors.New(err.Error() + ": there are no profiles at that address")
	}
	if err == nil {
		p.Profiles = append(p.Profiles, profile)
	}
	return err
}
