package monitor

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

var (
	address = netip.MustParseAddrPort("127.0.0.1:8080")
	client  = netip.MustParseAddrPort("127.0.0.1:50000")
)

const pid = 4711

// fake is a machine with one server that has a listener and these connections.
func fake(conns ...host.Connection) *host.Fake {
	conns = append([]host.Connection{{Inode: 1, State: host.Listen, Local: address, SendQ: 4096}}, conns...)
	p := host.FakeProcess{
		Process: host.Process{PID: pid, StartTicks: 5, State: "S", Name: "shop", User: "anna", Started: time.Unix(1700000000, 0)},
		Limits:  host.Limits{OpenFilesSoft: 1023, OpenFilesHard: 1024}, Usage: host.Usage{Threads: 7, RSS: 20 << 20, CPU: 1.5},
		Connections: conns,
	}
	for _, c := range conns {
		p.Descriptors.Sockets = append(p.Descriptors.Sockets, c.Inode)
	}
	p.Descriptors.ByKind = map[host.DescriptorKind]int{host.SocketKind: len(conns), host.FileKind: 2}
	p.Descriptors.Total = len(conns) + 2
	return &host.Fake{Procs: []host.FakeProcess{p}}
}

// left is a server of whose clients so many are gone, and which does not close their connections.
func left(n int) *host.Fake {
	var conns []host.Connection
	for i := range n {
		conns = append(conns, host.Connection{Inode: uint64(100 + i), State: host.CloseWait, Local: address, Remote: client})
	}
	return fake(conns...)
}

// watch runs a watch in time that does not pass.
func watch(t *testing.T, w Watch) (state *State, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w.PID = pid
		if w.Interval == 0 {
			w.Interval = time.Second
		}
		state, err = w.Run(t.Context())
	})
	return state, err
}

func TestWatch(t *testing.T) {
	seen := 0
	s, err := watch(t, Watch{Host: left(7), For: time.Minute, Seen: func(*State) { seen++ }})
	if err != nil {
		t.Fatal(err)
	}
	if s.Samples != 61 || s.Series.Length() != time.Minute || s.End != TimeUp {
		t.Errorf("%d samples over %s, ended by %d", s.Samples, s.Series.Length(), s.End)
	}
	if seen != s.Samples+1 { // and once more when it was over
		t.Errorf("shown %d times", seen)
	}
	if len(s.Verdicts) == 0 || s.Verdicts[0].Check != verdict.CloseWait || s.Verdicts[0].Severity != checks.Error || s.Verdicts[0].Count != 7 {
		t.Errorf("verdicts %+v", s.Verdicts)
	}
}

// Thirty seconds are enough for a proof, a second less is not.
func TestWatchForThirtySeconds(t *testing.T) {
	for length, want := range map[time.Duration]checks.Severity{30 * time.Second: checks.Error, 29 * time.Second: checks.Warning} {
		s, err := watch(t, Watch{Host: left(7), For: length})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Verdicts) != 1 || s.Verdicts[0].Severity != want {
			t.Errorf("after %s: %+v", length, s.Verdicts)
		}
	}
}

func TestWatchEnds(t *testing.T) {
	tests := []struct {
		name string
		at5  func(h *host.Fake, stop func())
		want End
	}{
		{"the process ends", func(h *host.Fake, _ func()) { h.Procs = nil }, Gone},
		{"its pid is another's", func(h *host.Fake, _ func()) { h.Procs[0].StartTicks++ }, Gone},
		{"it is a zombie", func(h *host.Fake, _ func()) { h.Procs[0].State = "Z" }, Gone},
		{"the user has seen enough", func(_ *host.Fake, stop func()) { stop() }, Interrupted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := left(7)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				s, err := Watch{Host: h, PID: pid, Interval: time.Second, For: time.Minute, Seen: func(s *State) {
					if s.Samples == 5 && s.End == Going {
						tt.at5(h, stop)
					}
				}}.Run(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if s.End != tt.want || s.Samples != 5 || s.End.Why() == "" {
					t.Errorf("ended by %d (%s) after %d samples", s.End, s.End.Why(), s.Samples)
				}
			})
		})
	}
}

