package leak

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/load"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

// How a server is loaded. Half of the clients stay, the others leave in the middle of each request, where it lasts so long. They send
// at the same moments, so that each wave needs as large a pool as the other.
const (
	every    = time.Second            // between two samples
	perWave  = 20                     // requests to a route by either half of the clients
	clients  = 4                      // of either half, where one route is loaded; of several each gets one
	step     = 500 * time.Millisecond // between two requests of a client, where one route is loaded
	together = 250 * time.Millisecond // the same where several are
	patience = 3 * time.Second        // of those that stay
	leaving  = 150 * time.Millisecond // of those that leave
	waveTime = 6 * time.Second        // after which a wave begins no more requests

	few = 2 // goroutines more or less are those of a connection

	calm    = 15 * time.Second // by then it is quiet after a wave, or never
	lasting = 45 * time.Second // in which what has stayed is proved, or gone
)

// server is a running server that is loaded.
type server struct {
	host     host.Host
	pid      int
	addr     netip.AddrPort
	tls      bool
	header   http.Header
	gone     <-chan struct{}  // closed when it has ended
	profiler *target.Profiler // nil where it serves no profiles
	about    verdict.Span     // what is known of it beside the waves
	tell     func(doing string)
}

// seen is what became of the requests to one route in one wave.
type seen struct {
	stay, leave account.Requests
	codes       map[int]int
}

// observed is all that was seen of routes that were loaded together.
type observed struct {
	routes   []route
	series   *observe.Series
	profiles []pprof.Profile // before the first wave, after it, and the newest; of the runtime's own leaks the last
	span     verdict.Span    // with the waves
	requests [][]seen        // of each wave, by route
	events   []account.Event
	restless bool // it never became quiet
	suspect  bool // of several routes, something stuck: which it is has to be seen of each alone
	cut      bool // it was not seen to the end
	ended    bool // the server has, and how
	exit     string
	length   time.Duration

	at           time.Duration // since the drill began
	root, module string        // of the copy, absolute; of the program's module, relative to it
}

// watch is the loading of a server under way.
type watch struct {
	*server
	observed
	sampler *observe.Sampler
	tick    *time.Ticker
	began   time.Time
	asked   bool // the server was asked for a profile since the last sample
}

var errEnded = errors.New("the server has ended")

// load loads routes together. What was seen until an error is given with it; nil where that is nothing.
func (v *server) load(ctx context.Context, routes []route) (*observed, error) {
	sampler, err := observe.New(ctx, v.host, v.pid)
	if err != nil {
		return nil, err
	}
	w := &watch{server: v, sampler: sampler, tick: time.NewTicker(every), began: time.Now(), observed: observed{routes: routes, series: sampler.Series(), span: v.about}}
	defer w.tick.Stop()
	sampler.Asked = w.disturbed
	if v.profiler != nil {
		sampler.Mine = v.profiler.Mine
	}
	err = w.run(ctx)
	w.length = time.Since(w.began)
	if errors.Is(err, errEnded) || errors.Is(err, host.ErrGone) {
		w.ended, err = true, nil
		select {
		case <-v.gone: // its parent learns of it a moment later
		case <-time.After(2 * every): // or it was a child that served
		}
	}
	if err != nil && len(w.requests) == 0 {
		return nil, err
	}
	return &w.observed, err
}

// disturbed tells, once, that the server was asked for a profile.
func (w *watch) disturbed() bool {
	asked := w.asked
	w.asked = false
	return asked
}

func (w *watch) run(ctx context.Context) error {
	w.tell("quiet before the first wave")
	if err := w.sampler.Sample(ctx); err != nil {
		return err
	}
	if _, err := w.until(ctx, calm, func() bool { return verdict.QuietNow(w.series) >= 2*every-every/2 }); err != nil {
		return err
	}
	w.profile(ctx)
	for range verdict.MostWaves {
		if err := w.wave(ctx); err != nil {
			return err
		}
		if err := w.quiet(ctx); err != nil {
			return err
		}
		w.profile(ctx)
		if len(w.routes) > 1 && w.stays() {
			w.suspect = true
			return nil
		}
		if w.settled() {
			break
		}
	}
	if !w.stays() {
		return nil
	}
	return w.last(ctx)
}

// until samples until a condition is met; false where it is not within a time.
func (w *watch) until(ctx context.Context, within time.Duration, met func() bool) (bool, error) {
	for begun := time.Now(); ; {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-w.gone:
			return false, errEnded
		case <-w.tick.C:
		}
		if err := w.sampler.Sample(ctx); err != nil {
			return false, err
		}
		if met() {
			return true, nil
		}
		if time.Since(begun) >= within {
			return false, nil
		}
	}
}

// elapsed is the time by the clock of the series.
func (w *watch) elapsed() time.Duration { return time.Since(w.series.Started) }

// event keeps a moment for the account.
func (w *watch) event(state account.State, format string, args ...any) {
	w.events = append(w.events, account.Event{At: account.Millis(time.Since(w.began)), Stage: checks.Serve, State: state, Text: checks.Msg(format, args...)})
}

