package project

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
)

// Sum is a parsed go.sum.
type Sum struct {
	File   string                      // relative to the root
	Hashes map[module.Version][]string // by module; the version of a go.mod hash ends in "/go.mod"
	Lines  map[module.Version]int      // where it stands, from 1
	Bad    []ParseError                // lines that are none: the go command stops at them
}

// ParseSum reads a go.sum: lines of path, version and hash (cmd/go/internal/modfetch, readGoSum).
func ParseSum(name string, data []byte) *Sum {
	n := bytes.Count(data, []byte("\n")) + 1
	s := &Sum{File: name, Hashes: make(map[module.Version][]string, n), Lines: make(map[module.Version]int, n)}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		fields := strings.Fields(string(text))
		switch len(fields) {
		case 0:
		case 3:
			v := module.Version{Path: fields[0], Version: fields[1]}
			s.Hashes[v] = append(s.Hashes[v], fields[2])
			s.Lines[v] = line
		default:
			s.Bad = append(s.Bad, ParseError{
				File: name, Pos: Position{line, 1}, Text: lineOf(text, 1),
				Reason: "a line of go.sum is a module, a version and a hash",
			})
		}
	}
	return s
}

// HasModule tells whether the hash of the module's content is there.
func (s *Sum) HasModule(v module.Version) bool { return s != nil && len(s.Hashes[v]) > 0 }

// HasGoMod tells whether the hash of the module's go.mod is there.
func (s *Sum) HasGoMod(v module.Version) bool {
	v.Version += "/go.mod"
	return s != nil && len(s.Hashes[v]) > 0
}

func (m *Module) readSum() {
	name := m.File("go.sum")
	data, err := readModFile(filepath.Join(m.Root, filepath.FromSlash(name)), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		m.SumErr = err
	default:
		m.Sum = ParseSum(name, data)
	}
}
