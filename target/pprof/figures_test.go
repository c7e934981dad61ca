package pprof

import (
	"errors"
	"expvar"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
# TYPE shop_requests_total counter
shop_requests_total{path="/a"} is no number, and nothing of ours
`

func TestFigures(t *testing.T) {
	vars := `{"cmdline": ["./api"], "memstats": {"HeapInuse": 1048576}, "Goroutines": 61, "goroutine_names": ["a"]}`
	for name, c := range map[string]struct {
		metrics, vars string
		want          Figures
		err           bool
	}{
		"both": {metrics, vars, Figures{Goroutines: 57, OpenFDs: 23, MaxFDs: 1 << 20, HeapBytes: 4325376, Metrics: true, Expvars: true,
			Pools: []PoolFigures{{Name: "shop", Max: 10, Open: 10, InUse: 10, Waits: 506}}}, false},
		"variables alone":     {"", vars, Figures{Goroutines: 61, OpenFDs: -1, MaxFDs: -1, HeapBytes: 1 << 20, Expvars: true}, false},
		"page for metrics":    {"<html>", vars, Figures{Goroutines: 61, OpenFDs: -1, MaxFDs: -1, HeapBytes: 1 << 20, Expvars: true}, false},
		"neither":             {"", "", Figures{Goroutines: -1, OpenFDs: -1, MaxFDs: -1, HeapBytes: -1}, true},
		"malformed":           {"go_goroutines{ 3\n", "[]", Figures{Goroutines: -1, OpenFDs: -1, MaxFDs: -1, HeapBytes: -1}, true},
		"absurd":              {"go_goroutines 1e300\nprocess_open_fds -4\n", "", Figures{Goroutines: -1, OpenFDs: -1, MaxFDs: -1, HeapBytes: -1, Metrics: true}, false},
		"a variable of words": {"", `{"goroutines": "many"}`, Figures{Goroutines: -1, OpenFDs: -1, MaxFDs: -1, HeapBytes: -1, Expvars: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := map[string]string{"/metrics": c.metrics, "/debug/vars": c.vars}[r.URL.Path]
				if answer == "" {
					http.NotFound(w, r)
					return
				}
				io.WriteString(w, answer)
			}))
			defer web.Close()
			s, _ := Open(web.URL)
			got, err := s.Figures(t.Context())
			if (err != nil) != c.err || name == "neither" && !errors.Is(err, ErrAbsent) {
				t.Error(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFiguresOfExpvar(t *testing.T) {
	web := httptest.NewServer(expvar.Handler())
	defer web.Close()
	s, _ := Open(web.URL)
	got, err := s.Figures(t.Context())
	if err != nil || got.HeapBytes <= 0 || got.Metrics {
		t.Error(got, err)
	}
}

func FuzzFigures(f *testing.F) {
	f.Add([]byte(metrics))
	f.Add([]byte(`{"memstats": {"HeapInuse": 1}, "goroutines": 3}`))
	f.Add([]byte(strings.Repeat("go_sql_x{a=\"b\"} 1\n", 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		figures := Figures{Goroutines: -1, OpenFDs: -1, MaxFDs: -1, HeapBytes: -1}
		figures.readMetrics(data)
		figures.readVars(data)
		if figures.Goroutines < -1 || figures.OpenFDs < -1 || figures.HeapBytes < -1 {
			t.Fatalf("%+v", figures)
		}
	})
}
