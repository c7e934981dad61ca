package source

import (
	"runtime"
	"sync"
)

// inOrder does something for each of some packages, each after those that it imports, in parallel otherwise. Where packages import
// each other in a ring, what comes first in the list does not wait for what comes later. What follows, which nobody waits for, is
// done whenever there is nothing that somebody waits for; it may be nil. What crashes, crashes the caller, once all else is done.
//
// As many goroutines as there are processors do all of it: one for each package would grow a stack of its own, deep as code is nested.
func inOrder[P comparable](packages []P, imports func(P) []P, do, follow func(P)) {
	o := newOrdering(packages, imports)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(packages)) {
		wg.Go(func() {
			for {
				i, follows, ok := o.next()
				switch {
				case !ok:
					return
				case follows:
					o.guard(func() { follow(packages[i]) })
				default:
					o.guard(func() { do(packages[i]) })
					o.done(i, follow != nil)
				}
			}
		})
	}
	wg.Wait()
	if o.crash != nil {
		panic(o.crash) // whoever asked knows what to do about it
	}
}

// ordering is what is left to be done for some packages, by their place in the list.
type ordering struct {
	mu      sync.Mutex
	changed sync.Cond
	waits   []int   // for so many packages
	after   [][]int // who waits for a package
	ready   []int   // wait for none
	follow  []int   // are done but for what follows
	left    int     // that are not done
	crash   any
}

func newOrdering[P comparable](packages []P, imports func(P) []P) *ordering {
	o := &ordering{waits: make([]int, len(packages)), after: make([][]int, len(packages)), left: len(packages)}
	o.changed.L = &o.mu
	at := make(map[P]int, len(packages))
	for i, p := range packages {
		for _, imported := range imports(p) {
			if j, earlier := at[imported]; earlier {
				o.waits[i]++
				o.after[j] = append(o.after[j], i)
			}
		}
		at[p] = i
		if o.waits[i] == 0 {
			o.ready = append(o.ready, i)
		}
	}
	return o
}

// next is a package to do something for, and whether that is what follows; not ok where nothing is left.
func (o *ordering) next() (i int, follows, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.ready) == 0 && len(o.follow) == 0 && o.left > 0 {
		o.changed.Wait()
	}
	switch {
	case len(o.ready) > 0:
		i, o.ready = o.ready[0], o.ready[1:]
		return i, false, true
	case len(o.follow) > 0:
		i, o.follow = o.follow[0], o.follow[1:]
		return i, true, true
	}
	return 0, false, false
}

// done lets those begin that waited for a package.
func (o *ordering) done(i int, follows bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, j := range o.after[i] {
		if o.waits[j]--; o.waits[j] == 0 {
			o.ready = append(o.ready, j)
		}
	}
	if follows {
		o.follow = append(o.follow, i)
	}
	o.left--
	o.changed.Broadcast()
}

// guard keeps the first crash for the caller.
func (o *ordering) guard(do func()) {
	defer func() {
		if crash := recover(); crash != nil {
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.crash == nil {
				o.crash = crash
			}
		}
	}()
	do()
}
