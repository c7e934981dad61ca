// Package monitor watches a running server for as long as it is given, judges what it has seen after every sample, and shows it:
// on a terminal, and to a Prometheus that asks. What a leak is, package verdict says.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

const (
	// ProfileEvery is the time between two looks at the goroutines. Signatures are proved by two that lie verdict.Persistent apart;
	// those between show whether a number only grows.
	ProfileEvery = verdict.Persistent / 3
	// FiguresEvery is the time between two questions for what the server tells of itself: a few in each quiet time.
	FiguresEvery = 5 * time.Second
	// profileTime bounds one look, and one answer with figures.
	profileTime = 5 * time.Second
	// maxProfiles bounds how many looks are kept: the first and the newest.
	maxProfiles = 16
	// maxUntold is how often in a row the server may fail to tell of itself before it is not asked again: what it does not answer may
	// cost it a connection each time.
	maxUntold = 3
	// maxFailures is how many samples may fail one after the other before the watch is given up.
	maxFailures = 5
	// judgeShare is how little of the time is spent on judging: a twentieth.
	judgeShare = 20
)

// Watch says what to watch, and how.
type Watch struct {
	Host     host.Host
	PID      int
	Interval time.Duration // between two samples
	For      time.Duration // how long to watch; 0 means until the context ends
	// Profile looks at the goroutines; nil where the server offers no profiles.
	Profile func(ctx context.Context) (pprof.Profile, error)
	// Leaks asks the server's own runtime for leaked goroutines, once, at the end: it collects garbage for the answer. It may be nil.
	Leaks func(ctx context.Context) (pprof.Profile, error)
	// Figures asks the server for what it tells of itself; nil where it tells nothing.
	Figures func(ctx context.Context) (*observe.Told, error)
	// Mine tells whether a connection of a client, by the client's address, is one that the watch itself asks by.
	Mine func(client netip.AddrPort) bool
	Span verdict.Span
	// Seen is called after every sample, by the goroutine that runs the watch; nil means that nobody looks on.
	Seen func(*State)
}

// State is what a watch has seen so far. The next sample overwrites it.
type State struct {
	Series   *observe.Series
	Profiles []pprof.Profile // oldest first
	// ProfileErr is why the last look at the goroutines failed.
	ProfileErr error
	// FiguresErr is why the server told nothing of itself the last time.
	FiguresErr error
	Verdicts   []verdict.Verdict // the worst first
	Samples    int
	Took       time.Duration // by the last sample
	End        End
}

// End is why a watch is over.
type End int

// The ends. Going is none.
const (
	Going       End = iota
	TimeUp          // it was watched for as long as was asked
	Interrupted     // by the user
	Gone            // the process has ended
	Unreadable      // it could no longer be looked at
)

// Why says why a watch ended before its time, "" where it did not.
func (e End) Why() string {
	switch e {
	case Interrupted:
		return "it was interrupted"
	case Gone:
		return "the process has ended"
	case Unreadable:
		return "it could no longer be looked at"
	}
	return ""
}

// ErrUnseen says that the system shows this user nothing of a process.
var ErrUnseen = errors.New("you may not look at it")

// Run watches until the time is up, the context ends or the process does. It gives an error where nothing at all could be seen.
func (w Watch) Run(ctx context.Context) (*State, error) {
	sampler, err := observe.New(ctx, w.Host, w.PID)
	if err != nil {
		return nil, w.unseen(err)
	}
	r := &run{Watch: w, sampler: sampler, answers: make(chan answer, 1), tellings: make(chan telling, 1), State: State{Series: sampler.Series()}}
	sampler.Goroutines, sampler.FromOutside = r.goroutines, true
	sampler.Told, sampler.Asked, sampler.Mine = r.told, r.disturbed, w.Mine
	if w.Figures != nil {
		r.askFigures(ctx)
	}
	if w.Profile != nil {
		r.ask(ctx)
		r.take(<-r.answers) // before the clock runs, so that the next one lies a whole ProfileEvery behind it
	}
	if w.Figures != nil {
		r.hear(<-r.tellings)
	}
	if err := r.sample(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return nil, w.unseen(err)
	}
	asking, stop := context.WithCancel(ctx)
	defer r.leaveOff(stop)
	return r.watch(asking), nil
}

func (w Watch) unseen(err error) error {
	switch {
	case errors.Is(err, host.ErrGone):
		return fmt.Errorf("process %d has ended", w.PID)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("process %d: %w; run gindoctor as its user, or as root", w.PID, ErrUnseen)
	}
	return fmt.Errorf("process %d cannot be looked at: %w", w.PID, err)
}

// run is a watch under way.
type run struct {
	Watch
	State
	sampler  *observe.Sampler
	failures int
	judged   time.Time     // when judging ended last
	judging  time.Duration // how long it took

	answers chan answer
	asking  bool
	asked   time.Time // when the last answer came
	counted bool      // the goroutines of the last profile stand in the series

	tellings chan telling
	hearing  bool
	heard    time.Time     // when the figures came last, or did not
	news     *observe.Told // that no sample has taken yet
	untold   int           // answers in a row that told nothing
	touched  bool          // it was asked for something since the last sample
}

// telling is what the server told of itself.
type telling struct {
	told *observe.Told
	err  error
}