// wave sends one wave of requests, and samples meanwhile.
func (w *watch) wave(ctx context.Context) error {
	n := len(w.requests) + 1
	w.tell("wave " + ordinal(n))
	made := verdict.Wave{From: w.elapsed()}
	loads, err := w.start(ctx)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, l := range loads {
			l.Wait()
		}
		made.To = w.elapsed()
	}()
	halt := time.AfterFunc(waveTime, func() {
		for _, l := range loads {
			l.Halt()
		}
	})
	defer halt.Stop()
	_, sampled := w.until(ctx, waveTime+2*patience, func() bool { return closed(done) })
	for _, l := range loads {
		l.Halt()
	}
	<-done
	var all []seen
	for i := 0; i < len(loads); i += 2 {
		s := seen{stay: loads[i].Requests(), leave: loads[i+1].Requests(), codes: loads[i].Codes()}
		for code, n := range loads[i+1].Codes() {
			s.codes[code] += n
		}
		s.leave.Client = "clients that leave"
		made.Requests += s.stay.Sent + s.leave.Sent
		all = append(all, s)
	}
	made.Clients = w.clientsAtOnce()
	w.requests, w.span.Waves = append(w.requests, all), append(w.span.Waves, made)
	w.event("", "wave %d: %d requests by %d clients", n, made.Requests, made.Clients)
	return sampled
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// clientsAtOnce is how many clients send at the same time.
func (w *watch) clientsAtOnce() int {
	if len(w.routes) == 1 {
		return 2 * clients
	}
	return 2 * len(w.routes)
}

// start begins the loads of a wave: of each route the clients that stay, and then those that leave.
func (w *watch) start(ctx context.Context) ([]*load.Load, error) {
	var loads []*load.Load
	for _, r := range w.routes {
		o := load.Options{Addr: w.addr, TLS: w.tls, Path: r.path, Header: w.header, Clients: clients, Requests: perWave, Every: step, Timeout: patience}
		if len(w.routes) > 1 {
			o.Clients, o.Every = 1, together
		}
		stay, leave := o, o
		stay.KeepAlive, leave.Leave = true, leaving
		for _, o := range []load.Options{stay, leave} {
			l, err := load.Start(ctx, o)
			if err != nil {
				return nil, halted(loads, err)
			}
			loads = append(loads, l)
		}
	}
	return loads, nil
}

// halted ends what was begun.
func halted(loads []*load.Load, err error) error {
	var wg sync.WaitGroup
	for _, l := range loads {
		wg.Go(func() { l.Stop() })
	}
	wg.Wait()
	return err
}

// quiet waits until the server has served nothing for as long as it takes to count what is left.
func (w *watch) quiet(ctx context.Context) error {
	w.tell("quiet after wave " + ordinal(len(w.requests)))
	to := w.span.Waves[len(w.span.Waves)-1].To
	ok, err := w.until(ctx, calm, func() bool { return verdict.QuietAfter(w.series, to) >= verdict.Gap })
	if err != nil {
		return err
	}
	if !ok {
		w.restless = true
		w.event(account.Unknown, "no quiet of %s within %s: the server works by itself", verdict.Gap, calm)
	}
	if left := w.leftBy(); left != "" {
		w.event("", "%s", left)
		return nil
	}
	w.event(account.OK, "quiet: nothing is left")
	return nil
}

// profile looks at the goroutines. Of all looks the first two are kept, which are those before the first wave and after it, and the
// last: what is there in both of the later ones was left by the first wave, and has become more by the others.
func (w *watch) profile(ctx context.Context) {
	if w.profiler == nil {
		return
	}
	w.asked = true
	p, err := w.profiler.Goroutines(ctx)
	if err != nil {
		return // what is not seen is not judged
	}
	if len(w.profiles) > 2 {
		w.profiles = w.profiles[:2]
	}
	w.profiles = append(w.profiles, p)
}

// settled tells whether another wave could show nothing new: the first has left nothing, or it is decided what the others have left.
func (w *watch) settled() bool {
	residues := verdict.Residues(w.series, w.span)
	if len(w.requests) == 1 {
		nothing := !slices.ContainsFunc(residues, func(r verdict.Residue) bool { return r.Left[0] > r.Before+1 }) // one is what comes and goes
		return nothing && len(residues) > 0 && w.goroutines(1) <= w.goroutines(0)+few
	}
	if len(residues) == 0 || len(residues[0].Left) < 2 {
		return false // the first wave was smaller than the last
	}
	return !slices.ContainsFunc(verdict.Judge(w.series, nil, w.span), func(v verdict.Verdict) bool {
		return v.Residue != "" && v.Confidence == checks.Possible
	})
}

// goroutines is their number in a profile; 0 where there is none.
func (w *observed) goroutines(i int) int {
	if i >= len(w.profiles) {
		return 0
	}
	return w.profiles[i].Total
}

// stays tells whether something is there that time can prove to be stuck.
func (w *watch) stays() bool {
	if w.stuck() > 0 {
		return true
	}
	n := len(w.profiles)
	return n > 2 && slices.ContainsFunc(pprof.Signatures(w.profiles[n-2], w.profiles[n-1]), func(s pprof.Signature) bool { return s.Surplus > few })
}

// stuck is how many connections are in a condition that healthy ones soon leave.
func (w *watch) stuck() int {
	return len(w.series.CloseWait) + len(w.series.Unread) + len(w.series.PeerClosed)
}

// last waits until what stays is proved, or gone, and asks for the goroutines once more.
func (w *watch) last(ctx context.Context) error {
	w.tell("waiting to see what stays")
	begun, count := time.Now(), w.stuck()
	_, err := w.until(ctx, lasting, func() bool {
		if w.stuck() == 0 && count > 0 && len(w.profiles) == 0 {
			return true
		}
		return time.Since(begun) > verdict.Persistent && (w.restless || verdict.QuietNow(w.series) > verdict.Persistent)
	})
	if err != nil {
		return err
	}
	w.profile(ctx)
	if w.profiler != nil {
		if leaks, err := w.profiler.Leaks(ctx); err == nil {
			w.profiles = append(w.profiles, leaks)
		}
	}
	w.event("", "%s later: %d connections are stuck", time.Since(begun).Round(time.Second), w.stuck())
	return nil
}
