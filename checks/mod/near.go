package mod

import (
	"iter"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest finds the name that was most likely meant: equal but for case, else within two slips of the finger (one for short
// names). It is empty where nothing is near.
func nearest(wrong string, names iter.Seq[string]) string {
	best, distance := "", 3
	if len(wrong) < 6 {
		distance = 2
	}
	for name := range names {
		if name == wrong {
			continue
		}
		d := levenshtein.ComputeDistance(wrong, name)
		if strings.EqualFold(name, wrong) {
			d = 0
		}
		if d < distance || d == distance && best != "" && name < best {
			best, distance = name, d
		}
	}
	return best
}
