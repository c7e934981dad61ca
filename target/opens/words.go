package opens

import (
	"runtime"
	"slices"
	"sync"

	"github.com/gindoctor/gindoctor/target/project"
)

// wordFile is a file of the program and the words in it: whether a file can name a function is known before it is parsed.
type wordFile struct {
	pkg    *project.BuildPackage
	file   *project.GoFile
	hashes []uint32 // of the words, sorted
	all    bool     // it may hold any word: it could not be read
}

func (f *wordFile) has(word uint32) bool {
	if f.all {
		return true
	}
	_, found := slices.BinarySearch(f.hashes, word)
	return found
}

// wordFiles reads the words of the files of some packages, in parallel.
func wordFiles(packages []*project.BuildPackage) []*wordFile {
	var out []*wordFile
	for _, p := range packages {
		for _, f := range p.Files {
			out = append(out, &wordFile{pkg: p, file: f})
		}
	}
	inParallel(len(out), func(i int) {
		src := readSource(out[i].file)
		out[i].hashes, out[i].all = wordsOf(src), src == nil
	})
	return out
}

func inParallel(n int, do func(int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wg.Wait()
}

// offset and prime are those of FNV-1a in 32 bits.
const offset, prime = 2166136261, 16777619

func hashOf(word string) uint32 {
	h := uint32(offset)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * prime
	}
	return h
}

// wordsOf are the hashes of all words of a text, sorted: names, keywords, numbers, and words of strings and comments.
func wordsOf(src []byte) []uint32 {
	var out []uint32
	var seen [1 << 11]uint32 // lately: most words come again and again
	h := uint32(offset)
	end := func() {
		if h != offset && seen[h%uint32(len(seen))] != h {
			seen[h%uint32(len(seen))] = h
			out = append(out, h)
		}
		h = offset
	}
	for _, b := range src {
		if isWord[b] {
			h = (h ^ uint32(b)) * prime
		} else if h != offset {
			end()
		}
	}
	end()
	slices.Sort(out)
	return slices.Compact(out)
}

// isWord tells which bytes names are made of; all that is not ASCII counts.
var isWord = func() (is [256]bool) {
	for b := range is {
		is[b] = b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '_' || b >= 0x80
	}
	return is
}()
