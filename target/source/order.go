package source

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inOrder does something for each of some packages, each after those that it imports, in parallel otherwise. Where packages import
// each other in a ring, what comes first in the list does not wait for what comes later. What crashes, crashes the caller, once all
// else is done.
//
// As many goroutines as there are processors do all of it: one for each package would grow a stack of its own, deep as code is nested.
func inOrder[P comparable](packages []P, imports func(P) []P, do func(P)) {
	at := make(map[P]int, len(packages))
	waits := make([]atomic.Int32, len(packages)) // for so many packages
	after := make([][]int, len(packages))        // who waits for a package
	ready := make(chan int, len(packages))
	for i, p := range packages {
		for _, imported := range imports(p) {
			if j, earlier := at[imported]; earlier {
				waits[i].Add(1)
				after[j] = append(after[j], i)
			}
		}
		at[p] = i
		if waits[i].Load() == 0 {
			ready <- i
		}
	}
	var crash atomic.Pointer[any]
	one := func(i int) {
		defer func() {
			if value := recover(); value != nil {
				crash.CompareAndSwap(nil, &value)
			}
		}()
		do(packages[i])
	}
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(len(packages)))
	for range min(runtime.GOMAXPROCS(0), len(packages)) {
		wg.Go(func() {
			for i := range ready {
				one(i)
				for _, j := range after[i] {
					if waits[j].Add(-1) == 0 {
						ready <- j
					}
				}
				if left.Add(-1) == 0 {
					close(ready)
				}
			}
		})
	}
	wg.Wait()
	if value := crash.Load(); value != nil {
		panic(*value) // whoever asked knows what to do about it
	}
}
