package bench

import (
	"os"
	"syscall"
	"time"
)

// peak is the largest memory a finished process had, in KiB.
func peak(s *os.ProcessState) int64 {
	if usage, ok := s.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss
	}
	return 0
}

func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return onTheClock()
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
