package verdict_test

import (
	"compress/gzip"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
)

// figures prints the tables of docs/leaks.md.
var figures = flag.Bool("figures", false, "print how often the rules are right on the recorded series")

// run is one recorded server.
type run struct {
	set, name, kind string
	number          int
	leaky           bool
	leaked          int // as far as the client knows
	series          *observe.Series
}

// kept tells whether a run was kept out while the rules were made: they were made on the odd runs of set a.
func (r run) kept() bool { return r.set != "a" || r.number%2 == 0 }

// recorded reads the series of testdata.
func recorded(t testing.TB) []run {
	t.Helper()
	var all []run
	for _, set := range []string{"a", "b", "c"} {
		f, err := os.Open(filepath.Join("testdata", "series", set+".csv.gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := parseRuns(z)
		if err != nil {
			t.Fatalf("%s: %v", set, err)
		}
		for _, r := range runs {
			r.set = set
			all = append(all, r)
		}
	}
	return all
}

func parseRuns(from io.Reader) ([]run, error) {
	rows, err := csv.NewReader(from).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []run
	for i := 1; i < len(rows); {
		end := i
		for end < len(rows) && rows[end][0] == rows[i][0] {
			end++
		}
		r := run{name: rows[i][0]}
		parts := strings.Split(r.name, "-")
		r.number, _ = strconv.Atoi(parts[0])
		r.kind, r.leaky = parts[1], parts[3] != "0"
		r.series = convert(rows[0], rows[i:end])
		r.leaked = column(rows[0], rows[end-1], "leaked")
		all = append(all, r)
		i = end
	}
	return all, nil
}

func column(head, row []string, name string) int {
	v, err := strconv.Atoi(row[slices.Index(head, name)])
	if err != nil {
		return 0
	}
	return v
}

var (
	postgres = netip.MustParseAddrPort("127.0.0.1:5432")
	redis    = netip.MustParseAddrPort("127.0.0.1:6379")
	upstream = netip.MustParseAddrPort("127.0.0.1:9000")
)

func convert(head []string, rows [][]string) *observe.Series {
	s := &observe.Series{Process: host.Process{PID: 7}, Ports: []int{8080}}
	before := -1
	for _, row := range rows {
		get := func(name string) int { return column(head, row, name) }
		at, _ := strconv.ParseFloat(row[1], 64)
		p := observe.Point{
			Elapsed: time.Duration(at * float64(time.Second)), Total: get("fd"),
			Kinds:    observe.Kinds{Sockets: get("sock"), Files: get("file"), Pipes: get("pipe"), Anon: get("anon")},
			Inbound:  observe.States{Established: get("in_est"), CloseWait: get("in_cw"), Other: get("st_other")},
			Outbound: observe.States{Established: get("out_est"), CloseWait: get("out_cw")},
			Unread:   get("out_rxq"), Threads: get("threads"), RSS: uint64(get("rss_kb")) << 10, Goroutines: get("goroutines"),
			Quiet: get("reqs") == before,
		}
		before = get("reqs")
		for addr, n := range map[netip.AddrPort]int{postgres: get("to_pg"), redis: get("to_redis"), upstream: get("to_up")} {
			if n > 0 {
				p.Peers = append(p.Peers, observe.Peer{Addr: addr, States: observe.States{Established: n}})
			}
		}
		slices.SortFunc(p.Peers, func(a, b observe.Peer) int { return a.Addr.Compare(b.Addr) })
		s.Points = append(s.Points, p)
	}
	fillStuck(s)
	return s
}

// fillStuck says which connections are stuck at the end of a series. Which sockets they are is not recorded: as many as the least
// number from a moment on are taken to be so since then.
func fillStuck(s *observe.Series) {
	s.CloseWait = since(s, netip.MustParseAddrPort("127.0.0.1:40000"), func(p observe.Point) int { return p.Inbound.CloseWait })
	to, most := upstream, -1
	for _, p := range s.Last().Peers {
		if p.Established > most {
			to, most = p.Addr, p.Established
		}
	}
	s.Unread = since(s, to, func(p observe.Point) int { return p.Unread })
}

func since(s *observe.Series, peer netip.AddrPort, count func(observe.Point) int) []observe.Stuck {
	n := count(s.Last())
	stuck := make([]observe.Stuck, n)
	for i := range stuck {
		stuck[i] = observe.Stuck{Inode: uint64(i + 1), Remote: peer, RecvQ: 1, Since: s.Last().Elapsed}
	}
	for _, p := range slices.Backward(s.Points) {
		n = min(n, count(p))
		for i := range n {
			stuck[i].Since = p.Elapsed
		}
	}
	return stuck
}

// part is what was seen of a run between two moments.
func part(s *observe.Series, from, to int) *observe.Series {
	cut := *s
	cut.Points = slices.Clone(s.Points[from : to+1])
	fillStuck(&cut)
	return &cut
}

// worst is the severest verdict.
func worst(all []verdict.Verdict) checks.Severity {
	w := checks.Severity(0)
	for _, v := range all {
		w = max(w, v.Severity)
	}
	return w
}

// TestRecordedSeries judges every recorded run after its minute. A healthy one must never be called an error, and docs/leaks.md says
// how often the rules are right.
func TestRecordedSeries(t *testing.T) {
	score := map[string]*tally{}
	for _, r := range recorded(t) {
		all := verdict.Judge(r.series, nil, verdict.Span{})
		if !r.leaky {
			for _, v := range all {
				t.Logf("%s/%s is healthy: %s %s", r.set, r.name, v.Severity, v.Message)
			}
			if worst(all) >= checks.Error {
				t.Errorf("%s/%s is healthy and was called an error", r.set, r.name)
			}
		}
		part := "made"
		if r.kept() {
			part = "kept"
		}
		for _, key := range []string{part, part + " " + r.set, part + "/" + r.kind} {
			if score[key] == nil {
				score[key] = &tally{}
			}
			score[key].count(r, worst(all))
		}
		if *figures && r.leaky {
			fmt.Printf("%s/%-26s leaked %3d:", r.set, r.name, r.leaked)
			for _, v := range all {
				fmt.Printf(" [%s %s %d]", v.Check, v.Severity, v.Count)
			}
			fmt.Println()
		}
	}
	if *figures {
		for _, key := range slices.Sorted(maps.Keys(score)) {
			fmt.Printf("%-20s %s\n", key, score[key])
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "leaks.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"made a", "kept a", "kept b", "kept c", "kept"} {
		s := score[key]
		row := fmt.Sprintf("| %d | %d | %d | %d | %d |", s.leaky, s.warned, s.errors, s.healthy, s.alarms)
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/leaks.md says otherwise of %q: %s", key, row)
		}
	}
}

// tally counts how often the rules were right.
type tally struct{ leaky, errors, warned, healthy, alarms, falseErrors int }

func (s *tally) count(r run, w checks.Severity) {
	switch {
	case r.leaky:
		s.leaky++
		if w >= checks.Warning {
			s.warned++
		}
		if w >= checks.Error {
			s.errors++
		}
	default:
		s.healthy++
		if w >= checks.Warning {
			s.alarms++
		}
		if w >= checks.Error {
			s.falseErrors++
		}
	}
}

func (s *tally) String() string {
	return fmt.Sprintf("caught %d/%d (as errors %d), alarms on healthy ones %d/%d (errors %d)", s.warned, s.leaky, s.errors, s.alarms, s.healthy, s.falseErrors)
}

// TestHealthyAtAnyMoment judges the healthy runs as if the watching had ended at any moment, and had begun at any moment.
func TestHealthyAtAnyMoment(t *testing.T) {
	judged, alarms, brief, briefAlarms := 0, 0, 0, 0
	for _, r := range recorded(t) {
		if r.leaky {
			continue
		}
		for from := 0; from < len(r.series.Points)-3; from++ {
			all := verdict.Judge(part(r.series, from, from+3), nil, verdict.Span{Brief: true})
			brief++
			if len(all) > 0 {
				briefAlarms++
				t.Logf("%s/%s at %d s, as check sees it: %s", r.set, r.name, from, all[0].Message)
			}
			for to := from + 15; to < len(r.series.Points) && from%5 == 0; to += 5 {
				all := verdict.Judge(part(r.series, from, to), nil, verdict.Span{})
				judged++
				if len(all) > 0 {
					alarms++
					t.Logf("%s/%s from %d to %d s: %s %s", r.set, r.name, from, to, all[0].Severity, all[0].Message)
				}
				if worst(all) >= checks.Error {
					t.Errorf("%s/%s is healthy and was called an error from %d to %d s", r.set, r.name, from, to)
				}
			}
		}
	}
	if alarms > 0 || briefAlarms > 22 {
		t.Errorf("%d alarms on healthy parts, %d as check sees them: docs/leaks.md says 0 and 22", alarms, briefAlarms)
	}
	if *figures {
		fmt.Printf("healthy parts: %d of %d with an alarm; as check sees them %d of %d\n", alarms, judged, briefAlarms, brief)
	}
}