// sick is a host that cannot tell of connections after a while.
type sick struct {
	*host.Fake
	well, asked int
}

func (s *sick) Connections(ctx context.Context, pid int) ([]host.Connection, error) {
	if s.asked++; s.asked > s.well {
		return nil, errors.New("netlink: no buffer space")
	}
	return s.Fake.Connections(ctx, pid)
}

func TestWatchGivesUp(t *testing.T) {
	s, err := watch(t, Watch{Host: &sick{Fake: fake(), well: 3}, For: time.Minute})
	if err != nil || s.End != Unreadable || s.Samples != 3 {
		t.Errorf("ended by %d after %d samples, %v", s.End, s.Samples, err)
	}
	if _, err := watch(t, Watch{Host: &sick{Fake: fake()}, For: time.Minute}); err == nil || !strings.Contains(err.Error(), "no buffer space") {
		t.Errorf("nothing could be seen: %v", err)
	}
	if _, err := watch(t, Watch{Host: &host.Fake{}, For: time.Minute}); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestProfiles(t *testing.T) {
	var taken []time.Duration
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s, err := Watch{Host: fake(), PID: pid, Interval: time.Second, For: 75 * time.Second, Profile: func(context.Context) (pprof.Profile, error) {
			time.Sleep(20 * time.Millisecond)
			taken = append(taken, time.Since(began).Truncate(time.Second))
			return pprof.Profile{Total: 10 + len(taken), Taken: time.Now()}, nil
		}}.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Profiles) != 8 || s.Profiles[1].Taken.Sub(s.Profiles[0].Taken) < ProfileEvery {
			t.Errorf("profiles %+v", s.Profiles)
		}
		if p := s.Series.Points; p[0].Goroutines != 11 || p[1].Goroutines != -1 {
			t.Errorf("goroutines of the first samples: %d, %d", p[0].Goroutines, p[1].Goroutines)
		}
	})
	if want := []time.Duration{0, 10 * time.Second, 21 * time.Second, 32 * time.Second, 43 * time.Second, 54 * time.Second, 65 * time.Second, 75 * time.Second}; len(taken) != 8 || taken[1] != want[1] || taken[7] != want[7] {
		t.Errorf("taken at %v, want about %v", taken, want)
	}
}

