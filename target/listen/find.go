package listen

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Input is what the addresses are read from.
type Input struct {
	Root    string // absolute
	Modules []*project.Module
	// LookupEnv reads the environment that the programs will be started with; nil means an empty one.
	LookupEnv func(name string) (string, bool)
}

// Find reads the addresses of every program of the modules, by main package and then in the order of the program.
func Find(ctx context.Context, in Input) ([]Address, error) {
	c := readCode(in)
	var out []Address
	for _, m := range c.mains {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if m.listens {
			p := newProgram(ctx, in, c, m)
			p.walk()
			out = append(out, rank(p.found)...)
		}
	}
	return out, ctx.Err()
}

// rank drops repeated findings of one call and tells the main listeners from the others: those that serve a gin engine, else
// those that main itself waits for.
func rank(found []Address) []Address {
	var out []Address
	for _, a := range found {
		same := func(b Address) bool {
			return b.Call == a.Call && b.Host == a.Host && b.Port == a.Port && b.Expr == a.Expr
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, a)
		}
	}
	main := func(a Address) bool { return a.Gin }
	if !slices.ContainsFunc(out, main) {
		main = func(a Address) bool { return a.goroutine == 0 }
	}
	if slices.ContainsFunc(out, main) {
		for i := range out {
			out[i].Secondary = out[i].Secondary || !main(out[i])
		}
	}
	// A second engine for this machine only, started beside the one that main waits for, serves profiles or metrics.
	if slices.ContainsFunc(out, func(a Address) bool { return !a.Secondary && a.goroutine == 0 }) {
		for i, a := range out {
			if a.goroutine != 0 && a.Loopback() {
				out[i].Secondary = true
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Address) int {
		switch {
		case a.Secondary != b.Secondary && a.Secondary:
			return 1
		case a.Secondary != b.Secondary:
			return -1
		}
		return strings.Compare(a.Main, b.Main)
	})
	return out
}
