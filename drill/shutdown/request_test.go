package shutdown

import (
	"bufio"
	"strings"
	"testing"
)

// TestFarewell reads what a server sends on a websocket until the connection ends.
func TestFarewell(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, frames string
		goodbye      bool
	}{
		{"nothing", "", false},
		{"a text", "\x81\x02hi", false},
		{"a text, then a close frame", "\x81\x02hi\x88\x02\x03\xe9", true},
		{"a close frame's byte within a text", "\x81\x02\x88\x00", false},
		{"a long frame before it", "\x82\x7e\x01\x00" + strings.Repeat("x", 256) + "\x88\x00", true},
		{"a very long one", "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + strings.Repeat("x", 1<<16) + "\x88\x00", true},
		{"a frame that breaks off", "\x82\x7e\x01", false},
	} {
		if err := farewell(bufio.NewReader(strings.NewReader(tt.frames))); (err == nil) != tt.goodbye {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
