package bench

import (
	"os"
	"runtime/debug"
	"syscall"
	"time"
)

// forgetPeak lets go of memory that is not used any more, and of how much it once was: Linux counts what the process that starts another
// had at most among what that one has had (exec_mmap; proc_pid_clear_refs(5)).
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where it may not be written the figure is an upper bound
}

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
