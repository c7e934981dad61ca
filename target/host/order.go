package host

import (
	"cmp"
	"net"
	"runtime/debug"
	"slices"
	"strconv"
)

func sortByPID(ps []Process) {
	slices.SortFunc(ps, func(a, b Process) int { return cmp.Compare(a.PID, b.PID) })
}

func debugSetting(key, value string) debug.BuildSetting {
	return debug.BuildSetting{Key: key, Value: value}
}

func portOf(address string) (int, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
