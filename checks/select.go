package checks

import (
	"fmt"
	"path"
	"slices"

	"github.com/agnivade/levenshtein"
)

// MatchID tells whether a glob such as "port/*" names the check.
func MatchID(glob, id string) bool {
	ok, err := path.Match(glob, id)
	return err == nil && ok || glob == "*"
}

// MatchAny tells whether one of some globs names the check.
func MatchAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(g string) bool { return MatchID(g, id) })
}

// NoSuchCheck is the error of a glob that names no check.
type NoSuchCheck struct {
	Glob string
	Near string // the id that was probably meant, or empty
}

func (e *NoSuchCheck) Error() string {
	if e.Near != "" {
		return fmt.Sprintf("no check is named %q; did you mean %s?", e.Glob, e.Near)
	}
	return fmt.Sprintf("no check is named %q; `gindoctor checks` lists them", e.Glob)
}

// Known refuses a glob that names none of the checks, with a *NoSuchCheck.
func Known(all []*Check, glob string) error {
	if slices.ContainsFunc(all, func(c *Check) bool { return MatchID(glob, c.ID) }) {
		return nil
	}
	return &NoSuchCheck{Glob: glob, Near: nearest(all, glob)}
}

// nearest finds the id that a misspelt one most likely stands for, or "".
func nearest(all []*Check, word string) string {
	best, distance := "", 4 // farther apart than that, a guess only confuses
	for _, c := range all {
		if d := levenshtein.ComputeDistance(word, c.ID); d < distance {
			best, distance = c.ID, d
		}
	}
	return best
}
