package project

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
)

// ZipHash is the hash of a downloaded module's content, as it was computed when it was downloaded; empty when the module is
// not in the cache.
func (c *ModCache) ZipHash(v module.Version) string {
	name, ok := c.Download(v, "ziphash")
	if !ok {
		return ""
	}
	data, err := readBounded(name, 1<<10)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// GoModHash is the hash of a downloaded go.mod; empty when it is not in the cache.
func (c *ModCache) GoModHash(v module.Version) string {
	name, ok := c.Download(v, "mod")
	if !ok {
		return ""
	}
	data, err := readBounded(name, MaxModFile)
	if err != nil {
		return ""
	}
	hash, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	})
	if err != nil {
		return ""
	}
	return hash
}

// Mismatch is a line of go.sum whose hash is not that of what lies in the module cache.
type Mismatch struct {
	Module module.Version
	GoMod  bool // the hash is of its go.mod, not of its content
	Line   int
	Sum    []string // what go.sum says
	Cached string   // what the cache holds
}

// Mismatches compares a go.sum with the module cache. Modules that are not in the cache are passed over.
func (s *Sum) Mismatches(c *ModCache) []Mismatch {
	if s == nil {
		return nil
	}
	var out []Mismatch
	for v, hashes := range s.Hashes {
		m := Mismatch{Module: v, Line: s.Lines[v], Sum: hashes}
		if version, ok := strings.CutSuffix(v.Version, "/go.mod"); ok {
			m.Module.Version, m.GoMod = version, true
			m.Cached = c.GoModHash(m.Module)
		} else {
			m.Cached = c.ZipHash(v)
		}
		if m.Cached != "" && !agrees(hashes, m.Cached) {
			out = append(out, m)
		}
	}
	return out
}

// agrees tells whether h is met among the hashes before one that contradicts it. Hashes of a kind that we do not know
// contradict nothing (cmd/go/internal/modfetch, haveModSumLocked).
func agrees(hashes []string, h string) bool {
	for _, other := range hashes {
		switch {
		case other == h:
			return true
		case strings.HasPrefix(other, "h1:"):
			return false
		}
	}
	return true
}
