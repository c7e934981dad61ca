package project

import (
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Mention is a place in a file where a pattern stands.
type Mention struct {
	File string
	Position
	Match []string // of the pattern and its groups
	Line  string
}

// Mentions finds a pattern in the files of a tree that keep takes. What does not look like text, or is larger than any script,
// is passed over.
func (t *Tree) Mentions(pattern *lazyregexp.Regexp, keep func(name string) bool) []Mention {
	var out []Mention
	for _, f := range t.Files {
		if !keep(f.Path) || !f.Type.IsRegular() {
			continue
		}
		data, err := readBounded(filepath.Join(t.Root, filepath.FromSlash(f.Path)), maxScriptSize)
		if err != nil || !pattern.Match(data) {
			continue
		}
		number := 0
		for line := range strings.Lines(string(data)) {
			number++
			for _, at := range pattern.FindAllStringSubmatchIndex(line, -1) {
				m := Mention{File: f.Path, Position: Position{number, at[0] + 1}, Line: strings.TrimSpace(line)}
				for i := 0; i < len(at); i += 2 {
					group := ""
					if at[i] >= 0 {
						group = line[at[i]:at[i+1]]
					}
					m.Match = append(m.Match, group)
				}
				out = append(out, m)
			}
		}
	}
	return out
}
