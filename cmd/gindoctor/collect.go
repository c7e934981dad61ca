package main

import (
	"runtime"
	"runtime/debug"
	"slices"
)

// The heap at which garbage is first collected, in units of the 4 MiB at which the runtime would do so. A run ends in a second or
// two: half a dozen collections of a growing heap cost a fifth of its processor time, and of what the type checker makes they find
// little that could go. --fast is for the moment, and stays small.
const (
	firstCollection     = 32
	firstCollectionFast = 6
)

// collectLate puts the first collection off; from then on the runtime's own pace holds. Whoever has set GOGC has said what is wanted.
func collectLate(args []string) {
	if len(args) > 0 && args[0] == "monitor" {
		return // it runs for hours beside the server that it watches
	}
	first := firstCollection
	if slices.Contains(args, "--fast") {
		first = firstCollectionFast
	}
	usual := debug.SetGCPercent(first * 100)
	if usual != 100 {
		debug.SetGCPercent(usual)
		return
	}
	// The first collection finds the sentinel unused, and its finalizer ends the exception.
	runtime.SetFinalizer(&struct{ sentinel [16]byte }{}, func(any) { debug.SetGCPercent(usual) })
}
