package stub

import (
	"go/types"
	"testing"
)

// BenchmarkGin loads what a Gin service needs at least.
func BenchmarkGin(b *testing.B) {
	for b.Loop() {
		s := &stubs{packages: map[string]*types.Package{"unsafe": types.Unsafe}, errors: map[string]error{}}
		if _, err := s.Import("github.com/gin-gonic/gin"); err != nil {
			b.Fatal(err)
		}
	}
}
