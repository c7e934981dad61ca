package lazy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gindoctor/gindoctor/target/lazy"
)

func TestComputedOnceForAll(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	v := lazy.New(t.Context(), func(context.Context) (int, error) { runs.Add(1); return 7, nil })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := v.Get(t.Context()); got != 7 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	wg.Wait()
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
}

func TestAnImpatientAskerDoesNotSpoilIt(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	v := lazy.New(t.Context(), func(context.Context) (string, error) { <-release; return "fact", nil })
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Get(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the asker's own end", err)
	}
	close(release)
	if got, err := v.Get(t.Context()); got != "fact" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestACrashIsAnError(t *testing.T) {
	t.Parallel()
	v := lazy.New(t.Context(), func(context.Context) (int, error) { panic("out of range") })
	if _, err := v.Get(t.Context()); err == nil || !strings.Contains(err.Error(), "out of range") {
		t.Errorf("got %v", err)
	}
}
