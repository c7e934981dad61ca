package envvars

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Alike tells whether a name is that of another variable misspelt, or the same with other separators. Names that differ in a number
// are two.
func Alike(name, other string) bool {
	a, b := strings.ToUpper(name), strings.ToUpper(other)
	switch {
	case strings.ReplaceAll(strings.ReplaceAll(a, "_", ""), "-", "") == strings.ReplaceAll(b, "_", ""):
		return true
	case digits(a) != digits(b):
		return false
	}
	return swapped(a, b) || len(b) > 3 && levenshtein.ComputeDistance(a, b) <= max(1, len(b)/6)
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}

// swapped tells whether two neighbours have changed places: DNS for DSN.
func swapped(a, b string) bool {
	for i := 0; i+1 < len(a) && len(a) == len(b); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}
