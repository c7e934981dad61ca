package fixes

import (
	"context"
	"time"
)

// Clock is where the time comes from, so that tests need not wait.
type Clock interface {
	Now() time.Time
	// WithTimeout is context.WithTimeout on this clock.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// wallClock is the real one.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// pause lets d pass on a clock, or ends early with the context's error.
func pause(ctx context.Context, clock Clock, d time.Duration) error {
	timer, cancel := clock.WithTimeout(ctx, d)
	defer cancel()
	<-timer.Done()
	return ctx.Err()
}
