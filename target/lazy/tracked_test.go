package lazy_test

import (
	"context"
	"testing"

	"github.com/gindoctor/gindoctor/target/lazy"
)

func TestTrackedWaitsForWhatIsComputed(t *testing.T) {
	t.Parallel()
	run, cancel := context.WithCancel(t.Context())
	run, wait := lazy.Tracked(run)
	ended := false
	v := lazy.New(run, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		ended = true
		return 0, ctx.Err()
	})
	impatient, stop := context.WithCancel(t.Context())
	stop()
	_, _ = v.Get(impatient)
	cancel()
	wait()
	if !ended {
		t.Error("wait returned while the value was being computed")
	}
}
