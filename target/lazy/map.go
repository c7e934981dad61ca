package lazy

import (
	"context"
	"sync"
)

// Map holds a Value per key, each computed when first asked for. It is safe for concurrent use.
type Map[K comparable, V any] struct {
	run     context.Context
	compute func(context.Context, K) (V, error)
	mu      sync.Mutex
	values  map[K]*Value[V]
}

// NewMap makes a Map whose values compute fills in; run bounds the computations.
func NewMap[K comparable, V any](run context.Context, compute func(context.Context, K) (V, error)) *Map[K, V] {
	return &Map[K, V]{run: run, compute: compute, values: map[K]*Value[V]{}}
}

// Get returns the value of a key, waiting for it at most as long as ctx allows.
func (m *Map[K, V]) Get(ctx context.Context, key K) (V, error) {
	m.mu.Lock()
	v := m.values[key]
	if v == nil {
		v = New(m.run, func(ctx context.Context) (V, error) { return m.compute(ctx, key) })
		m.values[key] = v
	}
	m.mu.Unlock()
	return v.Get(ctx)
}
