package pprof

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// gathered takes the goroutines together that stand at the same place: labels keep them apart in a profile.
type gathered struct {
	total  int
	stacks []Stack
	index  map[string]int
}

func (g *gathered) add(count int, frames []Frame) {
	wait := waitOf(frames)
	frames = slices.DeleteFunc(frames, func(f Frame) bool { return ofRuntime(f.Func) })
	key := keyOf(wait, frames)
	g.total += count
	if i, ok := g.index[key]; ok {
		g.stacks[i].Count += count
		return
	}
	if g.index == nil {
		g.index = map[string]int{}
	}
	g.index[key] = len(g.stacks)
	g.stacks = append(g.stacks, Stack{Count: count, Frames: frames, Wait: wait})
}

func keyOf(wait Wait, frames []Frame) string {
	var b strings.Builder
	b.WriteString(string(wait))
	for _, f := range frames {
		b.WriteByte('\n')
		b.WriteString(f.Func)
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(f.Line))
	}
	return b.String()
}

func (g *gathered) profile() Profile {
	slices.SortStableFunc(g.stacks, func(a, b Stack) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(keyOf(a.Wait, a.Frames), keyOf(b.Wait, b.Frames)))
	})
	return Profile{Total: g.total, Stacks: g.stacks}
}
