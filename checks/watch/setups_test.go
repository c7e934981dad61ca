package watch

import (
	"reflect"
	"testing"

	"github.com/gindoctor/gindoctor/target/watcher"
)

func TestCombined(t *testing.T) {
	t.Parallel()
	change := func(start, end int, text string) watcher.Change {
		return watcher.Change{Place: watcher.Place{File: "Makefile", Start: start, End: end}, Text: text}
	}
	other := change(4, 8, "x")
	other.Place.File = "modd.conf"
	tests := []struct {
		name     string
		in, want []watcher.Change
	}{
		{"the same twice", []watcher.Change{change(4, 8, ""), change(4, 8, "")}, []watcher.Change{change(4, 8, "")}},
		{"side by side", []watcher.Change{change(4, 8, ""), change(8, 12, "")}, []watcher.Change{change(4, 8, ""), change(8, 12, "")}},
		{"overlapping: the first", []watcher.Change{change(4, 8, ""), change(6, 12, "")}, []watcher.Change{change(4, 8, "")}},
		{"two texts for one range: the first", []watcher.Change{change(4, 8, "a"), change(4, 8, "b")}, []watcher.Change{change(4, 8, "a")}},
		{"two insertions at one place", []watcher.Change{change(4, 4, "a"), change(4, 4, "b")}, []watcher.Change{change(4, 4, "a"), change(4, 4, "b")}},
		{"an insertion within what is taken out", []watcher.Change{change(4, 8, ""), change(6, 6, "a")}, []watcher.Change{change(4, 8, "")}},
		{"another file", []watcher.Change{change(4, 8, ""), other}, []watcher.Change{change(4, 8, ""), other}},
	}
	for _, tt := range tests {
		if got := combined(tt.in); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}
