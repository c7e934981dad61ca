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
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/gindoctor/gindoctor/target/observe"
)

// maxMetrics bounds a page of metrics or variables.
const maxMetrics = 16 << 20

// Page is where a server tells figures of itself.
type Page struct {
	*Server
	read func(*observe.Told, []byte) error
}

// MetricsPage is a page that a Prometheus would scrape, VarsPage one with the variables of package expvar, each by its whole
// address. Only pages of this machine are asked. Nothing is asked yet.
func MetricsPage(address string) (*Page, error) { return openPage(address, readMetrics) }

// VarsPage is the variables of package expvar.
func VarsPage(address string) (*Page, error) { return openPage(address, readVars) }

func openPage(address string, read func(*observe.Told, []byte) error) (*Page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("it is no URL") // the parser's own words would show a password
	}
	if u.Scheme != "http" && u.Scheme != "https" || !loopback(u.Hostname()) {
		return nil, errors.New("figures are asked for by http or https, on this machine only")
	}
	return &Page{newServer(u), read}, nil
}

// Beside is the address of another page of the same server, which is asked for as its profiles are.
func (s *Server) Beside(path string) string {
	u := *s.base
	u.Path = path
	return u.String()
}

// Tell asks for the figures and adds them to those that are told already. ErrAbsent where there is no such page, or it tells nothing
// that is read.
func (p *Page) Tell(ctx context.Context, told *observe.Told) error {
	data, err := p.ask(ctx, p.base, maxMetrics)
	if err != nil {
		return err
	}
	if err := p.read(told, data); err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	return nil
}

// Untold is where nothing is told yet.
func Untold() *observe.Told { return &observe.Told{Goroutines: -1, OpenFDs: -1, HeapBytes: -1} }

// families are the metrics that are read, by name or by the beginning of it.
var families = []string{"go_goroutines", "process_open_fds", "process_start_time_seconds", "go_memstats_heap_inuse_bytes", "go_sql_"}

func wanted(name string) bool {
	return slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(name, f) })
}

// readMetrics reads the text format of Prometheus. Only the lines of the families that are wanted go to the parser: the others may
// be many, and one that is malformed is no concern of ours.
func readMetrics(told *observe.Told, data []byte) error {
	if webPage(data) {
		return errors.New("it sends a web page, no metrics")
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
		return err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(&kept)
	if err != nil {
		return err
	}
	if len(parsed) == 0 {
		return fmt.Errorf("no metric tells of the process: %w", ErrAbsent)
	}
	takeMetrics(told, parsed)
	return nil
}

func takeMetrics(told *observe.Told, families map[string]*dto.MetricFamily) {
	pools := map[string]*observe.Pool{}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			exact := value(m)
			v, ok := count(exact)
			if !ok {
				continue
			}
			if field, ok := strings.CutPrefix(name, "go_sql_"); ok {
				db := label(m, "db_name")
				if pools[db] == nil {
					pools[db] = &observe.Pool{Name: db, Waited: -1}
				}
				setPool(pools[db], field, v, exact)
				continue
			}
			switch name {
			case "go_goroutines":
				told.Goroutines = int(v)
			case "process_open_fds":
				told.OpenFDs = int(v)
			case "process_start_time_seconds":
				told.Started = time.Unix(v, 0)
			case "go_memstats_heap_inuse_bytes":
				told.HeapBytes = v
			}
		}
	}
	for _, p := range pools {
		told.Pools = append(told.Pools, *p)
	}
	slices.SortFunc(told.Pools, func(a, b observe.Pool) int { return strings.Compare(a.Name, b.Name) })
}

// setPool takes a metric of the collector of Prometheus' client library for sql.DBStats (collectors.NewDBStatsCollector).
func setPool(p *observe.Pool, field string, v int64, exact float64) {
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
	case "wait_duration_seconds_total":
		p.Waited = time.Duration(min(exact, 1e9) * float64(time.Second))
	}
}

// value is that of a gauge, a counter or what has no type; NaN of all else.
func value(m *dto.Metric) float64 {
	switch {
	case m.Gauge != nil:
		return m.Gauge.GetValue()
	case m.Counter != nil:
		return m.Counter.GetValue()
	case m.Untyped != nil:
		return m.Untyped.GetValue()
	}
	return math.NaN()
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
func readVars(told *observe.Told, data []byte) error {
	var vars map[string]json.RawMessage
	if err := json.Unmarshal(data, &vars); err != nil {
		return errors.New("it sends no JSON object")
	}
	var memory struct{ HeapInuse float64 }
	if json.Unmarshal(vars["memstats"], &memory) == nil && told.HeapBytes < 0 {
		if n, ok := count(memory.HeapInuse); ok && n > 0 {
			told.HeapBytes = n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		var v float64
		if told.Goroutines >= 0 || !strings.Contains(strings.ToLower(name), "goroutine") || json.Unmarshal(vars[name], &v) != nil {
			continue
		}
		if n, ok := count(v); ok {
			told.Goroutines = int(n)
		}
	}
	return nil
}
