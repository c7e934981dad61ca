package report_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
)

var (
	closeWait  = declare("leak/close-wait", "connections whose client is gone are never closed", checks.Serve, checks.Error)
	goroutines = declare("leak/goroutines", "goroutines pile up at one place", checks.Serve, checks.Error)
)

// series is a minute of a server that keeps what leaks of its clients, and of a pool that grows to twelve connections.
func series(leaks int) *observe.Series {
	s := &observe.Series{
		Process: host.Process{PID: 4711, Name: "shop"}, Ports: []int{8080}, Started: time.Date(2026, 11, 21, 9, 15, 0, 0, time.UTC),
		Limits: host.Limits{OpenFilesSoft: 255, OpenFilesHard: 256},
	}
	db, cache := netip.MustParseAddrPort("10.0.0.5:5432"), netip.MustParseAddrPort("[fd00::7]:6379")
	for i := range 61 {
		pool, gone := min(i, 12), leaks*i/60
		p := observe.Point{
			Elapsed: time.Duration(i) * time.Second, Total: 9 + 5 + pool + gone + i%4, Threads: 9, RSS: uint64(30<<20 + i*100_000), CPU: 0.034,
			Kinds:    observe.Kinds{Sockets: 6 + pool + gone + i%4, Files: 3, Pipes: 2, Anon: 3},
			Inbound:  observe.States{Established: i % 4, CloseWait: gone},
			Outbound: observe.States{Established: pool}, Goroutines: -1,
			Peers: []observe.Peer{{Addr: db, States: observe.States{Established: pool - pool/4}}, {Addr: cache, States: observe.States{Established: pool / 4}}},
		}
		if i%30 == 0 {
			p.Goroutines = 20 + 2*gone
		}
		s.Points = append(s.Points, p)
	}
	return s
}

func watchedReport(s *observe.Series, ended string, outcomes ...checks.Outcome) *report.Report {
	r := build(outcomes...)
	r.Target.Profile, r.Target.Watcher = "prod", ""
	r.Series = report.NewSeries(s, "shop", time.Second, len(s.Points), ended)
	return r
}

func watchedLeak() *report.Report {
	return watchedReport(series(40), "", found(closeWait, checks.Finding{
		Severity: checks.Error, Key: "close-wait",
		Message:  checks.Msg("%d connections stay open although their clients are gone: the same ones for %s and longer", 21, "30 s"),
		Why:      checks.Msg("Each holds a descriptor until there are too many open files."),
		Help:     checks.Msg("give the server a pprof route and see where the handlers stand: gindoctor monitor --port 8080 --for 60s --pprof URL"),
		Evidence: []checks.Message{checks.Msg("40 in CLOSE_WAIT at the end of 60 s"), checks.Msg("by client: 40 from 127.0.0.1")},
		Subject:  &checks.Subject{Kind: checks.ProcessSubject, Name: "shop", PID: 4711, Port: 8080},
	}), skipped(goroutines, "it offers no profile of its goroutines, or none was named: --pprof URL"))
}

func watchedWell() *report.Report {
	return watchedReport(series(0), "", passed(closeWait), passed(goroutines))
}

// watchedPool is a server that tells of its pool every five seconds: it is used up after half a minute.
func watchedPool() *report.Report {
	s := series(0)
	for i := range s.Points {
		if p := &s.Points[i]; i%5 == 0 {
			pool := observe.Pool{Name: "shop", Max: 10, Open: 10, InUse: min(10, i/3), Waits: int64(40 + max(0, i-30))}
			p.Told = &observe.Told{Goroutines: 20 + i, OpenFDs: p.Total, HeapBytes: 4 << 20, Pools: []observe.Pool{{Name: "audit", Open: 1}, pool}}
			p.Goroutines = p.Told.Goroutines
		}
	}
	return watchedReport(s, "", passed(closeWait), passed(goroutines))
}

// watchedBriefly is a process of another user that ended.
func watchedBriefly() *report.Report {
	s := series(0)
	s.Points, s.Hidden, s.Ports = s.Points[:4], true, nil
	for i := range s.Points {
		p := &s.Points[i]
		*p = observe.Point{Elapsed: p.Elapsed, Total: p.Total, Threads: p.Threads, RSS: p.RSS, CPU: p.CPU, Goroutines: -1}
	}
	return watchedReport(s, "the process has ended", unknown(closeWait, "what process 4711 has open is not told to this user, or by this system: run gindoctor as root"))
}

func TestWatchedText(t *testing.T) {
	for _, v := range []struct {
		file string
		r    *report.Report
		o    report.Options
	}{
		{"watched-leak-color.txt", watchedLeak(), report.Options{Color: true}},
		{"watched-leak-ascii.txt", watchedLeak(), report.Options{ASCII: true}},
		{"watched-leak-narrow.txt", watchedLeak(), report.Options{Width: 40}},
		{"watched-leak-wide.txt", watchedLeak(), report.Options{Width: 160}},
	} {
		t.Run(v.file, func(t *testing.T) { golden(t, v.file, render(t, "text", v.r, v.o)) })
	}
}

