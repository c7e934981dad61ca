package watcher

import (
	"bytes"
	"slices"
	"sort"
)

// document is a configuration file whose parts can be pointed at.
type document struct {
	file   string // relative to the examined root
	data   []byte
	starts []int // of its lines
}

func newDocument(file string, data []byte) *document {
	d := &document{file: file, data: data, starts: []int{0}}
	for i, c := range data {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	return d
}

// place is the place of a range of bytes.
func (d *document) place(start, end int) Place {
	start = min(max(start, 0), len(d.data))
	line := sort.SearchInts(d.starts, start+1)
	return Place{File: d.file, Line: line, Column: start - d.starts[line-1] + 1, Start: start, End: max(start, min(end, len(d.data)))}
}

// offset is where a character of a line is; both count from 1. Past the end of the line it is that end.
func (d *document) offset(line, column int) int {
	if line < 1 || line > len(d.starts) {
		return len(d.data)
	}
	at := d.starts[line-1]
	text := d.data[at:]
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	for i := range string(text) {
		if column--; column == 0 {
			return at + i
		}
	}
	return at + len(text)
}

// lineEnd is the offset behind the text of the line of an offset.
func (d *document) lineEnd(at int) int {
	if i := bytes.IndexByte(d.data[at:], '\n'); i >= 0 {
		return at + len(bytes.TrimSuffix(d.data[at:at+i], []byte("\r")))
	}
	return len(d.data)
}

// lineStart is the offset of the line of an offset.
func (d *document) lineStart(at int) int { return bytes.LastIndexByte(d.data[:at], '\n') + 1 }

// load reads the configuration file of a setup; nil where it cannot be read, which File.Err tells. What a tool makes of a file that is
// there is then not known.
func (s *Setup) load(name string) *document {
	data, err := s.Files.Read(name)
	s.File = &ConfigFile{Path: s.Files.Rel(name), Data: data, Err: err}
	if err != nil {
		if name == s.Config {
			s.Unsure = s.File.Path + " cannot be read"
		}
		return nil
	}
	return newDocument(s.File.Path, data)
}

// fault notes a fault.
func (s *Setup) fault(f Fault) { s.Faults = append(s.Faults, f) }

// refuse notes a fault with which the tool does not start, or starts nothing.
func (s *Setup) refuse(f Fault) {
	f.Fatal = true
	s.fault(f)
}

// refused tells whether a fault keeps the tool from starting.
func (s *Setup) refused() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Fatal })
}

// flags parts the words of a start as the tool does. A fault among them is noted.
func (s *Setup) flags(set *flagSet, words []Word) *arguments {
	a := set.parse(s.Tool.Name, words)
	s.Faults = append(s.Faults, a.faults...)
	return a
}
