package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/observe"
)

// MaxPeers bounds how many peers have metrics of their own: those with the most connections. The rest are told as "other".
const MaxPeers = 10

// Exporter serves what a watch sees as metrics of Prometheus, at /metrics.
type Exporter struct {
	listener net.Listener
	server   *http.Server
	ended    sync.WaitGroup
	metrics  *metrics
}

// Listen opens the address: HOST:PORT, or a port alone, which is then open to this machine only. The checks are those that the
// watch answers.
func Listen(ctx context.Context, address string, watched *Server, answers []*checks.Check, version string) (*Exporter, error) {
	address, err := listenAddress(address)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	e := &Exporter{listener: l, metrics: newMetrics(watched, answers, version)}
	registry := prometheus.NewRegistry()
	registry.MustRegister(e.metrics)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	e.server = &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second, IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 64 << 10}
	e.ended.Go(func() { _ = e.server.Serve(l) }) // it ends by Close
	return e, nil
}

// listenAddress completes an address: a port alone is the loopback's.
func listenAddress(address string) (string, error) {
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%q is no address: HOST:PORT, or a port", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("%q is no port (1 to 65535)", port)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// URL is where the metrics are.
func (e *Exporter) URL() string { return "http://" + e.listener.Addr().String() + "/metrics" }

// Update takes over what a watch has seen.
func (e *Exporter) Update(s *State) { e.metrics.update(s) }

// Close stops serving.
func (e *Exporter) Close() error {
	err := e.server.Close()
	e.ended.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// metrics is the collector: each scrape tells the last sample.
type metrics struct {
	watched *Server
	answers []*checks.Check

	up, length, samples, sampleTime, build *prometheus.Desc
	descriptors, limit                     *prometheus.Desc
	connections, peers, unread, stuck      *prometheus.Desc
	queue, queueLimit                      *prometheus.Desc
	threads, goroutines, memory, processor *prometheus.Desc
	verdict, leaked                        *prometheus.Desc

	mu  sync.Mutex
	now *snapshot // nil before the first sample
}

// snapshot is what a scrape tells.
type snapshot struct {
	observe.Point
	hidden                   bool
	alive                    bool
	length, took             time.Duration
	samples                  int
	processor                float64
	soft, hard               int64
	stuckClosed, stuckUnread int
	severity                 map[string]checks.Severity // of the worst verdict, by check that could be answered
	leaked                   map[string]int
	counted                  int // goroutines by the last profile, or as the server told last; 0 where nothing tells
}

func newMetrics(watched *Server, answers []*checks.Check, version string) *metrics {
	constant := prometheus.Labels{
		"pid": strconv.Itoa(watched.Process.PID), "port": strconv.Itoa(watched.Port), "program": strings.ToValidUTF8(watched.Name, "?"),
	}
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("gindoctor_"+name, help, labels, constant)
	}
	return &metrics{
		watched: watched, answers: answers,

		up:          d("process_up", "1 while the process lives and can be looked at."),
		length:      d("watched_seconds", "How long it has been watched."),
		samples:     d("samples_total", "Samples taken."),
		sampleTime:  d("sample_duration_seconds", "How long the last sample took."),
		build:       prometheus.NewDesc("gindoctor_build_info", "Version of the gindoctor that watches.", nil, prometheus.Labels{"version": version}),
		descriptors: d("open_descriptors", "Open descriptors by what stands behind them; kind=\"all\" where only the number can be seen.", "kind"),
		limit:       d("open_descriptors_limit", "Limits on open descriptors.", "limit"),
		connections: d("connections", "TCP connections by who opened them and their state.", "direction", "state"),
		peers:       d("peer_connections", "Connections that the process opened, by address: the peers with the most, and all others together.", "peer"),
		unread:      d("unread_connections", "Outgoing connections with bytes that wait to be read."),
		stuck:       d("stuck_connections", "Connections that have been in one condition for 30 seconds or more: closed by the client and not by the process, or with the same unread bytes.", "condition"),
		queue:       d("accept_queue_connections", "Connections that wait to be accepted."),
		queueLimit:  d("accept_queue_limit_connections", "How many may wait on the listening socket that allows the most."),
		threads:     d("threads", "Threads of the system."),
		goroutines:  d("goroutines", "Goroutines at the last look at the profile of the process, or as it told last."),
		memory:      d("resident_memory_bytes", "Memory in use."),
		processor:   d("cpu_seconds_total", "Processor time used."),
		verdict:     d("verdict", "What the watch shows so far, by check: 0 nothing, 1 info, 2 warning, 3 error; absent where it cannot be told.", "check"),
		leaked:      d("leaked", "How many connections, descriptors or goroutines have leaked, by check, as far as can be told.", "check"),
	}
}

// update copies what a scrape may ask for.
func (m *metrics) update(s *State) {
	series := s.Series
	now := &snapshot{
		Point: series.Last(), hidden: series.Hidden, alive: s.End != Gone && s.End != Unreadable,
		length: series.Length(), took: s.Took, samples: s.Samples, processor: series.CPU,
		soft: series.Limits.OpenFilesSoft, hard: series.Limits.OpenFilesHard,
		severity: map[string]checks.Severity{}, leaked: map[string]int{},
	}
	now.Peers = slices.Clone(now.Peers)
	now.stuckClosed = observe.Held(series.CloseWait, now.Elapsed, verdict.Persistent)
	now.stuckUnread = observe.Held(series.Unread, now.Elapsed, verdict.Persistent)
	if n := len(s.Profiles); n > 0 {
		now.counted = s.Profiles[n-1].Total
	} else {
		now.counted = toldLast(series.Points)
	}
	for _, o := range s.Outcomes(m.answers, m.watched) {
		if o.Status == checks.Passed || o.Status == checks.Found {
			now.severity[o.Check.ID] = 0
		}
	}
	for _, v := range s.Verdicts {
		now.severity[v.Check] = max(now.severity[v.Check], v.Severity)
		now.leaked[v.Check] += v.Count
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
}

// toldLast is how many goroutines the server has, as it told last; 0 where it did not.
func toldLast(points []observe.Point) int {
	for _, p := range slices.Backward(points) {
		if p.Goroutines >= 0 {
			return p.Goroutines
		}
	}
	return 0
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		m.up, m.length, m.samples, m.sampleTime, m.build, m.descriptors, m.limit, m.connections, m.peers, m.unread, m.stuck,
		m.queue, m.queueLimit, m.threads, m.goroutines, m.memory, m.processor, m.verdict, m.leaked,
	} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	total := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value)
	}
	gauge(m.build, 1)
	m.mu.Lock()
	s := m.now
	m.mu.Unlock()
	if s == nil {
		return
	}
	if !s.alive {
		gauge(m.up, 0)
		return
	}
	gauge(m.up, 1)
	gauge(m.length, s.length.Seconds())
	gauge(m.sampleTime, s.took.Seconds())
	total(m.samples, float64(s.samples))
	total(m.processor, s.processor)
	gauge(m.memory, float64(s.RSS))
	gauge(m.threads, float64(s.Threads))
	if s.counted > 0 {
		gauge(m.goroutines, float64(s.counted))
	}
	for name, limit := range map[string]int64{"soft": s.soft, "hard": s.hard} {
		if limit > 0 {
			gauge(m.limit, float64(limit), name)
		}
	}
	if s.hidden {
		gauge(m.descriptors, float64(s.Total), "all")
		return // of the rest nothing is known
	}
	for kind, n := range map[string]int{"socket": s.Kinds.Sockets, "file": s.Kinds.Files, "pipe": s.Kinds.Pipes, "anon": s.Kinds.Anon, "device": s.Kinds.Devices} {
		gauge(m.descriptors, float64(n), kind)
	}
	for direction, states := range map[string]observe.States{"inbound": s.Inbound, "outbound": s.Outbound} {
		gauge(m.connections, float64(states.Established), direction, "established")
		gauge(m.connections, float64(states.CloseWait), direction, "close_wait")
		gauge(m.connections, float64(states.Other), direction, "other")
	}
	gauge(m.unread, float64(s.Unread))
	gauge(m.stuck, float64(s.stuckClosed), "close_wait")
	gauge(m.stuck, float64(s.stuckUnread), "unread")
	gauge(m.queue, float64(s.Backlog))
	if s.BacklogMax > 0 {
		gauge(m.queueLimit, float64(s.BacklogMax))
	}
	top, rest := s.top()
	for _, p := range top {
		gauge(m.peers, float64(p.Sum()), p.Addr.String())
	}
	gauge(m.peers, float64(rest), "other")
	for check, severity := range s.severity {
		gauge(m.verdict, float64(severity), check)
		gauge(m.leaked, float64(s.leaked[check]), check)
	}
}

// top are the peers with the most connections; rest counts the connections to all others.
func (s *snapshot) top() (top []observe.Peer, rest int) {
	top = slices.SortedFunc(slices.Values(s.Peers), func(a, b observe.Peer) int {
		return cmp.Or(cmp.Compare(b.Sum(), a.Sum()), a.Addr.Compare(b.Addr))
	})
	top = top[:min(MaxPeers, len(top))]
	rest = s.Outbound.Sum()
	for _, p := range top {
		rest -= p.Sum()
	}
	return top, rest
}