// A profile that hangs holds up neither the samples nor the end.
func TestProfileHangs(t *testing.T) {
	s, err := watch(t, Watch{Host: fake(), For: time.Minute, Profile: func(ctx context.Context) (pprof.Profile, error) {
		<-ctx.Done()
		return pprof.Profile{}, ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Samples != 61 || s.ProfileErr == nil || len(s.Profiles) != 0 {
		t.Errorf("%d samples, %d profiles, %v", s.Samples, len(s.Profiles), s.ProfileErr)
	}
	for _, o := range s.Outcomes(Answers(catalogue.All()), &Server{Process: s.Series.Process}) {
		if o.Check.ID == verdict.Goroutines && (o.Status != checks.Unknown || o.Reason.IsZero()) {
			t.Errorf("%s is %s: %s", o.Check.ID, o.Status, o.Reason)
		}
	}
}

// TestFigures has a server tell of its pool: each answer stands in the sample that follows it, and questions disturb no quiet.
func TestFigures(t *testing.T) {
	h := fake(host.Connection{Inode: 9, State: host.Established, Local: address, Remote: client})
	asked := 0
	s, err := watch(t, Watch{Host: h, For: 40 * time.Second, Mine: func(a netip.AddrPort) bool { return a == client }, Figures: func(context.Context) (*observe.Told, error) {
		asked++
		h.Procs[0].Usage.Read += 900
		time.Sleep(20 * time.Millisecond)
		return &observe.Told{Goroutines: 8, OpenFDs: 4, HeapBytes: 1, Pools: []observe.Pool{{Name: "shop", Max: 10, Open: 10, InUse: 10, Waits: int64(asked)}}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for i, p := range s.Series.Points {
		if p.Told != nil {
			told++
		}
		if i > 0 && !p.Quiet {
			t.Errorf("not quiet at %s", p.Elapsed)
		}
	}
	if asked < 7 || asked > 9 || told < asked-1 || s.Series.Points[0].Told == nil || s.Samples != 41 || s.FiguresErr != nil {
		t.Errorf("asked %d times, told %d times in %d samples, %v", asked, told, s.Samples, s.FiguresErr)
	}
	if len(s.Verdicts) != 1 || s.Verdicts[0].Check != verdict.DBConnections || s.Verdicts[0].Severity != checks.Warning {
		t.Errorf("verdicts %+v", s.Verdicts)
	}
	m := newMetrics(&Server{Process: s.Series.Process}, Answers(catalogue.All()), "test")
	if m.update(s); m.now.counted != 8 {
		t.Errorf("a Prometheus is told of %d goroutines", m.now.counted)
	}
}

// A server that does not answer holds up nothing, and is asked no more.
func TestFiguresHang(t *testing.T) {
	asked := 0
	s, err := watch(t, Watch{Host: fake(), For: time.Minute, Figures: func(ctx context.Context) (*observe.Told, error) {
		asked++
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Samples != 61 || asked != maxUntold || s.FiguresErr == nil || s.Series.Last().Told != nil {
		t.Errorf("%d samples, asked %d times, %v", s.Samples, asked, s.FiguresErr)
	}
}

func TestProfilesAreBounded(t *testing.T) {
	s, err := watch(t, Watch{Host: fake(), For: time.Hour, Profile: func(context.Context) (pprof.Profile, error) {
		return pprof.Profile{Total: 1, Taken: time.Now()}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Profiles); n != maxProfiles || s.Profiles[n-1].Taken.Sub(s.Profiles[0].Taken) < 59*time.Minute {
		t.Errorf("%d profiles kept", n)
	}
}

func TestOutcomes(t *testing.T) {
	hidden := fake()
	hidden.Procs[0].Hidden = true
	ended := fake()
	for name, tt := range map[string]struct {
		host   host.Host
		length time.Duration
		check  string
		want   checks.Status
		reason string
	}{
		"well":                  {fake(), 5 * time.Second, verdict.CloseWait, checks.Passed, ""},
		"clients left":          {left(7), time.Minute, verdict.CloseWait, checks.Found, ""},
		"nothing may be seen":   {hidden, 5 * time.Second, verdict.FDGrowth, checks.Unknown, "run gindoctor as anna, or as root"},
		"no profiles":           {fake(), 5 * time.Second, verdict.Goroutines, checks.Skipped, "--pprof URL"},
		"ended before a second": {&dying{Fake: ended}, 5 * time.Second, verdict.CloseWait, checks.Unknown, "seen only once"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := watch(t, Watch{Host: tt.host, For: tt.length})
			if err != nil {
				t.Fatal(err)
			}
			answers := Answers(catalogue.All())
			outcomes := s.Outcomes(answers, &Server{Process: s.Series.Process, Name: "shop", Port: 8080})
			for _, o := range outcomes {
				if o.Check.ID != tt.check {
					continue
				}
				if o.Status != tt.want || !strings.Contains(o.Reason.String(), tt.reason) {
					t.Errorf("%s: %s", o.Status, o.Reason)
				}
				for _, f := range o.Findings {
					if f.Stage != checks.Serve || f.Subject == nil || f.Subject.PID != pid || f.Subject.Port != 8080 {
						t.Errorf("finding %+v", f)
					}
				}
				return
			}
			t.Errorf("%s is not among the %d answers", tt.check, len(answers))
		})
	}
}

// dying is a host whose process ends after it was looked at once.
type dying struct {
	*host.Fake
	asked int
}

func (d *dying) Usage(ctx context.Context, pid int) (host.Usage, error) {
	if d.asked++; d.asked > 1 {
		return host.Usage{}, host.ErrGone
	}
	return d.Fake.Usage(ctx, pid)
}
