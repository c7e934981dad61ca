package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// plot is some curves over the same time that are measured in the same unit.
type plot struct {
	title  string
	unit   func(float64) string
	curves []curve
	limit  float64 // that the first curve must not reach; 0 where there is none
	round  float64 // the unit that the scale is round in; 0 means 1
}

// curve is one quantity over time; NaN stands where nobody has measured it.
type curve struct {
	name   string
	values []float64
	bad    bool // more than none of it is a bad sign
}

func (c curve) last() float64 {
	for i := len(c.values) - 1; i >= 0; i-- {
		if !math.IsNaN(c.values[i]) {
			return c.values[i]
		}
	}
	return 0
}

func (c curve) first() float64 {
	for _, v := range c.values {
		if !math.IsNaN(v) {
			return v
		}
	}
	return 0
}

func (c curve) most() float64 {
	most := 0.0
	for _, v := range c.values {
		if v > most { // NaN is not
			most = v
		}
	}
	return most
}

// steady tells whether a curve never changes.
func (c curve) steady() bool {
	for _, v := range c.values {
		if !math.IsNaN(v) && v != c.first() {
			return false
		}
	}
	return true
}

// plots are the curves of a series that tell something: what was never there is left out.
func (s *Series) plots() []plot {
	of := func(name string, value func(SeriesPoint) float64) curve {
		c := curve{name: name}
		for _, p := range s.Points {
			c.values = append(c.values, value(p))
		}
		return c
	}
	count := func(name string, value func(SeriesPoint) int) curve {
		return of(name, func(p SeriesPoint) float64 { return float64(value(p)) })
	}
	bad := func(c curve) curve { c.bad = true; return c }

	outgoing := []curve{count("connections out", func(p SeriesPoint) int { return p.Outbound.Established + p.Outbound.CloseWait + p.Outbound.Other })}
	for i, peer := range s.Peers {
		outgoing = append(outgoing, count("to "+peer.Address, func(p SeriesPoint) int {
			if i >= len(p.ToPeers) {
				return 0
			}
			return p.ToPeers[i]
		}))
	}
	outgoing = append(outgoing, bad(count("with unread bytes", func(p SeriesPoint) int { return p.Unread })),
		bad(count("closed by the peer", func(p SeriesPoint) int { return p.Outbound.CloseWait })))
	all := []plot{
		{title: "Open descriptors", unit: number, limit: float64(max(0, s.Soft)), curves: []curve{
			count("descriptors", func(p SeriesPoint) int { return p.Descriptors }),
			count("sockets", func(p SeriesPoint) int { return p.Sockets }),
			count("files", func(p SeriesPoint) int { return p.Files }),
			count("pipes", func(p SeriesPoint) int { return p.Pipes }),
			count("others", func(p SeriesPoint) int { return p.Others }),
		}},
		{title: "Connections of clients", unit: number, curves: []curve{
			count("clients", func(p SeriesPoint) int { return p.Inbound.Established }),
			bad(count("gone, not closed", func(p SeriesPoint) int { return p.Inbound.CloseWait })),
			count("wait to be accepted", func(p SeriesPoint) int { return p.Backlog }),
		}},
		{title: "Connections to others", unit: number, curves: outgoing},
	}
	all = append(all, s.poolPlots(of)...)
	all = append(all,
		plot{title: "Goroutines", unit: number, curves: []curve{of("goroutines", func(p SeriesPoint) float64 {
			if p.Goroutines == 0 {
				return math.NaN()
			}
			return float64(p.Goroutines)
		})}},
		plot{title: "Memory", unit: byteCount, round: 1 << 20, curves: []curve{of("memory", func(p SeriesPoint) float64 { return float64(p.RSS) })}},
		plot{title: "Processor", unit: share, curves: []curve{of("processor", func(p SeriesPoint) float64 { return p.CPU })}},
		plot{title: "Threads", unit: number, curves: []curve{count("threads", func(p SeriesPoint) int { return p.Threads })}},
	)
	var shown []plot
	for _, p := range all {
		kept := p.curves[:1]
		for _, c := range p.curves[1:] {
			if c.most() > 0 {
				kept = append(kept, c)
			}
		}
		if p.curves = kept; len(kept) > 1 || kept[0].most() > 0 {
			shown = append(shown, p)
		}
	}
	return shown
}

// poolPlots are those of the pools of connections to a database that the process tells of: what is in use, and who had to wait.
func (s *Series) poolPlots(of func(string, func(SeriesPoint) float64) curve) []plot {
	var all []plot
	for i, pool := range s.Pools {
		at := func(name string, value func(SeriesPoolPoint) float64) curve {
			return of(name, func(p SeriesPoint) float64 {
				if i >= len(p.Pools) {
					return math.NaN()
				}
				return value(p.Pools[i])
			})
		}
		name := strings.TrimSpace("pool " + oneLine(pool.Name))
		waited := at("waited for "+name, func(p SeriesPoolPoint) float64 { return float64(p.Waits) })
		before := waited.first()
		for i := range waited.values {
			waited.values[i] -= before // those before the watch
		}
		all = append(all,
			plot{title: "Connections of the database " + name, unit: number, limit: float64(pool.Max), curves: []curve{
				at(name+" in use", func(p SeriesPoolPoint) float64 { return float64(p.InUse) }),
				at("open", func(p SeriesPoolPoint) float64 { return float64(p.Open) }),
			}},
			plot{title: "Calls that had to wait for the database " + name, unit: number, curves: []curve{waited}})
	}
	return all
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// share is a part of one core.
func share(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

func byteCount(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	if v < 10 && i > 0 {
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// length is a stretch of time as people say it.
func length(ms int64) string {
	switch d := time.Duration(ms) * time.Millisecond; {
	case d < time.Second:
		return fmt.Sprintf("%d ms", ms)
	case d < 10*time.Second && ms%1000 >= 100:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}
