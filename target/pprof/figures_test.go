package pprof

import (
	"errors"
	"expvar"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/observe"
)

const metrics = `# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 57
# TYPE go_memstats_heap_inuse_bytes gauge
go_memstats_heap_inuse_bytes 4.325376e+06
# TYPE process_open_fds gauge
process_open_fds 23
# TYPE process_max_fds gauge
process_max_fds 1.048576e+06
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.763757e+09
# HELP go_sql_in_use_connections The number of connections currently in use.
# TYPE go_sql_in_use_connections gauge
go_sql_in_use_connections{db_name="shop"} 10
# TYPE go_sql_max_open_connections gauge
go_sql_max_open_connections{db_name="shop"} 10
# TYPE go_sql_open_connections gauge
go_sql_open_connections{db_name="shop"} 10
# TYPE go_sql_wait_count_total counter
go_sql_wait_count_total{db_name="shop"} 506
go_sql_wait_count_total{db_name="audit"} NaN
# TYPE go_sql_wait_duration_seconds_total counter
go_sql_wait_duration_seconds_total{db_name="shop"} 2.5
# TYPE shop_requests_total counter
shop_requests_total{path="/a"} is no number, and nothing of ours
`

func untold() observe.Told { return observe.Told{Goroutines: -1, OpenFDs: -1, HeapBytes: -1} }

func TestFigures(t *testing.T) {
	shop := untold()
	shop.Goroutines, shop.OpenFDs, shop.HeapBytes, shop.Started = 57, 23, 4325376, time.Unix(1763757000, 0)
	shop.Pools = []observe.Pool{{Name: "shop", Max: 10, Open: 10, InUse: 10, Waits: 506, Waited: 2500 * time.Millisecond}}
	variables := untold()
	variables.Goroutines, variables.HeapBytes = 61, 1<<20
	for name, c := range map[string]struct {
		page, answer string
		want         observe.Told
		err          string
	}{
		"metrics":             {"/metrics", metrics, shop, ""},
		"variables":           {"/debug/vars", `{"cmdline": ["./api"], "memstats": {"HeapInuse": 1048576}, "Goroutines": 61, "goroutine_names": ["a"]}`, variables, ""},
		"a web page":          {"/metrics", "<html>", untold(), "a web page"},
		"none":                {"/metrics", "", untold(), "404"},
		"nothing of ours":     {"/metrics", "shop_requests_total 4\n", untold(), "no metric"},
		"malformed":           {"/metrics", "go_goroutines{ 3\n", untold(), "/metrics: "},
		"no object":           {"/debug/vars", "[]", untold(), "no JSON object"},
		"absurd":              {"/metrics", "go_goroutines 1e300\nprocess_open_fds -4\n", untold(), ""},
		"a variable of words": {"/debug/vars", `{"goroutines": "many"}`, untold(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != c.page || c.answer == "" {
					http.NotFound(w, r)
					return
				}
				io.WriteString(w, c.answer)
			}))
			defer web.Close()
			open := MetricsPage
			if c.page == "/debug/vars" {
				open = VarsPage
			}
			page, err := open(web.URL + c.page)
			if err != nil {
				t.Fatal(err)
			}
			defer page.Close()
			got := Untold()
			err = page.Tell(t.Context(), got)
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Error(err)
			}
			if (c.err == "404" || c.err == "no metric") && !errors.Is(err, ErrAbsent) {
				t.Errorf("%v is not ErrAbsent", err)
			}
			if d := cmp.Diff(&c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFiguresOfExpvar(t *testing.T) {
	web := httptest.NewServer(expvar.Handler())
	defer web.Close()
	page, err := VarsPage(web.URL + "/debug/vars")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	told := Untold()
	if err := page.Tell(t.Context(), told); err != nil || told.HeapBytes <= 0 || told.OpenFDs != -1 {
		t.Error(told, err)
	}
}

// Pages of other machines are not asked for.
func TestPageElsewhere(t *testing.T) {
	for _, address := range []string{"http://10.0.0.7:8080/metrics", "http://shop.example.org/metrics", "file:///etc/passwd", "http://127.0.0.1.example.org/metrics", ":"} {
		if page, err := MetricsPage(address); err == nil {
			t.Errorf("%s is asked for", page)
		}
	}
}

// The connection that a page is asked by is known by its near end, also after it was closed.
func TestMine(t *testing.T) {
	var from string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from = r.RemoteAddr
		io.WriteString(w, metrics)
	}))
	defer web.Close()
	page, err := MetricsPage(web.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Tell(t.Context(), Untold()); err != nil {
		t.Fatal(err)
	}
	page.Close()
	client := netip.MustParseAddrPort(from)
	if !page.Mine(client) || page.Mine(netip.AddrPortFrom(client.Addr(), client.Port()^1)) {
		t.Errorf("%s is not known as its own, or another is", client)
	}
	for i := range 2 * maxNear {
		page.near.add(netip.AddrPortFrom(client.Addr(), uint16(i)))
	}
	if page.Mine(client) || len(page.near.last) != maxNear || !page.Mine(netip.AddrPortFrom(client.Addr(), 2*maxNear-1)) {
		t.Errorf("%d connections are known", len(page.near.last))
	}
}

func FuzzFigures(f *testing.F) {
	f.Add([]byte(metrics))
	f.Add([]byte(`{"memstats": {"HeapInuse": 1}, "goroutines": 3}`))
	f.Add([]byte(strings.Repeat("go_sql_x{a=\"b\"} 1\n", 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		told := Untold()
		readMetrics(told, data)
		readVars(told, data)
		if told.Goroutines < -1 || told.OpenFDs < -1 || told.HeapBytes < -1 {
			t.Fatalf("%+v", told)
		}
		for _, p := range told.Pools {
			if p.Max < 0 || p.Open < 0 || p.InUse < 0 || p.Waits < 0 || p.Waited < -1 {
				t.Fatalf("%+v", p)
			}
		}
	})
}
