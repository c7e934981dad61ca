//go:build !linux

package bench

import (
	"os"
	"time"
)

// peak is not known here: systems disagree about the unit.
func peak(*os.ProcessState) int64 { return 0 }

// forgetPeak is of no use where peaks are not known.
func forgetPeak() {}

// processorTime is not asked for here.
func processorTime() time.Duration { return onTheClock() }
