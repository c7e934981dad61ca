package monitor

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/pprof"
)

var shop = &Server{Process: host.Process{PID: pid}, Port: 8080, Name: "shop"}

func exported(t *testing.T, s *State) *metrics {
	t.Helper()
	m := newMetrics(shop, Answers(catalogue.All()), "1.2.3")
	m.update(s)
	return m
}

// The names, units and texts are as Prometheus' own conventions want them.
func TestMetricsLint(t *testing.T) {
	s, err := watch(t, Watch{Host: left(7), For: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	s.Profiles = []pprof.Profile{{Total: 12}}
	problems, err := testutil.CollectAndLint(exported(t, s))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestMetrics(t *testing.T) {
	s, err := watch(t, Watch{Host: left(7), For: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	// leak/goroutines takes profiles.
	const of = `pid="4711",port="8080",program="shop"`
	want := strings.ReplaceAll(`
# HELP gindoctor_verdict What the watch shows so far, by check: 0 nothing, 1 info, 2 warning, 3 error; absent where it cannot be told.
# TYPE gindoctor_verdict gauge
gindoctor_verdict{check="leak/close-wait",OF} 3
gindoctor_verdict{check="leak/db-connections",OF} 0
gindoctor_verdict{check="leak/fd-growth",OF} 0
gindoctor_verdict{check="leak/response-body",OF} 0
# HELP gindoctor_stuck_connections Connections that have been in one condition for 30 seconds or more: closed by the client and not by the process, or with the same unread bytes.
# TYPE gindoctor_stuck_connections gauge
gindoctor_stuck_connections{condition="close_wait",OF} 7
gindoctor_stuck_connections{condition="unread",OF} 0
# HELP gindoctor_open_descriptors_limit Limits on open descriptors.
# TYPE gindoctor_open_descriptors_limit gauge
gindoctor_open_descriptors_limit{limit="hard",OF} 1024
gindoctor_open_descriptors_limit{limit="soft",OF} 1023
# HELP gindoctor_cpu_seconds_total Processor time used.
# TYPE gindoctor_cpu_seconds_total counter
gindoctor_cpu_seconds_total{OF} 1.5
`, "OF", of)
	err = testutil.CollectAndCompare(exported(t, s), strings.NewReader(want),
		"gindoctor_verdict", "gindoctor_stuck_connections", "gindoctor_open_descriptors_limit", "gindoctor_cpu_seconds_total")
	if err != nil {
		t.Error(err)
	}
}

// However many peers a server has, the number of time series is bounded.
func TestPeersAreBounded(t *testing.T) {
	var conns []host.Connection
	for i := range 3000 {
		peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 443)
		conns = append(conns, host.Connection{Inode: uint64(10 + i), State: host.Established, Local: netip.MustParseAddrPort("10.9.9.9:40000"), Remote: peer})
	}
	s, err := watch(t, Watch{Host: fake(conns...), For: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if n := testutil.CollectAndCount(exported(t, s), "gindoctor_peer_connections"); n != MaxPeers+1 {
		t.Errorf("%d peers are told", n)
	}
	_, rest := (&snapshot{Point: s.Series.Last()}).top()
	if rest != 3000-MaxPeers {
		t.Errorf("%d connections to others", rest)
	}
}

func TestHiddenAndGone(t *testing.T) {
	h := fake()
	h.Procs[0].Hidden = true
	s, err := watch(t, Watch{Host: h, For: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	m := exported(t, s)
	if n := testutil.CollectAndCount(m, "gindoctor_open_descriptors", "gindoctor_connections", "gindoctor_verdict"); n != 1 {
		t.Errorf("%d figures of what may not be seen", n)
	}
	s.End = Gone
	m.update(s)
	if n := testutil.CollectAndCount(m); n != 2 { // that it is gone, and the version
		t.Errorf("%d figures of a process that has ended", n)
	}
}

func TestListen(t *testing.T) {
	e, err := Listen(t.Context(), "0", shop, nil, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if !strings.HasPrefix(e.URL(), "http://127.0.0.1:") {
		t.Errorf("a port alone listens on %s", e.URL())
	}
	for path, want := range map[string]int{"/metrics": 200, "/": 404, "/debug/pprof/": 404} {
		r, err := http.Get(strings.TrimSuffix(e.URL(), "/metrics") + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != want {
			t.Errorf("%s answers %d, %v", path, r.StatusCode, err)
		}
		if want == 200 && !strings.Contains(string(body), `gindoctor_build_info{version="1.2.3"} 1`) {
			t.Errorf("%s says %s", path, body)
		}
	}
	_, port, _ := net.SplitHostPort(e.listener.Addr().String())
	if _, err := Listen(t.Context(), port, shop, nil, ""); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("the port is taken: %v", err)
	}
}

func TestListenAddress(t *testing.T) {
	for given, want := range map[string]string{
		"9753": "127.0.0.1:9753", ":9753": "127.0.0.1:9753", "0.0.0.0:9753": "0.0.0.0:9753", "[::1]:9753": "[::1]:9753", "localhost:1": "localhost:1",
	} {
		if got, err := listenAddress(given); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", given, got, err, want)
		}
	}
	for _, given := range []string{"", "host", "host:", "1:2:3", "70000", ":-1", "::1"} {
		if got, err := listenAddress(given); err == nil {
			t.Errorf("%q is taken for %q", given, fmt.Sprint(got))
		}
	}
}
