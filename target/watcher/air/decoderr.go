package air

import (
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/tomldoc"
)

var positioned = lazyregexp.New(`(?s)^\((\d+), (\d+)\): (.*)$`)

// Fault is why and where the file does not load, line and column from 1; line 0 where no place is known. The reason is that of
// air's own parser; the place is the one that tomldoc found, where that parser stops too, for its places are the surer ones.
func (c *Config) Fault() (line, column int, reason string) {
	if c.Err == nil {
		return 0, 0, ""
	}
	reason = c.Err.Error()
	if m := positioned.FindStringSubmatch(reason); m != nil {
		line, _ = strconv.Atoi(m[1])
		column, _ = strconv.Atoi(m[2])
		reason = m[3]
	}
	if c.Doc != nil && c.Doc.Err != nil {
		line, column = c.Doc.Err.Line, c.Doc.Err.Column
	}
	reason, _, _ = strings.Cut(reason, "\n")
	return line, column, reason
}

// Takes tells whether this release loads a file in which a key has that value, written as in TOML.
func (c *Config) Takes(path []string, raw string) bool {
	table := ""
	if len(path) > 1 {
		table = "[" + strings.Join(path[:len(path)-1], ".") + "]\n"
		if strings.Join(path[:len(path)-1], ".") == "build.rules" {
			table = "[[build.rules]]\ncmd = \"x\"\n"
			if path[len(path)-1] == "cmd" {
				table = "[[build.rules]]\n"
			}
		}
	}
	_, err := decode(c.Version, []byte(table+path[len(path)-1]+" = "+raw+"\n"))
	return err == nil
}

// Known tells whether a path names a setting of the newest air, or a table that holds some.
func Known(path []string) (key Key, table, ok bool) {
	for _, k := range Keys {
		if len(k.Path) < len(path) || !equalPrefix(k.Path, path) {
			continue
		}
		if len(k.Path) == len(path) {
			return k, false, true
		}
		table = true
	}
	return Key{}, table, false
}

func equalPrefix(path, prefix []string) bool {
	for i, part := range prefix {
		if path[i] != part {
			return false
		}
	}
	return true
}

// Raw is the text of a value as it stands in the file.
func (c *Config) Raw(s tomldoc.Span) string { return string(c.Doc.Data[s.Start:s.End]) }
