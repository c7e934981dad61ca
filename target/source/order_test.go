package source

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// TestInOrder has a ring, a chain and many that stand alone: each comes after what it imports, and once.
func TestInOrder(t *testing.T) {
	imports := map[string][]string{"b": {"a"}, "c": {"b", "b"}, "ring1": {"ring2"}, "ring2": {"ring1"}, "self": {"self"}, "far": {"unlisted"}}
	order := []string{"a", "b", "c", "ring1", "ring2", "self", "far"}
	for i := range 100 {
		order = append(order, fmt.Sprint("alone", i))
	}
	for range 50 {
		var mu sync.Mutex
		var done, followed []string
		note := func(list *[]string) func(string) {
			return func(name string) {
				mu.Lock()
				defer mu.Unlock()
				*list = append(*list, name)
			}
		}
		inOrder(order, func(name string) []string { return imports[name] }, note(&done), note(&followed))
		for _, list := range [][]string{done, followed} {
			if sorted := slices.Sorted(slices.Values(list)); !slices.Equal(sorted, slices.Sorted(slices.Values(order))) {
				t.Fatalf("%q", list)
			}
		}
		at := func(name string) int { return slices.Index(done, name) }
		if at("a") > at("b") || at("b") > at("c") || at("ring1") > at("ring2") {
			t.Fatalf("%q", done)
		}
	}
}

func TestInOrderCrash(t *testing.T) {
	var mu sync.Mutex
	var done []int
	defer func() {
		if crash := recover(); crash != "oh" {
			t.Errorf("crashed with %v", crash)
		}
		if len(done) != 3 {
			t.Errorf("%v were done", done)
		}
	}()
	inOrder([]int{0, 1, 2, 3}, func(i int) []int { return []int{i - 1} }, func(i int) {
		if i == 1 {
			panic("oh")
		}
		mu.Lock()
		defer mu.Unlock()
		done = append(done, i)
	}, nil)
}

func TestInOrderOfNone(t *testing.T) {
	inOrder(nil, func(int) []int { return nil }, func(int) { t.Error("there is nothing to be done") }, nil)
}
