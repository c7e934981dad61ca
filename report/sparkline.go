package report

import (
	"math"
	"strings"
)

// sparkline draws a curve in a line of at most width characters, from nothing (the lowest) to the most of it (the highest); one
// that never changes is a plain line. A stretch of time that has to share a character shows its greatest value. What was measured
// now and then only is shown as it was last; before that there are blanks.
func sparkline(c curve, width int, ascii bool) string {
	levels, flat := []rune("▁▂▃▄▅▆▇█"), '─'
	if ascii {
		levels, flat = []rune("_.:-=+*#"), '-'
	}
	var b strings.Builder
	most, steady, last := c.most(), c.steady(), math.NaN()
	for _, v := range squeeze(c.values, width) {
		if math.IsNaN(v) {
			v = last
		}
		last = v
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case steady || most == 0:
			b.WriteRune(flat)
		default:
			b.WriteRune(levels[int(math.Round(max(0, v)/most*float64(len(levels)-1)))])
		}
	}
	return b.String()
}

// squeeze makes at most n values of many, each the greatest of its share.
func squeeze(values []float64, n int) []float64 {
	if len(values) <= n {
		return values
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
		for _, v := range values[i*len(values)/n : (i+1)*len(values)/n] {
			if math.IsNaN(out[i]) || v > out[i] {
				out[i] = v
			}
		}
	}
	return out
}
