package watch

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearestName finds the one name that was most likely meant: equal but for case, else within two slips of the finger (one for
// short names). It is empty where nothing is near, or two are equally so.
func nearestName(wrong string, names []string) string {
	best, distance, tie := "", 3, false
	if len(wrong) < 6 {
		distance = 2
	}
	for _, name := range names {
		if name == wrong {
			continue
		}
		d := levenshtein.ComputeDistance(wrong, name)
		if strings.EqualFold(name, wrong) {
			d = 0
		}
		switch {
		case d < distance:
			best, distance, tie = name, d, false
		case d == distance && best != "":
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}
