// Package typo tells names that somebody has mistyped from names of something else.
package typo

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// separators are what names are put together with: who mistakes one for another means the same name.
var separators = strings.NewReplacer("_", "", "-", "")

// For tells whether a name is written for another one, whatever the case of its letters: with other separators, with two neighbours
// that have changed places, or with a letter in six wrong. Names that differ in a number are two. Of names that are no longer than
// short a single letter makes another one.
func For(name, meant string, short int) bool {
	a, b := strings.ToUpper(name), strings.ToUpper(meant)
	switch {
	case separators.Replace(a) == separators.Replace(b):
		return true
	case digits(a) != digits(b):
		return false
	}
	return len(b) > 2 && Swapped(a, b) || len(b) > short && levenshtein.ComputeDistance(a, b) <= max(1, len(b)/6)
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}

// Swapped tells whether two neighbours have changed places, and all else is the same: DNS for DSN.
func Swapped(a, b string) bool {
	for i := 0; i+1 < len(a) && len(a) == len(b); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}
