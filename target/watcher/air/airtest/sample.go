package airtest

import "os"

// Sampled tells whether the comparisons with real tools play a few of their trials, and not all: `DIFFERENTIAL_SAMPLE=1 make differential`.
var Sampled = os.Getenv("DIFFERENTIAL_SAMPLE") != ""

// Sample is all trials; of a sample, n of them, from the first on at even distances.
func Sample[T any](all []T, n int) []T {
	if !Sampled || len(all) <= n {
		return all
	}
	var out []T
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}
