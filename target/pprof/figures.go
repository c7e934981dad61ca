package pprof

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Figures are what a server tells of itself in numbers. A number that it does not tell is -1.
type Figures struct {
	Goroutines       int
	OpenFDs, MaxFDs  int
	HeapBytes        int64
	Pools            []PoolFigures // of database/sql, by name
	Metrics, Expvars bool          // which of the two it answered
}

// PoolFigures are the numbers of one sql.DB, as the collector of Prometheus' client library exposes sql.DBStats.
type PoolFigures struct {
	Name                  string
	Max                   int // 0 means no limit
	Open, InUse           int
	Waits                 int64 // calls that have had to wait for a connection, since the start
	Idle                  int
	ClosedIdle, ClosedAge int64
}

// maxMetrics bounds a page of metrics or variables.
const maxMetrics = 16 << 20

// Figures asks for what Prometheus scrapes (/metrics) and for the variables of package expvar (/debug/vars), on the same server.
// ErrAbsent where it has neither.
func (s *Server) Figures(ctx context.Context) (Figures, error) {
	f := Figures{Goroutines: -1, OpenFDs: -1, MaxFDs: -1, HeapBytes: -1}
	metrics, err := s.ask(ctx, s.rooted("/metrics"), maxMetrics)
	if err == nil {
		err = f.readMetrics(metrics)
		f.Metrics = err == nil
	}
	vars, varsErr := s.ask(ctx, s.rooted("/debug/vars"), maxMetrics)
	if varsErr == nil {
		varsErr = f.readVars(vars)
		f.Expvars = varsErr == nil
	}
	switch {
	case f.Metrics || f.Expvars:
		return f, nil
	case errors.Is(err, ErrAbsent):
		return f, varsErr
	}
	return f, err
}

// rooted is another page of the same server, asked for as its profiles are.
func (s *Server) rooted(path string) *url.URL {
	u := *s.base
	u.Path = path
	return &u
}

// families are the metrics that are read, by name or by the beginning of it.
var families = []string{"go_goroutines", "process_open_fds", "process_max_fds", "go_memstats_heap_inuse_bytes", "go_sql_"}

func wanted(name string) bool {
	return slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(name, f) })
}

// readMetrics reads the text format of Prometheus. Only the lines of the families that are wanted go to the parser: the others may
// be many, and one that is malformed is no concern of ours.
func (f *Figures) readMetrics(data []byte) error {
	if webPage(data) {
		return errors.New("/metrics: it sends a web page, no metrics")
	}
	var kept bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
		if wanted(name) && !strings.HasPrefix(line, "# HELP ") {
			kept.WriteString(line)
			kept.WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("/metrics: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(&kept)
	if err != nil {
		return fmt.Errorf("/metrics: %w", err)
	}
	if len(parsed) == 0 {
		return fmt.Errorf("/metrics: none that tells of the process: %w", ErrAbsent)
	}
	f.take(parsed)
	return nil
}

func (f *Figures) take(families map[string]*dto.MetricFamily) {
	pools := map[string]*PoolFigures{}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			v, ok := number(m)
			if !ok {
				continue
			}
			if field, ok := strings.CutPrefix(name, "go_sql_"); ok {
				db := label(m, "db_name")
				if pools[db] == nil {
					pools[db] = &PoolFigures{Name: db}
				}
				pools[db].set(field, v)
				continue
			}
			switch name {
			case "go_goroutines":
				f.Goroutines = int(v)
			case "process_open_fds":
				f.OpenFDs = int(v)
			case "process_max_fds":
				f.MaxFDs = int(v)
			case "go_memstats_heap_inuse_bytes":
				f.HeapBytes = v
			}
		}
	}
	for _, p := range pools {
		f.Pools = append(f.Pools, *p)
	}
	slices.SortFunc(f.Pools, func(a, b PoolFigures) int { return strings.Compare(a.Name, b.Name) })
}

func (p *PoolFigures) set(field string, v int64) {
	switch field {
	case "max_open_connections":
		p.Max = int(v)
	case "open_connections":
		p.Open = int(v)
	case "in_use_connections":
		p.InUse = int(v)
	case "idle_connections":
		p.Idle = int(v)
	case "wait_count_total":
		p.Waits = v
	case "max_idle_closed_total":
		p.ClosedIdle = v
	case "max_lifetime_closed_total":
		p.ClosedAge = v
	}
}

// number is the value of a gauge, a counter or what has no type, where it is a count.
func number(m *dto.Metric) (int64, bool) {
	v := math.NaN()
	switch {
	case m.Gauge != nil:
		v = m.Gauge.GetValue()
	case m.Counter != nil:
		v = m.Counter.GetValue()
	case m.Untyped != nil:
		v = m.Untyped.GetValue()
	}
	return count(v)
}

func count(v float64) (int64, bool) {
	if v >= 0 && v < 1<<53 { // not NaN, either
		return int64(v), true
	}
	return 0, false
}

func label(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

// readVars reads the variables of package expvar: those of the runtime, and a number of goroutines that a program publishes by
// whatever name says so ("goroutines", "NumGoroutine").
func (f *Figures) readVars(data []byte) error {
	var vars map[string]json.RawMessage
	if err := json.Unmarshal(data, &vars); err != nil {
		return errors.New("/debug/vars: it sends no JSON object")
	}
	var memory struct{ HeapInuse float64 }
	if json.Unmarshal(vars["memstats"], &memory) == nil && f.HeapBytes < 0 {
		if n, ok := count(memory.HeapInuse); ok && n > 0 {
			f.HeapBytes = n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		var v float64
		if f.Goroutines >= 0 || !strings.Contains(strings.ToLower(name), "goroutine") || json.Unmarshal(vars[name], &v) != nil {
			continue
		}
		if n, ok := count(v); ok {
			f.Goroutines = int(n)
		}
	}
	return nil
}
