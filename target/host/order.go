package host

import (
	"cmp"
	"slices"
)

func sortByPID(ps []Process) {
	slices.SortFunc(ps, func(a, b Process) int { return cmp.Compare(a.PID, b.PID) })
}
