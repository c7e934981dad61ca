package lazyregexp

import (
	"bytes"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// words are texts of which at least one stands wherever a pattern matches; none where the pattern does not tell. To look for them
// first is many times quicker than the pattern.
type words [][]byte

func wordsOf(expr string) words {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	return neededBy(tree.Simplify())
}

func neededBy(tree *syntax.Regexp) words {
	switch tree.Op {
	case syntax.OpLiteral:
		// A pattern takes bytes that are no UTF-8 for RuneError.
		if tree.Flags&syntax.FoldCase == 0 && !slices.Contains(tree.Rune, utf8.RuneError) {
			return words{[]byte(string(tree.Rune))}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return neededBy(tree.Sub[0])
	case syntax.OpConcat:
		var best words
		for _, part := range tree.Sub {
			if w := neededBy(part); w.shortest() > best.shortest() {
				best = w
			}
		}
		return best
	case syntax.OpAlternate:
		var all words
		for _, way := range tree.Sub {
			w := neededBy(way)
			if w == nil {
				return nil
			}
			all = append(all, w...)
		}
		return all
	}
	return nil
}

// shortest is the length of the shortest word, 0 for none.
func (w words) shortest() int {
	if len(w) == 0 {
		return 0
	}
	return len(slices.MinFunc(w, func(a, b []byte) int { return len(a) - len(b) }))
}

// in tells whether a text holds one of the words, or there are none to look for.
func (w words) in(text []byte) bool {
	return len(w) == 0 || slices.ContainsFunc(w, func(word []byte) bool { return bytes.Contains(text, word) })
}
