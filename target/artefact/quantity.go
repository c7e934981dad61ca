package artefact

import (
	"math"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var quantity = lazyregexp.New(`^([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)$`)

// units are what Kubernetes and compose write behind a number of bytes. The same letter means different things to them: see Bytes
// and ComposeBytes.
var units = map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "m": 1e-3}

// Bytes is a quantity of memory as Kubernetes takes it.
func Bytes(value string) (int64, bool) {
	m := quantity.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	unit, ok := units[m[2]]
	return scaled(m[1], unit, ok)
}

// ComposeBytes is a quantity of memory as compose takes it: units are powers of 1024, whatever their case.
func ComposeBytes(value string) (int64, bool) {
	m := quantity.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	unit := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(m[2]), "b"), "i")
	factor, ok := map[string]float64{"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}[unit]
	return scaled(m[1], factor, ok)
}

func scaled(number string, unit float64, ok bool) (int64, bool) {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || n*unit > math.MaxInt64/2 {
		return 0, false
	}
	return int64(n * unit), true
}
