package host

import (
	"fmt"
	"os/exec"
	"testing"
)

// The set-up of the benchmark: this many processes with so many descriptors each, about 20,000 in all.
const (
	benchProcesses   = 220 // beside those that the machine runs anyway
	benchDescriptors = 88
)

// BenchmarkListeners finds who holds a port, against `ss -ltnp`, which answers the same question.
func BenchmarkListeners(b *testing.B) {
	var port int
	for range benchProcesses {
		port = start(b, fmt.Sprintf("open %d", benchDescriptors)).port(b)
	}
	b.Run("gindoctor", func(b *testing.B) {
		for b.Loop() {
			s, err := Local().Listeners(b.Context(), port)
			if err != nil || len(s.On(port)) != 1 || len(s.On(port)[0].Holders) != 1 {
				b.Fatal(s, err)
			}
		}
	})
	b.Run("gindoctor all ports", func(b *testing.B) {
		for b.Loop() {
			if _, err := Local().Listeners(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("processes", func(b *testing.B) {
		for b.Loop() {
			if _, err := Local().Processes(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ss", func(b *testing.B) {
		ss, err := exec.LookPath("ss")
		if err != nil {
			b.Skip("no ss here")
		}
		for b.Loop() {
			if err := exec.Command(ss, "-Hltnp").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
