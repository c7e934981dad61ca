package git

import (
	"bytes"
	"encoding/binary"
)

// The parts of an entry of the index (gitformat-index(5)): what is known of the file, the flags, and those that version 3 adds.
const (
	indexHeader   = 12
	indexStat     = 40 + 20 // with a hash of SHA-1
	indexExtended = 0x4000
)

// Listed reads the paths that an index holds, relative to the top of its checkout. ok is false for an index that does not spell them
// out, and for one of a repository with other hashes than SHA-1, which nothing in the index tells but that it makes no sense.
func Listed(index []byte) (paths map[string]bool, ok bool) {
	if !spelledOut(index) {
		return nil, false
	}
	paths = map[string]bool{}
	rest := index[indexHeader:]
	for range binary.BigEndian.Uint32(index[8:12]) {
		name := indexStat + 2
		if len(rest) < name {
			return nil, false
		}
		if binary.BigEndian.Uint16(rest[indexStat:])&indexExtended != 0 {
			name += 2
		}
		end := bytes.IndexByte(rest[min(name, len(rest)):], 0)
		if end <= 0 {
			return nil, false
		}
		size := (name + end + 8) / 8 * 8 // ends in one to eight zeros
		if size > len(rest) || len(bytes.Trim(rest[name+end:size], "\x00")) > 0 {
			return nil, false
		}
		paths[string(rest[name:name+end])] = true
		rest = rest[size:]
	}
	return paths, true
}
