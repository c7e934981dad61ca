package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// htmlPlot is a plot as the page draws it: a box of 1000 by 100 that is stretched to the room there is, with its words around it.
type htmlPlot struct {
	Title  string
	Top    string // the value at the upper edge
	Length string // the time at the right edge
	Lines  []htmlLine
	// Limit is the height of the limit in the box, LimitIs the limit; empty where it lies far above.
	Limit, LimitIs string
}

type htmlLine struct {
	Name, Last, Most string
	Class            string // its colour and dashes
	Points           string // of a polyline
}

// lineClasses is how many lines the page can tell apart, beside what is bad.
const lineClasses = 7

func (s *Series) htmlPlots() []htmlPlot {
	var out []htmlPlot
	for _, p := range s.plots() {
		out = append(out, s.htmlPlot(p))
	}
	return out
}

func (s *Series) htmlPlot(p plot) htmlPlot {
	most := 0.0
	for _, c := range p.curves {
		most = max(most, c.most())
	}
	h := htmlPlot{Title: p.title, Length: length(s.Length)}
	near := p.limit > 0 && most >= p.limit/4
	if near {
		most = max(most, p.limit)
	}
	round := cmp.Or(p.round, 1)
	top := round * roundUp(most/round)
	h.Top = p.unit(top)
	if near {
		h.Limit, h.LimitIs = coordinate(100-100*p.limit/top), p.unit(p.limit)
	}
	for i, c := range p.curves {
		l := htmlLine{
			Name: oneLine(c.name), Last: p.unit(c.last()), Most: p.unit(c.most()),
			Class: fmt.Sprintf("line%d", i%lineClasses), Points: s.polyline(c, top),
		}
		if c.bad {
			l.Class = "bad"
		}
		h.Lines = append(h.Lines, l)
	}
	return h
}

// polyline is the curve in the box. A single value becomes a dot.
func (s *Series) polyline(c curve, top float64) string {
	var points []string
	for i, v := range c.values {
		if math.IsNaN(v) || i >= len(s.Points) {
			continue
		}
		x := 0.0
		if s.Length > 0 {
			x = 1000 * float64(s.Points[i].At-s.Points[0].At) / float64(s.Length)
		}
		points = append(points, coordinate(x)+","+coordinate(100-100*v/top))
	}
	if len(points) == 1 {
		points = append(points, points[0])
	}
	return strings.Join(points, " ")
}

func coordinate(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

// roundUp is the next round number above a value.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	step := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if n*step >= v {
			return n * step
		}
	}
	return 10 * step
}
