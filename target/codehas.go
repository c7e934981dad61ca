package target

import (
	"bytes"
	"path/filepath"
	"regexp/syntax"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

// CodeHas tells whether a pattern stands anywhere in the program's own code; true where that cannot be read, since it may hold
// anything. A file is read once, and looked through once for each pattern.
func (t *Target) CodeHas(p Program, pattern *lazyregexp.Regexp) bool {
	has, _ := t.code.answers.LoadOrStore(question{p.Package, pattern.String()}, sync.OnceValue(func() bool {
		words := wordsOf(pattern)
		return slices.ContainsFunc(p.Files(), func(f *project.GoFile) bool {
			text, err := t.code.text(filepath.Join(t.root, filepath.FromSlash(f.Path)))
			return err != nil || words.in(text) && pattern.Match(text)
		})
	}))
	return has.(func() bool)()
}

// code is what was read and asked of the text of programs.
type code struct {
	texts   sync.Map // by absolute path: func() ([]byte, error)
	answers sync.Map // by question: func() bool
}

// question is a pattern that is looked for in the code of a program.
type question struct {
	program *project.BuildPackage
	pattern string
}

func (c *code) text(file string) ([]byte, error) {
	read, _ := c.texts.LoadOrStore(file, sync.OnceValues(func() ([]byte, error) { return readSmall(file, maxAirConfig) }))
	return read.(func() ([]byte, error))()
}

// words are texts of which at least one stands wherever a pattern matches; none where the pattern does not tell. To look for them
// first is many times quicker than the pattern.
type words [][]byte

func wordsOf(pattern *lazyregexp.Regexp) words {
	tree, err := syntax.Parse(pattern.String(), syntax.Perl)
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
