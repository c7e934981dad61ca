package lazy_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gindoctor/gindoctor/target/lazy"
)

func TestMapComputesEachKeyOnce(t *testing.T) {
	var computed atomic.Int32
	m := lazy.NewMap(t.Context(), func(_ context.Context, key string) (int, error) {
		computed.Add(1)
		return len(key), nil
	})
	var wg sync.WaitGroup
	for range 20 {
		for _, key := range []string{"a", "bb"} {
			wg.Go(func() {
				if v, err := m.Get(t.Context(), key); v != len(key) || err != nil {
					t.Errorf("Get(%q) = %d, %v", key, v, err)
				}
			})
		}
	}
	wg.Wait()
	if n := computed.Load(); n != 2 {
		t.Errorf("computed %d times, want 2", n)
	}
}