func TestWatchedFits(t *testing.T) {
	for width := 40; width <= 120; width++ {
		for line := range strings.Lines(string(render(t, "text", watchedWell(), report.Options{Width: width}))) {
			if lipgloss.Width(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("wider than %d: %q", width, line)
			}
		}
	}
}

func TestWatchedPage(t *testing.T) {
	golden(t, "watched-leak.html", render(t, "html", watchedLeak(), report.Options{}))
	page := string(render(t, "html", watchedLeak(), report.Options{}))
	for _, foreign := range []string{"<script", "http://", "https://", "url(", "NaN", "Inf"} {
		if strings.Contains(page, foreign) {
			t.Errorf("%q stands in the page", foreign)
		}
	}
}

// A day at one sample a second makes a report that can be mailed, and the peaks are in it.
func TestSeriesIsThinned(t *testing.T) {
	s := series(0)
	one := s.Points[0]
	s.Points = nil
	for i := range 8000 {
		one.Elapsed, one.Total = time.Duration(i)*11*time.Second, 10
		one.Told = nil
		if i == 4321 {
			one.Total = 900
		}
		if i%11 == 5 {
			one.Told = &observe.Told{HeapBytes: 1}
		}
		s.Points = append(s.Points, one)
	}
	r := watchedReport(s, "", passed(closeWait))
	most, told := 0, 0
	for _, p := range r.Series.Points {
		most = max(most, p.Descriptors)
		told += int(p.Heap)
	}
	if told != 719 { // what was told now and then is not lost with the points; the last stands alone
		t.Errorf("%d points of what the process told", told)
	}
	last := r.Series.Points[len(r.Series.Points)-1]
	if n := len(r.Series.Points); n > 720 || most != 900 || last.At != s.Last().Elapsed.Milliseconds() || r.Series.Points[0].At != 0 {
		t.Errorf("%d points, at most %d descriptors, the last at %d", n, most, last.At)
	}
	if n := len(render(t, "json", r, report.Options{})); n > 1<<20 {
		t.Errorf("the report has %d bytes", n)
	}
}

// A report that somebody has edited by hand is shown as far as it goes.
func TestOddSeries(t *testing.T) {
	for name, change := range map[string]func(*report.Series){
		"no points":     func(s *report.Series) { s.Points = nil },
		"one point":     func(s *report.Series) { s.Points, s.Length = s.Points[:1], 0 },
		"no length":     func(s *report.Series) { s.Length = 0 },
		"fewer pools":   func(s *report.Series) { s.Points[0].Pools = s.Points[0].Pools[:1] },
		"acting pool":   func(s *report.Series) { s.Pools[0].Name = "<script>\x1b[2J" },
		"huge pool":     func(s *report.Series) { s.Points[0].Pools[0].Waits, s.Pools[0].Max = 1<<62, -1 },
		"fewer peers":   func(s *report.Series) { s.Points[0].ToPeers = nil },
		"negative":      func(s *report.Series) { s.Points[0].Descriptors = -5; s.Length = -1 },
		"acting name":   func(s *report.Series) { s.Process = "\x1b[2Jshop" },
		"acting peer":   func(s *report.Series) { s.Peers[0].Address = "<script>\x1b[2J" },
		"huge":          func(s *report.Series) { s.Points[3].RSS = 1 << 63 },
		"huge limit":    func(s *report.Series) { s.Soft = 1 << 62 },
		"many percents": func(s *report.Series) { s.Points[3].CPU = 1e300 },
	} {
		t.Run(name, func(t *testing.T) {
			r := watchedLeak()
			if strings.Contains(name, "pool") {
				r = watchedPool()
			}
			change(r.Series)
			for _, format := range []string{"text", "html", "json", "markdown"} {
				text := string(render(t, format, r, report.Options{}))
				if strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "<script>") && format == "html" {
					t.Errorf("%s acts: %q", format, text)
				}
				if strings.Contains(text, "NaN") || strings.Contains(text, "%!") {
					t.Errorf("%s: %s", format, fmt.Sprintf("%.2000s", text))
				}
			}
		})
	}
}

// TestWatchedFull has a server that leaks nothing and has no descriptor left.
func TestWatchedFull(t *testing.T) {
	for most, want := range map[int]bool{254: false, 255: true} {
		s := series(0)
		for i := range s.Points {
			s.Points[i].Total = most
		}
		r := watchedReport(s, "", checks.Outcome{Check: closeWait, Status: checks.Passed})
		var b strings.Builder
		if err := (report.Text{}).Render(&b, r, report.Options{Width: 100}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "all of the 255 files and connections open"); got != want {
			t.Errorf("%d open: %v\n%s", most, got, b.String())
		}
	}
}
