package bench

import (
	"os"
	"syscall"
)

// peak is the largest memory a finished process had, in KiB.
func peak(s *os.ProcessState) int64 {
	if usage, ok := s.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss
	}
	return 0
}