// answer is what a look at the goroutines gave.
type answer struct {
	profile pprof.Profile
	err     error
}

func (r *run) watch(ctx context.Context) *State {
	ticker := time.NewTicker(r.Interval)
	defer ticker.Stop()
	var end <-chan time.Time
	if r.For > 0 {
		timer := time.NewTimer(r.For)
		defer timer.Stop()
		end = timer.C
	}
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return r.over(Interrupted)
		case a := <-r.answers:
			r.take(a)
			continue
		case told := <-r.tellings:
			r.hear(told)
			continue
		case <-end:
			if time.Since(last) > r.Interval/2 {
				if err := r.sample(ctx); err != nil {
					return r.over(r.failed(err))
				}
			}
			r.lastLook(ctx)
			return r.over(TimeUp)
		case <-ticker.C:
		}
		last = time.Now()
		if err := r.sample(ctx); err != nil {
			if end := r.failed(err); end != Going {
				return r.over(end)
			}
			continue
		}
		r.failures = 0
		if r.Profile != nil && !r.asking && time.Since(r.asked) >= ProfileEvery {
			r.ask(ctx)
		}
		if r.Figures != nil && !r.hearing && r.untold < maxUntold && time.Since(r.heard) >= FiguresEvery-r.Interval/2 {
			r.askFigures(ctx)
		}
	}
}

// failed tells whether a sample that failed ends the watch.
func (r *run) failed(err error) End {
	r.failures++
	switch {
	case errors.Is(err, host.ErrGone):
		return Gone
	case errors.Is(err, context.Canceled):
		return Interrupted
	case r.failures >= maxFailures:
		return Unreadable
	}
	return Going
}

// over judges all that was seen, and says why there will be no more.
func (r *run) over(end End) *State {
	r.judged = time.Time{}
	r.End = end
	r.judge()
	r.show()
	return &r.State
}

func (r *run) sample(ctx context.Context) error {
	began := time.Now()
	if err := r.sampler.Sample(ctx); err != nil {
		return err
	}
	r.Took = time.Since(began)
	r.Samples++
	r.judge()
	r.show()
	return nil
}

func (r *run) show() {
	if r.Seen != nil {
		r.Seen(&r.State)
	}
}

// judge asks for the verdicts, less often where that takes long: a day has many samples.
func (r *run) judge() {
	if !r.judged.IsZero() && time.Since(r.judged) < judgeShare*r.judging {
		return
	}
	began := time.Now()
	series := r.Series
	if series.Hidden {
		series = nil // the number of descriptors alone says nothing
	}
	r.Verdicts = verdict.Judge(series, r.Profiles, r.Span)
	r.judged, r.judging = time.Now(), time.Since(began)
}

// ask looks at the goroutines while sampling goes on.
func (r *run) ask(ctx context.Context) {
	r.asking, r.touched = true, true
	go func() {
		ctx, cancel := context.WithTimeout(ctx, profileTime)
		defer cancel()
		p, err := r.Profile(ctx)
		r.answers <- answer{p, err}
	}()
}

func (r *run) take(a answer) {
	r.asking, r.asked, r.ProfileErr = false, time.Now(), a.err
	if a.err != nil {
		return
	}
	r.Profiles = append(r.Profiles, a.profile)
	r.counted = false
	if len(r.Profiles) > maxProfiles {
		r.Profiles = slices.Delete(r.Profiles, 1, 2)
	}
}

// lastLook looks at the goroutines at the end of the time, when there is no more sampling to go on with.
func (r *run) lastLook(ctx context.Context) {
	if r.Profile == nil {
		return
	}
	if !r.asking {
		r.ask(ctx)
	}
	r.take(<-r.answers)
	if r.Leaks == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, profileTime)
	defer cancel()
	if p, err := r.Leaks(ctx); err == nil {
		r.Profiles = append(r.Profiles, p)
	}
}

// errNoNews says that nobody has counted the goroutines since the last sample.
var errNoNews = errors.New("not counted")

// goroutines is the number that the last profile has told, once.
func (r *run) goroutines(context.Context) (int, error) {
	if len(r.Profiles) == 0 || r.counted {
		return 0, errNoNews
	}
	r.counted = true
	return r.Profiles[len(r.Profiles)-1].Total, nil
}

// askFigures has the server tell of itself while sampling goes on.
func (r *run) askFigures(ctx context.Context) {
	r.hearing, r.touched = true, true
	go func() {
		ctx, cancel := context.WithTimeout(ctx, profileTime)
		defer cancel()
		told, err := r.Figures(ctx)
		r.tellings <- telling{told, err}
	}()
}

// leaveOff ends the questions that are still open when the watch is over.
func (r *run) leaveOff(stop func()) {
	stop()
	if r.asking {
		<-r.answers
	}
	if r.hearing {
		<-r.tellings
	}
}

func (r *run) hear(t telling) {
	r.hearing, r.heard, r.news, r.FiguresErr = false, time.Now(), t.told, t.err
	r.untold++
	if t.err == nil {
		r.untold = 0
	}
}

// told is what the server has told of itself, once.
func (r *run) told() *observe.Told {
	news := r.news
	r.news = nil
	return news
}

// disturbed tells whether the watch has asked the server for something since the last sample.
func (r *run) disturbed() bool {
	was := r.touched
	r.touched = r.asking || r.hearing
	return was
}
