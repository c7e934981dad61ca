// Package lazy computes a value the first time it is asked for and shares it afterwards.
package lazy

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// Value is computed once, by the first who asks; the others wait for it. It is safe for concurrent use.
//
// The computation runs under the context of the whole run (given to New), not under that of the asker: a check that gives
// up early must not spoil the fact for the others.
type Value[T any] struct {
	run     context.Context
	compute func(context.Context) (T, error)
	once    sync.Once
	done    chan struct{}
	value   T
	err     error
}

// Tracked gives a context under which Values may be made, and a function that waits until none of them is being computed:
// who removes what they read from must not do so under their feet.
func Tracked(run context.Context) (ctx context.Context, wait func()) {
	computing := &sync.WaitGroup{}
	return context.WithValue(run, tracked{}, computing), computing.Wait
}

type tracked struct{}

// New makes a Value that compute fills in; run bounds the computation.
func New[T any](run context.Context, compute func(context.Context) (T, error)) *Value[T] {
	return &Value[T]{run: run, compute: compute, done: make(chan struct{})}
}

// Get returns the value, waiting for it at most as long as ctx allows.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	v.once.Do(v.start)
	select {
	case <-v.done:
		return v.value, v.err
	case <-ctx.Done():
		select {
		case <-v.done:
			return v.value, v.err
		default:
		}
		var zero T
		return zero, ctx.Err()
	}
}

func (v *Value[T]) start() {
	if computing, ok := v.run.Value(tracked{}).(*sync.WaitGroup); ok {
		computing.Go(v.fill)
		return
	}
	go v.fill()
}

func (v *Value[T]) fill() {
	defer close(v.done)
	defer func() {
		if p := recover(); p != nil {
			v.err = fmt.Errorf("reading crashed: %v\n%s", p, debug.Stack())
		}
	}()
	v.value, v.err = v.compute(v.run)
}
