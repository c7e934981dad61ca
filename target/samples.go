package target

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/server"
)

// How `check` samples a server: for three seconds, and one sample more at the beginning.
const (
	sampleEvery = time.Second
	sampleCount = 4
)

// ErrNotSampled says that nothing asked for samples: they take three seconds, and are taken when the server is named or on the
// host that serves.
var ErrNotSampled = errors.New("a running server is only watched when it is named by --port, --pid or --pprof, or in profile prod")

// Sampled is one running server that was watched for three seconds.
type Sampled struct {
	server.Holder
	Series *observe.Series
	// Err is why it could not be watched, or not to the end: fs.ErrPermission where this user may not see what it has open.
	Err error
}

// Samples watches the running servers that are asked about for three seconds, beside everything else that is read; ErrNotSampled
// where nothing asked for it. A server that ends meanwhile has the samples taken until then.
func (t *Target) Samples(ctx context.Context) ([]*Sampled, error) {
	if !t.named() && t.opts.Profile != "prod" {
		return nil, ErrNotSampled
	}
	return t.samples.Get(ctx)
}

// named tells whether a server was named by a flag.
func (t *Target) named() bool { return t.opts.Port != 0 || t.opts.PID != 0 || t.opts.Pprof != "" }

func (t *Target) readSamples(ctx context.Context) ([]*Sampled, error) {
	servers, err := t.AskedServers(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]*Sampled, len(servers))
	var wg sync.WaitGroup
	for i, h := range servers {
		all[i] = &Sampled{Holder: h}
		wg.Go(func() { all[i].watch(ctx, t) })
	}
	wg.Wait()
	return all, ctx.Err()
}

// AskedServers are the running servers that are asked about: what --pid names, whoever listens on the port that --port names, or
// else those of the project. What only passes a port on (docker-proxy, kubectl port-forward) is left out: the server is elsewhere.
// So is a process that may not be seen. This one function serves the checks of families run, limit and leak.
func (t *Target) AskedServers(ctx context.Context) ([]server.Holder, error) {
	if pid := t.opts.PID; pid != 0 {
		return t.serverOf(ctx, pid)
	}
	port := t.opts.Port
	if port == 0 {
		return t.OwnServers(ctx)
	}
	holders, err := t.Holders(ctx, port)
	if err != nil {
		return nil, err
	}
	var out []server.Holder
	for _, h := range holders {
		if h.Known && !h.Inherited && !h.PassesOn() {
			whole, err := t.serverOf(ctx, h.Process.PID) // with its other ports
			if err != nil {
				return nil, err
			}
			out = append(out, whole...)
		}
	}
	return out, nil
}

// serverOf is the process of that pid, with all that it listens on; none where there is none.
func (t *Target) serverOf(ctx context.Context, pid int) ([]server.Holder, error) {
	s, err := t.running.Get(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return nil, err
	}
	if h, ok := s.Of(ctx, scope, pid); ok {
		return []server.Holder{h}, nil
	}
	return nil, nil
}

// watch takes the samples. It ends early with the process, and with the context.
func (s *Sampled) watch(ctx context.Context, t *Target) {
	sampler, err := observe.New(ctx, t.opts.Host, s.Process.PID)
	if err != nil {
		s.Err = err
		return
	}
	s.Series = sampler.Series()
	every := t.opts.SampleEvery
	if every == 0 {
		every = sampleEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for range sampleCount - 1 {
		if s.Err = sampler.Sample(ctx); s.Err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.Err = ctx.Err()
			return
		}
	}
	s.Err = sampler.Sample(ctx)
}

// Services are the databases, caches and brokers that the programs are told to use.
func (t *Target) Services(ctx context.Context) ([]Service, error) { return t.told.Get(ctx) }
