package stub

import "testing"

// BenchmarkGin loads what a Gin service needs at least.
func BenchmarkGin(b *testing.B) {
	for b.Loop() {
		s := &stubs{}
		if _, err := s.Import("github.com/gin-gonic/gin"); err != nil {
			b.Fatal(err)
		}
	}
}
